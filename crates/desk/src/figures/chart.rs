//! Charts. Each is drawn on a plane of its own units, which is stretched to the space there is; labels are HTML, so that
//! they keep their size on a phone.

pub(super) mod bars;
pub(super) mod flow;
pub(super) mod plane;
pub(super) mod ranks;
pub(super) mod trend;

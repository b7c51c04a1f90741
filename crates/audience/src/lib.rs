//! What is counted of an audience, and what it means: reads and walls as numbers, readers as sketches.
//!
//! Nobody is followed. A count says how often something happened to an article on a day. A [`Sketch`] says how many
//! different readers there were, and forgets who: it keeps the longest runs of noughts among hashes, from which no
//! reader can be told, and the same reader leaves the same traces on two days, so that sketches unite
//! (Flajolet and others, "HyperLogLog", 2007).
//!
//! To count one more thing: give it a name and a number in [`Counted`], note it in the [`Tally`] where it happens, and
//! say what it means where the desk shows it.

#![warn(missing_docs)]

mod bands;
mod counted;
mod crowd;
mod evidence;
mod figures;
mod referrer;
mod tally;

pub use bands::{BANDS, Band};
pub use counted::{Counted, Goal, Step};
pub use crowd::{Crowd, MOST_REACHED, Sketch, UnreadableSketch};
pub use evidence::{Successes, Verdict};
pub use figures::{Counts, Crowds, Figures, WhatIf, percent};
pub use referrer::Referrer;
pub use tally::{Haul, Reader, Tally, When};

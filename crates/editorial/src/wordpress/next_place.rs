//! Looks for the same text again and again, in time proportional to what is searched.

/// Where something is found next. It is looked for once, and remembered until it is behind.
#[derive(Clone, Copy, Default)]
pub(super) enum NextPlace {
    #[default]
    Unknown,
    At(usize),
    Nowhere,
}

impl NextPlace {
    /// Finds `what` at `from` or after it. `from` never decreases from call to call.
    pub(super) fn at_or_after(&mut self, text: &str, from: usize, what: &str) -> Option<usize> {
        match *self {
            Self::Nowhere => None,
            Self::At(place) if place >= from => Some(place),
            Self::Unknown | Self::At(_) => {
                let found = text[from..].find(what).map(|offset| from + offset);
                *self = found.map_or(Self::Nowhere, Self::At);
                found
            }
        }
    }
}

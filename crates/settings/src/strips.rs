//! `[[strip]]`: short facts below the name of the home page.

use jiff::SignedDuration;
use masthead_editorial::strip::{DataStrip, InvalidDataStrip};
use serde::{Deserialize, Serialize};

use crate::values::length;

/// One of `[[strip]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StripSettings {
    /// What the facts are about.
    pub label: String,
    /// The path of a file below the folder of the configuration, or an address with https.
    pub source: String,
    /// The time after which the source is read again.
    #[serde(default = "every", with = "length")]
    pub every: SignedDuration,
    /// The age from which the facts are not shown.
    #[serde(default = "stale_after", with = "length")]
    pub stale_after: SignedDuration,
}

fn every() -> SignedDuration {
    DataStrip::DEFAULT_EVERY
}

fn stale_after() -> SignedDuration {
    DataStrip::DEFAULT_STALE_AFTER
}

impl TryFrom<&StripSettings> for DataStrip {
    type Error = InvalidDataStrip;

    fn try_from(strip: &StripSettings) -> Result<Self, InvalidDataStrip> {
        let StripSettings { label, source, every, stale_after } = strip;
        Self::check(label, source, *every, *stale_after)
    }
}

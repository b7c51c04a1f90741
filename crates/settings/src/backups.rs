//! `[backups]`: how often the server makes a backup, and how many are kept.

use serde::{Deserialize, Deserializer, Serialize};

use crate::values::within;

/// `[backups]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// How often a backup is made.
    pub every: BackupInterval,
    /// The hour of the day at which it begins, in the time zone of the publication: 0 to 23.
    #[serde(deserialize_with = "hour")]
    pub hour: i8,
    /// How many of these backups are kept.
    #[serde(deserialize_with = "kept")]
    pub keep: u16,
}

/// How often a backup is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackupInterval {
    /// Only when somebody asks for one.
    #[default]
    Never,
    /// Each day.
    Day,
    /// Each Monday.
    Week,
}

/// What the desk stores in place of `[backups]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupsPart {
    /// The settings.
    pub backups: BackupSettings,
}

impl BackupSettings {
    /// How many backups can be kept at most.
    pub const MAX_KEPT: u16 = 365;
}

impl Default for BackupSettings {
    fn default() -> Self {
        // A week of nights: a mistake is often found only after some days.
        Self { every: BackupInterval::Never, hour: 3, keep: 7 }
    }
}

fn hour<'de, D: Deserializer<'de>>(from: D) -> Result<i8, D::Error> {
    within(from, 0..=23)?.try_into().map_err(serde::de::Error::custom)
}

fn kept<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    within(from, 1..=BackupSettings::MAX_KEPT.into())?.try_into().map_err(serde::de::Error::custom)
}

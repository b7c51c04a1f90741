//! `[retention]`: how long what grows is kept.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// `[retention]`. Each is a number of days; 0 keeps for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionSettings {
    /// The numbers of messages from payment processors, which are not processed twice.
    pub webhook_days: u16,
    /// Counts by the hour.
    pub hourly_count_days: u16,
    /// Counts by article and day, and sketches of readers.
    pub daily_count_days: u16,
    /// Revisions of articles, except the latest of each.
    pub revision_days: u16,
    /// The audit log of the desk.
    pub audit_days: u16,
    /// Delivery addresses, since something was last delivered there.
    pub address_days: u16,
}

/// What the desk stores in place of `[retention]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionPart {
    /// The settings.
    pub retention: RetentionSettings,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        // Processors repeat a message for days. Figures compare a year, and a month more, by the hour.
        Self {
            webhook_days: 90,
            hourly_count_days: 400,
            daily_count_days: 0,
            revision_days: 0,
            audit_days: 0,
            address_days: 90,
        }
    }
}

impl RetentionSettings {
    /// Returns the longer of each two periods.
    #[must_use]
    pub fn longer(self, other: Self) -> Self {
        let longer = |one: u16, other: u16| match (one, other) {
            (0, _) | (_, 0) => 0,
            (one, other) => one.max(other),
        };
        Self {
            webhook_days: longer(self.webhook_days, other.webhook_days),
            hourly_count_days: longer(self.hourly_count_days, other.hourly_count_days),
            daily_count_days: longer(self.daily_count_days, other.daily_count_days),
            revision_days: longer(self.revision_days, other.revision_days),
            audit_days: longer(self.audit_days, other.audit_days),
            address_days: longer(self.address_days, other.address_days),
        }
    }

    /// Returns a number of days as a duration; `None` for good.
    pub fn duration(days: u16) -> Option<SignedDuration> {
        (days > 0).then(|| SignedDuration::from_hours(24 * i64::from(days)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_good_is_longer_than_every_number_of_days() {
        let kept = |webhook_days, audit_days| RetentionSettings {
            webhook_days,
            audit_days,
            ..RetentionSettings::default()
        };
        assert_eq!(kept(30, 0).longer(kept(90, 400)), kept(90, 0));
        assert_eq!(kept(90, 400).longer(kept(30, 0)), kept(90, 0));
        assert_eq!(kept(90, 400).longer(kept(30, 30)), kept(90, 400));
    }
}

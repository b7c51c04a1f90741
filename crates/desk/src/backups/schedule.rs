//! When backups are due, by the clock of the publication.

use jiff::{
    Timestamp, ToSpan,
    civil::{Weekday, time},
    tz::TimeZone,
};
use masthead_settings::{BackupInterval, BackupSettings};

/// Returns the last time at which a backup was due; `None` if none ever is.
pub(super) fn last_due(
    settings: BackupSettings,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let days = match settings.every {
        BackupInterval::Never => return None,
        BackupInterval::Day => 1,
        BackupInterval::Week => 7,
    };
    let today = now.to_zoned_datetime(zone.clone()).date();
    let back = match settings.every {
        BackupInterval::Week => i64::from(today.weekday().since(Weekday::Monday)),
        BackupInterval::Day | BackupInterval::Never => 0,
    };
    let day = today.checked_sub(back.days()).ok()?;
    let due = |back: i64| {
        let at = day.checked_sub(back.days()).ok()?.to_datetime(time(settings.hour, 0, 0, 0));
        Some(at.to_zoned_datetime(zone.clone()).ok()?.timestamp())
    };
    due(0).filter(|at| *at <= now).or_else(|| due(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(every: BackupInterval, now: &str) -> Option<String> {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let settings = BackupSettings { every, hour: 3, keep: 7 };
        let now: Timestamp = now.parse().expect("a time");
        last_due(settings, now, &zone).map(|at| at.to_string())
    }

    #[test]
    fn backups_are_due_at_their_hour_in_the_zone_of_the_publication() {
        use BackupInterval::{Day, Never, Week};
        let at = |text: &str| Some(text.to_owned());
        // 2027-01-20 is a Wednesday.
        assert_eq!(due(Day, "2027-01-20T02:00:00Z"), at("2027-01-20T02:00:00Z"));
        assert_eq!(due(Day, "2027-01-20T01:59:59Z"), at("2027-01-19T02:00:00Z"));
        assert_eq!(due(Week, "2027-01-20T12:00:00Z"), at("2027-01-18T02:00:00Z"));
        assert_eq!(due(Week, "2027-01-18T01:00:00Z"), at("2027-01-11T02:00:00Z"));
        // In summer it is an hour earlier.
        assert_eq!(due(Day, "2027-07-01T12:00:00Z"), at("2027-07-01T01:00:00Z"));
        assert_eq!(due(Never, "2027-01-20T12:00:00Z"), None);
    }
}

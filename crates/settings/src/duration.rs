//! Lengths of time as they are written in settings: `24 hours`, `30 days`.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// The text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a length of time; write one such as \"24 hours\" or \"30 days\"")]
pub struct ParseDurationError(String);

/// Parses a length of time. A day has 24 hours.
///
/// [`format_age`] is the inverse.
///
/// # Errors
///
/// Returns an error if the text has no unit, contains months or years, or is negative.
///
/// ```
/// use masthead_settings::duration::{format_age, parse};
///
/// let week = parse("7 days").unwrap();
/// assert_eq!(week.as_hours(), 168);
/// assert_eq!(format_age(week), "7 days");
/// assert!(parse("a week").is_err());
/// ```
pub fn parse(text: &str) -> Result<SignedDuration, ParseDurationError> {
    let span = text.parse::<Span>();
    let length = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    let length = length.ok().filter(|length| !length.is_negative());
    length.ok_or_else(|| ParseDurationError(text.to_owned()))
}

/// Formats a length of time exactly, such as "24 hours", "7 days" or "90 minutes".
pub fn format_age(age: SignedDuration) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    if age.subsec_nanos() != 0 {
        return format!("{age:#}");
    }
    match age.as_secs() {
        seconds if seconds % DAY == 0 && seconds > DAY => format!("{} days", seconds / DAY),
        seconds if seconds % HOUR == 0 => format!("{} hours", seconds / HOUR),
        seconds if seconds % MINUTE == 0 => format!("{} minutes", seconds / MINUTE),
        seconds => format!("{seconds} seconds"),
    }
}

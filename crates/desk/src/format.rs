//! How people and times are written at the desk.

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{Account, AccountId, staff::Staff};

/// How somebody is called: by name, where they have one.
pub(crate) fn called(account: &Account) -> String {
    if account.name.is_empty() { account.email.to_string() } else { account.name.clone() }
}

/// The name of a member of staff. Returns `None` if they have left.
pub(crate) fn colleague(
    everybody: &[(Staff, Account)],
    by: impl Into<Option<AccountId>>,
) -> Option<String> {
    let by = by.into()?;
    everybody.iter().find(|(_, account)| account.id == by).map(|(_, account)| called(account))
}

/// A day: "24 November 2026".
pub(crate) fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%-d %B %Y").to_string()
}

/// A whole number as people read it: 12,345.
pub(crate) fn whole(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}

/// A time as lists have it: "09:00" on the same day, "24 Nov, 09:00" in the same year, or else "24 Nov 2025".
pub(crate) fn short(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned_datetime(zone.clone()), now.to_zoned_datetime(zone.clone()));
    let form = if at.date() == now.date() {
        "%H:%M"
    } else if at.year() == now.year() {
        "%-d %b, %H:%M"
    } else {
        "%-d %b %Y"
    };
    at.strftime(form).to_string()
}

/// A day and its time: "24 November 2026, 09:00".
pub(crate) fn minute(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%-d %B %Y, %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups() {
        assert_eq!(
            [0, 12, 123, 1234, 1_234_567].map(whole),
            ["0", "12", "123", "1,234", "1,234,567"]
        );
    }
}

//! Subscriptions and what happened to them, in words.

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{
    Account, AccountId, DeskAuditEntry, Ending, Event, State, Subscription, Withdrawal,
    audit::AuditEntry, staff::Staff,
};

use crate::{
    audit::words::{actor, change_line, verb},
    format::{colleague, date, date_time, last_day},
};

/// The state of a subscription, to follow "Now: ".
pub(super) fn state(subscription: &Subscription, now: Timestamp, zone: &TimeZone) -> String {
    let state = subscription.state.after(Event::TimePassed, now);
    match state.unwrap_or(subscription.state) {
        State::Trial { ends, renews: true } => {
            format!("in a trial until {}, then paid for", last_day(ends, zone))
        }
        State::Trial { ends, renews: false } => {
            format!("in a trial until {}", last_day(ends, zone))
        }
        State::Active { .. } if subscription.terms.amount.is_zero() => "goes on".to_owned(),
        State::Active { through } => format!("paid until {}, and goes on", last_day(through, zone)),
        State::Grace { since, .. } if now < since => {
            format!("to be paid by invoice until {}", last_day(since, zone))
        }
        State::Grace { ends, tries, .. } => {
            let times = if tries == 1 { "try" } else { "tries" };
            format!("not paid after {tries} {times}; readable until {}", last_day(ends, zone))
        }
        State::Paused { until, .. } => format!("rests until {}", date(until, zone)),
        State::Cancelling { ends, .. } if subscription.terms.amount.is_zero() => {
            format!("free until {}", last_day(ends, zone))
        }
        State::Cancelling { ends, .. } => {
            format!("cancelled; readable until {}", last_day(ends, zone))
        }
        State::Ended { at, why } => {
            let why = match why {
                Ending::TrialOver => "the trial ran out",
                Ending::Cancelled => "cancelled",
                Ending::Unpaid => "not paid for",
                Ending::Replaced => "replaced by another",
                Ending::Withdrawn => "the reader withdrew from the contract",
            };
            format!("ended on {}: {why}", last_day(at, zone))
        }
    }
}

/// What a subscription costs, and how it is paid.
pub(super) fn price(subscription: &Subscription) -> String {
    let (terms, mandate) = (&subscription.terms, &subscription.mandate);
    if terms.amount.is_zero() {
        return "Given by the publisher.".to_owned();
    }
    let by = if mandate.is_manual() { "invoice" } else { &mandate.processor };
    format!("Costs {}, collected by {by}.", terms.price_text())
}

/// What happened to a subscription.
pub(super) fn history(
    entry: &AuditEntry,
    everybody: &[(Staff, Account)],
    zone: &TimeZone,
) -> String {
    let what = entry.what.replace('-', " ");
    let at = date_time(entry.at, zone);
    let (by, why) = match entry.actor.staff_actor() {
        Some(staff_actor) => {
            (name(everybody, staff_actor.by), format!(". Why: {}", staff_actor.reason))
        }
        None => (entry.actor.name().to_owned(), String::new()),
    };
    if entry.before.is_empty() {
        format!("{at}: {what} by {by}, and was {}{why}", entry.after)
    } else {
        format!("{at}: {what} by {by}, from {} to {}{why}", entry.before, entry.after)
    }
}

/// A reader's withdrawal from the contract.
pub(super) fn withdrawal(declared: &Withdrawal, zone: &TimeZone) -> String {
    let Withdrawal { at, name, email, by_link, .. } = declared;
    let how = if *by_link { "by the link in an email" } else { "signed in" };
    let at = date_time(*at, zone);
    format!(
        "{name} withdrew from the contract on {at}, {how}. Receipt was acknowledged to {email}."
    )
}

/// What staff did for a reader.
pub(super) fn action(entry: &DeskAuditEntry, zone: &TimeZone) -> String {
    let (at, by, what) = (date_time(entry.at, zone), actor(entry), verb(entry.action));
    let facts: Vec<String> = entry.changes.iter().map(|change| change_line(change, zone)).collect();
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join("; ")) };
    let why =
        if entry.reason.is_empty() { String::new() } else { format!(". Why: {}", entry.reason) };
    format!("{at}: {by} {what}{facts}{why}")
}

fn name(everybody: &[(Staff, Account)], by: Option<AccountId>) -> String {
    let found = by.and_then(|by| colleague(everybody, by));
    found.unwrap_or_else(|| "somebody who has left".to_owned())
}

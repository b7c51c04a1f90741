//! Subscriptions and what happened to them, in words.

use std::fmt::Display;

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{
    Account, AccountId, DeskAuditEntry, Ending, Event, State, Subscription, Withdrawal,
    WithdrawalWay,
    audit::{Actor, AuditEntry},
    staff::Staff,
};

use crate::{
    audit::{changes::change_line, words::sentence},
    format::colleague,
    words::DeskWords,
};

/// The state of a subscription: "Active, renews on 26 February 2027".
pub(super) fn state(
    subscription: &Subscription,
    now: Timestamp,
    zone: &TimeZone,
    words: DeskWords,
) -> String {
    let state = subscription.state.after(Event::TimePassed, now).unwrap_or(subscription.state);
    let is_free = subscription.terms.amount.is_zero();
    let (name, end) = match state {
        State::Trial { ends, renews: true } => ("state_trial_renews", ends),
        State::Trial { ends, renews: false } => ("state_trial", ends),
        State::Active { .. } if is_free => return words.text("state_free_active").to_owned(),
        State::Active { through } => {
            return words.fill("state_active", &[("date", &words.date(through, zone))]);
        }
        State::Grace { since, .. } if now < since => ("state_invoice", since),
        State::Grace { ends, tries, .. } => {
            let date = words.last_day(ends, zone);
            return words.count_and_fill("state_grace", tries, &[("date", &date)]);
        }
        State::Paused { until, .. } => {
            return words.fill("state_paused", &[("date", &words.date(until, zone))]);
        }
        State::Cancelling { ends, .. } if is_free => ("state_free", ends),
        State::Cancelling { ends, .. } => ("state_cancelling", ends),
        State::Ended { at, why } => {
            let name = match why {
                Ending::TrialOver => "state_ended_trial",
                Ending::Cancelled => "state_ended_cancelled",
                Ending::Unpaid => "state_ended_unpaid",
                Ending::Replaced => "state_ended_replaced",
                Ending::Withdrawn => "state_ended_withdrawn",
            };
            (name, at)
        }
    };
    words.fill(name, &[("date", &words.last_day(end, zone))])
}

/// What a subscription costs, and how it is paid. `each` is the price with its interval.
pub(super) fn price(subscription: &Subscription, each: &str, words: DeskWords) -> String {
    let mandate = &subscription.mandate;
    if subscription.terms.amount.is_zero() {
        words.text("reader_price_free").to_owned()
    } else if mandate.is_manual() {
        words.fill("reader_price_invoice", &[("price", &each)])
    } else {
        words.fill("reader_price", &[("price", &each), ("processor", &mandate.processor)])
    }
}

/// What happened to a subscription.
pub(super) fn history(
    entry: &AuditEntry,
    everybody: &[(Staff, Account)],
    zone: &TimeZone,
    words: DeskWords,
) -> String {
    let actor = match (&entry.actor, entry.actor.staff_actor()) {
        (_, Some(staff)) => name(everybody, staff.by, words),
        (Actor::Reader, None) => words.text("actor_reader").to_owned(),
        (Actor::Processor, None) => words.text("actor_processor").to_owned(),
        (Actor::Calendar, None) => words.text("actor_calendar").to_owned(),
        (Actor::Staff(_), None) => words.text("revision_by_command").to_owned(),
    };
    let time = words.date_time(entry.at, zone);
    let (before, after) = (state_name(&entry.before, words), state_name(&entry.after, words));
    let event = event_name(&entry.what, words);
    let gaps: [(&str, &dyn Display); 5] = [
        ("time", &time),
        ("event", &event),
        ("actor", &actor),
        ("before", &before),
        ("after", &after),
    ];
    let name = if before.is_empty() { "reader_event_first" } else { "reader_event" };
    let said = words.fill(name, &gaps);
    match entry.actor.staff_actor() {
        Some(staff) => {
            format!("{said} {}", words.fill("reader_reason", &[("reason", &staff.reason)]))
        }
        None => said,
    }
}

/// The stored name of a state in words.
pub(crate) fn state_name(stored: &str, words: DeskWords) -> String {
    let name = match stored {
        "trial" => "state_name_trial",
        "active" => "state_name_active",
        "grace" => "state_name_grace",
        "paused" => "state_name_paused",
        "cancelling" => "state_name_cancelling",
        "ended" => "state_name_ended",
        other => return other.to_owned(),
    };
    words.text(name).to_owned()
}

/// A reader's withdrawal from the contract.
pub(super) fn withdrawal(declared: &Withdrawal, zone: &TimeZone, words: DeskWords) -> String {
    let Withdrawal { at, name, email, way, .. } = declared;
    let (word, at) = match way {
        WithdrawalWay::SignedIn => ("reader_withdrew", words.date_time(*at, zone)),
        WithdrawalWay::Link => ("reader_withdrew_by_link", words.date_time(*at, zone)),
        WithdrawalWay::Staff => ("reader_withdrew_by_letter", words.date(*at, zone)),
    };
    words.fill(word, &[("name", name), ("date", &at), ("email", email)])
}

/// The stored name of an event in words.
pub(crate) fn event_name(stored: &str, words: DeskWords) -> String {
    let name = match stored {
        "begun" => "event_begun",
        "paid" => "event_paid",
        "payment-failed" => "event_payment_failed",
        "cancelled" => "event_cancelled",
        "uncancelled" => "event_uncancelled",
        "paused" => "event_paused",
        "resumed" => "event_resumed",
        "prolonged" => "event_prolonged",
        "extended" => "event_subscription_extended",
        "time-passed" => "event_time_passed",
        "periods-missed" => "event_periods_missed",
        "replaced" => "event_replaced",
        "withdrawn" => "event_withdrawn",
        "switched" => "event_switched",
        "dispute-inquiry" => "event_dispute_inquiry",
        "dispute-inquiry-closed" => "event_dispute_inquiry_closed",
        "dispute-opened" => "event_dispute_opened",
        "dispute-under-review" => "event_dispute_under_review",
        "dispute-won" => "event_dispute_won",
        "dispute-lost" => "event_dispute_lost",
        "refunded-elsewhere" => "event_refunded_elsewhere",
        "refund-failed" => "event_refund_failed",
        "ended-by-staff" => "event_ended_by_staff",
        "debt-forgiven" => "event_debt_forgiven",
        "switched-after-refund" => "event_switched_after_refund",
        "invoiced-late" => "event_invoiced_late",
        "card-changed" => "event_card_changed",
        other => return other.replace('-', " "),
    };
    words.text(name).to_owned()
}

/// What staff did for a reader.
pub(super) fn action(entry: &DeskAuditEntry, zone: &TimeZone, words: DeskWords) -> String {
    let (time, what) = (words.date_time(entry.at, zone), sentence(entry, words));
    let facts: Vec<String> =
        entry.changes.iter().map(|change| change_line(change, zone, words)).collect();
    let word = match (facts.is_empty(), entry.reason.is_empty()) {
        (true, true) => "audit_entry",
        (true, false) => "audit_entry_reason",
        (false, true) => "audit_entry_facts",
        (false, false) => "audit_entry_facts_reason",
    };
    let (facts, reason) = (facts.join("; "), &entry.reason);
    words.fill(word, &[("time", &time), ("entry", &what), ("facts", &facts), ("reason", reason)])
}

fn name(everybody: &[(Staff, Account)], by: Option<AccountId>, words: DeskWords) -> String {
    let found = by.and_then(|by| colleague(everybody, by));
    found.unwrap_or_else(|| words.text("former_colleague").to_owned())
}

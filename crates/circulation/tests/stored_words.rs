//! Words that are stored in the database. Changing one would make stored rows unreadable.

use std::{fmt::Debug, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Actor, Channel, Ending, Event, PaymentStatus, Progress, State, UnusedReason, staff::Role,
};
use strum::VariantArray;

/// Asserts that the variants have exactly these names, and that each name is read again.
fn assert_words<T>(words: &[&str])
where
    T: VariantArray + FromStr + Copy + PartialEq + Debug + Into<&'static str> + 'static,
{
    let names: Vec<&str> = T::VARIANTS.iter().map(|variant| (*variant).into()).collect();
    assert_eq!(names, words);
    for (word, variant) in words.iter().zip(T::VARIANTS) {
        assert_eq!(word.parse::<T>().ok(), Some(*variant));
    }
}

#[test]
fn stored_words_are_stable() {
    assert_words::<Role>(&["owner", "editor", "author", "circulation", "support"]);
    assert_words::<Channel>(&["web", "app", "print", "newsletters"]);
    assert_words::<Progress>(&["open", "done", "abandoned", "unresolved"]);
    assert_words::<PaymentStatus>(&["recorded", "applied", "refund-pending", "refunded", "kept"]);
    assert_words::<UnusedReason>(&[
        "subscription-ended",
        "paid-already",
        "subscribed-already",
        "change-impossible",
        "nothing-to-pay-for",
        "unknown-source",
        "withdrawn",
    ]);
}

#[test]
fn words_of_states_events_and_actors_are_stable() {
    let at = Timestamp::UNIX_EPOCH;
    let states = [
        State::Trial { ends: at, renews: true },
        State::Active { through: at },
        State::Grace { since: at, ends: at, tries: 1 },
        State::Paused { until: at, left: SignedDuration::ZERO },
        State::Cancelling { ends: at, trial: false },
        State::Ended { at, why: Ending::Unpaid },
    ];
    assert_eq!(
        states.map(State::name),
        ["trial", "active", "grace", "paused", "cancelling", "ended",]
    );
    let events = [
        Event::Paid { through: at },
        Event::PaymentFailed { grace: SignedDuration::ZERO },
        Event::Cancelled,
        Event::Uncancelled,
        Event::Paused { until: at },
        Event::Resumed,
        Event::Prolonged { ends: at },
        Event::TimePassed,
        Event::Replaced,
        Event::Withdrawn,
        Event::EndedByStaff,
    ];
    assert_eq!(
        events.map(Event::name),
        [
            "paid",
            "payment-failed",
            "cancelled",
            "uncancelled",
            "paused",
            "resumed",
            "prolonged",
            "time-passed",
            "replaced",
            "withdrawn",
            "ended-by-staff",
        ]
    );
    for actor in [Actor::Reader, Actor::Processor, Actor::Calendar, Actor::Staff(None)] {
        assert_eq!(Actor::from_parts(actor.name(), None), Some(actor));
    }
    assert_eq!(Actor::Staff(None).name(), "staff");
}

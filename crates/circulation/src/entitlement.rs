//! What an account's subscriptions entitle it to.

use jiff::Timestamp;
use masthead_access::Standing;

use crate::{Channel, Ending, Event, History, State, Subscription};

/// How a reader with these subscriptions stands on the site.
pub fn standing(subscriptions: &[Subscription], now: Timestamp) -> Standing {
    let online = subscriptions.iter().filter(|subscription| subscription.is_online());
    let standings = online.filter_map(|subscription| standing_of(subscription, now));
    standings.max_by_key(|standing| rank(*standing)).unwrap_or(Standing::Registered)
}

/// The products that a reader with these subscriptions may read, by their slugs.
pub fn products(subscriptions: &[Subscription], now: Timestamp) -> impl Iterator<Item = &str> {
    let open = move |subscription: &&Subscription| {
        subscription.is_online()
            && standing_of(subscription, now).is_some_and(|standing| rank(standing).0 >= OPEN)
    };
    subscriptions.iter().filter(open).map(|subscription| subscription.terms.product.as_str())
}

/// What an account has had.
pub fn history(subscriptions: &[Subscription], now: Timestamp) -> History {
    let live: Vec<&Subscription> =
        subscriptions.iter().filter(|subscription| !subscription.state.is_over(now)).collect();
    let in_trial = |s: &&Subscription| matches!(s.state, State::Trial { renews: false, .. });
    if subscriptions.is_empty() {
        History::New
    } else if live.is_empty() {
        History::Lapsed
    } else if live.iter().all(in_trial) {
        History::InTrial
    } else {
        History::Live
    }
}

/// Whether somebody with these subscriptions may read first and pay an invoice afterwards: not who has
/// left one unpaid, or has cancelled after reading for longer than they have paid.
pub fn may_owe(subscriptions: &[Subscription]) -> bool {
    let unpaid = |s: &Subscription| match s.state {
        State::Ended { why: Ending::Unpaid, .. } => true,
        State::Ended { at, why: Ending::Cancelled } => {
            let short = s.paid.is_none_or(|paid| paid.through < at);
            s.mandate.is_manual() && !s.terms.amount.is_zero() && short
        }
        State::Ended { why: Ending::TrialOver | Ending::Replaced, .. }
        | State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { .. } => false,
    };
    !subscriptions.iter().any(unpaid)
}

impl Subscription {
    /// Whether it opens what is on the site and in the apps.
    pub fn is_online(&self) -> bool {
        self.terms.channels.iter().any(|channel| matches!(channel, Channel::Web | Channel::App))
    }
}

/// How a reader stands by one subscription; none where it says nothing.
fn standing_of(subscription: &Subscription, now: Timestamp) -> Option<Standing> {
    // Time alone is never illegal.
    let state = subscription.state.after(Event::TimePassed, now).unwrap_or(subscription.state);
    match state {
        State::Trial { ends, .. } | State::Cancelling { ends, trial: true } => {
            Some(Standing::Trial { ends })
        }
        State::Active { .. } => Some(Standing::Subscribed { ends: None }),
        State::Cancelling { ends, trial: false } => Some(Standing::Subscribed { ends: Some(ends) }),
        State::Grace { .. } => Some(Standing::Grace),
        State::Ended { at, why: Ending::TrialOver } => Some(Standing::TrialEnded { at }),
        State::Ended { at, why: Ending::Cancelled | Ending::Unpaid } => {
            Some(Standing::SubscriptionEnded { at })
        }
        State::Paused { .. } | State::Ended { why: Ending::Replaced, .. } => None,
    }
}

/// From this rank on everything is open.
const OPEN: u8 = 2;

/// The best of several standings has the highest rank: full access first, then what ended last.
fn rank(standing: Standing) -> (u8, Timestamp) {
    match standing {
        Standing::Anonymous | Standing::Registered => (0, Timestamp::MIN),
        Standing::TrialEnded { at } | Standing::SubscriptionEnded { at } => (1, at),
        Standing::Trial { ends } => (OPEN, ends),
        Standing::Grace => (3, Timestamp::MIN),
        Standing::Subscribed { ends: Some(ends) } => (4, ends),
        Standing::Subscribed { ends: None } => (5, Timestamp::MIN),
        Standing::Member | Standing::Staff => (6, Timestamp::MIN),
    }
}

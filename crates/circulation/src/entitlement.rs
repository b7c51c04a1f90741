//! What an account's subscriptions give access to.

use jiff::Timestamp;
use masthead_access::Standing;

use crate::{Ending, Event, History, State, Subscription, SubscriptionId};

/// Returns the standing of a reader with these subscriptions.
pub fn standing(subscriptions: &[Subscription], now: Timestamp) -> Standing {
    let online = subscriptions.iter().filter(|subscription| subscription.is_online());
    let standings = online.filter_map(|subscription| standing_of(subscription, now));
    standings.max_by_key(|standing| rank(*standing)).unwrap_or(Standing::Registered)
}

/// Returns the slugs of the products that a reader with these subscriptions has access to.
pub fn products(subscriptions: &[Subscription], now: Timestamp) -> impl Iterator<Item = &str> {
    let open = move |subscription: &&Subscription| {
        subscription.is_online()
            && standing_of(subscription, now).is_some_and(|standing| rank(standing).0 >= OPEN)
    };
    subscriptions.iter().filter(open).map(|subscription| subscription.terms.product.as_str())
}

/// Returns when the subscriptions that a reader has paused resume, the first of them; `None` if they have paused none.
pub fn paused_until(subscriptions: &[Subscription], now: Timestamp) -> Option<Timestamp> {
    paused(subscriptions, now).map(|(_, until)| until).min()
}

/// Returns the slugs of the products of the subscriptions that a reader has paused.
pub fn paused_products(
    subscriptions: &[Subscription],
    now: Timestamp,
) -> impl Iterator<Item = &str> {
    paused(subscriptions, now).map(|(subscription, _)| subscription.terms.product.as_str())
}

fn paused(
    subscriptions: &[Subscription],
    now: Timestamp,
) -> impl Iterator<Item = (&Subscription, Timestamp)> {
    let online = subscriptions.iter().filter(|subscription| subscription.is_online());
    online.filter_map(move |subscription| match subscription.state {
        State::Paused { until, .. } if now < until => Some((subscription, until)),
        State::Paused { .. }
        | State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => None,
    })
}

/// Returns what a reader has subscribed to so far, with an account or, if they `had_subscription`, with one that
/// their address had before.
pub fn history(subscriptions: &[Subscription], had_subscription: bool, now: Timestamp) -> History {
    let live: Vec<&Subscription> =
        subscriptions.iter().filter(|subscription| !subscription.state.is_over(now)).collect();
    let in_trial = |s: &&Subscription| matches!(s.state, State::Trial { renews: false, .. });
    if subscriptions.is_empty() && !had_subscription {
        History::New
    } else if live.is_empty() {
        History::Lapsed
    } else if live.iter().all(in_trial) {
        History::InTrial
    } else {
        History::Live
    }
}

/// Returns `true` if an account with these subscriptions may read before paying an invoice. An
/// account that left an invoice unpaid, or cancelled or withdrew after reading longer than it had paid for, may
/// not.
pub fn may_pay_by_invoice(subscriptions: &[Subscription]) -> bool {
    !subscriptions.iter().any(|subscription| was_left_unpaid(subscription, subscription.state))
}

/// Returns the subscriptions whose invoices the reader of these leaves unpaid who deletes the account, or changes its address, at
/// `now`: those for which they could not pay by invoice again, or whose invoice is open. An invoice for a period that has not begun is
/// not owed.
pub fn debts(subscriptions: &[Subscription], now: Timestamp) -> Vec<SubscriptionId> {
    let is_owed = |subscription: &&Subscription| {
        // `TimePassed` is allowed in every state.
        let state = subscription.state.after(Event::TimePassed, now).unwrap_or(subscription.state);
        let is_open = match state {
            State::Grace { .. } => true,
            State::Active { through } => through <= now,
            State::Trial { .. }
            | State::Paused { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => false,
        };
        is_open && subscription.is_invoiced() || was_left_unpaid(subscription, state)
    };
    subscriptions.iter().filter(is_owed).map(|subscription| subscription.id).collect()
}

fn was_left_unpaid(subscription: &Subscription, state: State) -> bool {
    match state {
        State::Ended { why: Ending::Unpaid, .. } => true,
        State::Ended { at, why: Ending::Cancelled | Ending::Withdrawn } => {
            let short = subscription.paid.is_none_or(|paid| paid.through < at);
            subscription.is_invoiced() && short
        }
        State::Ended { why: Ending::TrialOver | Ending::Replaced, .. }
        | State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { .. } => false,
    }
}

impl Subscription {
    /// Returns `true` if the reader is sent invoices.
    fn is_invoiced(&self) -> bool {
        self.mandate.is_manual() && !self.terms.amount.is_zero()
    }

    /// Returns `true` if the subscription includes the site or the apps.
    pub fn is_online(&self) -> bool {
        self.terms.channels.iter().any(|channel| channel.opens_articles())
    }
}

/// Returns the standing that one subscription gives, or `None` if it gives none.
fn standing_of(subscription: &Subscription, now: Timestamp) -> Option<Standing> {
    // `TimePassed` is allowed in every state.
    let state = subscription.state.after(Event::TimePassed, now).unwrap_or(subscription.state);
    match state {
        State::Trial { ends, .. } | State::Cancelling { ends, trial: true } => {
            Some(Standing::Trial { ends })
        }
        State::Active { .. } => Some(Standing::Subscribed { ends: None }),
        State::Cancelling { ends, trial: false } => Some(Standing::Subscribed { ends: Some(ends) }),
        // An invoice that is not due yet.
        State::Grace { since, .. } if now < since => Some(Standing::Subscribed { ends: None }),
        State::Grace { ends, .. } => Some(Standing::Grace { ends }),
        State::Ended { at, why: Ending::TrialOver } => Some(Standing::TrialEnded { at }),
        State::Ended { at, why: Ending::Cancelled | Ending::Unpaid | Ending::Withdrawn } => {
            Some(Standing::SubscriptionEnded { at })
        }
        State::Paused { .. } | State::Ended { why: Ending::Replaced, .. } => None,
    }
}

/// The lowest rank with full access.
const OPEN: u8 = 2;

/// The rank of a standing. The highest counts: first full access, then what ended last.
fn rank(standing: Standing) -> (u8, Timestamp) {
    match standing {
        Standing::Anonymous | Standing::Registered => (0, Timestamp::MIN),
        Standing::TrialEnded { at } | Standing::SubscriptionEnded { at } => (1, at),
        Standing::Trial { ends } => (OPEN, ends),
        Standing::Grace { ends } => (3, ends),
        Standing::Subscribed { ends: Some(ends) } => (4, ends),
        Standing::Subscribed { ends: None } => (5, Timestamp::MIN),
        Standing::Member | Standing::Staff => (6, Timestamp::MIN),
    }
}

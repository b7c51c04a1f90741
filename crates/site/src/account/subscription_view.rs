//! A subscription as its reader sees it on the account page.

use jiff::Timestamp;
use masthead_circulation::{Ending, Event, State, Subscription};
use masthead_mail::emails;
use masthead_publication::{
    SiteSnapshot,
    contexts::{SubscriptionContext, SwitchContext},
};

/// A subscription as its reader sees it.
pub(super) fn context(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    now: Timestamp,
) -> SubscriptionContext {
    let state = state_at(subscription, now);
    let live = !matches!(state, State::Ended { .. });
    let invoice = match state {
        State::Grace { since, ends, .. } if subscription.mandate.is_manual() => {
            let due = if now < since { since } else { ends };
            emails::invoice_facts(snapshot, subscription, &snapshot.last_day(due))
        }
        _ => Vec::new(),
    };
    SubscriptionContext {
        id: subscription.id.0,
        name: subscription.terms.name.clone(),
        channels: snapshot.channel_words(&subscription.terms.channels),
        state: if is_invoiced(state, now) { "invoiced" } else { state.name() },
        status: status_words(snapshot, subscription, now),
        card: if live { card_words(snapshot, subscription) } else { String::new() },
        cancel: cancel_words(snapshot, subscription, now),
        can_go_on: [Event::Uncancelled, Event::Resumed]
            .into_iter()
            .any(|event| subscription.after(event, now).is_ok()),
        can_rest: subscription.after(Event::Paused { until: Timestamp::MAX }, now).is_ok(),
        card_button: card_word(subscription, state)
            .filter(|_| snapshot.publication.sales.takes_cards())
            .map(|word| snapshot.theme.word(word).to_owned())
            .unwrap_or_default(),
        invoice,
        switches: switches(snapshot, subscription, now),
    }
}

/// The state of a subscription in a sentence or two.
pub(crate) fn status_words(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    now: Timestamp,
) -> String {
    let (state, card) = (state_at(subscription, now), card_words(snapshot, subscription));
    let free = subscription.terms.amount.is_zero();
    let manual = subscription.mandate.is_manual();
    let (day, last_day) = (|at| snapshot.date_of(at), |end| snapshot.last_day(end));
    let (word, date) = match state {
        State::Active { through } if free => ("sub_given", day(through)),
        State::Cancelling { ends, .. } if free => ("sub_given_until", last_day(ends)),
        State::Grace { since, .. } if now < since => ("sub_invoiced", last_day(since)),
        State::Grace { ends, .. } if manual => ("sub_overdue", last_day(ends)),
        State::Trial { ends, renews: true } => ("sub_trial_renews", last_day(ends)),
        State::Trial { ends, renews: false } => ("sub_trial", last_day(ends)),
        State::Active { through } => ("sub_active", day(through)),
        State::Grace { ends, .. } => ("sub_grace", last_day(ends)),
        State::Paused { until, .. } => ("sub_paused", day(until)),
        State::Cancelling { ends, .. } => ("sub_cancelling", last_day(ends)),
        State::Ended { at, why: Ending::Replaced } => ("sub_replaced", day(at)),
        State::Ended { at, .. } => ("sub_ended", last_day(at)),
    };
    let terms = &subscription.terms;
    let next = subscription.next_payment(&snapshot.publication.policy.zone);
    snapshot
        .theme
        .word(word)
        .replace("{date}", &date)
        .replace("{price}", &snapshot.rates().each(terms.amount, terms.every))
        .replace("{amount}", &snapshot.rates().money(next.amount))
        .replace("{card}", &card)
}

/// The state of a subscription, also if it has changed by the time alone.
fn state_at(subscription: &Subscription, now: Timestamp) -> State {
    subscription.state.after(Event::TimePassed, now).unwrap_or(subscription.state)
}

/// The card that a subscription is paid with, in words; empty without one.
fn card_words(snapshot: &SiteSnapshot, subscription: &Subscription) -> String {
    let card = subscription.mandate.card.as_ref();
    card.map(|card| emails::card_words(snapshot, card)).unwrap_or_default()
}

/// The name of the word on the button for another card; `None` if there is no such button.
fn card_word(subscription: &Subscription, state: State) -> Option<&'static str> {
    let free = subscription.terms.amount.is_zero();
    let manual = subscription.mandate.is_manual();
    match state {
        _ if free => None,
        State::Grace { .. } if manual => Some("pay_with_card"),
        State::Grace { .. } => Some("update_card"),
        State::Active { .. } | State::Trial { renews: true, .. } => {
            Some(if manual { "change_to_card" } else { "other_card" })
        }
        State::Trial { renews: false, .. }
        | State::Paused { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => None,
    }
}

/// Whether there is an invoice to pay that is not due yet.
fn is_invoiced(state: State, now: Timestamp) -> bool {
    matches!(state, State::Grace { since, .. } if now < since)
}

/// What cancelling means; empty if there is nothing to cancel.
pub(super) fn cancel_words(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    now: Timestamp,
) -> String {
    let word = |name: &str| snapshot.theme.word(name);
    match subscription.state.after(Event::Cancelled, now) {
        Ok(State::Cancelling { ends, .. }) => {
            word("cancel_text").replace("{date}", &snapshot.last_day(ends))
        }
        Ok(_) => word("cancel_now_text").to_owned(),
        Err(_) => String::new(),
    }
}

/// What a subscription can be changed to, and what that comes to today.
fn switches(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    now: Timestamp,
) -> Vec<SwitchContext> {
    let publication = &snapshot.publication;
    let catalogue = &publication.catalogue;
    let rates = snapshot.rates();
    let all = catalogue.prices().iter().filter_map(|price| {
        let terms = catalogue.terms(price.into())?;
        let switch = subscription.switch(&terms, now, &publication.policy.zone).ok()?;
        // Readers who pay by invoice have no card to collect today's amount from.
        if subscription.mandate.is_manual() && !switch.today.is_zero() {
            return None;
        }
        let (cost, colon) = (snapshot.theme.word("switch_cost"), snapshot.theme.word("colon"));
        Some(SwitchContext {
            price: price.slug.clone(),
            label: [&terms.name, colon, &rates.each(terms.amount, terms.every)].concat(),
            cost: cost
                .replace("{today}", &rates.money(switch.today))
                .replace("{credit}", &rates.money(switch.credit))
                .replace("{amount}", &rates.money(terms.amount))
                .replace("{date}", &snapshot.date_of(switch.through)),
            today: switch.today.minor(),
        })
    });
    all.collect()
}

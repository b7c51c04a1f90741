//! A subscription as its reader sees it on the account page.

use jiff::Timestamp;
use masthead_circulation::{
    CancellationEffect, CollectedPayment, Ending, Event, State, Subscription, Switch,
};
use masthead_mail::emails;
use masthead_publication::{
    SiteSnapshot,
    contexts::{DeliveryContext, SubscriptionContext, SwitchContext},
};

/// A subscription as its reader sees it, for which this was collected, and whose papers are delivered at this address.
pub(super) fn context(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    collected: &[CollectedPayment],
    delivery: &DeliveryContext,
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
        includes: snapshot.includes_words(&subscription.terms.channels),
        state: if is_invoiced(state, now) { "invoiced" } else { state.name() },
        status: status_words(snapshot, subscription, now),
        card: if live { card_words(snapshot, subscription) } else { String::new() },
        cancel: cancel_words(snapshot, subscription, now),
        withdraw: snapshot.withdrawal_words(subscription, now).unwrap_or_default(),
        can_go_on: [Event::Uncancelled, Event::Resumed]
            .into_iter()
            .any(|event| subscription.after(event, now).is_ok()),
        rest: snapshot
            .theme
            .word(if subscription.is_print_only() { "rest_print_text" } else { "rest_text" })
            .to_owned(),
        can_rest: subscription.after(Event::Paused { until: Timestamp::MAX }, now).is_ok(),
        card_button: card_word(subscription, state)
            .filter(|_| snapshot.publication.sales.takes_cards())
            .map(|word| snapshot.theme.word(word).to_owned())
            .unwrap_or_default(),
        invoice,
        switches: switches(snapshot, subscription, collected, delivery, now),
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
    let (manual, is_print_only) = (subscription.mandate.is_manual(), subscription.is_print_only());
    let (day, last_day) = (|at| snapshot.date_of(at), |end| snapshot.last_day(end));
    let (word, date) = match state {
        State::Active { through } if free => ("sub_given", day(through)),
        State::Cancelling { ends, .. } if free => ("sub_given_until", last_day(ends)),
        State::Grace { since, .. } if now < since => ("sub_invoiced", last_day(since)),
        State::Grace { ends, .. } if manual && is_print_only => {
            ("sub_overdue_print", last_day(ends))
        }
        State::Grace { ends, .. } if manual => ("sub_overdue", last_day(ends)),
        State::Trial { ends, renews: true } => ("sub_trial_renews", last_day(ends)),
        State::Trial { ends, renews: false } => ("sub_trial", last_day(ends)),
        State::Active { through } => ("sub_active", day(through)),
        State::Grace { ends, .. } if is_print_only => ("sub_grace_print", last_day(ends)),
        State::Grace { ends, .. } => ("sub_grace", last_day(ends)),
        State::Paused { until, .. } => ("sub_paused", day(until)),
        State::Cancelling { ends, trial: true } => ("sub_cancelling_trial", last_day(ends)),
        State::Cancelling { ends, .. } if is_print_only => ("sub_cancelling_print", last_day(ends)),
        State::Cancelling { ends, .. } => ("sub_cancelling", last_day(ends)),
        State::Ended { at, why: Ending::Replaced } => ("sub_replaced", day(at)),
        State::Ended { at, why: Ending::Withdrawn } => ("sub_withdrawn", day(at)),
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
    let Some(effect) = subscription.cancellation_effect(now) else { return String::new() };
    let is_print_only = subscription.is_print_only();
    let (word, ends) = match effect {
        CancellationEffect::Ends(ends) if is_print_only => ("cancel_print_text", Some(ends)),
        CancellationEffect::Ends(ends) if subscription.mandate.is_manual() => {
            ("cancel_invoice_text", Some(ends))
        }
        CancellationEffect::Ends(ends) => ("cancel_text", Some(ends)),
        CancellationEffect::TrialEnds(ends) => ("cancel_trial_text", Some(ends)),
        CancellationEffect::PauseEnds(ends) if is_print_only => {
            ("cancel_paused_print_text", Some(ends))
        }
        CancellationEffect::PauseEnds(ends) => ("cancel_paused_text", Some(ends)),
        CancellationEffect::GiftEnds(ends) => ("cancel_gift_text", Some(ends)),
        CancellationEffect::EndsUnpaid => ("cancel_now_text", None),
        CancellationEffect::EndsInvoiced => ("cancel_owed_text", None),
    };
    dated(snapshot, word, ends)
}

/// What cancelling has meant for a subscription that was as this one is; empty if there was nothing to cancel.
pub(super) fn cancelled_words(
    snapshot: &SiteSnapshot,
    before: &Subscription,
    now: Timestamp,
) -> String {
    let Some(effect) = before.cancellation_effect(now) else { return String::new() };
    let (word, ends) = match effect {
        CancellationEffect::Ends(ends) | CancellationEffect::PauseEnds(ends) => {
            let word =
                if before.is_print_only() { "cancelled_print_text" } else { "cancelled_text" };
            (word, Some(ends))
        }
        CancellationEffect::TrialEnds(ends) => ("cancelled_trial_text", Some(ends)),
        CancellationEffect::GiftEnds(ends) => ("cancelled_gift_text", Some(ends)),
        CancellationEffect::EndsUnpaid => ("cancelled_now_text", None),
        CancellationEffect::EndsInvoiced => ("cancelled_owed_text", None),
    };
    dated(snapshot, word, ends)
}

/// Whether cancelling a subscription can be taken back.
pub(super) fn can_be_taken_back(before: &Subscription, now: Timestamp) -> bool {
    match before.cancellation_effect(now) {
        Some(
            CancellationEffect::Ends(_)
            | CancellationEffect::TrialEnds(_)
            | CancellationEffect::PauseEnds(_),
        ) => true,
        Some(
            CancellationEffect::GiftEnds(_)
            | CancellationEffect::EndsUnpaid
            | CancellationEffect::EndsInvoiced,
        )
        | None => false,
    }
}

fn dated(snapshot: &SiteSnapshot, word: &str, ends: Option<Timestamp>) -> String {
    let date = ends.map(|ends| snapshot.last_day(ends)).unwrap_or_default();
    snapshot.theme.word(word).replace("{date}", &date)
}

/// What a subscription can be changed to, and what that comes to today.
fn switches(
    snapshot: &SiteSnapshot,
    subscription: &Subscription,
    collected: &[CollectedPayment],
    delivery: &DeliveryContext,
    now: Timestamp,
) -> Vec<SwitchContext> {
    let publication = &snapshot.publication;
    let catalogue = &publication.catalogue;
    let rates = snapshot.rates();
    let is_known = subscription.terms.is_delivered() && !delivery.name.is_empty();
    let all = catalogue.prices().iter().filter_map(|price| {
        let terms = catalogue.terms(price.into())?;
        let switch = subscription.switch(&terms, collected, now, &publication.policy.zone).ok()?;
        // Readers who pay by invoice have no card to collect today's amount from.
        if subscription.mandate.is_manual() && !switch.today.is_zero() {
            return None;
        }
        let colon = snapshot.theme.word("colon");
        Some(SwitchContext {
            price: price.slug.clone(),
            label: [&terms.name, colon, &rates.each(terms.amount, terms.every)].concat(),
            cost: switch_cost(snapshot, subscription, &switch),
            primary: false,
            today: switch.today.minor(),
            pays: !switch.terms.amount.is_zero(),
            delivery: (switch.terms.is_delivered() && !is_known).then(|| delivery.clone()),
        })
    });
    let mut all: Vec<SwitchContext> = all.collect();
    if let Some(first) = all.iter_mut().find(|switch| switch.today > 0) {
        first.primary = true;
    }
    all
}

/// What a change costs today and how that is paid, or that nothing is to be paid today, and what is paid next and when.
fn switch_cost(snapshot: &SiteSnapshot, held: &Subscription, switch: &Switch) -> String {
    let (rates, card) = (snapshot.rates(), card_words(snapshot, held));
    let word = match (switch.today.is_zero(), card.is_empty()) {
        (true, _) => "switch_later",
        (false, true) => "switch_cost",
        (false, false) => "switch_cost_card",
    };
    snapshot
        .theme
        .word(word)
        .replace("{today}", &rates.money(switch.today))
        .replace("{credit}", &rates.money(switch.credit))
        .replace("{amount}", &rates.money(switch.terms.amount))
        .replace("{date}", &snapshot.date_of(switch.through))
        .replace("{card}", &card)
}

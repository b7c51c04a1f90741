//! Statistics over all subscriptions: who came, who left, and monthly revenue.
//!
//! *Active* are subscriptions with a first payment that have not ended, including those in grace,
//! paused or cancelled but not over. Trials and free subscriptions are counted separately. So for
//! every product and period: active at the end = active at the beginning + new + reactivated − lapsed.

mod lifecycle;
mod movement;

use std::{collections::HashMap, ops::Range};

use jiff::Timestamp;

use self::lifecycle::{LifecycleEvent, LifecycleStep, lifecycle_steps};
pub use self::movement::Movement;
use crate::{AccountId, Money, State, Subscription, SubscriptionId, Unit, money::add_by_currency};

/// A change of a subscription's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateTransition {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// When it changed.
    pub at: Timestamp,
    /// The name of the [`State`] before. Empty for the start.
    pub before: String,
    /// The name of the state after.
    pub after: String,
    /// Whether it ended because another subscription replaced it.
    pub replaced: bool,
}

/// The statistics of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFigures {
    /// The slug of the product.
    pub product: String,
    /// What happened in each of the requested periods.
    pub movements: Vec<Movement>,
    /// Subscriptions currently in a trial.
    pub trials: u64,
    /// Subscriptions that are currently free.
    pub given: u64,
    /// The monthly revenue per currency at regular prices. Yearly prices count one twelfth, paused
    /// subscriptions nothing.
    pub monthly: Vec<Money>,
}

/// Calculates the statistics of every product, those with most active subscriptions first. `transitions`
/// must be in chronological order.
pub fn product_figures(
    subscriptions: &[Subscription],
    transitions: &[StateTransition],
    periods: &[Range<Timestamp>],
) -> Vec<ProductFigures> {
    let mut of: HashMap<SubscriptionId, Vec<&StateTransition>> = HashMap::new();
    for transition in transitions {
        of.entry(transition.subscription).or_default().push(transition);
    }
    let mut products: HashMap<&str, ProductFigures> = HashMap::new();
    let mut accounts: HashMap<AccountId, Vec<&Subscription>> = HashMap::new();
    for subscription in subscriptions {
        accounts.entry(subscription.account).or_default().push(subscription);
        let product = subscription.terms.product.as_str();
        products
            .entry(product)
            .or_insert_with(|| ProductFigures::new(product, periods.len()))
            .add_current(subscription);
    }
    for mut held in accounts.into_values() {
        held.sort_by_key(|subscription| subscription.id);
        let steps = account_steps(&held, &of);
        let ends = steps.iter().filter(|(_, step)| step.event == LifecycleEvent::Ends);
        let first_end = ends.map(|(_, step)| step.at).min();
        for (product, step) in steps {
            if let Some(figures) = products.get_mut(product) {
                let again = first_end.is_some_and(|end| end <= step.at);
                figures.count(step, again, periods);
            }
        }
    }
    let mut all: Vec<ProductFigures> = products.into_values().collect();
    all.sort_by(|a, b| b.active().cmp(&a.active()).then_with(|| a.product.cmp(&b.product)));
    all
}

/// The events of the paid subscriptions of one account, each with its product.
fn account_steps<'a>(
    held: &[&'a Subscription],
    transitions: &HashMap<SubscriptionId, Vec<&StateTransition>>,
) -> Vec<(&'a str, LifecycleStep)> {
    let paid = held.iter().filter(|held| !held.terms.amount.is_zero());
    paid.flat_map(|subscription| {
        let transitions = transitions.get(&subscription.id).map_or(&[][..], Vec::as_slice);
        let product = subscription.terms.product.as_str();
        lifecycle_steps(subscription, transitions).into_iter().map(move |step| (product, step))
    })
    .collect()
}

impl ProductFigures {
    fn new(product: &str, periods: usize) -> Self {
        Self {
            product: product.to_owned(),
            movements: vec![Movement::default(); periods],
            trials: 0,
            given: 0,
            monthly: Vec::new(),
        }
    }

    /// Adds the statistics of other accounts of the same product and periods.
    pub fn add(&mut self, more: Self) {
        for (sum, movement) in self.movements.iter_mut().zip(more.movements) {
            *sum += movement;
        }
        self.trials += more.trials;
        self.given += more.given;
        add_by_currency(&mut self.monthly, more.monthly);
    }

    /// The active subscriptions at the end of the first period.
    fn active(&self) -> u64 {
        self.movements.first().map_or(0, |movement| movement.active)
    }

    /// Adds the current state of a subscription.
    fn add_current(&mut self, subscription: &Subscription) {
        if subscription.terms.amount.is_zero() {
            self.given += u64::from(!matches!(subscription.state, State::Ended { .. }));
            return;
        }
        match subscription.state {
            State::Trial { .. } | State::Cancelling { trial: true, .. } => self.trials += 1,
            State::Active { .. } | State::Cancelling { trial: false, .. } => {
                add_by_currency(&mut self.monthly, [monthly(subscription)]);
            }
            // An invoice that was never paid is no revenue.
            State::Grace { .. } if subscription.paid.is_some() => {
                add_by_currency(&mut self.monthly, [monthly(subscription)]);
            }
            State::Grace { .. } | State::Paused { .. } | State::Ended { .. } => {}
        }
    }

    /// Counts an event. `again` says whether the reader had a paid subscription that ended before.
    fn count(&mut self, step: LifecycleStep, again: bool, periods: &[Range<Timestamp>]) {
        for (movement, period) in self.movements.iter_mut().zip(periods) {
            movement.count(step, again, period);
        }
    }
}

/// The monthly price of a subscription, rounded to the nearest minor unit.
pub fn monthly(subscription: &Subscription) -> Money {
    let terms = &subscription.terms;
    let count = u64::from(terms.every.count.max(1));
    // `times` intervals are `months` months: a year of 365.25 days has 12.
    let (times, months) = match terms.every.unit {
        Unit::Day => (1461, 48),
        Unit::Week => (1461, 48 * 7),
        Unit::Month => (1, 1),
        Unit::Year => (1, 12),
    };
    let over = months * count;
    Money::of((terms.amount.minor() * times + over / 2) / over, terms.amount.currency())
}

#[cfg(test)]
mod tests;

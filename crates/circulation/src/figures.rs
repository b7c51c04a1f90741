//! Statistics over all subscriptions: who came, who left, and monthly revenue.
//!
//! *Active* are subscriptions with a first payment that have not ended, including those in grace,
//! paused or cancelled but not over. Trials and free subscriptions are counted separately. So for
//! every product and period: active at the end = active at the beginning + new + won back − lapsed.

use std::{collections::HashMap, ops::Range};

use jiff::Timestamp;

use crate::{AccountId, Money, State, Subscription, SubscriptionId, Unit};

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

/// What happened in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// First payments of readers who never paid before.
    pub new: u64,
    /// First payments of readers whose earlier subscription had ended.
    pub won_back: u64,
    /// Paid subscriptions that ended.
    pub lapsed: u64,
    /// Trials that started.
    pub trials: u64,
    /// Trials that led to a payment.
    pub converted: u64,
    /// Trials that ended without a payment.
    pub lost: u64,
    /// Active subscriptions at the beginning of the period.
    pub active_before: u64,
    /// Active subscriptions at the end of the period.
    pub active: u64,
}

impl Movement {
    /// Lapsed subscriptions in percent of those active at the beginning, or `None` if there were
    /// none. May exceed 100, because subscriptions that started in the period can lapse in it.
    pub fn churn(&self) -> Option<f64> {
        percent(self.lapsed, self.active_before)
    }

    /// Converted trials in percent of those that ended, or `None` if none ended.
    pub fn conversion(&self) -> Option<f64> {
        percent(self.converted, self.converted + self.lost)
    }
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
        let mut steps: Vec<(&str, LifecycleStep)> = Vec::new();
        for subscription in held.iter().filter(|held| !held.terms.amount.is_zero()) {
            let transitions = of.get(&subscription.id).map_or(&[][..], Vec::as_slice);
            let product = subscription.terms.product.as_str();
            steps.extend(
                lifecycle_steps(subscription, transitions).into_iter().map(|step| (product, step)),
            );
        }
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
    all.sort_by(|a, b| {
        let active =
            |of: &ProductFigures| of.movements.first().map_or(0, |movement| movement.active);
        active(b).cmp(&active(a)).then_with(|| a.product.cmp(&b.product))
    });
    all
}

/// An event that counts in the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LifecycleEvent {
    TrialBegins,
    TrialConverts,
    TrialLost,
    Begins,
    Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LifecycleStep {
    at: Timestamp,
    event: LifecycleEvent,
}

/// The events of a subscription that count, in chronological order.
fn lifecycle_steps(
    subscription: &Subscription,
    transitions: &[&StateTransition],
) -> Vec<LifecycleStep> {
    if transitions.is_empty() {
        return steps_from_state(subscription);
    }
    let mut steps = Vec::new();
    // An imported subscription has no recorded start.
    let known = transitions.first().map_or("", |transition| transition.before.as_str());
    let (mut in_trial, mut pays) = (known == "trial", !["", "trial", "ended"].contains(&known));
    if in_trial || pays {
        let event = if pays { LifecycleEvent::Begins } else { LifecycleEvent::TrialBegins };
        steps.push(LifecycleStep { at: subscription.begun, event });
    }
    for transition in transitions {
        let mut step = |event| steps.push(LifecycleStep { at: transition.at, event });
        match transition.after.as_str() {
            "trial" if transition.before.is_empty() => {
                in_trial = true;
                step(LifecycleEvent::TrialBegins);
            }
            "active" if !pays => {
                if in_trial {
                    step(LifecycleEvent::TrialConverts);
                }
                step(LifecycleEvent::Begins);
                (in_trial, pays) = (false, true);
            }
            "ended" if pays => {
                step(LifecycleEvent::Ends);
                pays = false;
            }
            "ended" if in_trial => {
                // The reader subscribed: a paid subscription replaced the trial.
                step(if transition.replaced {
                    LifecycleEvent::TrialConverts
                } else {
                    LifecycleEvent::TrialLost
                });
                in_trial = false;
            }
            _ => {}
        }
    }
    steps
}

/// The events of an imported subscription without recorded transitions.
fn steps_from_state(subscription: &Subscription) -> Vec<LifecycleStep> {
    let step = |at, event| LifecycleStep { at, event };
    let begun = subscription.begun;
    match subscription.state {
        State::Trial { .. } | State::Cancelling { trial: true, .. } => {
            vec![step(begun, LifecycleEvent::TrialBegins)]
        }
        State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { trial: false, .. } => vec![step(begun, LifecycleEvent::Begins)],
        State::Ended { at, .. } => {
            vec![step(begun, LifecycleEvent::Begins), step(at, LifecycleEvent::Ends)]
        }
    }
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

    /// Adds the current state of a subscription.
    fn add_current(&mut self, subscription: &Subscription) {
        if subscription.terms.amount.is_zero() {
            self.given += u64::from(!matches!(subscription.state, State::Ended { .. }));
            return;
        }
        match subscription.state {
            State::Trial { .. } | State::Cancelling { trial: true, .. } => self.trials += 1,
            State::Active { .. } | State::Cancelling { trial: false, .. } => {
                self.add_revenue(monthly(subscription));
            }
            // An invoice that was never paid is no revenue.
            State::Grace { .. } if subscription.paid.is_some() => {
                self.add_revenue(monthly(subscription));
            }
            State::Grace { .. } | State::Paused { .. } | State::Ended { .. } => {}
        }
    }

    fn add_revenue(&mut self, more: Money) {
        let known = self.monthly.iter_mut().find(|known| known.currency() == more.currency());
        match known {
            Some(known) => *known = Money::of(known.minor() + more.minor(), more.currency()),
            None => self.monthly.push(more),
        }
    }

    /// Counts an event. `again` says whether the reader had a paid subscription that ended before.
    fn count(&mut self, step: LifecycleStep, again: bool, periods: &[Range<Timestamp>]) {
        for (movement, period) in self.movements.iter_mut().zip(periods) {
            if step.at >= period.end {
                continue;
            }
            let within = u64::from(step.at >= period.start);
            match step.event {
                LifecycleEvent::TrialBegins => movement.trials += within,
                LifecycleEvent::TrialConverts => movement.converted += within,
                LifecycleEvent::TrialLost => movement.lost += within,
                LifecycleEvent::Begins => {
                    movement.active += 1;
                    movement.active_before += 1 - within;
                    *(if again { &mut movement.won_back } else { &mut movement.new }) += within;
                }
                LifecycleEvent::Ends => {
                    movement.active = movement.active.saturating_sub(1);
                    movement.active_before = movement.active_before.saturating_sub(1 - within);
                    movement.lapsed += within;
                }
            }
        }
    }
}

/// The monthly price of a subscription, rounded to the nearest minor unit.
fn monthly(subscription: &Subscription) -> Money {
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

fn percent(part: u64, whole: u64) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)] // far below what a double holds exactly
    (whole > 0).then(|| 100.0 * part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, tz::TimeZone};
    use proptest::prelude::*;

    use super::*;
    use crate::{Channel, Ending, Mandate, Terms};

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("an instant")
            + SignedDuration::from_hours(24 * day)
    }

    fn subscription(id: u32, account: u32, price: &str, every: &str) -> Subscription {
        let terms = Terms {
            product: "web".to_owned(),
            name: "Web".to_owned(),
            channels: vec![Channel::Web],
            price: "web".to_owned(),
            offer: None,
            introduction: None,
            amount: Money::parse(price, "EUR".parse().expect("a currency")).expect("an amount"),
            every: every.parse().expect("a length"),
        };
        let numbers = (SubscriptionId(id), AccountId(account));
        Subscription::start(numbers, terms, Mandate::manual(), day(0), &TimeZone::UTC)
    }

    fn transition(id: u32, at: i64, before: &str, after: &str) -> StateTransition {
        StateTransition {
            subscription: SubscriptionId(id),
            at: day(at),
            before: before.to_owned(),
            after: after.to_owned(),
            replaced: false,
        }
    }

    fn of(
        subscriptions: &[Subscription],
        transitions: &[StateTransition],
        from: i64,
        to: i64,
    ) -> ProductFigures {
        let periods = [day(from)..day(to), day(2 * from - to)..day(from)];
        product_figures(subscriptions, transitions, &periods).remove(0)
    }

    #[test]
    fn arrivals_and_departures_are_counted() {
        let subscriptions: Vec<_> = [(1, 1), (2, 2), (3, 2), (4, 3)]
            .into_iter()
            .map(|(id, account)| subscription(id, account, "9", "1 month"))
            .collect();
        let transitions = [
            // One subscribes, fails to pay, pays late, and stays.
            transition(1, 1, "", "active"),
            transition(1, 12, "active", "grace"),
            transition(1, 13, "grace", "active"),
            // One subscribes, ends, and subscribes again.
            transition(2, 2, "", "active"),
            transition(2, 11, "active", "cancelling"),
            transition(2, 14, "cancelling", "ended"),
            transition(3, 15, "", "active"),
            // One takes a trial and leaves.
            transition(4, 11, "", "trial"),
            transition(4, 18, "trial", "ended"),
        ];
        let figures = of(&subscriptions, &transitions, 10, 20);
        assert_eq!(
            figures.movements[0],
            Movement {
                new: 0,
                won_back: 1,
                lapsed: 1,
                trials: 1,
                converted: 0,
                lost: 1,
                active_before: 2,
                active: 2,
            }
        );
        assert_eq!(figures.movements[0].churn(), Some(50.0));
        assert_eq!(figures.movements[0].conversion(), Some(0.0));
        assert_eq!((figures.movements[1].new, figures.movements[1].active), (2, 2));
        assert_eq!(Movement::default().churn(), None);
    }

    #[test]
    fn a_trial_converts_by_payment_or_by_replacement() {
        let subscriptions: Vec<_> =
            (1..=3).map(|id| subscription(id, id / 2, "9", "1 month")).collect();
        let replaced = StateTransition { replaced: true, ..transition(2, 3, "trial", "ended") };
        let transitions = [
            transition(1, 1, "", "trial"),
            transition(1, 2, "trial", "grace"),
            transition(1, 3, "grace", "active"),
            transition(2, 1, "", "trial"),
            replaced,
            transition(3, 3, "", "active"),
        ];
        let movement = of(&subscriptions, &transitions, 0, 10).movements[0];
        assert_eq!((movement.trials, movement.converted, movement.lost), (2, 2, 0));
        assert_eq!((movement.new, movement.won_back, movement.active), (2, 0, 2));
    }

    #[test]
    fn revenue_is_converted_to_months() {
        let money = |subscription: &Subscription| monthly(subscription).minor();
        assert_eq!(money(&subscription(1, 1, "9.50", "1 month")), 950);
        assert_eq!(money(&subscription(1, 1, "9", "3 months")), 300);
        assert_eq!(money(&subscription(1, 1, "100", "1 year")), 833);
        assert_eq!(money(&subscription(1, 1, "2", "1 week")), 870);
        let mut rests = subscription(1, 1, "9", "1 month");
        rests.state = State::Paused { until: day(9), left: SignedDuration::from_hours(1) };
        let mut given = subscription(2, 2, "0", "1 month");
        given.state = State::Active { through: day(9) };
        let all =
            [rests, given, subscription(3, 3, "9", "1 month"), subscription(4, 4, "9", "1 month")];
        let figures = of(&all, &[], 0, 10);
        assert_eq!(figures.monthly.iter().map(|money| money.minor()).collect::<Vec<_>>(), [1800]);
        assert_eq!((figures.given, figures.trials, figures.movements[0].active), (1, 0, 3));
    }

    #[test]
    fn imported_subscriptions_count_from_their_start() {
        let mut over = subscription(1, 1, "9", "1 month");
        over.state = State::Ended { at: day(5), why: Ending::Cancelled };
        let figures = of(&[over, subscription(2, 2, "9", "1 month")], &[], 1, 10);
        let movement = figures.movements[0];
        assert_eq!((movement.active_before, movement.lapsed, movement.active), (2, 1, 1));
    }

    proptest! {
        #[test]
        fn every_subscription_is_accounted_for(lives in proptest::collection::vec(
            proptest::collection::vec((0..40_i64, 0..5_usize), 1..8), 1..12), from in 1..30_i64)
        {
            let words = ["trial", "active", "grace", "cancelling", "ended"];
            let mut transitions = Vec::new();
            let mut subscriptions = Vec::new();
            for (life, id) in lives.into_iter().zip(1_u32..) {
                subscriptions.push(subscription(id, id % 5, "9", "1 month"));
                let mut life = life;
                life.sort_unstable();
                let mut before = "";
                for (at, after) in life {
                    transitions.push(transition(id, at, before, words[after]));
                    before = words[after];
                }
            }
            let figures = of(&subscriptions, &transitions, from, from + 10);
            let movement = figures.movements[0];
            prop_assert_eq!(
                movement.active + movement.lapsed,
                movement.active_before + movement.new + movement.won_back
            );
            prop_assert_eq!(figures.movements[1].active, movement.active_before);
        }
    }
}

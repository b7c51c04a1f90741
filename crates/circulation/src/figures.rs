//! What the subscriptions of a publication come to: who came, who went, and what is paid a month.
//!
//! *Active* is whoever began to pay and has not ended: in grace, at rest, and cancelled but not yet over as well.
//! Trials, and what is given for nothing, are told apart. So for every product and period the active at its end are
//! those at its beginning, and the new, and those won back, without the lapsed.

use std::{collections::HashMap, ops::Range};

use jiff::Timestamp;

use crate::{AccountId, Money, State, Subscription, SubscriptionId, Unit};

/// A subscription comes to stand in another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateTransition {
    /// Which.
    pub subscription: SubscriptionId,
    /// When.
    pub at: Timestamp,
    /// How it stood before, in the word of its [`State`]; empty at its beginning.
    pub before: String,
    /// How it stood then.
    pub after: String,
    /// Whether another took its place.
    pub replaced: bool,
}

/// What happened in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// Began to pay for the first time.
    pub new: u64,
    /// Began to pay again, after an earlier subscription had ended.
    pub won_back: u64,
    /// Ended, having paid.
    pub lapsed: u64,
    /// Trials that began.
    pub trials: u64,
    /// Trials that led to a payment.
    pub converted: u64,
    /// Trials that ended without one.
    pub lost: u64,
    /// Active when the period began.
    pub active_before: u64,
    /// Active when it ended.
    pub active: u64,
}

impl Movement {
    /// Of a hundred who were active when the period began, how many lapsed in it; none where there was nobody. It may be
    /// more than a hundred, where those lapsed who had come meanwhile.
    pub fn churn(&self) -> Option<f64> {
        percent(self.lapsed, self.active_before)
    }

    /// Of a hundred trials that came to an end, how many led to a payment.
    pub fn conversion(&self) -> Option<f64> {
        percent(self.converted, self.converted + self.lost)
    }
}

/// How one product does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFigures {
    /// Its slug.
    pub product: String,
    /// What happened in each of the periods that were asked for.
    pub movements: Vec<Movement>,
    /// Readers who are in a trial now.
    pub trials: u64,
    /// Readers to whom it is given for nothing now.
    pub given: u64,
    /// What is paid for it a month, in each currency: regular prices, yearly ones by the twelfth part, without those who
    /// rest.
    pub monthly: Vec<Money>,
}

/// How every product does, those with most who pay first. `turns` are in the order in which they happened.
pub fn of_products(
    subscriptions: &[Subscription],
    turns: &[StateTransition],
    periods: &[Range<Timestamp>],
) -> Vec<ProductFigures> {
    let mut of: HashMap<SubscriptionId, Vec<&StateTransition>> = HashMap::new();
    for turn in turns {
        of.entry(turn.subscription).or_default().push(turn);
    }
    let mut products: HashMap<&str, ProductFigures> = HashMap::new();
    let mut accounts: HashMap<AccountId, Vec<&Subscription>> = HashMap::new();
    for subscription in subscriptions {
        accounts.entry(subscription.account).or_default().push(subscription);
        let product = subscription.terms.product.as_str();
        products
            .entry(product)
            .or_insert_with(|| ProductFigures::new(product, periods.len()))
            .stand(subscription);
    }
    for mut held in accounts.into_values() {
        held.sort_by_key(|subscription| subscription.id);
        let mut steps: Vec<(&str, LifecycleStep)> = Vec::new();
        for subscription in held.iter().filter(|held| !held.terms.amount.is_zero()) {
            let turns = of.get(&subscription.id).map_or(&[][..], Vec::as_slice);
            let product = subscription.terms.product.as_str();
            steps.extend(steps_of(subscription, turns).into_iter().map(|step| (product, step)));
        }
        let ends = steps.iter().filter(|(_, step)| step.what == LifecycleEvent::Ends);
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

/// What happens to a subscription, as far as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LifecycleEvent {
    TrialBegins,
    TrialConverts,
    TrialIsLost,
    Begins,
    Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LifecycleStep {
    at: Timestamp,
    what: LifecycleEvent,
}

/// Everything that counts in the life of a subscription, in order.
fn steps_of(subscription: &Subscription, turns: &[&StateTransition]) -> Vec<LifecycleStep> {
    if turns.is_empty() {
        return steps_untold(subscription);
    }
    let mut steps = Vec::new();
    // What was taken in from elsewhere has no beginning that is written down.
    let known = turns.first().map_or("", |turn| turn.before.as_str());
    let (mut in_trial, mut pays) = (known == "trial", !["", "trial", "ended"].contains(&known));
    if in_trial || pays {
        let what = if pays { LifecycleEvent::Begins } else { LifecycleEvent::TrialBegins };
        steps.push(LifecycleStep { at: subscription.begun, what });
    }
    for turn in turns {
        let mut step = |what| steps.push(LifecycleStep { at: turn.at, what });
        match turn.after.as_str() {
            "trial" if turn.before.is_empty() => {
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
                // Whoever subscribes has another in its place.
                step(if turn.replaced {
                    LifecycleEvent::TrialConverts
                } else {
                    LifecycleEvent::TrialIsLost
                });
                in_trial = false;
            }
            _ => {}
        }
    }
    steps
}

/// The same of a subscription that was taken in from elsewhere, of which nothing is written down.
fn steps_untold(subscription: &Subscription) -> Vec<LifecycleStep> {
    let step = |at, what| LifecycleStep { at, what };
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

    /// Adds how a subscription stands now.
    fn stand(&mut self, subscription: &Subscription) {
        if subscription.terms.amount.is_zero() {
            self.given += u64::from(!matches!(subscription.state, State::Ended { .. }));
            return;
        }
        match subscription.state {
            State::Trial { .. } | State::Cancelling { trial: true, .. } => self.trials += 1,
            State::Active { .. } | State::Cancelling { trial: false, .. } => {
                self.earn(monthly(subscription));
            }
            // An invoice that was never paid earns nothing.
            State::Grace { .. } if subscription.paid.is_some() => self.earn(monthly(subscription)),
            State::Grace { .. } | State::Paused { .. } | State::Ended { .. } => {}
        }
    }

    fn earn(&mut self, more: Money) {
        let known = self.monthly.iter_mut().find(|known| known.currency() == more.currency());
        match known {
            Some(known) => *known = Money::of(known.minor() + more.minor(), more.currency()),
            None => self.monthly.push(more),
        }
    }

    /// Counts a step; `again` says whether its reader had paid, and ended, before.
    fn count(&mut self, step: LifecycleStep, again: bool, periods: &[Range<Timestamp>]) {
        for (movement, period) in self.movements.iter_mut().zip(periods) {
            if step.at >= period.end {
                continue;
            }
            let within = u64::from(step.at >= period.start);
            match step.what {
                LifecycleEvent::TrialBegins => movement.trials += within,
                LifecycleEvent::TrialConverts => movement.converted += within,
                LifecycleEvent::TrialIsLost => movement.lost += within,
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

/// What a subscription brings in a month, to the nearest minor unit.
fn monthly(subscription: &Subscription) -> Money {
    let terms = &subscription.terms;
    let count = u64::from(terms.every.count.max(1));
    // So many of these in so many months: a year of 365.25 days has 12 of them.
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
        Subscription::begun(numbers, terms, Mandate::manual(), day(0), &TimeZone::UTC)
    }

    fn turn(id: u32, at: i64, before: &str, after: &str) -> StateTransition {
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
        turns: &[StateTransition],
        from: i64,
        to: i64,
    ) -> ProductFigures {
        let periods = [day(from)..day(to), day(2 * from - to)..day(from)];
        of_products(subscriptions, turns, &periods).remove(0)
    }

    #[test]
    fn those_who_come_and_go_are_counted() {
        let subscriptions: Vec<_> = [(1, 1), (2, 2), (3, 2), (4, 3)]
            .into_iter()
            .map(|(id, account)| subscription(id, account, "9", "1 month"))
            .collect();
        let turns = [
            // One comes, fails to pay, mends it, and stays.
            turn(1, 1, "", "active"),
            turn(1, 12, "active", "grace"),
            turn(1, 13, "grace", "active"),
            // One comes, goes, and comes back.
            turn(2, 2, "", "active"),
            turn(2, 11, "active", "cancelling"),
            turn(2, 14, "cancelling", "ended"),
            turn(3, 15, "", "active"),
            // One tries and goes.
            turn(4, 11, "", "trial"),
            turn(4, 18, "trial", "ended"),
        ];
        let figures = of(&subscriptions, &turns, 10, 20);
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
    fn a_trial_converts_by_a_payment_or_by_what_takes_its_place() {
        let subscriptions: Vec<_> =
            (1..=3).map(|id| subscription(id, id / 2, "9", "1 month")).collect();
        let replaced = StateTransition { replaced: true, ..turn(2, 3, "trial", "ended") };
        let turns = [
            turn(1, 1, "", "trial"),
            turn(1, 2, "trial", "grace"),
            turn(1, 3, "grace", "active"),
            turn(2, 1, "", "trial"),
            replaced,
            turn(3, 3, "", "active"),
        ];
        let movement = of(&subscriptions, &turns, 0, 10).movements[0];
        assert_eq!((movement.trials, movement.converted, movement.lost), (2, 2, 0));
        assert_eq!((movement.new, movement.won_back, movement.active), (2, 0, 2));
    }

    #[test]
    fn what_is_paid_is_brought_to_a_month() {
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
    fn what_was_taken_in_counts_from_its_beginning() {
        let mut over = subscription(1, 1, "9", "1 month");
        over.state = State::Ended { at: day(5), why: Ending::Cancelled };
        let figures = of(&[over, subscription(2, 2, "9", "1 month")], &[], 1, 10);
        let movement = figures.movements[0];
        assert_eq!((movement.active_before, movement.lapsed, movement.active), (2, 1, 1));
    }

    proptest! {
        #[test]
        fn nobody_is_lost_in_counting(lives in proptest::collection::vec(
            proptest::collection::vec((0..40_i64, 0..5_usize), 1..8), 1..12), from in 1..30_i64)
        {
            let words = ["trial", "active", "grace", "cancelling", "ended"];
            let mut turns = Vec::new();
            let mut subscriptions = Vec::new();
            for (life, id) in lives.into_iter().zip(1_u32..) {
                subscriptions.push(subscription(id, id % 5, "9", "1 month"));
                let mut life = life;
                life.sort_unstable();
                let mut before = "";
                for (at, after) in life {
                    turns.push(turn(id, at, before, words[after]));
                    before = words[after];
                }
            }
            let figures = of(&subscriptions, &turns, from, from + 10);
            let movement = figures.movements[0];
            prop_assert_eq!(
                movement.active + movement.lapsed,
                movement.active_before + movement.new + movement.won_back
            );
            prop_assert_eq!(figures.movements[1].active, movement.active_before);
        }
    }
}

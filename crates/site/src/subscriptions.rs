//! What happens to subscriptions: each change together with the letter that tells of it.

use jiff::{Timestamp, tz::TimeZone};
use masthead_access::Reads;
use masthead_audience::{FunnelStep, Goal};
use masthead_circulation::{
    Account, AccountId, Actor, Checkout, Ending, Event, FirstPeriod, Mandate, PaidTime, Payment,
    PaymentSource, Progress, Purpose, State, Subscription, SubscriptionId,
};
use masthead_payments::CheckoutOutcome;
use masthead_store::{Email, NewSubscription, SubscriptionChange};

use crate::{
    letters::{self, SubscriptionEmail},
    state::Site,
};
use masthead_publication::{PageError, theme::ThemeError};

/// What became of a checkout that was asked about.
#[derive(Debug)]
pub(crate) enum CheckoutStatus {
    /// What was bought is there.
    Done,
    /// It is not paid, or not yet.
    Waiting,
    /// It was not paid, and cannot be any more.
    Over,
    /// The processor does not answer.
    Unanswered,
}

/// How often a delivery is tried before it is left to the calendar.
const AT_ONCE: usize = 3;

/// A change to be made.
pub(crate) struct PlannedChange<'a> {
    pub before: &'a Subscription,
    pub after: Subscription,
    pub actor: Actor,
    pub what: &'static str,
    pub payment: Option<Payment>,
    /// What the reader is told, and of which day.
    pub news: Option<(SubscriptionEmail, Timestamp)>,
}

impl Site {
    pub(crate) fn zone(&self) -> TimeZone {
        self.snapshot().publication.policy.zone.clone()
    }

    /// Changes a subscription, and tells its reader; `false` where somebody else has changed it
    /// meanwhile.
    pub(crate) async fn apply(&self, happening: PlannedChange<'_>) -> Result<bool, PageError> {
        let now = (self.clock)();
        let account = happening.before.account;
        let reader = self.store.account(account).await?;
        let change = self.change(happening, reader.as_ref())?;
        let made = self.store.change(&change, now).await?;
        if made {
            self.accounts.renew(account).await?;
            self.outbox_wakeup.notify_one();
        }
        Ok(made)
    }

    /// The change that a happening makes, with the letter that tells of it.
    pub(crate) fn change(
        &self,
        happening: PlannedChange<'_>,
        reader: Option<&Account>,
    ) -> Result<SubscriptionChange, ThemeError> {
        let PlannedChange { before, after, actor, what, payment, news } = happening;
        let letters = match (reader, news) {
            (Some(reader), Some((news, date))) => {
                vec![self.news(reader, news, &after, date, payment.as_ref())?]
            }
            (None, _) | (_, None) => Vec::new(),
        };
        Ok(SubscriptionChange {
            before: before.clone(),
            due: after.due(&self.zone()).map(|(when, _)| when),
            after,
            actor,
            what,
            payment,
            letters,
        })
    }

    fn news(
        &self,
        reader: &Account,
        news: SubscriptionEmail,
        subscription: &Subscription,
        date: Timestamp,
        payment: Option<&Payment>,
    ) -> Result<Email, ThemeError> {
        let snapshot = self.snapshot();
        letters::of_subscription(&snapshot, &reader.email, news, subscription, date, payment)
    }

    /// Asks what has become of a checkout, and delivers what was paid for. It may be asked as often as
    /// one likes.
    pub(crate) async fn settle(&self, checkout: &Checkout) -> Result<CheckoutStatus, PageError> {
        match self.processors.outcome(checkout).await {
            Ok(CheckoutOutcome::Open) => Ok(CheckoutStatus::Waiting),
            Ok(CheckoutOutcome::Over) => {
                self.store.abandon_checkout(checkout).await?;
                Ok(CheckoutStatus::Over)
            }
            Ok(CheckoutOutcome::Paid(mandate)) => {
                self.deliver(checkout, mandate).await?;
                Ok(CheckoutStatus::Done)
            }
            Err(error) => {
                tracing::error!(%error, "checkout: processor cannot be asked");
                Ok(CheckoutStatus::Unanswered)
            }
        }
    }

    /// Delivers what a checkout has paid for, once.
    pub(crate) async fn deliver(
        &self,
        checkout: &Checkout,
        mandate: Mandate,
    ) -> Result<(), PageError> {
        // Somebody may change the same subscription in that instant; then it is done anew.
        for _ in 0..AT_ONCE {
            match checkout.purpose {
                Purpose::Begin => self.begin(checkout, mandate.clone()).await?,
                Purpose::Mend(id) => self.mend(checkout, id, mandate.clone()).await?,
            }
            let kept = self.store.checkout(&checkout.key).await?;
            if kept.is_none_or(|kept| kept.progress == Progress::Done) {
                break;
            }
        }
        self.accounts.renew(checkout.account).await?;
        self.outbox_wakeup.notify_one();
        Ok(())
    }

    async fn begin(&self, checkout: &Checkout, mandate: Mandate) -> Result<(), PageError> {
        let now = (self.clock)();
        let zone = self.zone();
        let Some(reader) = self.store.account(checkout.account).await? else { return Ok(()) };
        if let Some(before) = self.bought_meanwhile(checkout).await? {
            return self.lengthen(checkout, &before, &mandate, &reader).await;
        }
        let number = (SubscriptionId(0), checkout.account);
        let terms = checkout.terms.clone();
        let subscription = if mandate.is_manual() {
            Subscription::owed(number, terms, now, self.snapshot().publication.grace, &zone)
        } else {
            Subscription::begun(number, terms, mandate, now, &zone)
        };
        let payment = letters::payment(
            &self.snapshot(),
            &subscription,
            PaymentSource::Checkout(checkout.key),
            now,
        );
        let news = match subscription.state {
            State::Trial { .. } => Some(SubscriptionEmail::TrialBegun),
            // The calendar sends the invoice.
            State::Grace { .. } => None,
            State::Active { .. }
            | State::Paused { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => Some(SubscriptionEmail::Receipt),
        };
        let is_trial = matches!(subscription.state, State::Trial { .. });
        let step = if is_trial { FunnelStep::TrialBegun } else { FunnelStep::Bought };
        // An account's wall is the same on both sides of an experiment.
        let (account, reads) = (Some(reader.id), Reads::default());
        let wall = self.counters.wall_at(&checkout.from, account, reads, None).await;
        let begun = self.beginning(&reader, subscription, Actor::Reader, (payment, news)).await?;
        if self.store.begin_subscription(Some(checkout), begun, now).await?.is_some() {
            self.counters.count_step(&checkout.from, wall, step);
            self.counters.count_goal(&checkout.trial, Goal::Subscribed);
        }
        Ok(())
    }

    /// The beginning of a subscription, with what was paid and is told, and the end of the trials that it
    /// replaces.
    pub(crate) async fn beginning(
        &self,
        reader: &Account,
        subscription: Subscription,
        actor: Actor,
        (payment, news): (Option<Payment>, Option<SubscriptionEmail>),
    ) -> Result<NewSubscription, PageError> {
        let zone = self.zone();
        let through = subscription.next_payment(&zone).from;
        let letter = news
            .map(|news| self.news(reader, news, &subscription, through, payment.as_ref()))
            .transpose()?;
        Ok(NewSubscription {
            due: subscription.due(&zone).map(|(when, _)| when),
            subscription,
            payment,
            letters: letter.into_iter().collect(),
            changes: self.replaced(reader.id, &actor, (self.clock)()).await?,
            actor,
        })
    }

    /// The same subscription, if its reader has bought it on another device in the meantime.
    async fn bought_meanwhile(
        &self,
        checkout: &Checkout,
    ) -> Result<Option<Subscription>, PageError> {
        let held = self.store.subscriptions_of(checkout.account).await?;
        let same = |held: &Subscription| {
            let goes_on = matches!(held.state, State::Active { .. } | State::Grace { .. });
            goes_on && held.terms.price == checkout.terms.price
        };
        Ok(held.into_iter().find(same))
    }

    /// What was bought a second time makes the first last longer. An invoice that nobody has paid, or a
    /// trial, makes nothing.
    async fn lengthen(
        &self,
        checkout: &Checkout,
        before: &Subscription,
        mandate: &Mandate,
        reader: &Account,
    ) -> Result<(), PageError> {
        let now = (self.clock)();
        let zone = self.zone();
        let from = before.next_payment(&zone).from.max(now);
        let FirstPeriod { amount, through } = checkout.terms.first(from, &zone);
        if mandate.is_manual() || amount.is_zero() {
            return Ok(self.store.abandon_checkout(checkout).await?);
        }
        let paid = PaidTime { amount, from, through };
        let mended = Subscription { mandate: mandate.clone(), ..before.clone() };
        let Ok(after) = mended.extended(paid, now) else { return Ok(()) };
        let after = Subscription { anchor: through, ..after };
        let snapshot = self.snapshot();
        let source = PaymentSource::Checkout(checkout.key);
        let payment = letters::payment_of(&snapshot, &after, paid, source, now);
        let happening = PlannedChange {
            before,
            after,
            actor: Actor::Reader,
            what: "lengthened",
            news: Some((SubscriptionEmail::Receipt, through)),
            payment,
        };
        let change = self.change(happening, Some(reader))?;
        self.store.settle_with(checkout, &change, now).await?;
        Ok(())
    }

    /// What becomes of a trial when its reader subscribes.
    async fn replaced(
        &self,
        account: AccountId,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Vec<SubscriptionChange>, PageError> {
        let held = self.store.subscriptions_of(account).await?;
        let trials = held.iter().filter(|held| matches!(held.state, State::Trial { .. }));
        let mut changes = Vec::new();
        for before in trials {
            let Ok(after) = before.after(Event::Replaced, now) else { continue };
            changes.push(self.change(
                PlannedChange {
                    before,
                    after,
                    actor: actor.clone(),
                    what: Event::Replaced.name(),
                    payment: None,
                    news: None,
                },
                None,
            )?);
        }
        Ok(changes)
    }

    /// Takes another card for a subscription, and what it has paid of what was due.
    async fn mend(
        &self,
        checkout: &Checkout,
        id: SubscriptionId,
        mandate: Mandate,
    ) -> Result<(), PageError> {
        let now = (self.clock)();
        let zone = self.zone();
        let Some(before) = self.store.subscription(id).await? else { return Ok(()) };
        let reader = self.store.account(checkout.account).await?;
        let mended = Subscription { mandate, ..before.clone() };
        let paid = !checkout.amount.is_zero();
        let renewed = paid.then(|| mended.renewed(now, &zone).ok()).flatten();
        let snapshot = self.snapshot();
        let payment = renewed.as_ref().and_then(|renewed| {
            letters::payment(&snapshot, renewed, PaymentSource::Checkout(checkout.key), now)
        });
        let happening = PlannedChange {
            before: &before,
            after: renewed.unwrap_or(mended),
            actor: Actor::Reader,
            what: "card-changed",
            news: payment.as_ref().map(|payment| (SubscriptionEmail::Receipt, payment.through)),
            payment,
        };
        let change = self.change(happening, reader.as_ref())?;
        self.store.settle_with(checkout, &change, now).await?;
        Ok(())
    }
}

/// What the reader is told when time has brought a subscription to an end.
pub(crate) fn news_of_end(state: State) -> Option<(SubscriptionEmail, Timestamp)> {
    match state {
        State::Ended { at, why } => match why {
            Ending::TrialOver => Some((SubscriptionEmail::TrialEnded, at)),
            Ending::Cancelled => Some((SubscriptionEmail::Ended, at)),
            Ending::Unpaid => Some((SubscriptionEmail::EndedUnpaid, at)),
            Ending::Replaced => None,
        },
        State::Trial { .. }
        | State::Active { .. }
        | State::Grace { .. }
        | State::Paused { .. }
        | State::Cancelling { .. } => None,
    }
}

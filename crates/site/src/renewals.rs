//! The calendar of subscriptions: renewals, reminders, ends, and checkouts that nobody came back from.
//!
//! What is to be done, and when, is a column of the subscription itself; what is done changes it, in
//! one transaction with the letter that tells of it. So nothing is done twice or forgotten, whenever a
//! server dies and however many there are. Money is collected by orders that have the same key however
//! often they are given.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{Actor, Event, State, Subscription, Task, due::TRIES, offer::HONOURED};
use masthead_payments::{Collected, Order, ProcessorError, sandbox};

use crate::{
    letters::News,
    printing::PrintingError,
    site::Site,
    subscriptions::{Happening, Settled, news_of_end},
};

/// How often the calendar is looked at.
const PERIOD: Duration = Duration::from_secs(1);
/// How often checkouts that nobody came back from are asked after, in periods.
const SWEEP_EVERY: u32 = 60;
/// How long a reader has to come back by themselves.
const COMES_BACK: SignedDuration = SignedDuration::from_secs(60);
/// How long to wait for a processor that does not answer.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// How long a bank has to make up its mind before it is asked again, if it does not say so by itself.
const PENDING: SignedDuration = SignedDuration::from_hours(1);
/// Subscriptions that are taken from the calendar at once.
const BATCH: u64 = 500;

impl Site {
    /// Keeps the calendar for as long as it is awaited.
    pub async fn keep_calendar(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        for round in 0_u32.. {
            tick.tick().await;
            let done = async {
                self.attend_to_subscriptions().await?;
                self.mark_exhausted().await?;
                if round.is_multiple_of(SWEEP_EVERY) {
                    self.sweep_checkouts().await?;
                }
                Ok::<_, PrintingError>(())
            };
            match done.await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(%error, "the calendar of subscriptions cannot be kept; trying again");
                }
                Err(_) => {}
            }
        }
    }

    /// Does everything that is due, and says how many times something was done.
    pub async fn attend_to_subscriptions(&self) -> Result<usize, PrintingError> {
        let mut done = 0;
        loop {
            let now = (self.clock)();
            let due = self.store.due_subscriptions(now, BATCH).await?;
            if due.is_empty() {
                return Ok(done);
            }
            for subscription in due {
                if let Err(error) = self.attend_to(&subscription, now).await {
                    // One that cannot be seen to must not keep the others waiting.
                    let number = subscription.id.0;
                    tracing::error!(%error, subscription = number, "not seen to; trying again");
                    self.store.put_off(&subscription, now + AGAIN).await?;
                }
                done += 1;
            }
        }
    }

    pub(crate) async fn attend_to(
        &self,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<(), PrintingError> {
        let passed = subscription.after(Event::TimePassed, now);
        if passed.is_ok_and(|passed| passed.state != subscription.state) {
            return self.pass_time(subscription, now).await;
        }
        let told = |tell: fn(&mut Subscription, Timestamp), at: Timestamp| {
            let mut after = subscription.clone();
            tell(&mut after, at);
            after
        };
        let at = subscription.renews_at().unwrap_or(now);
        match subscription.due(&self.zone()) {
            Some((when, task)) if when <= now => match task {
                Task::TellTrialEnding => {
                    let State::Trial { ends, renews } = subscription.state else { return Ok(()) };
                    let after = told(|after, at| after.told.trial_ending = Some(at), ends);
                    let news = if renews { News::TrialRenewing } else { News::TrialEnding };
                    // A server that slept through it does not tell of what is past.
                    self.tell(subscription, after, (news, ends), now).await
                }
                Task::TellRenewal => {
                    let after = told(|after, at| after.told.renewal = Some(at), at);
                    self.tell(subscription, after, (News::RenewalAhead, at), now).await
                }
                Task::TellCard => {
                    let after = told(|after, at| after.told.card = Some(at), at);
                    self.tell(subscription, after, (News::CardExpiring, at), now).await
                }
                Task::TimePassed => self.pass_time(subscription, now).await,
                Task::Collect => self.collect(subscription, now).await,
            },
            Some((when, _)) => Ok(self.store.put_off(subscription, when).await?),
            // Nothing is ever due for one that is over; it is taken off the calendar.
            None => Ok(self.store.put_off(subscription, Timestamp::MAX).await?),
        }
    }

    async fn tell(
        &self,
        before: &Subscription,
        after: Subscription,
        news: (News, Timestamp),
        now: Timestamp,
    ) -> Result<(), PrintingError> {
        let news = (news.1 > now).then_some(news);
        let (actor, what) = (Actor::Calendar, "told");
        self.happen(Happening { before, after, actor, what, payment: None, news }).await?;
        Ok(())
    }

    async fn pass_time(&self, before: &Subscription, now: Timestamp) -> Result<(), PrintingError> {
        let Ok(after) = before.after(Event::TimePassed, now) else { return Ok(()) };
        let news = news_of_end(after.state);
        let (actor, what) = (Actor::Calendar, Event::TimePassed.name());
        self.happen(Happening { before, after, actor, what, payment: None, news }).await?;
        Ok(())
    }

    /// Collects what is due for the next period.
    async fn collect(&self, before: &Subscription, now: Timestamp) -> Result<(), PrintingError> {
        let (from, _) = before.next_period(&self.zone());
        let tries = match before.state {
            State::Grace { tries, .. } => tries,
            State::Trial { .. }
            | State::Active { .. }
            | State::Paused { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => 0,
        };
        let order = Order {
            key: format!("{}-{}-{tries}", before.id.0, from.as_second()),
            account: before.account,
            mandate: before.mandate.clone(),
            amount: before.terms.amount,
            due: before.due(&self.zone()).map_or(now, |(due, _)| due),
            now,
        };
        let collected = match self.processor(&before.mandate.processor) {
            Ok(processor) => processor.collect(&order).await,
            Err(error) => Err(error),
        };
        match collected {
            Ok(Collected::Paid) => self.renew(before, order.key, now).await,
            Ok(Collected::Pending) => Ok(self.store.put_off(before, now + PENDING).await?),
            Ok(Collected::Refused(_)) => self.fail(before, tries, now).await,
            Err(error) => self.wait_for_processor(before, &error, now).await,
        }
    }

    async fn renew(
        &self,
        before: &Subscription,
        key: String,
        now: Timestamp,
    ) -> Result<(), PrintingError> {
        let Ok(after) = before.renewed(now, &self.zone()) else {
            return Ok(self.store.put_off(before, now + AGAIN).await?);
        };
        let payment = self.payment(&after, key, now);
        let news = payment.as_ref().map(|payment| (News::Receipt, payment.through));
        let (actor, what) = (Actor::Calendar, "renewed");
        self.happen(Happening { before, after, actor, what, payment, news }).await?;
        Ok(())
    }

    async fn fail(
        &self,
        before: &Subscription,
        tries: u8,
        now: Timestamp,
    ) -> Result<(), PrintingError> {
        let grace = self.printing().publication.grace;
        let event = Event::PaymentFailed { grace };
        let Ok(after) = before.after(event, now) else {
            return Ok(self.store.put_off(before, now + AGAIN).await?);
        };
        let news = match tries {
            0 => News::PaymentFailed,
            tries if tries + 1 < TRIES => News::PaymentFailedAgain,
            _ => News::PaymentFailedLast,
        };
        let news = match after.state {
            State::Grace { ends, .. } => Some((news, ends)),
            other => news_of_end(other),
        };
        let (actor, what) = (Actor::Calendar, event.name());
        self.happen(Happening { before, after, actor, what, payment: None, news }).await?;
        Ok(())
    }

    /// That a processor is down is not the reader's fault: they read on.
    async fn wait_for_processor(
        &self,
        subscription: &Subscription,
        error: &ProcessorError,
        now: Timestamp,
    ) -> Result<(), PrintingError> {
        tracing::error!(%error, subscription = subscription.id.0, "nothing was collected; trying again");
        Ok(self.store.put_off(subscription, now + AGAIN).await?)
    }

    /// Takes offers that have reached their limit from all pages.
    pub async fn mark_exhausted(&self) -> Result<(), PrintingError> {
        let printing = self.printing();
        let offers = printing.publication.catalogue.offers().iter();
        let limits: Vec<(&str, u32)> =
            offers.filter_map(|offer| Some((offer.slug.as_str(), offer.limit?))).collect();
        printing.exhaust(&self.store.exhausted(&limits).await?);
        Ok(())
    }

    /// Asks after checkouts that nobody came back from: what was paid is delivered, what was not is
    /// given up when it is no longer honoured.
    pub async fn sweep_checkouts(&self) -> Result<(), PrintingError> {
        let now = (self.clock)();
        for checkout in self.store.open_checkouts(now - COMES_BACK, BATCH).await? {
            // A processor of its own accord closes a till that nobody comes to; ours is closed here.
            let own = checkout.processor == sandbox::NAME || checkout.reference.is_empty();
            let over = own && now.duration_since(checkout.begun) > HONOURED + COMES_BACK;
            match self.settle(&checkout).await? {
                Settled::Waiting if over => self.store.abandon_checkout(&checkout).await?,
                Settled::Waiting | Settled::Over | Settled::Done => {}
                Settled::Unanswered => break,
            }
        }
        Ok(())
    }
}

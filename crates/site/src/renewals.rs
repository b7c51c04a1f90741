//! The calendar of subscriptions: renewals, reminders, ends, and checkouts that nobody came back from.
//!
//! What is to be done, and when, is a column of the subscription itself; what is done changes it, in
//! one transaction with the letter that tells of it. So nothing is done twice or forgotten, whenever a
//! server dies and however many there are. Money is collected by orders that have the same key however
//! often they are given.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Account, AccountId, Actor, Event, PaidTime, Payment, PaymentSource, RenewalOrder, State,
    Subscription, Task, due::TRIES, offer::HONOURED,
};
use masthead_payments::{Collected, Order};

use crate::{
    letters::{self, SubscriptionEmail},
    state::Site,
    subscriptions::{CheckoutStatus, PlannedChange, news_of_end},
};
use masthead_publication::PageError;
use masthead_telemetry::metrics;

/// How long it is kept beyond that, should the publisher choose a longer window.
const KEPT: SignedDuration = SignedDuration::from_hours(40 * 24);
/// How long a reader has to come back by themselves.
const COMES_BACK: SignedDuration = SignedDuration::from_secs(60);
/// How long to wait for a processor that does not answer.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);
/// How long a bank has to make up its mind before it is asked again, if it does not say so by itself.
const PENDING: SignedDuration = SignedDuration::from_hours(1);
/// Subscriptions that are taken from the calendar at once.
const BATCH: u64 = 200;

/// What happens next to a subscription.
enum Next<'a> {
    /// This, now.
    Happens(Box<PlannedChange<'a>>),
    /// Nothing before then.
    Later(Timestamp),
}

fn happens<'a>(
    before: &'a Subscription,
    after: Subscription,
    what: &'static str,
    payment: Option<Payment>,
    news: Option<(SubscriptionEmail, Timestamp)>,
) -> Next<'a> {
    let actor = Actor::Calendar;
    Next::Happens(Box::new(PlannedChange { before, after, actor, what, payment, news }))
}

impl Site {
    /// Deletes what was kept for a while: notifications between servers, and reads outside every window.
    pub async fn delete_expired(&self) -> Result<(), PageError> {
        self.store.forget_bulletins().await?;
        let opens = self.opens((self.clock)());
        self.store.forget_reads(opens - KEPT.as_secs()).await?;
        Ok(())
    }

    /// Does everything that is due, and says how many times something was done.
    pub async fn attend_to_subscriptions(&self) -> Result<usize, PageError> {
        let mut done = 0;
        loop {
            let now = (self.clock)();
            let due = self.store.due_subscriptions(now, BATCH).await?;
            if due.is_empty() {
                return Ok(done);
            }
            self.attend_to(&due, now).await?;
            done += due.len();
        }
    }

    /// Does what is due about these, each by itself: one that cannot be seen to does not keep the others
    /// waiting.
    pub(crate) async fn attend_to(
        &self,
        due: &[Subscription],
        now: Timestamp,
    ) -> Result<(), PageError> {
        let ids: Vec<AccountId> = due.iter().map(|subscription| subscription.account).collect();
        let readers = self.store.accounts(&ids).await?;
        let readers: HashMap<AccountId, Account> =
            readers.into_iter().map(|reader| (reader.id, reader)).collect();
        let mut changes = Vec::new();
        for subscription in due {
            let change = match self.next(subscription, now).await {
                Next::Happens(happening) => {
                    self.change(*happening, readers.get(&subscription.account))
                }
                Next::Later(when) => {
                    self.store.defer(subscription, when).await?;
                    continue;
                }
            };
            match change {
                Ok(change) => changes.push(change),
                Err(error) => {
                    let number = subscription.id.0;
                    tracing::error!(%error, subscription = number, "renewals: change failed, retrying");
                    self.store.defer(subscription, now + AGAIN).await?;
                }
            }
        }
        self.store.change_all(&changes, now).await?;
        for change in &changes {
            self.accounts.renew(change.before.account).await?;
        }
        self.outbox_wakeup.notify_one();
        Ok(())
    }

    /// What happens next to a subscription.
    async fn next<'a>(&self, subscription: &'a Subscription, now: Timestamp) -> Next<'a> {
        let passed = subscription.after(Event::TimePassed, now);
        if let Ok(after) = passed
            && after.state != subscription.state
        {
            let news = news_of_end(after.state);
            return happens(subscription, after, Event::TimePassed.name(), None, news);
        }
        let mut after = subscription.clone();
        let at = subscription.renews_at().unwrap_or(now);
        let news = match subscription.due(&self.zone()) {
            Some((when, _)) if when > now => return Next::Later(when),
            // Nothing is ever due for one that is over; it is taken off the calendar.
            None => return Next::Later(Timestamp::MAX),
            Some((_, Task::TimePassed)) => return Next::Later(now + AGAIN),
            Some((_, Task::Collect)) => return self.collect(subscription, now).await,
            Some((_, Task::TellTrialEnding)) => match subscription.state {
                State::Trial { ends, renews } => {
                    after.told.trial_ending = Some(ends);
                    (
                        if renews {
                            SubscriptionEmail::TrialRenewing
                        } else {
                            SubscriptionEmail::TrialEnding
                        },
                        ends,
                    )
                }
                State::Active { .. }
                | State::Grace { .. }
                | State::Paused { .. }
                | State::Cancelling { .. }
                | State::Ended { .. } => return Next::Later(Timestamp::MAX),
            },
            Some((_, Task::TellRenewal)) => {
                after.told.renewal = Some(at);
                let asked = subscription.mandate.is_manual();
                (
                    if asked {
                        SubscriptionEmail::Invoice
                    } else {
                        SubscriptionEmail::RenewalAhead
                    },
                    at,
                )
            }
            Some((_, Task::TellCard)) => {
                after.told.card = Some(at);
                (SubscriptionEmail::CardExpiring, at)
            }
        };
        // A server that slept through it does not tell of what is past.
        happens(subscription, after, "told", None, Some(news).filter(|(_, date)| *date > now))
    }

    /// Collects what is due for the next period.
    async fn collect<'a>(&self, before: &'a Subscription, now: Timestamp) -> Next<'a> {
        let PaidTime { amount, from, .. } = before.next_payment(&self.zone());
        let tries = match before.state {
            State::Grace { tries, .. } => tries,
            State::Trial { .. }
            | State::Active { .. }
            | State::Paused { .. }
            | State::Cancelling { .. }
            | State::Ended { .. } => 0,
        };
        let source = PaymentSource::Renewal(RenewalOrder {
            subscription: before.id,
            period: from.as_second(),
            attempt: tries,
            amount,
            mandate: (&before.mandate).into(),
        });
        let order = Order {
            key: source.to_string(),
            former_key: source.former_key(),
            account: before.account,
            mandate: before.mandate.clone(),
            amount,
            due: before.due(&self.zone()).map_or(now, |(due, _)| due),
            now,
        };
        let collected = self.processors.collect(&order).await;
        match &collected {
            Ok(Collected::Paid) => metrics().renewals_collected.increment(1),
            Ok(Collected::Pending) => metrics().renewals_pending.increment(1),
            Ok(Collected::Refused(_)) => metrics().renewals_refused.increment(1),
            Ok(Collected::AwaitingTransfer) => {}
            Err(_) => metrics().renewals_error.increment(1),
        }
        match collected {
            Ok(Collected::Paid) => self.renewed(before, source, now),
            Ok(Collected::Pending) => Next::Later(now + PENDING),
            Ok(Collected::AwaitingTransfer | Collected::Refused(_)) => {
                self.refused(before, tries, now)
            }
            // That a processor is down is not the reader's fault: they read on.
            Err(error) => {
                let number = before.id.0;
                tracing::error!(%error, subscription = number, "renewals: charge failed, retrying");
                Next::Later(now + AGAIN)
            }
        }
    }

    fn renewed<'a>(
        &self,
        before: &'a Subscription,
        source: PaymentSource,
        now: Timestamp,
    ) -> Next<'a> {
        let Ok(after) = before.renewed(now, &self.zone()) else { return Next::Later(now + AGAIN) };
        let payment = letters::payment(&self.snapshot(), &after, source, now);
        let news = payment.as_ref().map(|payment| (SubscriptionEmail::Receipt, payment.through));
        happens(before, after, "renewed", payment, news)
    }

    fn refused<'a>(&self, before: &'a Subscription, tries: u8, now: Timestamp) -> Next<'a> {
        let event = Event::PaymentFailed { grace: self.snapshot().publication.grace };
        let Ok(after) = before.after(event, now) else { return Next::Later(now + AGAIN) };
        let news = match (before.mandate.is_manual(), before.state, tries) {
            (true, State::Grace { tries: 0, .. }, _) => SubscriptionEmail::Invoice,
            (true, _, tries) if tries + 1 < TRIES => SubscriptionEmail::InvoiceReminder,
            (true, ..) => SubscriptionEmail::InvoiceLast,
            (false, _, 0) => SubscriptionEmail::PaymentFailed,
            (false, _, tries) if tries + 1 < TRIES => SubscriptionEmail::PaymentFailedAgain,
            (false, ..) => SubscriptionEmail::PaymentFailedLast,
        };
        let news = match after.state {
            State::Grace { ends, .. } => Some((news, ends)),
            other => news_of_end(other),
        };
        happens(before, after, event.name(), None, news)
    }

    /// Takes offers that have reached their limit from all pages.
    pub async fn mark_exhausted(&self) -> Result<(), PageError> {
        let snapshot = self.snapshot();
        let offers = snapshot.publication.catalogue.offers().iter();
        let limits: Vec<(&str, u32)> =
            offers.filter_map(|offer| Some((offer.slug.as_str(), offer.limit?))).collect();
        let sold_out = self.store.sold_out(&limits).await?;
        self.live.set_sold_out(sold_out).await;
        Ok(())
    }

    /// Asks after checkouts that nobody came back from: what was paid is delivered, what was not is
    /// given up when it is no longer honoured.
    pub async fn sweep_checkouts(&self) -> Result<(), PageError> {
        let now = (self.clock)();
        // One that does not answer is not asked again this time, and keeps nobody else waiting.
        let mut silent = HashSet::new();
        for checkout in self.store.open_checkouts(now - COMES_BACK, BATCH).await? {
            if silent.contains(&checkout.processor) {
                continue;
            }
            let over = self.processors.gives_up(&checkout)
                && now.duration_since(checkout.begun) > HONOURED + COMES_BACK;
            match self.settle(&checkout).await? {
                CheckoutStatus::Waiting if over => self.store.abandon_checkout(&checkout).await?,
                CheckoutStatus::Waiting | CheckoutStatus::Over | CheckoutStatus::Done => {}
                CheckoutStatus::Unanswered => {
                    silent.insert(checkout.processor);
                }
            }
        }
        Ok(())
    }
}

//! What staff enter by hand: subscriptions that were not bought on the site, and payments that came
//! another way.

use jiff::Timestamp;
use masthead_circulation::{
    Account, Actor, EmailAddress, Event, MANUAL, Mandate, Money, ParseMoneyError, Payment,
    PaymentSource, Refund, StaffActor, State, Subscription, SubscriptionId, Terms, entitlement,
};
use masthead_editorial::spelling::nearest;
use masthead_payments::{ProcessorError, RefundRequest};
use masthead_store::StoreError;

use crate::{
    letters::{self, SubscriptionEmail},
    state::Site,
    subscriptions::PlannedChange,
};
use masthead_publication::PageError;

/// How a subscription that staff enter is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidHow {
    /// The reader is sent an invoice now, and before each period.
    ByInvoice,
    /// The first period has been paid for; for those that follow there are invoices.
    Already,
    /// Not at all, up to this instant, or without an end.
    Free(Option<Timestamp>),
}

/// Why something is not entered. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Nothing is sold under this name.
    #[error("there is no price \"{name}\" in masthead.toml{hint}")]
    NoPrice {
        /// The name.
        name: String,
        /// What may have been meant.
        hint: String,
    },
    /// A reader has one at a time.
    #[error(
        "{reader} has subscription {number} already; cancel that first, or enter a payment for it"
    )]
    HasOne {
        /// The reader.
        reader: EmailAddress,
        /// Its number.
        number: u32,
    },
    /// There is no such subscription.
    #[error("there is no subscription {0}; `masthead subscription list` shows their numbers")]
    NoSubscription(u32),
    /// It is paid for, and nothing has been asked for yet.
    #[error(
        "subscription {number} is paid for until {until}, and no invoice has gone out for the time after that; if the reader pays ahead, say --ahead"
    )]
    NotAsked {
        /// Its number.
        number: u32,
        /// The first instant that is not paid for.
        until: Timestamp,
    },
    /// There is no such payment of this reader's.
    #[error("this reader has made no payment {0}")]
    NoPayment(u32),
    /// It is not written as an amount.
    #[error(transparent)]
    Amount(#[from] ParseMoneyError),
    /// No more can be paid back than was paid.
    #[error("pay back more than nothing, and {most} at most")]
    NotSoMuch {
        /// What was paid.
        most: Money,
    },
    /// It was paid back before, or is to be.
    #[error(
        "of payment {number}, {amount} was paid back or asked for already; there is one refund for each payment"
    )]
    Refunded {
        /// The payment's number.
        number: u32,
        /// How much.
        amount: Money,
    },
    /// The processor did not do it.
    #[error(
        "it is noted, and not paid back yet: {0}. Ask for the same again later; it is paid back once"
    )]
    NotRepaid(ProcessorError),
    /// The trial lasts longer than that already.
    #[error("the trial {number} lasts until {ends} already; choose a later day")]
    LastsLonger {
        /// Its number.
        number: u32,
        /// When it runs out.
        ends: Timestamp,
    },
    /// It cannot be paid for, or cancelled, as it stands.
    #[error("subscription {number} is {state}, so that cannot be done with it")]
    MeterStatus {
        /// Its number.
        number: u32,
        /// How it stands.
        state: State,
    },
    /// It was changed by somebody else in the same moment.
    #[error("subscription {0} was changed by somebody else just now; look at it and try again")]
    Overtaken(u32),
    /// The database or the theme fails.
    #[error(transparent)]
    Failed(#[from] PageError),
}

impl From<StoreError> for EntryError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Site {
    /// Gives a reader a subscription at this price. They are registered where they are not yet, and are
    /// told by letter.
    pub async fn enter_subscription(
        &self,
        reader: &EmailAddress,
        price: &str,
        how: PaidHow,
        helper: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = (self.clock)();
        let terms = self.terms_at(price)?;
        let (account, _) = self.store.register(reader, now).await?;
        let held = self.store.subscriptions_of(account.id).await?;
        if !entitlement::history(&held, now).may_buy() {
            let live = held.iter().find(|held| !held.state.is_over(now));
            let number = live.map_or(0, |live| live.id.0);
            return Err(EntryError::HasOne { reader: reader.clone(), number });
        }
        let subscription = self.entered(&account, terms, how, now);
        let payment = match how {
            PaidHow::Already => {
                let (account, at) = (account.id, now.as_millisecond());
                let source = PaymentSource::BegunByStaff { account, at };
                letters::payment(&self.snapshot(), &subscription, source, now)
            }
            PaidHow::ByInvoice | PaidHow::Free(_) => None,
        };
        let news = match how {
            // The calendar sends the invoice.
            PaidHow::ByInvoice => None,
            PaidHow::Already => Some(SubscriptionEmail::Receipt),
            PaidHow::Free(_) => Some(SubscriptionEmail::Granted),
        };
        let begun =
            self.beginning(&account, subscription, Actor::Staff(helper), (payment, news)).await?;
        let id = self.store.begin_subscription(None, begun, now).await?;
        self.accounts.renew(account.id).await?;
        self.outbox_wakeup.notify_one();
        let number = id.map_or(0, |id| id.0);
        let entered = match id {
            Some(id) => self.store.subscription(id).await?,
            None => None,
        };
        entered.ok_or(EntryError::Overtaken(number))
    }

    /// The terms of a price, which staff may give to anybody.
    fn terms_at(&self, name: &str) -> Result<Terms, EntryError> {
        let snapshot = self.snapshot();
        let catalogue = &snapshot.publication.catalogue;
        let terms = catalogue.price(name).and_then(|price| catalogue.terms(price.into()));
        terms.ok_or_else(|| {
            let all = catalogue.prices().iter().map(|price| price.slug.as_str());
            let near = nearest(name, all.clone());
            let hint = match near {
                Some(near) => format!("; did you mean \"{near}\"?"),
                None => format!("; there are {}", all.collect::<Vec<_>>().join(", ")),
            };
            EntryError::NoPrice { name: name.to_owned(), hint }
        })
    }

    fn entered(
        &self,
        account: &Account,
        terms: Terms,
        how: PaidHow,
        now: Timestamp,
    ) -> Subscription {
        let numbers = (SubscriptionId(0), account.id);
        let zone = self.zone();
        match how {
            PaidHow::ByInvoice => {
                let grace = self.snapshot().publication.grace;
                Subscription::owed(numbers, terms, now, grace, &zone)
            }
            PaidHow::Already => Subscription::begun(numbers, terms, Mandate::manual(), now, &zone),
            PaidHow::Free(ends) => {
                let amount = Money::zero(terms.amount.currency());
                let terms = Terms { amount, introduction: None, ..terms };
                let given = Subscription::begun(numbers, terms, Mandate::manual(), now, &zone);
                match ends {
                    Some(ends) => {
                        Subscription { state: State::Cancelling { ends, trial: false }, ..given }
                    }
                    None => given,
                }
            }
        }
    }

    /// Enters that the next period of a subscription has been paid for. Where no invoice for it has gone
    /// out, the reader pays `ahead`.
    pub async fn enter_payment(
        &self,
        id: SubscriptionId,
        ahead: bool,
        helper: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = (self.clock)();
        let zone = self.zone();
        let before = self.subscription_to_change(id).await?;
        let state = before.state.after(Event::TimePassed, now).unwrap_or(before.state);
        if let State::Active { through } = state
            && through > now
            && before.told.renewal != Some(through)
            && !ahead
        {
            return Err(EntryError::NotAsked { number: id.0, until: through });
        }
        let stands = EntryError::MeterStatus { number: id.0, state };
        if matches!(state, State::Paused { .. } | State::Cancelling { .. }) {
            return Err(stands);
        }
        let Ok(after) = before.renewed(now, &zone) else { return Err(stands) };
        let paid = Subscription { state, ..before.clone() }.next_payment(&zone);
        let source = PaymentSource::entered(id, paid.from);
        let payment = letters::payment_of(&self.snapshot(), &after, paid, source, now);
        // The card that is known did not pay this.
        let payment = payment.map(|payment| Payment { card: String::new(), ..payment });
        let news = payment.as_ref().map(|payment| (SubscriptionEmail::Receipt, payment.through));
        self.enter(&before, after, "payment-entered", (payment, news), helper).await
    }

    /// Cancels a subscription for its reader, as they could by themselves.
    pub async fn enter_cancellation(
        &self,
        id: SubscriptionId,
        helper: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = (self.clock)();
        let before = self.subscription_to_change(id).await?;
        let Ok(after) = before.after(Event::Cancelled, now) else {
            return Err(EntryError::MeterStatus { number: id.0, state: before.state });
        };
        let ends = after.state.cancelled_for(now);
        let (what, news) = (Event::Cancelled.name(), Some((SubscriptionEmail::Cancelled, ends)));
        self.enter(&before, after, what, (None, news), helper).await
    }

    /// Lets a trial last longer, up to an instant.
    pub async fn prolong_trial(
        &self,
        id: SubscriptionId,
        ends: Timestamp,
        helper: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = (self.clock)();
        let before = self.subscription_to_change(id).await?;
        let event = Event::Prolonged { ends };
        let Ok(after) = before.after(event, now) else {
            return Err(match before.state.after(Event::TimePassed, now).unwrap_or(before.state) {
                State::Trial { ends, .. } | State::Cancelling { ends, trial: true } => {
                    EntryError::LastsLonger { number: id.0, ends }
                }
                state => EntryError::MeterStatus { number: id.0, state },
            });
        };
        self.enter(
            &before,
            after,
            event.name(),
            (None, Some((SubscriptionEmail::TrialProlonged, ends))),
            helper,
        )
        .await
    }

    /// Pays back a payment, or a part of it. What was noted and could not be done is done when it is asked for again.
    pub async fn refund(
        &self,
        reader: &Account,
        number: u32,
        amount: &str,
        helper: StaffActor,
    ) -> Result<(), EntryError> {
        let now = (self.clock)();
        let payments = self.store.payments_of(reader.id).await?;
        let payment = payments.into_iter().find(|payment| payment.number == number);
        let payment = payment.ok_or(EntryError::NoPayment(number))?;
        let amount = Money::parse(amount, payment.amount.currency())?;
        if amount.is_zero() || amount.minor() > payment.amount.minor() {
            return Err(EntryError::NotSoMuch { most: payment.amount });
        }
        let wish =
            Refund { payment: number, account: reader.id, amount, at: now, helper, settled: false };
        let refund = self.store.ask_refund(&wish).await?;
        if refund.settled || refund.amount != amount {
            return Err(EntryError::Refunded { number, amount: refund.amount });
        }
        let subscription = self.subscription_to_change(payment.subscription).await?;
        self.repay(&payment, &refund, &subscription).await?;
        let returned = Payment { amount, ..payment.clone() };
        let letter = letters::of_subscription(
            &self.snapshot(),
            &reader.email,
            SubscriptionEmail::Refunded,
            &subscription,
            payment.at,
            Some(&returned),
        );
        let letter = letter.map_err(PageError::from)?;
        self.store.settle_refund(&refund, &payment, &[letter], now).await?;
        self.outbox_wakeup.notify_one();
        Ok(())
    }

    async fn repay(
        &self,
        payment: &Payment,
        refund: &Refund,
        subscription: &Subscription,
    ) -> Result<(), EntryError> {
        let checkout = match payment.source {
            PaymentSource::Checkout(key) => self.store.checkout(&key).await?,
            _ => None,
        };
        let (processor, reference) = match checkout {
            Some(checkout) => (checkout.processor, checkout.reference),
            None if payment.source.is_entered() => (MANUAL.to_owned(), String::new()),
            None => (subscription.mandate.processor.clone(), String::new()),
        };
        let repayment = RefundRequest {
            number: payment.number,
            account: payment.account,
            processor,
            order: payment.source.to_string(),
            reference,
            amount: refund.amount,
        };
        self.processors.refund(&repayment).await.map_err(EntryError::NotRepaid)
    }

    /// Lets a reader's meter begin anew.
    pub async fn reset_meter(
        &self,
        reader: &Account,
        helper: &StaffActor,
    ) -> Result<(), StoreError> {
        // What is still to be written must not come after it.
        self.accounts.flush().await?;
        self.store.reset_meter(reader, helper, (self.clock)()).await?;
        self.accounts.poll_changes().await
    }

    async fn subscription_to_change(&self, id: SubscriptionId) -> Result<Subscription, EntryError> {
        self.store.subscription(id).await?.ok_or(EntryError::NoSubscription(id.0))
    }

    async fn enter(
        &self,
        before: &Subscription,
        after: Subscription,
        what: &'static str,
        (payment, news): (Option<Payment>, Option<(SubscriptionEmail, Timestamp)>),
        helper: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let entered = after.clone();
        let actor = Actor::Staff(helper);
        let happening = PlannedChange { before, after, actor, what, payment, news };
        let made = self.apply(happening).await?;
        if made { Ok(entered) } else { Err(EntryError::Overtaken(before.id.0)) }
    }
}

//! What staff enter by hand: subscriptions that were not bought on the site, payments that came another
//! way, cancellations and longer trials.

use jiff::Timestamp;
use masthead_circulation::{
    Account, Actor, EmailAddress, Event, MANUAL, Mandate, Money, NewPayment, ParseMoneyError,
    PaymentSource, PaymentStatus, StaffActor, State, Subscription, SubscriptionEmail,
    SubscriptionId, Terms, entitlement,
};
use masthead_editorial::spelling::suggest;
use masthead_payments::ProcessorError;
use masthead_store::StoreError;

use crate::{
    Billing, BillingError,
    apply::Applied,
    billing::{ATTEMPTS, PlannedChange},
};

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

/// Why something was not entered. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Nothing is sold under this name.
    #[error("there is no price \"{name}\" in masthead.toml{hint}")]
    NoPrice {
        /// The name.
        name: String,
        /// A suggestion, or all names.
        hint: String,
    },
    /// The reader has a subscription already.
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
    /// It is paid for, and no invoice has been sent for the time after that.
    #[error(
        "subscription {number} is paid for until {until}, and no invoice has gone out for the time after that; if the reader pays ahead, say --ahead"
    )]
    NotAsked {
        /// Its number.
        number: u32,
        /// The first instant that is not paid for.
        until: Timestamp,
    },
    /// The reader has no payment with this number.
    #[error("this reader has made no payment {0}")]
    NoPayment(u32),
    /// The text is no amount.
    #[error(transparent)]
    Amount(#[from] ParseMoneyError),
    /// The amount is nothing, or more than was paid.
    #[error("pay back more than nothing, and {most} at most")]
    NotSoMuch {
        /// What was paid.
        most: Money,
    },
    /// It was refunded before, or is about to be.
    #[error(
        "of payment {number}, {amount} was paid back or asked for already; there is one refund for each payment"
    )]
    Refunded {
        /// The payment's number.
        number: u32,
        /// How much.
        amount: Money,
    },
    /// The processor did not refund it.
    #[error(
        "it is noted, and not paid back yet: {0}. Ask for the same again later, or wait: it is tried again by itself, and paid back once"
    )]
    NotRepaid(ProcessorError),
    /// The processor refused to refund it.
    #[error("it is not paid back: {0}. Ask again, for another amount if need be, or keep it")]
    RefundRefused(ProcessorError),
    /// A payment that no subscription can take is refunded as a whole.
    #[error("no subscription could take payment {number}; pay back all of it, {most}, or keep it")]
    OnlyWhole {
        /// The payment's number.
        number: u32,
        /// What was paid.
        most: Money,
    },
    /// It is about to be applied, or staff have decided about it.
    #[error("{}", not_refundable(*number, *status))]
    NotRefundable {
        /// The payment's number.
        number: u32,
        /// What became of it.
        status: PaymentStatus,
    },
    /// The trial already lasts longer than that.
    #[error("the trial {number} lasts until {ends} already; choose a later day")]
    LastsLonger {
        /// Its number.
        number: u32,
        /// When it runs out.
        ends: Timestamp,
    },
    /// That cannot be done in its present state.
    #[error("subscription {number} is {state}, so that cannot be done with it")]
    NotPossible {
        /// Its number.
        number: u32,
        /// Its state.
        state: State,
    },
    /// Somebody else changed it at the same moment.
    #[error("subscription {0} was changed by somebody else just now; look at it and try again")]
    Overtaken(u32),
    /// The database failed, or an email could not be composed.
    #[error(transparent)]
    Failed(#[from] BillingError),
}

fn not_refundable(number: u32, status: PaymentStatus) -> String {
    match status {
        PaymentStatus::Kept => format!("staff have decided to keep payment {number}"),
        PaymentStatus::Refunded => format!("payment {number} was paid back already"),
        PaymentStatus::Recorded | PaymentStatus::Applied | PaymentStatus::RefundPending => {
            format!("payment {number} came in just now; try again in a minute")
        }
    }
}

impl From<StoreError> for EntryError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Billing {
    /// Gives a reader a subscription at this price. Readers without an account are registered; they are
    /// told by email.
    ///
    /// # Errors
    ///
    /// Fails if there is no such price, or if the reader has a subscription already.
    #[tracing::instrument(skip_all)]
    pub async fn enter_subscription(
        &self,
        reader: &EmailAddress,
        price: &str,
        how: PaidHow,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let terms = self.terms_at(price)?;
        let (account, _) = self.store.register(reader, now).await?;
        let held = self.store.subscriptions_of(account.id).await?;
        if !entitlement::history(&held, now).may_buy() {
            let live = held.iter().find(|held| !held.state.is_over(now));
            let number = live.map_or(0, |live| live.id.0);
            return Err(EntryError::HasOne { reader: reader.clone(), number });
        }
        let subscription = self.entered(&account, terms, how, now);
        let payment = match (how, subscription.paid) {
            (PaidHow::Already, Some(paid)) if !paid.amount.is_zero() => {
                let (account, at) = (account.id, now.as_millisecond());
                let source = PaymentSource::BegunByStaff { account, at };
                let new = entered_payment(source, &subscription, paid, None);
                Some(self.store.record_payment(&new, now).await?)
            }
            (PaidHow::Already | PaidHow::ByInvoice | PaidHow::Free(_), _) => None,
        };
        let email = match how {
            // The invoice is sent when it is due, which is now.
            PaidHow::ByInvoice => None,
            PaidHow::Already => Some(SubscriptionEmail::Receipt),
            PaidHow::Free(_) => Some(SubscriptionEmail::Granted),
        };
        let mut id = None;
        for _ in 0..ATTEMPTS {
            let actor = Actor::Staff(staff.clone());
            let told = (payment.as_ref(), email);
            let begun = self.beginning(&account, subscription.clone(), actor, told).await?;
            id = self.store.begin_subscription(None, begun, now).await?;
            if id.is_some() {
                break;
            }
        }
        self.changed(account.id).await?;
        let entered = match id {
            Some(id) => self.latest(id).await?,
            None => None,
        };
        entered.ok_or(EntryError::Overtaken(id.map_or(0, |id| id.0)))
    }

    /// The terms of a price, which staff may give to anybody.
    fn terms_at(&self, name: &str) -> Result<Terms, EntryError> {
        self.publication.terms(name).ok_or_else(|| {
            let all = self.publication.prices();
            let near = suggest(name, all.iter().map(String::as_str));
            let hint = match near {
                Some(near) => format!("; did you mean \"{near}\"?"),
                None => format!("; there are {}", all.join(", ")),
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
        let numbers = (SubscriptionId::UNSTORED, account.id);
        let zone = self.zone();
        match how {
            PaidHow::ByInvoice => {
                Subscription::start_unpaid(numbers, terms, now, self.publication.grace(), &zone)
            }
            PaidHow::Already => Subscription::start(numbers, terms, Mandate::manual(), now, &zone),
            PaidHow::Free(ends) => {
                let amount = Money::zero(terms.amount.currency());
                let terms = Terms { amount, introduction: None, ..terms };
                let given = Subscription::start(numbers, terms, Mandate::manual(), now, &zone);
                match ends {
                    Some(ends) => {
                        Subscription { state: State::Cancelling { ends, trial: false }, ..given }
                    }
                    None => given,
                }
            }
        }
    }

    /// Enters that the next period of a subscription was paid for. If no invoice has been sent for it,
    /// the reader pays `ahead`.
    ///
    /// # Errors
    ///
    /// Fails if there is no such subscription, or if it cannot be paid for in its state.
    #[tracing::instrument(skip_all)]
    pub async fn enter_payment(
        &self,
        id: SubscriptionId,
        ahead: bool,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let zone = self.zone();
        let before = self.subscription_to_change(id).await?;
        let state = before.state.after(Event::TimePassed, now).unwrap_or(before.state);
        if let State::Active { through } = state
            && through > now
            && before.notified.renewal != Some(through)
            && !ahead
        {
            return Err(EntryError::NotAsked { number: id.0, until: through });
        }
        let not_possible = EntryError::NotPossible { number: id.0, state };
        if matches!(state, State::Paused { .. } | State::Cancelling { .. })
            || before.renewed(now, &zone).is_err()
        {
            return Err(not_possible);
        }
        let paid = Subscription { state, ..before.clone() }.next_payment(&zone);
        if paid.amount.is_zero() {
            return Err(not_possible);
        }
        let source = PaymentSource::entered(id, paid.from);
        let new = entered_payment(source, &before, paid, Some(id));
        let payment = self.store.record_payment(&new, now).await?;
        match self.apply(&payment, Some(&Actor::Staff(staff))).await? {
            Applied::Done => self.subscription_to_change(id).await,
            Applied::Unusable | Applied::Later => Err(EntryError::Overtaken(id.0)),
        }
    }

    /// Cancels a subscription for its reader, as they could by themselves.
    ///
    /// # Errors
    ///
    /// Fails if there is no such subscription, or if it cannot be cancelled in its state.
    #[tracing::instrument(skip_all)]
    pub async fn enter_cancellation(
        &self,
        id: SubscriptionId,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let before = self.subscription_to_change(id).await?;
        let Ok(after) = before.after(Event::Cancelled, now) else {
            return Err(EntryError::NotPossible { number: id.0, state: before.state });
        };
        let ends = after.state.cancellation_date(now);
        let told = (Event::Cancelled.name(), SubscriptionEmail::Cancelled, ends);
        self.enter(&before, after, told, staff).await
    }

    /// Lets a trial last longer, up to an instant.
    ///
    /// # Errors
    ///
    /// Fails if it is no trial, or one that already lasts longer.
    #[tracing::instrument(skip_all)]
    pub async fn prolong_trial(
        &self,
        id: SubscriptionId,
        ends: Timestamp,
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let now = self.now();
        let before = self.subscription_to_change(id).await?;
        let event = Event::Prolonged { ends };
        let Ok(after) = before.after(event, now) else {
            return Err(match before.state.after(Event::TimePassed, now).unwrap_or(before.state) {
                State::Trial { ends, .. } | State::Cancelling { ends, trial: true } => {
                    EntryError::LastsLonger { number: id.0, ends }
                }
                state => EntryError::NotPossible { number: id.0, state },
            });
        };
        let told = (event.name(), SubscriptionEmail::TrialProlonged, ends);
        self.enter(&before, after, told, staff).await
    }

    /// Resets a reader's meter.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn reset_meter(
        &self,
        reader: &Account,
        staff: &StaffActor,
    ) -> Result<(), StoreError> {
        // Reads that are still to be written must not come after it.
        self.publication.flush_reads().await?;
        self.store.reset_meter(reader, staff, self.now()).await?;
        self.publication.reload_accounts().await
    }

    #[tracing::instrument(skip_all)]
    pub(crate) async fn subscription_to_change(
        &self,
        id: SubscriptionId,
    ) -> Result<Subscription, EntryError> {
        self.store.subscription(id).await?.ok_or(EntryError::NoSubscription(id.0))
    }

    async fn enter(
        &self,
        before: &Subscription,
        after: Subscription,
        (what, email, date): (&'static str, SubscriptionEmail, Timestamp),
        staff: Option<StaffActor>,
    ) -> Result<Subscription, EntryError> {
        let entered = after.clone();
        let actor = Actor::Staff(staff);
        let news = Some((email, date));
        let planned = PlannedChange { before, after, actor, what, payment: None, news };
        let made = self.change(planned).await?;
        if made { Ok(entered) } else { Err(EntryError::Overtaken(before.id.0)) }
    }
}

/// A payment that staff enter: no card paid it.
fn entered_payment(
    source: PaymentSource,
    subscription: &Subscription,
    paid: masthead_circulation::PaidTime,
    id: Option<SubscriptionId>,
) -> NewPayment {
    NewPayment {
        source,
        processor: MANUAL.to_owned(),
        reference: String::new(),
        account: Some(subscription.account),
        subscription: id,
        what: subscription.terms.name.clone(),
        amount: paid.amount,
        from: paid.from,
        through: paid.through,
        card: String::new(),
    }
}

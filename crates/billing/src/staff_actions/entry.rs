//! Subscriptions that staff enter by hand.

use jiff::Timestamp;
use masthead_circulation::{
    Account, Actor, EmailAddress, Mandate, Money, NewPayment, Payment, PaymentSource, StaffActor,
    State, Subscription, SubscriptionEmail, SubscriptionId, Terms, UnusedReason,
};
use masthead_editorial::spelling::suggest;
use masthead_store::{AddedReader, ReaderAddition, SubscriberAddition};

use super::{EntryError, entered_payment};
use crate::{Billing, beginning::Beginning, billing::ATTEMPTS};

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

/// A complimentary subscription for a reader whom staff add.
#[derive(Clone, Copy, Debug)]
pub struct Complimentary<'a> {
    /// The slug of its price.
    pub price: &'a str,
    /// When it ends; `None` if it has no end.
    pub ends: Option<Timestamp>,
    /// Whether the reader gets an email about it.
    pub is_announced: bool,
}

impl Billing {
    /// Gives a reader a subscription at this price. Readers without an account are registered; they are
    /// told by email.
    ///
    /// # Errors
    ///
    /// Fails if there is no such price, or if the reader has a subscription already. A payment that was
    /// entered with it is a pending refund if the reader subscribed in that instant; the error then has its number.
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
        let account = match self.store.account_at(reader).await? {
            Some(account) => account,
            None => match self.enter_for_stranger(reader, (&terms, how), staff.as_ref()).await? {
                Some(begun) => return Ok(begun),
                // They have registered meanwhile.
                None => self.store.account_at(reader).await?.ok_or(EntryError::Overtaken(None))?,
            },
        };
        let subscription = self.entered(&account, terms, how, now);
        let mut payment = None;
        for _ in 0..ATTEMPTS {
            let held = self.store.subscriptions_of(account.id).await?;
            if !self.may_begin(&subscription.terms, &account, &held) {
                return Err(self.has_one(&account, &held, payment.as_ref()).await?);
            }
            if payment.is_none() {
                payment = self.enter_first_payment(&subscription, how, now).await?;
            }
            let begun = self.complete_beginning(Beginning {
                reader: &account,
                held,
                delivery: self.delivery(&subscription).await?,
                subscription: subscription.clone(),
                actor: Actor::Staff(staff.clone()),
                payment: payment.as_ref(),
                email: how.email(),
            })?;
            if let Some(id) = self.store.begin_subscription(None, begun, now).await? {
                self.changed(account.id).await?;
                return self.subscription_to_change(id).await;
            }
        }
        if let Some(payment) = payment {
            self.set_aside(&payment, UnusedReason::NothingToPayFor, None).await?;
            return Err(EntryError::PaymentUnused(payment.number));
        }
        Err(EntryError::Overtaken(None))
    }

    /// Gives the first subscription to somebody who is not registered. The account, the payment and the subscription are stored
    /// together, so that nothing is left of an entry that is interrupted. Returns `None`, and has stored nothing, if they have registered
    /// meanwhile.
    async fn enter_for_stranger(
        &self,
        reader: &EmailAddress,
        (terms, how): (&Terms, PaidHow),
        staff: Option<&StaffActor>,
    ) -> Result<Option<Subscription>, EntryError> {
        let now = self.now();
        let first = |account: &Account| {
            self.first_payment(&self.entered(account, terms.clone(), how, now), how, now)
        };
        let begin = |account: &Account, payment: Option<&Payment>| {
            self.complete_beginning(Beginning {
                reader: account,
                held: Vec::new(),
                delivery: None,
                subscription: self.entered(account, terms.clone(), how, now),
                actor: Actor::Staff(staff.cloned()),
                payment,
                email: how.email(),
            })
        };
        let begun = self.store.register_subscriber(reader, first, begin, now).await?;
        if let Some(begun) = &begun {
            self.changed(begun.account).await?;
        }
        Ok(begun)
    }

    /// Adds a reader with a complimentary subscription. Either both is stored, or nothing.
    ///
    /// # Errors
    ///
    /// Fails if there is no such price, if the reader has a subscription already, or if they have left and are to be left out.
    #[tracing::instrument(skip_all)]
    pub async fn add_subscriber(
        &self,
        new: &AddedReader<'_>,
        given: Complimentary<'_>,
        staff: Option<StaffActor>,
    ) -> Result<ReaderAddition, EntryError> {
        let (now, how) = (self.now(), PaidHow::Free(given.ends));
        let terms = self.terms_at(given.price)?;
        for _ in 0..ATTEMPTS {
            let (held, delivery) = match self.store.account_at(new.email).await? {
                Some(known) => {
                    let held = self.store.subscriptions_of(known.id).await?;
                    if !self.may_begin(&terms, &known, &held) {
                        return Err(self.has_one(&known, &held, None).await?);
                    }
                    let given = self.entered(&known, terms.clone(), how, now);
                    (held, self.delivery(&given).await?)
                }
                None => (Vec::new(), None),
            };
            let begin = |account: &Account| {
                self.complete_beginning(Beginning {
                    reader: account,
                    held,
                    delivery,
                    subscription: self.entered(account, terms.clone(), how, now),
                    actor: Actor::Staff(staff.clone()),
                    payment: None,
                    email: how.email().filter(|_| given.is_announced),
                })
            };
            match self.store.add_subscriber(new, begin, now).await? {
                SubscriberAddition::Added(added, _) => {
                    self.changed(added.account.id).await?;
                    return Ok(added);
                }
                SubscriberAddition::HasLeft => return Err(EntryError::HasLeft),
                SubscriberAddition::Overtaken => {}
            }
        }
        Err(EntryError::Overtaken(None))
    }

    /// The reader has subscribed already. A payment that was recorded for another subscription waits for
    /// staff.
    async fn has_one(
        &self,
        reader: &Account,
        held: &[Subscription],
        payment: Option<&Payment>,
    ) -> Result<EntryError, EntryError> {
        let live = self.live(held);
        if let Some(payment) = payment {
            self.set_aside(payment, UnusedReason::SubscribedAlready, live).await?;
            return Ok(EntryError::PaymentUnused(payment.number));
        }
        Ok(match live {
            Some(live) => EntryError::HasOne { reader: reader.email.clone(), number: live.id.0 },
            None => EntryError::Overtaken(None),
        })
    }

    /// Records the payment for the first period, if it was paid for and costs something.
    async fn enter_first_payment(
        &self,
        subscription: &Subscription,
        how: PaidHow,
        now: Timestamp,
    ) -> Result<Option<Payment>, EntryError> {
        match self.first_payment(subscription, how, now) {
            Some(new) => Ok(Some(self.store.record_payment(&new, now).await?)),
            None => Ok(None),
        }
    }

    fn first_payment(
        &self,
        subscription: &Subscription,
        how: PaidHow,
        now: Timestamp,
    ) -> Option<NewPayment> {
        match (how, subscription.paid) {
            (PaidHow::Already, Some(paid)) if !paid.amount.is_zero() => {
                let (account, at) = (subscription.account, now.as_millisecond());
                let source = PaymentSource::BegunByStaff { account, at };
                let tax = self.publication.tax_of(&subscription.terms.product);
                Some(entered_payment(source, subscription, paid, (None, tax)))
            }
            (PaidHow::Already | PaidHow::ByInvoice | PaidHow::Free(_), _) => None,
        }
    }

    /// The terms of a price, which staff may give to anybody.
    fn terms_at(&self, name: &str) -> Result<Terms, EntryError> {
        self.publication.terms(name).ok_or_else(|| {
            let all = self.publication.prices();
            let near = suggest(name, all.iter().map(String::as_str));
            let hint = match near {
                Some(near) => format!("; did you mean \"{near}\"?"),
                None if all.is_empty() => {
                    "; there is no price yet: add one as [[prices]] in masthead.toml, or in the newsroom".to_owned()
                }
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
        let (id, account) = (SubscriptionId::UNSTORED, account.id);
        let zone = self.zone();
        match how {
            PaidHow::ByInvoice => {
                Subscription::start_unpaid(id, account, terms, now, self.publication.grace(), &zone)
            }
            PaidHow::Already => {
                Subscription::start(id, account, terms, Mandate::manual(), now, &zone)
            }
            PaidHow::Free(ends) => {
                let amount = Money::zero(terms.amount.currency());
                let terms = Terms { amount, introduction: None, ..terms };
                let given = Subscription::start(id, account, terms, Mandate::manual(), now, &zone);
                match ends {
                    Some(ends) => {
                        Subscription { state: State::Cancelling { ends, trial: false }, ..given }
                    }
                    None => given,
                }
            }
        }
    }
}

impl PaidHow {
    /// What the reader is told when it begins.
    fn email(self) -> Option<SubscriptionEmail> {
        match self {
            // The invoice is sent when it is due, which is now.
            Self::ByInvoice => None,
            Self::Already => Some(SubscriptionEmail::Receipt),
            Self::Free(_) => Some(SubscriptionEmail::Granted),
        }
    }
}

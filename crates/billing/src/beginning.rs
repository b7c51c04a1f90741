//! How a subscription begins: who may begin one, and what it replaces.
//!
//! A reader has one subscription that goes on. Whether they may begin one is decided when they agree, and
//! once more when they have paid, on what the database then holds: two checkouts that are paid at the same
//! time begin one subscription, and the other payment becomes a pending refund.

use masthead_circulation::{
    Account, AccountId, Actor, Checkout, DeliveryAddress, Event, History, Mandate, Payment, State,
    Subscription, SubscriptionEmail, SubscriptionId, Terms, UnusedReason, entitlement,
};
use masthead_mail::emails::SubscriptionDetails;
use masthead_store::{NewSubscription, SubscriptionChange};

use crate::{
    Billing, BillingError,
    billing::{PlannedChange, applied},
};

/// A subscription that is about to begin.
pub(crate) struct Beginning<'a> {
    pub reader: &'a Account,
    /// The reader's other subscriptions, as they were read for the decision.
    pub held: Vec<Subscription>,
    pub subscription: Subscription,
    pub actor: Actor,
    /// The recorded payment that pays for the beginning.
    pub payment: Option<&'a Payment>,
    /// What the reader is told.
    pub email: Option<SubscriptionEmail>,
    /// Where papers are delivered, if the subscription includes them.
    pub delivery: Option<DeliveryAddress>,
}

impl Billing {
    /// Begins what a checkout has bought. Nothing happens if the reader's subscriptions change meanwhile:
    /// it is then to be decided again.
    pub(crate) async fn begin(
        &self,
        checkout: &Checkout,
        mandate: &Mandate,
        payment: Option<&Payment>,
    ) -> Result<(), BillingError> {
        let Some(reader) = self.buyer(checkout).await? else {
            let reason = UnusedReason::NothingToPayFor;
            return self.finish_unused(checkout, payment, reason, None).await;
        };
        let held = self.store.subscriptions_of(reader.id).await?;
        let is_admitted = self.may_deliver(checkout, payment.is_some(), &reader, &held)
            && self.may_pay_so(mandate, &reader, &held).await?;
        if !is_admitted {
            return self.refuse(checkout, payment, &held).await;
        }
        let is_first = self.store.claim_introduction(&reader.email, self.now()).await?;
        if !is_first && self.is_for_new_readers(checkout) {
            self.publication.account_changed(reader.id).await?;
            return self.refuse(checkout, payment, &held).await;
        }
        let subscription = self.bought(checkout, reader.id, mandate);
        let is_trial = matches!(subscription.state, State::Trial { .. });
        let payment = payment.cloned().map(|payment| match subscription.paid {
            Some(paid) => Payment { from: paid.from, through: paid.through, ..payment },
            None => payment,
        });
        let count = self.publication.count_purchase(checkout).await;
        let begun = self.complete_beginning(Beginning {
            reader: &reader,
            held,
            delivery: self.delivery_at(checkout, &subscription).await?,
            email: email_of(subscription.state),
            subscription,
            actor: Actor::Reader,
            payment: payment.as_ref(),
        })?;
        let id = self.store.begin_subscription(Some(checkout), begun, self.now()).await?;
        if id.is_some() {
            count(is_trial);
        }
        Ok(())
    }

    /// Returns whether a reader with these subscriptions may begin one on these terms.
    pub(crate) fn may_begin(&self, terms: &Terms, reader: &Account, held: &[Subscription]) -> bool {
        let history = entitlement::history(held, reader.had_subscription, self.now());
        let offer = terms.offer.as_deref();
        let is_admitted = |offer| self.publication.admits(offer, history).unwrap_or(true);
        history.may_buy() && offer.is_none_or(is_admitted)
    }

    /// Returns whether a reader with these subscriptions gets what a checkout has bought. What was paid was
    /// offered to them, and the publisher may have changed the offer since. But if they have begun a subscription
    /// since, they are no longer the reader that an introduction was offered to: of several one is given.
    fn may_deliver(
        &self,
        checkout: &Checkout,
        is_paid: bool,
        reader: &Account,
        held: &[Subscription],
    ) -> bool {
        if !is_paid {
            return self.may_begin(&checkout.terms, reader, held);
        }
        let history = entitlement::history(held, reader.had_subscription, self.now());
        // Checkouts are stored to the second.
        let second = checkout.begun.as_second();
        let has_begun = held.iter().any(|held| held.begun.as_second() >= second);
        let introductory =
            checkout.terms.offer.as_deref().filter(|_| checkout.terms.introduction.is_some());
        let is_admitted = |offer| self.publication.admits(offer, history).unwrap_or(false);
        history.may_buy() && (!has_begun || introductory.is_none_or(is_admitted))
    }

    /// Whether a checkout has bought an offer that readers get who never had a subscription. Of an offer that is gone, an introduction is
    /// taken for one.
    fn is_for_new_readers(&self, checkout: &Checkout) -> bool {
        let Some(offer) = checkout.terms.offer.as_deref() else { return false };
        let admits = |history| self.publication.admits(offer, history);
        match (admits(History::New), admits(History::Lapsed)) {
            (Some(new), Some(lapsed)) => new && !lapsed,
            (None, _) | (_, None) => checkout.terms.introduction.is_some(),
        }
    }

    /// Returns whether a reader with these subscriptions may pay with this mandate. Whether they may pay by invoice was asked when they
    /// ordered; since then they may have left an invoice unpaid. The database asks for debts once more, when the account is locked.
    async fn may_pay_so(
        &self,
        mandate: &Mandate,
        reader: &Account,
        held: &[Subscription],
    ) -> Result<bool, BillingError> {
        if !mandate.is_manual() {
            return Ok(true);
        }
        let owes_nothing = self.store.debts_of(reader.id).await?.is_empty();
        Ok(owes_nothing && entitlement::may_pay_by_invoice(held))
    }

    /// Closes a checkout of a reader who has subscribed meanwhile, or may not pay by invoice any more. What was paid is a pending refund.
    async fn refuse(
        &self,
        checkout: &Checkout,
        payment: Option<&Payment>,
        held: &[Subscription],
    ) -> Result<(), BillingError> {
        if payment.is_none() {
            return Ok(self.store.abandon_checkout(checkout).await?);
        }
        let reason = UnusedReason::SubscribedAlready;
        self.finish_unused(checkout, payment, reason, self.live(held)).await
    }

    /// The subscription that goes on, or else the latest.
    pub(crate) fn live<'a>(&self, held: &'a [Subscription]) -> Option<&'a Subscription> {
        let now = self.now();
        held.iter().find(|held| !held.state.is_over(now)).or(held.first())
    }

    pub(crate) fn bought(
        &self,
        checkout: &Checkout,
        reader: AccountId,
        mandate: &Mandate,
    ) -> Subscription {
        let (now, zone) = (self.now(), self.zone());
        let id = SubscriptionId::UNSTORED;
        let terms = checkout.terms.clone();
        if mandate.is_manual() {
            Subscription::start_unpaid(id, reader, terms, now, self.publication.grace(), &zone)
        } else {
            Subscription::start(id, reader, terms, mandate.clone(), now, &zone)
        }
    }

    /// The beginning of a subscription with its email, and the end of the trials that it replaces.
    pub(crate) fn complete_beginning(
        &self,
        beginning: Beginning<'_>,
    ) -> Result<NewSubscription, BillingError> {
        let Beginning { reader, held, subscription, actor, payment, email, delivery } = beginning;
        let zone = self.zone();
        let through = subscription.next_payment(&zone).from;
        let email = email
            .map(|email| {
                let (subscription, delivery) = (&subscription, delivery.as_ref());
                let details = SubscriptionDetails {
                    subscription,
                    date: through,
                    payment,
                    delivery,
                    withdrawal: None,
                    cancelled: None,
                    lacks_delivery: subscription.terms.is_delivered() && delivery.is_none(),
                };
                self.publication.compose(&reader.email, email, details)
            })
            .transpose()?;
        Ok(NewSubscription {
            due: subscription.due(&zone).map(|(when, _)| when),
            subscription,
            payment: payment.map(applied),
            emails: email.into_iter().collect(),
            changes: self.replaced(&held, &actor)?,
            held,
            actor,
        })
    }

    /// Returns where the papers of a subscription are delivered; `None` if it includes none, or nobody has said where.
    pub(crate) async fn delivery(
        &self,
        subscription: &Subscription,
    ) -> Result<Option<DeliveryAddress>, BillingError> {
        if !subscription.terms.is_delivered() {
            return Ok(None);
        }
        Ok(self.store.delivery_address(subscription.account).await?)
    }

    /// Returns where the papers of what a checkout has bought are delivered.
    async fn delivery_at(
        &self,
        checkout: &Checkout,
        subscription: &Subscription,
    ) -> Result<Option<DeliveryAddress>, BillingError> {
        if !subscription.terms.is_delivered() {
            return Ok(None);
        }
        Ok(self.store.delivery_of_checkout(&checkout.key, subscription.account).await?)
    }

    /// What becomes of a reader's trials when they subscribe.
    fn replaced(
        &self,
        held: &[Subscription],
        actor: &Actor,
    ) -> Result<Vec<SubscriptionChange>, BillingError> {
        let now = self.now();
        let trials = held.iter().filter(|held| matches!(held.state, State::Trial { .. }));
        let mut changes = Vec::new();
        for before in trials {
            let Ok(after) = before.after(Event::Replaced, now) else { continue };
            let (actor, what) = (actor.clone(), Event::Replaced.name());
            let planned = PlannedChange { before, after, actor, what, payment: None, news: None };
            changes.push(self.complete(planned, None, false)?);
        }
        Ok(changes)
    }
}

/// What the reader is told when a subscription begins in this state.
fn email_of(state: State) -> Option<SubscriptionEmail> {
    match state {
        State::Trial { .. } => Some(SubscriptionEmail::TrialBegun),
        // The invoice is sent by the renewals, at once.
        State::Grace { .. } => None,
        State::Active { .. }
        | State::Paused { .. }
        | State::Cancelling { .. }
        | State::Ended { .. } => Some(SubscriptionEmail::Receipt),
    }
}

//! The state that everything about money shares, and how a change of a subscription is made.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{
    Account, Actor, CollectedPayment, Payment, Subscription, SubscriptionEmail, SubscriptionId,
};
use masthead_mail::emails::SubscriptionDetails;
use masthead_payments::{OpenProcessorError, Processor, Processors, SandboxAccess};
use masthead_store::{AppliedPayment, Email, Store, SubscriptionChange};

use crate::{BillingError, PublicationServices, charge_log::StoreChargeLog};

/// How often a change is computed again after somebody else changed the same subscription.
pub(crate) const ATTEMPTS: usize = 8;

/// What happens to subscriptions. See the crate's documentation.
pub struct Billing {
    pub(crate) store: Store,
    pub(crate) processors: Processors,
    pub(crate) publication: PublicationServices,
    mismatches: AtomicU64,
    charge_check: OnceLock<ChargeCheck>,
}

/// Returns whether the server can charge at the moment: its clock can be relied on, and what it collects is recorded.
pub type ChargeCheck = Box<dyn Fn() -> bool + Send + Sync>;

/// A change that is about to be made.
pub(crate) struct PlannedChange<'a> {
    pub before: &'a Subscription,
    pub after: Subscription,
    pub actor: Actor,
    pub what: &'static str,
    /// The recorded payment that pays for it.
    pub payment: Option<&'a Payment>,
    /// What the reader is told, and the day that it is about.
    pub news: Option<(SubscriptionEmail, Timestamp)>,
}

impl Billing {
    /// Billing for a publication, by its clock. New readers pay at the last of `processors`; if there are none, at the
    /// sandbox if it is open.
    ///
    /// # Errors
    ///
    /// Fails if two processors have the same name, the sandbox and invoices included.
    pub fn new(
        store: Store,
        processors: impl IntoIterator<Item = Arc<dyn Processor>>,
        sandbox: SandboxAccess,
        publication: PublicationServices,
    ) -> Result<Self, OpenProcessorError> {
        let log = Arc::new(StoreChargeLog(store.clone()));
        let processors = Processors::new(log, processors, sandbox)?;
        let (mismatches, charge_check) = (AtomicU64::new(0), OnceLock::new());
        Ok(Self { store, processors, publication, mismatches, charge_check })
    }

    /// From now on nothing is ordered or asked for again, and nothing is done because it is due, while `check` returns `false`: the
    /// clock has jumped or the file of the database is lost, and somebody has to look. Only the first check counts.
    pub fn set_charge_check(&self, check: ChargeCheck) {
        if self.charge_check.set(check).is_err() {
            tracing::warn!("billing: a check was set before");
        }
    }

    /// Whether the server can charge at the moment.
    pub(crate) fn may_charge(&self) -> bool {
        self.charge_check.get().is_none_or(|check| check())
    }

    /// The processors that readers pay at.
    pub fn processors(&self) -> &Processors {
        &self.processors
    }

    /// How many mismatches the latest reconciliation found.
    pub fn mismatches(&self) -> u64 {
        self.mismatches.load(Ordering::Relaxed)
    }

    pub(crate) fn set_mismatches(&self, found: usize) {
        self.mismatches.store(u64::try_from(found).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn zone(&self) -> TimeZone {
        self.publication.zone()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.publication.now()
    }

    /// Makes a change. Returns `false` if somebody else changed the subscription meanwhile, or if the
    /// payment was applied before.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn change(&self, planned: PlannedChange<'_>) -> Result<bool, BillingError> {
        self.make(planned, None).await
    }

    /// Does the same. The credit of a change of plan was worked out from what was `collected`: returns `false` also if something was
    /// refunded meanwhile.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn make(
        &self,
        planned: PlannedChange<'_>,
        collected: Option<&[CollectedPayment]>,
    ) -> Result<bool, BillingError> {
        let account = planned.before.account;
        let reader = self.store.account(account).await?;
        let lacks_delivery = self.lacks_delivery(&planned).await?;
        let change = self.complete(planned, reader.as_ref(), lacks_delivery)?;
        let made = match collected {
            Some(collected) => self.store.change_plan(&change, collected, self.now()).await?,
            None => self.store.change(&change, self.now()).await?,
        };
        if made {
            self.changed(account).await?;
        }
        Ok(made)
    }

    /// Notifies the publication that an account's subscriptions have changed.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn changed(
        &self,
        account: masthead_circulation::AccountId,
    ) -> Result<(), BillingError> {
        self.publication.account_changed(account).await?;
        self.publication.outbox_filled();
        Ok(())
    }

    /// A planned change with the email that tells of it, and asks where papers are delivered if that is not known.
    pub(crate) fn complete(
        &self,
        planned: PlannedChange<'_>,
        reader: Option<&Account>,
        lacks_delivery: bool,
    ) -> Result<SubscriptionChange, BillingError> {
        let PlannedChange { before, after, actor, what, payment, news } = planned;
        let emails = match (reader, news) {
            (Some(reader), Some((email, date))) => {
                let details = SubscriptionDetails {
                    subscription: &after,
                    date,
                    payment,
                    delivery: None,
                    lacks_delivery,
                    withdrawal: None,
                    cancelled: (email == SubscriptionEmail::Cancelled).then(|| self.now()),
                };
                vec![self.publication.compose(&reader.email, email, details)?]
            }
            (None, _) | (_, None) => Vec::new(),
        };
        Ok(SubscriptionChange {
            before: before.clone(),
            due: after.due(&self.zone()).map(|(when, _)| when),
            after,
            actor,
            what,
            payment: payment.map(applied),
            emails,
        })
    }

    /// Whether something is paid that is delivered, and nobody has said where: the address is deleted some time after the end of a
    /// subscription, which may be paid later.
    pub(crate) async fn lacks_delivery(
        &self,
        planned: &PlannedChange<'_>,
    ) -> Result<bool, BillingError> {
        Ok(planned.payment.is_some()
            && planned.after.terms.is_delivered()
            && self.store.delivery_address(planned.after.account).await?.is_none())
    }

    pub(crate) fn email(
        &self,
        reader: &Account,
        email: SubscriptionEmail,
        subscription: &Subscription,
        date: Timestamp,
        payment: Option<&Payment>,
    ) -> Result<Email, BillingError> {
        let details = SubscriptionDetails {
            subscription,
            date,
            payment,
            delivery: None,
            lacks_delivery: false,
            withdrawal: None,
            cancelled: None,
        };
        Ok(self.publication.compose(&reader.email, email, details)?)
    }

    /// The latest row of a subscription.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn latest(
        &self,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, BillingError> {
        Ok(self.store.subscription(id).await?)
    }
}

pub(crate) fn applied(payment: &Payment) -> AppliedPayment {
    AppliedPayment { number: payment.number, from: payment.from, through: payment.through }
}

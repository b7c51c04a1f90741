//! Refunds, and payments that no subscription can take.

use masthead_circulation::{
    Account, MANUAL, Money, Payment, PaymentSource, PaymentStatus, Refund, StaffActor,
    Subscription, SubscriptionEmail,
};
use masthead_payments::RefundRequest;
use masthead_store::{PendingRefund, SettledRefund};

use crate::{Billing, BillingError, apply::subscription_of, staff_actions::EntryError};

/// Pending refunds that staff are shown at once.
const SHOWN: u64 = 200;

impl Billing {
    /// Refunds a payment or a part of it. A refund that was noted and could not be made is made when it is
    /// asked for again.
    ///
    /// # Errors
    ///
    /// Fails if the reader has no such payment, if the amount is more than was paid, or if the processor
    /// does not make the refund; it then stays noted.
    #[tracing::instrument(skip_all)]
    pub async fn refund(
        &self,
        reader: &Account,
        number: u32,
        amount: &str,
        staff: StaffActor,
    ) -> Result<(), EntryError> {
        let payments = self.store.payments_of(reader.id).await?;
        let payment = payments.into_iter().find(|payment| payment.number == number);
        let payment = payment.ok_or(EntryError::NoPayment(number))?;
        let amount = Money::parse(amount, payment.amount.currency())?;
        if amount.is_zero() || amount.minor() > payment.amount.minor() {
            return Err(EntryError::NotSoMuch { most: payment.amount });
        }
        self.refund_payment(&payment, amount, staff).await
    }

    /// Payments that no subscription can take, and about which staff have not decided, the oldest first.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be read.
    #[tracing::instrument(skip_all)]
    pub async fn pending_refunds(&self) -> Result<Vec<PendingRefund>, BillingError> {
        Ok(self.store.pending_refunds(SHOWN).await?)
    }

    /// Refunds the whole of a payment that no subscription can take.
    ///
    /// # Errors
    ///
    /// Fails if it is no pending refund, or if the processor does not make it; it then stays pending.
    #[tracing::instrument(skip_all)]
    pub async fn refund_pending(&self, number: u32, staff: StaffActor) -> Result<(), EntryError> {
        let payment = self.pending(number).await?;
        let amount = payment.amount;
        self.refund_payment(&payment, amount, staff).await
    }

    /// Keeps a payment that no subscription can take, for the reason that staff give.
    ///
    /// # Errors
    ///
    /// Fails if it is no pending refund.
    #[tracing::instrument(skip_all)]
    pub async fn keep_pending(&self, number: u32, staff: StaffActor) -> Result<(), EntryError> {
        let payment = self.pending(number).await?;
        if self.store.keep_payment(&payment, &staff, self.now()).await? {
            Ok(())
        } else {
            Err(EntryError::NoPayment(number))
        }
    }

    async fn pending(&self, number: u32) -> Result<Payment, EntryError> {
        let payment = self.store.payment(number).await?;
        let pending = payment.filter(|payment| payment.status == PaymentStatus::RefundPending);
        pending.ok_or(EntryError::NoPayment(number))
    }

    async fn refund_payment(
        &self,
        payment: &Payment,
        amount: Money,
        staff: StaffActor,
    ) -> Result<(), EntryError> {
        let now = self.now();
        let number = payment.number;
        let settled = false;
        let account = payment.account;
        let wanted = Refund { payment: number, account, amount, at: now, helper: staff, settled };
        let refund = self.store.ask_refund(&wanted).await?;
        if refund.settled || refund.amount != amount {
            return Err(EntryError::Refunded { number, amount: refund.amount });
        }
        let subscription = match subscription_of(payment) {
            Some(id) => self.latest(id).await?,
            None => None,
        };
        let request = self.request(payment, &refund, subscription.as_ref()).await?;
        self.processors.refund(&request).await.map_err(EntryError::NotRepaid)?;
        let reader = match payment.account {
            Some(account) => self.store.account(account).await?,
            None => None,
        };
        let emails = match (&reader, &subscription) {
            (Some(reader), Some(subscription)) => {
                let returned = Payment { amount, ..payment.clone() };
                let email = SubscriptionEmail::Refunded;
                vec![self.email(reader, email, subscription, payment.at, Some(&returned))?]
            }
            (None, _) | (_, None) => Vec::new(),
        };
        let settled = SettledRefund { refund: &refund, payment, emails: &emails };
        self.store.settle_refund(&settled, now).await?;
        self.publication.outbox_filled();
        Ok(())
    }

    async fn request(
        &self,
        payment: &Payment,
        refund: &Refund,
        subscription: Option<&Subscription>,
    ) -> Result<RefundRequest, EntryError> {
        let checkout = match &payment.source {
            PaymentSource::Checkout(key) => self.store.checkout(key).await?,
            PaymentSource::Renewal(_)
            | PaymentSource::PriceChange(_)
            | PaymentSource::EnteredByStaff { .. }
            | PaymentSource::BegunByStaff { .. }
            | PaymentSource::FormerRenewal { .. }
            | PaymentSource::FormerPriceChange { .. }
            | PaymentSource::Unknown(_) => None,
        };
        // Payments of earlier versions do not say who collected them.
        let processor = match &checkout {
            _ if !payment.processor.is_empty() => payment.processor.clone(),
            Some(checkout) => checkout.processor.clone(),
            None if payment.source.is_entered() => MANUAL.to_owned(),
            None => subscription.map(|held| held.mandate.processor.clone()).unwrap_or_default(),
        };
        Ok(RefundRequest {
            number: payment.number,
            account: payment.account,
            processor,
            order: payment.source.to_string(),
            reference: checkout.map(|checkout| checkout.reference).unwrap_or_default(),
            amount: refund.amount,
        })
    }
}

//! Disputes (charge-backs): what a processor says of them is recorded with the payment, and staff may end the subscription.

use masthead_circulation::{
    Actor, Dispute, Event, PaymentNumber, PaymentSource, Progress, StaffActor, Subscription,
    SubscriptionEmail, SubscriptionId,
};
use masthead_payments::{DisputeReport, ProcessorError};

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
    staff_actions::EntryError,
    webhooks::WebhookStatus,
};

impl Billing {
    /// Something has become of a dispute. The processor says what, so that messages may come in any order and more than once.
    pub(crate) async fn ask_about_dispute(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<WebhookStatus, BillingError> {
        match self.processors.dispute(processor, reference).await {
            Ok(report) => self.record_dispute(processor, reference, report).await,
            Err(error @ ProcessorError::Misunderstood(_)) => {
                tracing::error!(%error, reference, "disputes: not known to the processor");
                Ok(WebhookStatus::Done)
            }
            Err(error) => {
                tracing::error!(%error, reference, "disputes: no answer, waiting for the next message");
                Ok(WebhookStatus::SendAgain)
            }
        }
    }

    async fn record_dispute(
        &self,
        processor: &str,
        reference: &str,
        report: DisputeReport,
    ) -> Result<WebhookStatus, BillingError> {
        let Some(order) = &report.order else {
            tracing::warn!(reference, "disputes: about a payment that was not ordered here");
            return Ok(WebhookStatus::Done);
        };
        // Asked first: what is recorded meanwhile is found below.
        let is_expected = self.is_expected(order).await?;
        let Some(payment) = self.store.payments_by_keys(&[order.as_str()]).await?.pop() else {
            if is_expected {
                tracing::warn!(reference, "disputes: its payment is not recorded yet");
                return Ok(WebhookStatus::SendAgain);
            }
            tracing::warn!(reference, "disputes: about a payment that is not known here");
            return Ok(WebhookStatus::Done);
        };
        let dispute = Dispute {
            processor: processor.to_owned(),
            reference: reference.to_owned(),
            payment: payment.number,
            account: payment.account,
            amount: report.amount,
            reason: report.reason,
            status: report.status,
            opened: report.opened,
            evidence_due: report.evidence_due,
        };
        if self.store.record_dispute(&dispute, &payment, self.now()).await? {
            let (payment, status) = (payment.number.0, dispute.status.name());
            tracing::warn!(payment, reference, status, "disputes: recorded");
        }
        Ok(WebhookStatus::Done)
    }

    /// Whether the payment of an order may be on its way: the order is open, or its checkout is not settled. With the books of an older
    /// backup, or beside another installation at the same account, there are payments that are never recorded here.
    async fn is_expected(&self, order: &str) -> Result<bool, BillingError> {
        if self.store.open_charge(order).await?.is_some() {
            return Ok(true);
        }
        let PaymentSource::Checkout(key) = PaymentSource::from(order) else { return Ok(false) };
        let checkout = self.store.checkout(&key).await?;
        Ok(checkout.is_some_and(|checkout| checkout.progress != Progress::Done))
    }

    /// Ends a subscription now of which a payment is disputed, or was lost. The reader is told.
    ///
    /// # Errors
    ///
    /// Fails if no payment of the subscription is disputed, or if it has ended.
    #[tracing::instrument(skip_all)]
    pub async fn end_disputed(
        &self,
        id: SubscriptionId,
        staff: StaffActor,
    ) -> Result<Subscription, EntryError> {
        for _ in 0..ATTEMPTS {
            let (now, before) = (self.now(), self.subscription_to_change(id).await?);
            if !self.is_disputed(&before).await? {
                return Err(EntryError::NotDisputed(id.0));
            }
            let Ok(after) = before.after(Event::EndedByStaff, now) else {
                let (number, state) = (id.0, before.state);
                return Err(EntryError::NotPossible { number, state });
            };
            let planned = PlannedChange {
                before: &before,
                after,
                actor: Actor::Staff(Some(staff.clone())),
                what: Event::EndedByStaff.name(),
                payment: None,
                news: Some((SubscriptionEmail::Ended, now)),
            };
            if self.change(planned).await? {
                return self.subscription_to_change(id).await;
            }
        }
        Err(EntryError::Overtaken(None))
    }

    /// Whether a payment of a subscription is disputed, or was lost.
    async fn is_disputed(&self, subscription: &Subscription) -> Result<bool, EntryError> {
        let payments = self.store.payments_of(subscription.account).await?;
        let own = payments.iter().filter(|payment| payment.subscription == Some(subscription.id));
        let numbers: Vec<PaymentNumber> = own.map(|payment| payment.number).collect();
        let disputes = self.store.disputes_of_payments(&numbers).await?;
        Ok(disputes.iter().any(|dispute| dispute.status.withholds_credit()))
    }
}

//! Disputes (charge-backs): what a processor says of them is recorded with the payment, and staff may end the subscription. Messages say
//! when to ask about one; once a day the processors are asked for all, in case messages were lost.

use std::collections::HashSet;

use jiff::SignedDuration;
use masthead_circulation::{
    Actor, Dispute, Event, PaymentNumber, PaymentSource, Progress, StaffActor, Subscription,
    SubscriptionEmail, SubscriptionId,
};
use masthead_payments::{ListedDispute, ProcessorError};
use masthead_store::DisputeQuestion;

use crate::{
    Billing, BillingError,
    billing::{ATTEMPTS, PlannedChange},
    reconciliation::too_many,
    staff_actions::EntryError,
    webhooks::WebhookStatus,
};

/// How long ago a dispute was opened that is asked for once a day.
const LISTED_SINCE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many open disputes that are older are asked about once a day.
const OLD_ONES: u64 = 200;

/// What became of what a processor says of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recording {
    /// It is stored, now or before.
    Done,
    /// Its payment is expected, and not recorded yet.
    TooEarly,
    /// It is about no payment that is known here.
    Foreign,
}

impl Billing {
    /// Something has become of a dispute. The processor says what, so that messages may come in any order and more than once.
    pub(crate) async fn ask_about_dispute(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<WebhookStatus, BillingError> {
        // Taken before the processor is asked: the answer may arrive after that to a later question.
        let question = self.store.next_dispute_question().await?;
        let report = match self.processors.dispute(processor, reference).await {
            Ok(report) => report,
            Err(error @ ProcessorError::Misunderstood(_)) => {
                tracing::error!(%error, reference, "disputes: not known to the processor");
                return Ok(WebhookStatus::Done);
            }
            Err(error) => {
                tracing::error!(%error, reference, "disputes: no answer, waiting for the next message");
                return Ok(WebhookStatus::SendAgain);
            }
        };
        let listed = ListedDispute { reference: reference.to_owned(), report };
        Ok(match self.record_dispute(processor, question, listed).await? {
            Recording::Done => WebhookStatus::Done,
            Recording::TooEarly => {
                tracing::warn!(reference, "disputes: its payment is not recorded yet");
                WebhookStatus::SendAgain
            }
            Recording::Foreign => {
                tracing::warn!(reference, "disputes: about a payment that is not known here");
                WebhookStatus::Done
            }
        })
    }

    /// Asks every processor for its disputes of the last months, and about each that is open here, as messages may have been lost. Returns
    /// the processors that refuse to say, or have more than are read, with the reason.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub(crate) async fn look_for_disputes(&self) -> Result<Vec<(String, String)>, BillingError> {
        let since = self.now() - LISTED_SINCE;
        let mut refused = Vec::new();
        let (mut answering, mut listed) = (HashSet::new(), HashSet::new());
        for processor in self.processors.all() {
            let name = processor.name();
            let question = self.store.next_dispute_question().await?;
            match processor.disputes(since).await {
                Ok(listed_now) => {
                    if listed_now.is_cut {
                        refused.push((name.to_owned(), too_many(listed_now.found.len())));
                    }
                    answering.insert(name.to_owned());
                    for dispute in listed_now.found {
                        let reference = dispute.reference.clone();
                        // One that cannot be read holds up no other.
                        if let Err(error) = self.record_dispute(name, question, dispute).await {
                            tracing::error!(%error, reference, "disputes: not recorded");
                        }
                        listed.insert((name.to_owned(), reference));
                    }
                }
                Err(ProcessorError::Misunderstood(reason)) => {
                    refused.push((name.to_owned(), reason));
                }
                // It is asked again tomorrow, for the same months.
                Err(error) => tracing::warn!(%error, processor = name, "disputes: not listed"),
            }
        }
        for open in self.store.open_disputes(OLD_ONES).await? {
            // One that does not answer is not waited for again and again, and of one without an account nobody says anything any more.
            let is_asked = answering.contains(&open.processor)
                && !listed.contains(&(open.processor.clone(), open.reference.clone()));
            if is_asked
                && let Err(error) = self.ask_about_dispute(&open.processor, &open.reference).await
            {
                tracing::error!(%error, reference = open.reference, "disputes: not recorded");
            }
        }
        Ok(refused)
    }

    /// Records what a processor has answered to a question about a dispute.
    async fn record_dispute(
        &self,
        processor: &str,
        question: DisputeQuestion,
        listed: ListedDispute,
    ) -> Result<Recording, BillingError> {
        let ListedDispute { reference, report } = listed;
        let Some(order) = &report.order else { return Ok(Recording::Foreign) };
        // Asked first: what is recorded meanwhile is found below.
        let is_expected = self.is_expected(order).await?;
        let Some(payment) = self.store.payments_by_keys(&[order.as_str()]).await?.pop() else {
            return Ok(if is_expected { Recording::TooEarly } else { Recording::Foreign });
        };
        let dispute = Dispute {
            processor: processor.to_owned(),
            reference,
            payment: payment.number,
            account: payment.account,
            amount: report.amount,
            reason: report.reason,
            status: report.status,
            opened: report.opened,
            evidence_due: report.evidence_due,
        };
        if self.store.record_dispute(&dispute, question, &payment, self.now()).await? {
            let (payment, status) = (payment.number.0, dispute.status.name());
            tracing::warn!(payment, reference = dispute.reference, status, "disputes: recorded");
        }
        Ok(Recording::Done)
    }

    /// Whether the payment of an order may be on its way: the order is open, or its checkout is not settled. With the books of an older
    /// backup, or beside another installation at the same account, there are payments that are never recorded here.
    pub(crate) async fn is_expected(&self, order: &str) -> Result<bool, BillingError> {
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

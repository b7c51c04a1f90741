//! Refunds, and payments that no subscription can take.

use jiff::SignedDuration;
use masthead_circulation::{
    Account, Actor, Dispute, MANUAL, Money, Payment, PaymentNumber, PaymentSource, PaymentStatus,
    Refund, RefundStatus, StaffActor, Subscription, SubscriptionEmail,
};
use masthead_payments::{ProcessorError, RefundOutcome, RefundRequest};
use masthead_store::{PendingRefund, RefundStart, RefusedRefund, SettledRefund, StoreError};

use crate::{Billing, BillingError, apply::subscription_of, staff_actions::EntryError};

/// Payments that staff are shown at once.
const SHOWN: u64 = 200;
/// How long a refund is left to the server that noted it.
pub(crate) const FIRST_RETRY: SignedDuration = SignedDuration::from_mins(10);

impl Billing {
    /// Refunds a payment or a part of it. A refund that was noted and not answered is asked for again.
    ///
    /// # Errors
    ///
    /// Fails if the reader has no such payment, if the amount is more than was paid, if the payment is not
    /// one to refund, or if the processor does not make the refund: without an answer it stays noted, and
    /// the sweep asks for it again; refused, it waits for staff.
    #[tracing::instrument(skip_all)]
    pub async fn refund(
        &self,
        reader: &Account,
        number: PaymentNumber,
        amount: &str,
        staff: StaffActor,
    ) -> Result<(), EntryError> {
        let payments = self.store.payments_of(reader.id).await?;
        let payment = payments.into_iter().find(|payment| payment.number == number);
        let payment = payment.ok_or(EntryError::NoPayment(number))?;
        let amount = part_of(&payment, amount)?;
        self.start_refund(&payment, amount, staff).await
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

    /// Keeps a payment that no subscription can take, or whose refund was refused, for the reason that staff
    /// give.
    ///
    /// # Errors
    ///
    /// Fails if it does not wait for a decision, or while a refund of it is open.
    #[tracing::instrument(skip_all)]
    pub async fn keep_payment(
        &self,
        number: PaymentNumber,
        staff: StaffActor,
    ) -> Result<(), EntryError> {
        let payment = self.payment_of_number(number).await?;
        if self.store.keep_payment(&payment, &staff, self.now()).await? {
            Ok(())
        } else {
            Err(EntryError::Decided(number))
        }
    }

    /// Refunds that a processor has refused, and about which staff have to decide.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be read.
    #[tracing::instrument(skip_all)]
    pub async fn refused_refunds(&self) -> Result<Vec<RefusedRefund>, BillingError> {
        Ok(self.store.refused_refunds(SHOWN).await?)
    }

    /// Refunds a payment, or a part of it, by its number alone: the account may be deleted.
    ///
    /// # Errors
    ///
    /// Fails as [`Billing::refund`] does.
    #[tracing::instrument(skip_all)]
    pub async fn refund_number(
        &self,
        number: PaymentNumber,
        amount: Option<&str>,
        staff: StaffActor,
    ) -> Result<(), EntryError> {
        let payment = self.payment_of_number(number).await?;
        let amount = match amount {
            Some(amount) => part_of(&payment, amount)?,
            None => payment.amount,
        };
        self.start_refund(&payment, amount, staff).await
    }

    /// Asks a processor again for a refund whose answer was lost, unless the payment is not one to refund, or a bank has taken the money
    /// back since.
    pub(crate) async fn ask_refund_again(&self, refund: &Refund) -> Result<(), EntryError> {
        let payment = self.payment_of_number(refund.payment).await?;
        match payment.status {
            PaymentStatus::Applied | PaymentStatus::RefundPending => {
                let disputes = self.store.disputes_of_payments(&[payment.number]).await?;
                let left = Refund::left_of(payment.amount, Some(refund));
                if refund.amount.minor() > Dispute::left_of(&payment, left, &disputes).minor() {
                    return self.wait_for_bank(&payment, refund, &disputes).await;
                }
                self.make_refund(&payment, refund).await
            }
            PaymentStatus::Recorded | PaymentStatus::Refunded | PaymentStatus::Kept => {
                let fault =
                    EntryError::NotRefundable { number: payment.number, status: payment.status };
                self.store.refuse_refund(refund, &fault.to_string()).await?;
                Err(fault)
            }
        }
    }

    /// A bank has taken the money of a refund that is noted. If the processor made the refund before, that is noted too. If not, it waits
    /// until the bank has decided, and if the money stays with the reader, staff decide.
    async fn wait_for_bank(
        &self,
        payment: &Payment,
        refund: &Refund,
        disputes: &[Dispute],
    ) -> Result<(), EntryError> {
        self.follow_refund(payment.number).await?;
        let known = self.refund_of(payment.number).await?;
        let is_asked = known.is_some_and(|known| {
            known.attempt == refund.attempt && known.status == RefundStatus::Asked
        });
        if !is_asked || Dispute::is_waiting(payment.number, disputes) {
            return Ok(());
        }
        let fault = EntryError::Disputed(payment.number);
        self.store.refuse_refund(refund, &fault.to_string()).await?;
        Err(fault)
    }

    async fn payment_of_number(&self, number: PaymentNumber) -> Result<Payment, EntryError> {
        self.store.payment(number).await?.ok_or(EntryError::NoPayment(number))
    }

    /// Notes a refund and makes it. One that no processor can make is not noted. A bank transfer has no steps, and of a whole payment
    /// the processor returns what it took.
    async fn start_refund(
        &self,
        payment: &Payment,
        amount: Money,
        staff: StaffActor,
    ) -> Result<(), EntryError> {
        let (number, now) = (payment.number, self.now());
        let subscription = self.paid_for(payment).await?;
        let processor = self.processor_of(payment, subscription.as_ref()).await?;
        if self.processors.get(&processor).is_none() {
            return Err(EntryError::NoProcessor { number, processor });
        }
        let is_part = amount != payment.amount;
        if is_part && processor != MANUAL && amount.down_to_step() != amount {
            return Err(EntryError::NotInSteps(amount.step()));
        }
        let wanted = Refund {
            payment: number,
            account: payment.account,
            amount,
            at: now,
            before: Money::zero(amount.currency()),
            elsewhere: Money::zero(amount.currency()),
            actor: Actor::Staff(Some(staff)),
            attempt: 0,
            status: RefundStatus::Asked,
            failed: None,
        };
        match self.store.ask_refund(&wanted, now + FIRST_RETRY).await? {
            RefundStart::Open(refund) => self.make_refund(payment, &refund).await,
            RefundStart::Taken(refund) => {
                let amount = if refund.is_own() { refund.amount } else { refund.elsewhere };
                Err(EntryError::Refunded { number, amount })
            }
            RefundStart::TooMuch(most) => Err(EntryError::NotSoMuch { most }),
            RefundStart::OnlyWhole(most) => Err(EntryError::OnlyWhole { number, most }),
            RefundStart::NotRefundable(status) => Err(EntryError::NotRefundable { number, status }),
            RefundStart::Disputed => Err(EntryError::Disputed(number)),
            RefundStart::NoPayment => Err(EntryError::NoPayment(number)),
        }
    }

    /// Has the processor make a refund that is noted, and notes the answer. What was refunded there is booked first, so that no more is
    /// asked for than is left.
    async fn make_refund(&self, payment: &Payment, refund: &Refund) -> Result<(), EntryError> {
        let number = payment.number;
        let subscription = self.paid_for(payment).await?;
        let known = self.booked_refund(payment, refund, subscription.as_ref()).await?;
        let refund = &match known {
            Some(open) if open.status == RefundStatus::Asked => open,
            Some(Refund { status: RefundStatus::GivenUp, elsewhere, .. }) => {
                return Err(EntryError::Refunded { number, amount: elsewhere });
            }
            known => return what_became_of(known),
        };
        let request = self.request(payment, refund, subscription.as_ref()).await?;
        match self.processors.refund(&request).await {
            Ok(()) => self.settle_refund(payment, refund, subscription.as_ref()).await,
            Err(no_answer @ (ProcessorError::Unreachable(_) | ProcessorError::Undecided(_))) => {
                Err(EntryError::NotRepaid(no_answer))
            }
            Err(refusal @ ProcessorError::Misunderstood(_)) => {
                tracing::error!(error = %refusal, payment = payment.number.0, "refunds: refused");
                self.store.refuse_refund(refund, &refusal.to_string()).await?;
                Err(EntryError::RefundRefused(refusal))
            }
        }
    }

    /// The subscription that a payment was for, if it is still there.
    pub(crate) async fn paid_for(
        &self,
        payment: &Payment,
    ) -> Result<Option<Subscription>, BillingError> {
        match subscription_of(payment) {
            Some(id) => self.latest(id).await,
            None => Ok(None),
        }
    }

    /// Notes that the processor has made a refund, and tells the reader.
    async fn settle_refund(
        &self,
        payment: &Payment,
        refund: &Refund,
        subscription: Option<&Subscription>,
    ) -> Result<(), EntryError> {
        let returned = Payment { amount: refund.amount, ..payment.clone() };
        let email =
            self.payment_email(SubscriptionEmail::Refunded, &returned, subscription).await?;
        let settled = SettledRefund { refund, payment, emails: email.as_slice() };
        if self.store.settle_refund(&settled, self.now()).await? {
            self.publication.outbox_filled();
            return Ok(());
        }
        let known = self.refund_of(refund.payment).await?;
        let known = known.filter(|known| known.attempt == refund.attempt);
        let is_known = known.as_ref().is_some_and(|known| match known.status {
            RefundStatus::Settled | RefundStatus::Refused(_) => true,
            RefundStatus::Asked | RefundStatus::GivenUp => false,
        });
        if !is_known {
            let (payment, attempt) = (refund.payment.0, refund.attempt);
            tracing::error!(payment, attempt, "refunds: made, and no such refund is open");
        }
        what_became_of(known)
    }

    /// Books what was refunded of a payment at its processor, and returns the refund of the payment as it is then, unless nothing was
    /// asked for here.
    ///
    /// # Errors
    ///
    /// [`EntryError::NotRepaid`] if the processor gives no answer.
    async fn booked_refund(
        &self,
        payment: &Payment,
        refund: &Refund,
        subscription: Option<&Subscription>,
    ) -> Result<Option<Refund>, EntryError> {
        let request = self.request(payment, refund, subscription).await?;
        match self.processors.refunds_of_request(&request).await {
            Ok(refunds) => self.book(&request.processor, payment, &refunds).await?,
            // What is asked next gets this answer as well.
            Err(ProcessorError::Misunderstood(_)) => {}
            Err(no_answer) => return Err(EntryError::NotRepaid(no_answer)),
        }
        Ok(self.refund_of(payment.number).await?.filter(Refund::is_own))
    }

    async fn refund_of(&self, payment: PaymentNumber) -> Result<Option<Refund>, EntryError> {
        Ok(self.store.refunds_of_payments(&[payment]).await?.pop())
    }

    /// Asks a processor what became of the refund of a payment, and notes it. A refund that was accepted may
    /// still fail days later. It may be called any number of times.
    ///
    /// # Errors
    ///
    /// [`EntryError::NotRepaid`] if the processor gives no answer.
    pub(crate) async fn follow_refund(&self, number: PaymentNumber) -> Result<(), EntryError> {
        let Some(payment) = self.store.payment(number).await? else { return Ok(()) };
        let Some(refund) = self.refund_of(number).await?.filter(Refund::is_own) else {
            return Ok(());
        };
        let subscription = self.paid_for(&payment).await?;
        let booked = self.booked_refund(&payment, &refund, subscription.as_ref()).await?;
        let Some(refund) = booked else { return Ok(()) };
        let request = self.request(&payment, &refund, subscription.as_ref()).await?;
        let outcome = self.processors.refund_outcome(&request).await;
        match outcome.map_err(EntryError::NotRepaid)? {
            RefundOutcome::Made if refund.is_settled() || refund.failed.is_some() => Ok(()),
            RefundOutcome::Made => {
                self.settle_refund(&payment, &refund, subscription.as_ref()).await
            }
            RefundOutcome::EarlierFailed(missing) => {
                // What was refunded elsewhere and failed is booked by itself.
                let missing = missing.minor().min(refund.before.minor());
                let missing = Money::of(missing, refund.before.currency());
                if !refund.is_settled() {
                    self.settle_refund(&payment, &refund, subscription.as_ref()).await?;
                }
                let now = self.now();
                if !missing.is_zero()
                    && self.store.reopen_refund(&refund, &payment, missing, now).await?
                {
                    let missing = missing.to_string();
                    tracing::error!(payment = number.0, missing, "refunds: an earlier part failed");
                }
                Ok(())
            }
            RefundOutcome::Failed(reason) => {
                if self.store.fail_refund(&refund, &payment, &reason, self.now()).await? {
                    tracing::error!(payment = number.0, reason, "refunds: failed after all");
                }
                Ok(())
            }
            RefundOutcome::Unknown => Ok(()),
        }
    }

    async fn request(
        &self,
        payment: &Payment,
        refund: &Refund,
        subscription: Option<&Subscription>,
    ) -> Result<RefundRequest, EntryError> {
        let before = refund.before.minor().saturating_add(refund.elsewhere.minor());
        Ok(RefundRequest {
            payment: payment.number,
            attempt: refund.attempt,
            asked: refund.at,
            paid: payment.at,
            now: self.now(),
            account: payment.account,
            processor: self.processor_of(payment, subscription).await?,
            order: payment.source.to_string(),
            reference: payment.reference.clone(),
            amount: refund.amount,
            before: Money::of(before, refund.amount.currency()),
            is_whole: before == 0 && refund.amount == payment.amount,
        })
    }

    /// The processor that collected a payment. Payments of earlier versions do not say.
    pub(crate) async fn processor_of(
        &self,
        payment: &Payment,
        subscription: Option<&Subscription>,
    ) -> Result<String, StoreError> {
        if !payment.processor.is_empty() {
            return Ok(payment.processor.clone());
        }
        if payment.source.is_entered() {
            return Ok(MANUAL.to_owned());
        }
        if let PaymentSource::Checkout(key) = &payment.source
            && let Some(checkout) = self.store.checkout(key).await?
        {
            return Ok(checkout.processor);
        }
        Ok(subscription.map(|held| held.mandate.processor.clone()).unwrap_or_default())
    }
}

/// What a request is answered that finds a refund as it is stored: another server has noted it, or it has failed since.
fn what_became_of(known: Option<Refund>) -> Result<(), EntryError> {
    match known.map(|known| known.status) {
        Some(RefundStatus::Refused(reason)) => {
            Err(EntryError::RefundRefused(ProcessorError::Misunderstood(reason)))
        }
        Some(RefundStatus::Asked | RefundStatus::Settled | RefundStatus::GivenUp) | None => Ok(()),
    }
}

/// An amount that can be refunded of a payment.
fn part_of(payment: &Payment, amount: &str) -> Result<Money, EntryError> {
    let amount = Money::parse(amount, payment.amount.currency())?;
    if amount.is_zero() || amount.minor() > payment.amount.minor() {
        return Err(EntryError::NotSoMuch { most: payment.amount });
    }
    Ok(amount)
}

//! Withdrawing from contracts: the subscription ends at once, and everything that was paid for it is refunded. The transaction notes
//! refunds that a processor makes, and the next sweep asks for them; what came by transfer waits for staff.

use masthead_circulation::{
    Account, Actor, Dispute, Event, MANUAL, Money, Payment, PaymentStatus, Refund, Subscription,
    SubscriptionEmail, Withdrawal, WithdrawalWay,
};
use masthead_mail::emails::{SubscriptionDetails, WithdrawalDetails};
use masthead_store::{
    EndingResult, NewWithdrawal, StoreError, SubscriptionChange, WithdrawnPayment,
};

use crate::{
    Billing, BillingError,
    endings::{Asker, Attempt, EndedSubscription},
};

impl Billing {
    /// Withdraws from the contracts of these subscriptions, all or none.
    pub(crate) async fn try_to_withdraw(
        &self,
        asker: Asker<'_>,
        reader: &Account,
        name: &str,
        open: Vec<Subscription>,
    ) -> Result<Attempt, BillingError> {
        let now = self.now();
        let (link, way, actor) = match asker {
            Asker::Link(request) => (Some(request), WithdrawalWay::Link, Actor::Reader),
            Asker::SignedIn(_) => (None, WithdrawalWay::SignedIn, Actor::Reader),
            Asker::Staff(entered) => {
                (None, WithdrawalWay::Staff, Actor::Staff(Some(entered.staff.clone())))
            }
        };
        let payments = self.payments_for(reader, &open).await?;
        let (mut changes, mut declarations, mut ended) = (Vec::new(), Vec::new(), Vec::new());
        for before in open {
            let Ok(after) = before.after(Event::Withdrawn, now) else {
                return Ok((EndingResult::Changed, Vec::new()));
            };
            let declared = Withdrawal {
                subscription: before.id,
                at: asker.declared(now),
                name: name.to_owned(),
                email: reader.email.to_string(),
                way,
            };
            let refund = sum_for(&before, &payments);
            let change = self.withdrawn(reader, &before, after, &declared, refund)?;
            changes.push(SubscriptionChange { actor: actor.clone(), ..change });
            declarations.push(declared);
            ended.push(EndedSubscription { before, refund });
        }
        let payments: Vec<_> = payments.into_iter().map(|(paid, _)| paid).collect();
        let (changes, declarations) = (&changes, &declarations);
        let account = reader.id;
        let new = NewWithdrawal { account, link, changes, declarations, payments: &payments };
        Ok((self.store.withdraw_from_contracts(&new, now).await?, ended))
    }

    /// The end of a subscription, with the email that acknowledges the withdrawal.
    fn withdrawn(
        &self,
        reader: &Account,
        before: &Subscription,
        after: Subscription,
        declared: &Withdrawal,
        refund: Money,
    ) -> Result<SubscriptionChange, BillingError> {
        let details = SubscriptionDetails {
            subscription: &after,
            date: declared.at,
            payment: None,
            delivery: None,
            lacks_delivery: false,
            withdrawal: Some(WithdrawalDetails { declared, refund }),
            cancelled: None,
        };
        let kind = SubscriptionEmail::Withdrawn;
        let email = self.publication.compose(&reader.email, kind, details)?;
        Ok(SubscriptionChange {
            before: before.clone(),
            after,
            due: None,
            actor: Actor::Reader,
            what: Event::Withdrawn.name(),
            payment: None,
            emails: vec![email],
        })
    }

    /// What was paid for these subscriptions, and how much of each payment is left to be refunded. What a bank has taken back is not
    /// refunded as well.
    async fn payments_for(
        &self,
        reader: &Account,
        open: &[Subscription],
    ) -> Result<Vec<(WithdrawnPayment, Money)>, StoreError> {
        let refunds = self.store.refunds_of(reader.id).await?;
        let disputes = self.store.disputes_of(reader.id).await?;
        let mut found = Vec::new();
        for payment in self.store.payments_of(reader.id).await? {
            let held = open.iter().find(|held| payment.subscription == Some(held.id));
            let Some(held) = held else { continue };
            // What is collected and about to be applied is refunded as well.
            if !matches!(payment.status, PaymentStatus::Recorded | PaymentStatus::Applied) {
                continue;
            }
            let refund = refunds.iter().find(|refund| refund.payment == payment.number);
            let left = Refund::left_of(payment.amount, refund);
            let left = Dispute::left_of(&payment, left, &disputes);
            let by_processor = self.is_refunded_by_processor(&payment, held).await?;
            found.push((WithdrawnPayment { payment, by_processor }, left));
        }
        Ok(found)
    }

    /// Returns `false` if staff send the money: it came by transfer, or from a processor that there is no account with any more.
    pub(crate) async fn is_refunded_by_processor(
        &self,
        payment: &Payment,
        held: &Subscription,
    ) -> Result<bool, StoreError> {
        let name = self.processor_of(payment, Some(held)).await?;
        Ok(name != MANUAL && self.processors.get(&name).is_some())
    }

    /// Returns how much is refunded if the reader withdraws from the contract of a subscription.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn refund_on_withdrawal(&self, held: &Subscription) -> Result<Money, BillingError> {
        let Some(reader) = self.store.account(held.account).await? else {
            return Ok(Money::zero(held.terms.amount.currency()));
        };
        let payments = self.payments_for(&reader, std::slice::from_ref(held)).await?;
        Ok(sum_for(held, &payments))
    }
}

fn sum_for(held: &Subscription, payments: &[(WithdrawnPayment, Money)]) -> Money {
    let own = payments.iter().filter(|(paid, _)| paid.payment.subscription == Some(held.id));
    let sum = own.map(|(_, left)| left.minor()).sum();
    Money::of(sum, held.terms.amount.currency())
}

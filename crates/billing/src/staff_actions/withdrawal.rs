//! Withdrawals from contracts that came by letter, email or phone: as valid as those that readers declare on the site (Directive
//! 2011/83/EU, article 11), and it counts when they were sent.

use jiff::{Timestamp, civil::Date};
use masthead_circulation::{AccountId, StaffActor, Subscription, SubscriptionId, last_day};

use super::EntryError;
use crate::{
    Billing, BillingError,
    endings::{Asker, EndedSubscription, EndingOutcome},
};

/// A withdrawal that staff enter.
#[derive(Clone, Debug)]
pub struct EnteredWithdrawal {
    pub(crate) account: AccountId,
    /// When it was sent.
    pub(crate) sent: Timestamp,
    pub(crate) staff: StaffActor,
}

impl Billing {
    /// Enters that a reader has withdrawn from the contract of a subscription, in something that was sent on this day. As if they had
    /// declared it on the site, the subscription ends now, and everything that was paid for it is refunded. `name` is that of the one
    /// who withdraws.
    ///
    /// # Errors
    ///
    /// Fails if there is no such subscription, if nobody can withdraw from its contract, and if the day is not in the period in which
    /// its reader could.
    #[tracing::instrument(skip_all)]
    pub async fn enter_withdrawal(
        &self,
        id: SubscriptionId,
        name: &str,
        sent: Date,
        staff: StaffActor,
    ) -> Result<EndedSubscription, EntryError> {
        let held = self.subscription_to_change(id).await?;
        let sent = self.within_withdrawal_period(&held, sent)?;
        let entered = EnteredWithdrawal { account: held.account, sent, staff };
        match self.end(Asker::Staff(&entered), &[id], name).await {
            Ok(EndingOutcome::Ended(mut ended)) => {
                ended.pop().ok_or(EntryError::Overtaken(Some(id)))
            }
            Ok(EndingOutcome::Used | EndingOutcome::Nothing) | Err(BillingError::Conflict(_)) => {
                Err(EntryError::Overtaken(Some(id)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the first and the last day on which a withdrawal from a contract can have been sent; `None` if nobody can withdraw
    /// from it.
    pub fn withdrawal_days(&self, held: &Subscription) -> Option<(Date, Date)> {
        let (now, zone) = (self.now(), self.zone());
        if !held.is_withdrawable(now) {
            return None;
        }
        let end = self.publication.withdrawal_period().end(held, &zone);
        let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
        Some((day(held.begun), last_day(end, &zone).min(day(now))))
    }

    fn within_withdrawal_period(
        &self,
        held: &Subscription,
        sent: Date,
    ) -> Result<Timestamp, EntryError> {
        let number = held.id.0;
        let Some((first, last)) = self.withdrawal_days(held) else {
            return Err(EntryError::NotPossible { number, state: held.state });
        };
        let outside = EntryError::NotInWithdrawalPeriod { number, first, last };
        if sent < first || sent > last {
            return Err(outside);
        }
        // On the day of the contract it was sent after the order.
        let day = sent.to_zoned_datetime(self.zone()).map_err(|_| outside)?;
        Ok(day.timestamp().max(held.begun))
    }
}

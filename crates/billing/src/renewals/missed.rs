//! Periods that are over before they were collected, and collections that would be too close to each other: no server ran, or
//! the clock was wrong.

use jiff::Timestamp;
use masthead_circulation::{Actor, PaidTime, Subscription};

use crate::{Billing, BillingError, billing::PlannedChange};

impl Billing {
    /// Puts a collection off if another was made a moment ago, and leaves out periods that are over. Returns `false` if the next
    /// period is to be collected now. What was ordered before is settled first, whatever the clock says.
    pub(super) async fn has_waited_or_moved(
        &self,
        read: &Subscription,
        next: PaidTime,
        now: Timestamp,
    ) -> Result<bool, BillingError> {
        let key = Self::renewal_source(read, next).to_string();
        if self.store.is_settling(read.id, &key).await? {
            return Ok(false);
        }
        let last = self.store.last_renewal(read.id, now).await?;
        if self.has_waited(read, last.map(|last| last.asked), now).await? {
            return Ok(true);
        }
        let Some(after) = read.without_missed_periods(now, &self.zone()) else { return Ok(false) };
        // The period is over in any case: a bank that has answered just now collects nothing more at once.
        if self.has_waited(read, last.map(|last| last.paid), now).await? {
            return Ok(true);
        }
        self.leave_out_missed(read, after).await.map(|()| true)
    }

    /// Puts a collection off if half a period has not passed since `last`. Returns `false` if it has.
    async fn has_waited(
        &self,
        read: &Subscription,
        last: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, BillingError> {
        let collectable = read.collectable_from(last, now, &self.zone());
        if collectable <= now {
            return Ok(false);
        }
        let subscription = read.id.0;
        tracing::warn!(subscription, until = %collectable, "renewals: collected a moment ago, waiting");
        self.store.defer(read, collectable).await?;
        Ok(true)
    }

    /// It is due again at once, for one period from now.
    async fn leave_out_missed(
        &self,
        before: &Subscription,
        after: Subscription,
    ) -> Result<(), BillingError> {
        let subscription = before.id.0;
        tracing::warn!(subscription, "renewals: a period is over that was not collected, left out");
        let (actor, what, payment, news) = (Actor::Calendar, "periods-missed", None, None);
        self.change(PlannedChange { before, after, actor, what, payment, news }).await?;
        Ok(())
    }
}

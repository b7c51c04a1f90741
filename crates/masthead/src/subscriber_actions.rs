//! What staff do for subscribers, done by the site.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use masthead_billing::staff_actions::{EntryError, PaidHow};
use masthead_circulation::{Account, EmailAddress, StaffActor, SubscriptionId};
use masthead_desk::{ActionError, SubscriberActions};
use masthead_site::Site;

/// See the module's documentation.
pub struct SiteActions(pub Arc<Site>);

#[async_trait]
impl SubscriberActions for SiteActions {
    async fn reset_meter(&self, reader: &Account, helper: StaffActor) -> Result<(), ActionError> {
        self.0.billing.reset_meter(reader, &helper).await.map_err(ActionError::failed)
    }

    async fn cancel(
        &self,
        subscription: SubscriptionId,
        helper: StaffActor,
    ) -> Result<(), ActionError> {
        self.0
            .billing
            .enter_cancellation(subscription, Some(helper))
            .await
            .map(|_| ())
            .map_err(refused)
    }

    async fn refund(
        &self,
        reader: &Account,
        payment: u32,
        amount: &str,
        helper: StaffActor,
    ) -> Result<(), ActionError> {
        self.0.billing.refund(reader, payment, amount, helper).await.map_err(refused)
    }

    async fn refund_number(
        &self,
        payment: u32,
        amount: &str,
        helper: StaffActor,
    ) -> Result<(), ActionError> {
        self.0.billing.refund_number(payment, Some(amount), helper).await.map_err(refused)
    }

    async fn prolong(
        &self,
        subscription: SubscriptionId,
        ends: Timestamp,
        helper: StaffActor,
    ) -> Result<(), ActionError> {
        self.0
            .billing
            .prolong_trial(subscription, ends, Some(helper))
            .await
            .map(|_| ())
            .map_err(refused)
    }

    async fn give(
        &self,
        reader: &EmailAddress,
        price: &str,
        until: Option<Timestamp>,
        helper: StaffActor,
    ) -> Result<(), ActionError> {
        let how = PaidHow::Free(until);
        let given = self.0.billing.enter_subscription(reader, price, how, Some(helper)).await;
        given.map(|_| ()).map_err(refused)
    }
}

fn refused(error: EntryError) -> ActionError {
    match error {
        EntryError::Failed(error) => ActionError::failed(error),
        told => ActionError::Rejected(format!("Nothing was changed: {told}.")),
    }
}

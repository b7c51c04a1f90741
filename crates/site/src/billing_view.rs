//! What billing asks of the site: settings in force, emails, counts, and whom to notify.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, tz::TimeZone};
use masthead_access::Reads;
use masthead_audience::{FunnelStep, Goal};
use masthead_billing::{BillingError, EmailError, PublicationView, SubscriptionNews};
use masthead_circulation::{AccountId, Card, Checkout, EmailAddress, Terms};
use masthead_mail::emails::{self, SubscriptionDetails};
use masthead_publication::{AccountCache, AudienceCounters, Live, PageError};
use masthead_store::{Email, StoreError};
use tokio::sync::Notify;

/// The publication as billing sees it.
pub(crate) struct SiteBillingView {
    pub(crate) live: Arc<Live>,
    pub(crate) accounts: Arc<AccountCache>,
    pub(crate) counters: Arc<AudienceCounters>,
    pub(crate) outbox_wakeup: Arc<Notify>,
}

#[async_trait]
impl PublicationView for SiteBillingView {
    fn zone(&self) -> TimeZone {
        self.live.peek().publication.policy.zone.clone()
    }

    fn grace(&self) -> SignedDuration {
        self.live.peek().publication.grace
    }

    fn terms(&self, price: &str) -> Option<Terms> {
        let snapshot = self.live.snapshot();
        let catalogue = &snapshot.publication.catalogue;
        catalogue.price(price).and_then(|price| catalogue.terms(price.into()))
    }

    fn prices(&self) -> Vec<String> {
        let snapshot = self.live.snapshot();
        let prices = snapshot.publication.catalogue.prices();
        prices.iter().map(|price| price.slug.clone()).collect()
    }

    fn card_words(&self, card: &Card) -> String {
        emails::card_words(&self.live.snapshot(), card)
    }

    fn compose(&self, to: &EmailAddress, news: &SubscriptionNews<'_>) -> Result<Email, EmailError> {
        let SubscriptionNews { email, subscription, date, payment } = *news;
        let snapshot = self.live.snapshot();
        let details = SubscriptionDetails { subscription, date, payment };
        emails::subscription(&snapshot, to, email, details)
            .map_err(|error| EmailError(error.to_string()))
    }

    async fn account_changed(&self, account: AccountId) -> Result<(), StoreError> {
        self.accounts.renew(account).await
    }

    fn outbox_filled(&self) {
        self.outbox_wakeup.notify_one();
    }

    async fn count_purchase(&self, checkout: &Checkout) -> Box<dyn FnOnce(bool) + Send> {
        // An account's wall is the same on both sides of an experiment.
        let (account, reads) = (checkout.account, Reads::default());
        let wall = self.counters.wall_at(&checkout.from, account, reads, None).await;
        let counters = Arc::clone(&self.counters);
        let (from, trial) = (checkout.from.clone(), checkout.trial.clone());
        Box::new(move |is_trial| {
            let step = if is_trial { FunnelStep::TrialBegun } else { FunnelStep::Bought };
            counters.count_step(&from, wall, step);
            counters.count_goal(&trial, Goal::Subscribed);
        })
    }

    async fn flush_reads(&self) -> Result<(), StoreError> {
        self.accounts.flush().await
    }

    async fn reload_accounts(&self) -> Result<(), StoreError> {
        self.accounts.poll_changes().await
    }
}

/// The page for what went wrong in billing.
pub(crate) fn failed(error: BillingError) -> PageError {
    match error {
        BillingError::Store(error) => PageError::Store(error),
        error @ (BillingError::Processor(_) | BillingError::Email(_)) => {
            PageError::Billing(error.to_string())
        }
    }
}

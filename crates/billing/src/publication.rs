//! What billing asks of the publication that is in force: settings, emails, counts and caches.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_access::Reads;
use masthead_audience::{FunnelStep, Goal};
use masthead_circulation::{
    AccountId, Card, Checkout, EmailAddress, History, SubscriptionEmail, TaxRate, Terms,
    WithdrawalPeriod,
};
use masthead_mail::emails::{self, SubscriptionDetails};
use masthead_publication::{AccountCache, AudienceCounters, Live, ThemeError};
use masthead_store::{Email, StoreError};
use tokio::sync::Notify;

/// What billing needs of a publication.
pub struct PublicationServices {
    /// What is in force.
    pub live: Arc<Live>,
    /// Signed-in readers in memory.
    pub accounts: Arc<AccountCache>,
    /// The counts behind the desk's figures.
    pub counters: Arc<AudienceCounters>,
    /// Notified when there is a new email in the outbox.
    pub outbox_wakeup: Arc<Notify>,
}

impl PublicationServices {
    pub(crate) fn now(&self) -> Timestamp {
        self.live.now()
    }

    pub(crate) fn zone(&self) -> TimeZone {
        self.live.peek().publication.policy.zone.clone()
    }

    /// How long a reader has full access after a renewal was refused.
    pub(crate) fn grace(&self) -> SignedDuration {
        self.live.peek().publication.grace
    }

    /// For how many days readers may withdraw from a contract.
    pub(crate) fn withdrawal_period(&self) -> WithdrawalPeriod {
        self.live.peek().publication.withdrawal
    }

    /// Returns the terms of a price, or `None` if nothing is sold under that slug.
    pub(crate) fn terms(&self, price: &str) -> Option<Terms> {
        let snapshot = self.live.snapshot();
        let catalogue = &snapshot.publication.catalogue;
        catalogue.price(price).and_then(|price| catalogue.terms(price.into()))
    }

    /// The tax that the prices of a product include; `None` if the publisher has not set it.
    pub(crate) fn tax_of(&self, product: &str) -> Option<TaxRate> {
        self.live.peek().publication.catalogue.tax_of(product)
    }

    /// Returns whether a reader with this history may take an offer, or `None` if it is not offered any more.
    pub(crate) fn admits(&self, offer: &str, history: History) -> Option<bool> {
        let snapshot = self.live.snapshot();
        snapshot.publication.catalogue.offer(offer).map(|offer| offer.admits(history))
    }

    /// The slugs of all prices.
    pub(crate) fn prices(&self) -> Vec<String> {
        let snapshot = self.live.snapshot();
        let prices = snapshot.publication.catalogue.prices();
        prices.iter().map(|price| price.slug.clone()).collect()
    }

    /// A card in words: "Visa ending in 4242".
    pub(crate) fn card_words(&self, card: &Card) -> String {
        emails::card_words(&self.live.snapshot(), card)
    }

    pub(crate) fn compose(
        &self,
        to: &EmailAddress,
        email: SubscriptionEmail,
        details: SubscriptionDetails<'_>,
    ) -> Result<Email, ThemeError> {
        emails::subscription(&self.live.snapshot(), to, email, details)
    }

    /// An account's subscriptions have changed: what is cached of them is reloaded.
    pub(crate) async fn account_changed(&self, account: AccountId) -> Result<(), StoreError> {
        self.accounts.renew(account).await
    }

    pub(crate) fn outbox_filled(&self) {
        self.outbox_wakeup.notify_one();
    }

    /// Prepares to count a subscription that is about to begin. It is counted when the returned closure is
    /// called, with whether it begins with a trial.
    pub(crate) async fn count_purchase(&self, checkout: &Checkout) -> impl FnOnce(bool) + Send {
        // An account's wall is the same on both sides of an experiment.
        let (account, reads) = (checkout.account, Reads::default());
        let wall = self.counters.wall_at(&checkout.from, account, reads, None).await;
        let counters = Arc::clone(&self.counters);
        let (from, experiment) = (checkout.from.clone(), checkout.experiment);
        move |is_trial| {
            let step = if is_trial { FunnelStep::TrialBegun } else { FunnelStep::Bought };
            counters.count_step(&from, wall, step);
            counters.count_goal(experiment, Goal::Subscribed);
        }
    }

    /// Writes everything that is still to be written about readers' meters.
    pub(crate) async fn flush_reads(&self) -> Result<(), StoreError> {
        self.accounts.flush().await
    }

    /// Reloads accounts that other servers or staff have changed.
    pub(crate) async fn reload_accounts(&self) -> Result<(), StoreError> {
        self.accounts.poll_changes().await
    }
}

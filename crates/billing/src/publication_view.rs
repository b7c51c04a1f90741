//! What billing asks of the publication that is in force.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use masthead_circulation::{
    AccountId, Card, Checkout, EmailAddress, History, Payment, Subscription, SubscriptionEmail,
    Terms,
};
use masthead_store::{Email, StoreError};

/// An email could not be composed.
#[derive(Debug, thiserror::Error)]
#[error("an email about a subscription cannot be composed: {0}")]
pub struct EmailError(pub String);

/// Something to tell a reader about a subscription.
#[derive(Clone, Copy, Debug)]
pub struct SubscriptionNews<'a> {
    /// What is told.
    pub email: SubscriptionEmail,
    /// The subscription, as it is afterwards.
    pub subscription: &'a Subscription,
    /// The day that it is about.
    pub date: Timestamp,
    /// The payment that it is about.
    pub payment: Option<&'a Payment>,
}

/// The publication in force: its settings and prices, its emails, and whom to notify of changes.
#[async_trait]
pub trait PublicationView: Send + Sync {
    /// The publication's time zone.
    fn zone(&self) -> TimeZone;

    /// How long a reader has full access after a renewal was refused.
    fn grace(&self) -> SignedDuration;

    /// Returns the terms of a price, or `None` if nothing is sold under that slug.
    fn terms(&self, price: &str) -> Option<Terms>;

    /// Returns whether a reader with this history may take an offer; `true` if it is not offered any more.
    fn admits(&self, offer: &str, history: History) -> bool;

    /// The slugs of all prices.
    fn prices(&self) -> Vec<String>;

    /// A card in words: "Visa ending in 4242".
    fn card_words(&self, card: &Card) -> String;

    /// Composes an email.
    ///
    /// # Errors
    ///
    /// Fails if the theme's templates or words are broken.
    fn compose(&self, to: &EmailAddress, news: &SubscriptionNews<'_>) -> Result<Email, EmailError>;

    /// An account's subscriptions have changed: what is cached of them is reloaded.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be read.
    async fn account_changed(&self, account: AccountId) -> Result<(), StoreError>;

    /// There is something new in the outbox.
    fn outbox_filled(&self);

    /// A subscription is about to begin. What the publication counts of it is counted when the returned
    /// closure is called, after it has begun; its argument says whether it begins with a trial.
    async fn count_purchase(&self, checkout: &Checkout) -> Box<dyn FnOnce(bool) + Send>;

    /// The meter of an account: everything that is still to be written about its reads is written.
    async fn flush_reads(&self) -> Result<(), StoreError>;

    /// Reloads accounts that other servers or staff have changed.
    ///
    /// # Errors
    ///
    /// Fails if they cannot be read.
    async fn reload_accounts(&self) -> Result<(), StoreError>;
}

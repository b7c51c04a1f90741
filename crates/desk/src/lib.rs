//! The desk: what the publication's own people see, at `/desk`.
//!
//! Pages are made on the server, and work without scripts. Who may come where is said once, in
//! [`routes`], and checked once, in `auth`; people sign in on the site, as readers do, but are asked
//! again after a working day.
//!
//! To add a room: write its handlers in a module of their own and its template in `templates`, and name
//! its addresses in [`routes`] with what they need.

#![warn(missing_docs)]

mod auth;
mod figures;
mod form;
mod format;
mod home;
mod newsroom;
mod pages;
mod people;
mod reader_view;
mod readers;
pub mod routes;
mod script;
mod settings;
mod tasks;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, civil::Date};
use masthead_access::{Allowance, ArticleId, Experiment, Policy, message::Message};
use masthead_circulation::{
    Account, AccountId, Catalogue, EmailAddress, Money, Offer, Secret, StaffActor, SubscriptionId,
    staff::{Invitation, Role},
};
use masthead_editorial::{Front, Piece, Section, SectionStyle, TeaserLength};
use masthead_media::MediaLibrary;
use masthead_publication::preview::{MeterStatus, Preview, PreviewAs};
use masthead_store::{Store, StoreError, Written};
use masthead_telemetry::TaskRegistry;
use masthead_web::cookies::Cookies;
use tokio::sync::Notify;

use crate::pages::Pages;

/// What the desk has to know of the publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imprint {
    /// Its name.
    pub name: String,
    /// Its address: `https://paper.example`.
    pub address: String,
    /// The clock by which it lives.
    pub zone: jiff::tz::TimeZone,
}

/// Where staff look at what readers see. The site is one.
#[async_trait]
pub trait Showroom: Send + Sync + 'static {
    /// The latest articles, at most `most`: address and headline.
    fn latest(&self, most: usize) -> Vec<(String, String)>;

    /// The sections that a story may stand in.
    fn sections(&self) -> Vec<Section>;

    /// What an article is called; none where it is published no more.
    fn named(&self, id: ArticleId) -> Option<Named>;

    /// Every message, built in or not.
    fn messages(&self) -> Vec<Message>;

    /// What is offered, by slug and name.
    fn offers(&self) -> Vec<(String, String)>;

    /// The latest article with this message on it, as a reader at that moment would see it; none where there is no
    /// article. An error is for the log.
    async fn said(&self, message: &Message) -> Result<Option<Vec<u8>>, String>;

    /// Published articles with these words anywhere in them, the best first.
    async fn written_with(&self, words: &str, most: usize) -> Vec<ArticleId>;

    /// The article at an address, or that was there; none where there is none that is out.
    fn article_at(&self, address: &str) -> Option<Named>;

    /// Topics that are written on, the most used first, by slug and name.
    fn topics(&self) -> Vec<(String, String)>;

    /// The page that an arrangement makes. An error is for the log.
    fn arranged(&self, front: &Front) -> Result<Option<Vec<u8>>, String>;

    /// What an offer costs, at first and then, in words.
    fn cost(&self, offer: &Offer) -> String;

    /// An amount, as readers see amounts written.
    fn money(&self, money: Money) -> String;

    /// The offers as a reader sees them who may take this one. An error is for the log.
    fn offered(&self, offer: &Offer) -> Result<Vec<u8>, String>;

    /// What the meter allows those without an account, and those with one, and the day on which its window opened.
    fn meter(&self) -> (Allowance, Allowance, Date);

    /// Names of those who write, and of topics, that were used before.
    fn names(&self) -> (Vec<String>, Vec<String>);

    /// What is sold, by slug and name.
    fn products(&self) -> Vec<(String, String)>;

    /// What somebody would see at an address, and why; none where there is no article. An error is for
    /// the log.
    async fn seen(&self, address: &str, viewer: &PreviewAs) -> Result<Option<Preview>, String>;

    /// What somebody would see of a piece, were it published as it is; none where it could not be. An error is
    /// for the log.
    async fn preview(
        &self,
        id: ArticleId,
        piece: Piece,
        viewer: &PreviewAs,
    ) -> Result<Option<Preview>, String>;

    /// Brings what was just published before readers, without waiting for the next look at the database.
    async fn refresh(&self);

    /// How a reader stands with the meter now. An error is for the log.
    async fn stands(&self, account: AccountId) -> Result<MeterStatus, String>;
}

/// What an article is called, and where it belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its headline.
    pub headline: String,
    /// Its path.
    pub address: String,
    /// The name of its section; empty for a page.
    pub section: String,
    /// The names of those who wrote it.
    pub authors: Vec<String>,
    /// Whether somebody paid for it.
    pub is_sponsored: bool,
}

/// Where what is done for readers is done: it is told to them, and written down with who did it and why.
/// The site is one.
#[async_trait]
pub trait House: Send + Sync + 'static {
    /// What may be given, by slug and words.
    fn prices(&self) -> Vec<(String, String)>;

    /// Lets a reader's meter begin anew.
    async fn reset_meter(&self, reader: &Account, helper: StaffActor) -> Result<(), Refused>;

    /// Cancels a subscription for its reader.
    async fn cancel(&self, subscription: SubscriptionId, helper: StaffActor)
    -> Result<(), Refused>;

    /// Pays back a payment of a reader's, by its number, or a part of it.
    async fn refund(
        &self,
        reader: &Account,
        payment: u32,
        amount: &str,
        helper: StaffActor,
    ) -> Result<(), Refused>;

    /// Lets a trial last longer, up to an instant.
    async fn prolong(
        &self,
        subscription: SubscriptionId,
        ends: Timestamp,
        helper: StaffActor,
    ) -> Result<(), Refused>;

    /// Gives a reader a subscription at this price, for nothing, up to an instant or without an end.
    async fn give(
        &self,
        reader: &EmailAddress,
        price: &str,
        until: Option<Timestamp>,
        helper: StaffActor,
    ) -> Result<(), Refused>;
}

/// A part of the configuration that can be set at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steered {
    /// How much may be read, and what by whom.
    Meter,
    /// What readers are told.
    Messages,
    /// The sections, in the order of the navigation.
    Sections,
    /// What stands where on the home page and the fronts of sections.
    Fronts,
    /// What there is to subscribe to, and what it costs.
    Products,
    /// With what subscriptions begin.
    Offers,
    /// What is tried on half of the readers.
    Experiment,
}

impl Steered {
    /// Every part, none before those that it holds to.
    pub const ALL: [Self; 7] = [
        Self::Meter,
        Self::Sections,
        Self::Fronts,
        Self::Products,
        Self::Offers,
        Self::Messages,
        Self::Experiment,
    ];

    /// Its name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Meter => "meter",
            Self::Messages => "messages",
            Self::Sections => "sections",
            Self::Fronts => "fronts",
            Self::Products => "products",
            Self::Offers => "offers",
            Self::Experiment => "experiment",
        }
    }
}

/// Where the publication is steered. The binary is one.
#[async_trait]
pub trait Helm: Send + Sync + 'static {
    /// What the publisher has decided about access, and how much of a locked article everybody sees.
    fn policy(&self) -> (Policy, TeaserLength);

    /// The messages that are not built in.
    fn messages(&self) -> Result<Vec<Message>, Refused>;

    /// The experiment that runs.
    fn experiment(&self) -> Option<Experiment>;

    /// What is sold.
    fn catalogue(&self) -> Catalogue;

    /// How long there is full access after a renewal has failed.
    fn grace(&self) -> SignedDuration;

    /// The sections, in the order of the navigation.
    fn sections(&self) -> Vec<SectionStyle>;

    /// How fronts are arranged, where they do not arrange themselves.
    fn fronts(&self) -> Vec<Front>;

    /// Sets a part, in the words of the configuration file, for somebody who knew its version. An empty text lets the
    /// file itself speak again.
    async fn set(
        &self,
        part: Steered,
        version: i32,
        text: String,
        when: (AccountId, Timestamp),
    ) -> Result<Written, Refused>;
}

/// Why something is not done for a reader. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// For a reason that staff can understand.
    Told(String),
    /// Because something does not work; this is for the log.
    Failed(String),
}

impl Refused {
    /// That something does not work.
    pub fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What the desk is built on.
pub struct Foundations {
    /// The publication's database.
    pub store: Store,
    /// The publication as it is configured now.
    pub imprint: Arc<dyn Fn() -> Imprint + Send + Sync>,
    /// Where staff look at what readers see.
    pub showroom: Arc<dyn Showroom>,
    /// Where what is done for readers is done.
    pub house: Arc<dyn House>,
    /// Where the publication is steered.
    pub helm: Arc<dyn Helm>,
    /// The publication's pictures.
    pub media_library: Arc<MediaLibrary>,
    /// The publication's cookies.
    pub cookies: Cookies,
    /// What time it is there.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Rings when there is a new letter in the outbox.
    pub outbox_wakeup: Arc<Notify>,
    /// The health of the server's background tasks.
    pub tasks: Arc<TaskRegistry>,
}

/// The desk of a publication.
pub struct Desk {
    on: Foundations,
    pages: Pages,
    /// What happened to articles, as it was summed last.
    sums: figures::Kept,
}

impl Desk {
    /// The desk, with all its rooms.
    pub fn new(foundations: Foundations) -> Arc<Self> {
        Arc::new(Self { on: foundations, pages: Pages::new(), sums: figures::Kept::default() })
    }

    fn now(&self) -> Timestamp {
        (self.on.clock)()
    }

    fn imprint(&self) -> Imprint {
        (self.on.imprint)()
    }
}

/// A link with which whoever follows it first comes to the desk in this role. An earlier one that names
/// nobody is void.
pub async fn open_link(
    store: &Store,
    address: &str,
    role: Role,
    now: Timestamp,
) -> Result<String, StoreError> {
    let secret = Secret::generate(&mut rand::rng());
    let invitation = Invitation { key: secret.digest(), email: None, role, by: None, at: now };
    store.invite(&invitation, &[]).await?;
    Ok(people::join::link(address, &secret))
}

//! Looking at an article through a reader's eyes, for staff. Nothing is counted, and nobody is let in.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use masthead_access::{
    Allowance, Article, ArticleId, Decision, Policy, Read, Reader, Reads, RequestContext, Standing,
    decide,
    message::{Message, Moment, Placement},
};
use masthead_circulation::{AccountId, History, Money, Offer, Price, entitlement};
use masthead_editorial::{Front, Piece, Section, SectionStyle};
use masthead_store::{Listed, StoreError};
use masthead_web::preview::{Counted, MeterStatus, Preview, PreviewAs, SimulatedReader};

use crate::{
    compression::Encoding,
    edition::{Edition, Entry, Target},
    layout::Form,
    reader::Visit,
    site::{Site, situation},
    snapshot::{PageError, PageKey, SiteSnapshot},
};

/// Names that are offered to those who write.
const MOST_NAMES: usize = 400;

/// A viewer, with everything looked up that the decision asks for.
pub(crate) struct ReaderContext {
    standing: Standing,
    products: Vec<String>,
    reads: Reads,
    circumstance: RequestContext,
    history: History,
    /// How they like to be called, where they have said so.
    name: Option<Arc<String>>,
}

impl ReaderContext {
    /// Those of somebody without an account, whose device has these reads.
    pub(crate) fn of_device(reads: Reads) -> Self {
        Self {
            standing: Standing::Anonymous,
            products: Vec::new(),
            reads,
            circumstance: RequestContext::Plain,
            history: History::New,
            name: None,
        }
    }

    /// What they would get of an article.
    pub(crate) fn decide(
        &self,
        policy: &Policy,
        article: &Article<'_>,
        now: Timestamp,
    ) -> Decision {
        let products: Vec<&str> = self.products.iter().map(String::as_str).collect();
        let reader = Reader {
            standing: self.standing,
            products: &products,
            reads: &self.reads,
            circumstance: self.circumstance,
        };
        decide(policy, &reader, article, now)
    }
}

/// What an article is called, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Named {
    fn of(entry: &Entry, edition: &Edition) -> Self {
        let author = |slug: &Arc<str>| edition.author(slug).map(|author| author.name.clone());
        let section = entry.section.as_ref().map(|section| section.name.clone());
        Self {
            headline: entry.lines.headline().to_owned(),
            address: entry.address.to_string(),
            section: section.unwrap_or_default(),
            authors: entry.authors.iter().filter_map(author).collect(),
            is_sponsored: entry.sponsor().is_some(),
        }
    }
}

impl Site {
    /// The latest articles, at most `most`: address and headline.
    pub fn latest(&self, most: usize) -> Vec<(String, String)> {
        let snapshot = self.snapshot();
        let named = snapshot.edition.articles().iter().take(most);
        named.map(|entry| (entry.address.to_string(), entry.lines.headline().to_owned())).collect()
    }

    /// What is sold, by slug and name.
    pub fn products(&self) -> Vec<(String, String)> {
        let snapshot = self.snapshot();
        let products = snapshot.publication.catalogue.products().iter();
        products.map(|product| (product.slug.clone(), product.name.clone())).collect()
    }

    /// What is sold again and again: the price by its slug, and in words.
    pub fn prices(&self) -> Vec<(String, String)> {
        let snapshot = self.snapshot();
        let catalogue = &snapshot.publication.catalogue;
        let words = |price: &Price| {
            let product = catalogue.product(&price.product);
            let name = product.map_or(price.product.as_str(), |product| product.name.as_str());
            format!("{name}, {}", snapshot.rates().each(price.amount, price.every))
        };
        catalogue.prices().iter().map(|price| (price.slug.clone(), words(price))).collect()
    }

    /// An amount, in the publication's locale.
    pub fn money(&self, money: Money) -> String {
        self.snapshot().rates().money(money)
    }

    /// What an offer costs, at first and then, in words.
    pub fn cost(&self, offer: &Offer) -> String {
        let snapshot = self.snapshot();
        let price = snapshot.publication.catalogue.price(&offer.price);
        price.map(|price| snapshot.rates().offer(offer, price)).unwrap_or_default()
    }

    /// What somebody would see at an address, and why; none where there is no article.
    pub async fn seen(
        &self,
        address: &str,
        viewer: &PreviewAs,
    ) -> Result<Option<Preview>, Arc<PageError>> {
        let snapshot = self.snapshot();
        let entry = match snapshot.edition.find(address) {
            Some(Target::Piece(entry) | Target::Moved(entry)) => entry,
            Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) | None => {
                return Ok(None);
            }
        };
        self.look(&snapshot, entry, viewer, None).await.map(Some)
    }

    /// What somebody would see of a piece, were it published as it is; none where it could not be.
    pub async fn preview(
        &self,
        id: ArticleId,
        piece: Piece,
        viewer: &PreviewAs,
    ) -> Result<Option<Preview>, Arc<PageError>> {
        let current = self.snapshot();
        let now = (self.clock)();
        let (edition, facts) = (Arc::clone(&current.edition), piece.clone());
        // All of it, so that what stands around the piece is what will.
        let laid_out = tokio::task::spawn_blocking(move || {
            let (revision, _) = edition.known();
            let mut draft = edition.draft();
            draft.add(vec![Listed { id, revision, piece: Piece { body: String::new(), ..facts } }]);
            draft.lay_out(revision, Vec::new(), now)
        });
        let Ok(edition) = laid_out.await else { return Ok(None) };
        let (publication, theme) = (Arc::clone(&current.publication), Arc::clone(&current.theme));
        let trial = SiteSnapshot::new(publication, theme, Arc::new(edition), now, 0);
        let Some(entry) = trial.edition.piece(id) else { return Ok(None) };
        self.look(&trial, entry, viewer, Some(piece)).await.map(Some)
    }

    /// The sections that a piece may stand in: those that the publisher has set, or else those that are written for.
    pub fn sections(&self) -> Vec<Section> {
        let snapshot = self.snapshot();
        let set = &snapshot.publication.sections;
        if set.is_empty() {
            return snapshot.edition.sections().into_iter().cloned().collect();
        }
        let section =
            |style: &SectionStyle| Section { slug: style.slug.clone(), name: style.name.clone() };
        set.iter().map(section).collect()
    }

    /// What an article is called, and where it belongs.
    pub fn named(&self, id: ArticleId) -> Option<Named> {
        let snapshot = self.snapshot();
        snapshot.edition.piece(id).map(|entry| Named::of(entry, &snapshot.edition))
    }

    /// The article at an address, or that was there; none where there is none that is out.
    pub fn article_at(&self, address: &str) -> Option<Named> {
        let snapshot = self.snapshot();
        match snapshot.edition.find(address)? {
            Target::Piece(entry) | Target::Moved(entry) if !entry.is_page() => {
                Some(Named::of(entry, &snapshot.edition))
            }
            Target::Piece(_)
            | Target::Moved(_)
            | Target::Section(_)
            | Target::Topic(_)
            | Target::Author(_) => None,
        }
    }

    /// Topics that are written on, the most used first, by slug and name.
    pub fn topics(&self) -> Vec<(String, String)> {
        let topics = self.snapshot().edition.topics(MOST_NAMES);
        topics.into_iter().map(|topic| (topic.slug, topic.name)).collect()
    }

    /// Every message, built in or not.
    pub fn messages(&self) -> Vec<Message> {
        self.snapshot().publication.messages.iter().cloned().collect()
    }

    /// What is offered, by slug and name.
    pub fn offers(&self) -> Vec<(String, String)> {
        let snapshot = self.snapshot();
        let offers = snapshot.publication.catalogue.offers().iter();
        offers.map(|offer| (offer.slug.clone(), offer.name.clone())).collect()
    }

    /// The latest article with this message on it; none where there is no article.
    pub async fn said(&self, message: &Message) -> Result<Option<Vec<u8>>, Arc<PageError>> {
        let snapshot = self.snapshot();
        let Some(latest) = snapshot.edition.articles().first() else { return Ok(None) };
        let form = if message.moment.is_wall() { Form::Teaser } else { Form::Full };
        let sheet = PageKey::Piece(latest.id, form);
        let page = snapshot.page(sheet, Encoding::Identity, &self.store).await?;
        let part = snapshot.sample_part(message).map_err(PageError::from)?;
        let stands = |placement| (placement == message.placement).then(|| Arc::clone(&part));
        Ok(Some(page.assemble(stands).content.to_vec()))
    }

    /// The page that an arrangement makes; none where it is of no page.
    pub fn arranged(&self, front: &Front) -> Result<Option<Vec<u8>>, PageError> {
        match self.snapshot().front_page(front) {
            Ok(page) => Ok(Some(page.assemble(|_| None).content.to_vec())),
            Err(PageError::Absent) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the meter allows those without an account, and those with one, and the day on which its window opened.
    pub fn meter(&self) -> (Allowance, Allowance, Date) {
        let snapshot = self.snapshot();
        let policy = &snapshot.publication.policy;
        let opened = Timestamp::from_second(self.opens((self.clock)())).unwrap_or_default();
        let day = opened.to_zoned_datetime(policy.zone.clone()).date();
        (policy.allowances.anonymous, policy.allowances.registered, day)
    }

    /// Names of those who write, and of topics, the most used first.
    pub fn names(&self) -> (Vec<String>, Vec<String>) {
        let edition = &self.snapshot().edition;
        let topics = edition.topics(MOST_NAMES).into_iter().map(|topic| topic.name).collect();
        (edition.author_names(MOST_NAMES), topics)
    }

    /// What somebody sees of an article of a printing; of `piece`, where that is not in the database.
    async fn look(
        &self,
        snapshot: &SiteSnapshot,
        entry: &Entry,
        viewer: &PreviewAs,
        piece: Option<Piece>,
    ) -> Result<Preview, Arc<PageError>> {
        let now = (self.clock)();
        let eyes = match viewer {
            PreviewAs::SimulatedReader(guise) => self.made_up(guise, entry),
            PreviewAs::Account(account) => {
                self.known(*account).await.map_err(|error| Arc::new(error.into()))?
            }
        };
        let policy = &snapshot.publication.policy;
        let decision = eyes.decide(policy, &entry.article(), now);
        let mut reads = eyes.reads;
        if decision.spends_a_read() {
            reads.insert(entry.id, now);
        }
        let (history, name) = (eyes.history, eyes.name);
        let visit =
            Visit { decision, reads, history, name, arm: None, cookie: None, counted: None };
        let situation = situation(snapshot, &visit, now);
        let form = if visit.decision.delivers_full_text() { Form::Full } else { Form::Teaser };
        let page = match piece {
            Some(piece) => Arc::new(snapshot.piece_page(entry, piece, form)?),
            None => {
                let sheet = PageKey::Piece(entry.id, form);
                snapshot.page(sheet, Encoding::Identity, &self.store).await?
            }
        };
        let name = visit.called();
        let said = |placement| snapshot.message(situation, name, placement, Encoding::Identity);
        let placements = Placement::ALL.into_iter().filter(|place| said(*place).is_some());
        Ok(Preview {
            headline: entry.lines.headline().to_owned(),
            address: entry.address.to_string(),
            trace: visit.decision.trace.words(&visit.decision, policy),
            moments: situation.moments.iter().map(Moment::name).collect(),
            placements: placements.map(Placement::name).collect(),
            page: page.assemble(said).content.to_vec(),
            decision: visit.decision,
        })
    }

    /// How a reader stands with the meter now.
    pub async fn stands(&self, account: AccountId) -> Result<MeterStatus, StoreError> {
        let now = (self.clock)();
        let opens = self.opens(now);
        let member = self.accounts.member(account, opens).await?;
        let standing = member.standing(now);
        let snapshot = self.snapshot();
        let mut reads: Vec<Read> = member.reads().iter().copied().collect();
        reads.retain(|read| read.second() >= opens);
        reads.sort_by_key(|read| std::cmp::Reverse(read.second()));
        let counted = |read: Read| {
            let entry = snapshot.edition.piece(read.article);
            Counted {
                at: Timestamp::from_second(read.second()).unwrap_or_default(),
                headline: entry
                    .map_or("An article that is published no more", |entry| entry.lines.headline())
                    .to_owned(),
                address: entry.map(|entry| entry.address.to_string()).unwrap_or_default(),
            }
        };
        Ok(MeterStatus {
            standing,
            allowance: snapshot.publication.policy.allowance(standing),
            counted: reads.into_iter().map(counted).collect(),
        })
    }

    fn made_up(&self, guise: &SimulatedReader, entry: &Entry) -> ReaderContext {
        let now = (self.clock)();
        let mut reads = Reads::default();
        // Others than this one; which, no rule asks.
        let others = (0..=u32::MAX).rev().map(ArticleId).filter(|id| *id != entry.id);
        for other in others.take(guise.read as usize) {
            reads.insert(other, now);
        }
        if guise.has_read_this {
            reads.insert(entry.id, now);
        }
        ReaderContext {
            standing: guise.standing,
            products: guise.products.clone(),
            reads,
            circumstance: guise.circumstance,
            history: guise.history,
            name: None,
        }
    }

    pub(crate) async fn known(&self, account: AccountId) -> Result<ReaderContext, StoreError> {
        let now = (self.clock)();
        let member = self.accounts.member(account, self.opens(now)).await?;
        let subscriptions = member.subscriptions();
        Ok(ReaderContext {
            standing: member.standing(now),
            products: entitlement::products(&subscriptions, now).map(str::to_owned).collect(),
            reads: member.reads(),
            circumstance: RequestContext::Plain,
            history: entitlement::history(&subscriptions, now),
            name: member.name(),
        })
    }
}

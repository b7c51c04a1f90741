//! One printing of the edition: its pages in today's theme, each rendered and compressed once, when
//! somebody first asks for it. A new edition, theme, configuration or day makes a new printing.

use std::{collections::HashMap, slice, sync::Arc};

use jiff::{Timestamp, civil::Date};
use masthead_access::{
    Allowance, Arm, ArticleId, Experiment, Reads, Treatment,
    message::{Facts, Message, Moment, Moments, Placement, Variable},
};
use masthead_circulation::History;
use masthead_editorial::{Front, Piece};
use masthead_store::{Listed, Store, StoreError};
use moka::future::Cache;
use parking_lot::RwLock;

use crate::{
    compression::Encoding,
    contexts::{Link, ListContext, MessageContext},
    edition::{Edition, Entry},
    embeds::{self, CardWords},
    layout::{Form, Layout},
    offer_set::{OfferMask, OfferSet},
    page::{CommonParts, Page, Part},
    publication::Publication,
    rates::Rates,
    specimen::{self, Specimen, specimen},
    theme::{Template, Theme, ThemeError},
};

/// Different messages kept ready: every moment, count and date of a month, and then some. Beyond that
/// all are forgotten, and made again as they are needed.
const MESSAGES: usize = 4096;
/// What a reader is called where a message is tried.
const SAMPLE_NAME: &str = "Ada";

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The edition has no such page.
    #[error("there is no such page")]
    Absent,
    /// The template fails with this page's context.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The body cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page, the same for all readers but for the messages on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PageKey {
    /// The front page.
    Home,
    /// A page of a section, topic or author.
    List(Box<str>, usize),
    /// An article or page.
    Piece(ArticleId, Form),
    /// How the meter works.
    Meter,
    /// What is shown with this HTTP status.
    Error(u16),
}

/// What a message says differently for different readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    /// What there is to say.
    pub moments: Moments,
    /// The reader's side, where other words are tried on half of them.
    pub arm: Option<Arm>,
    /// How many the reader's meter allows.
    pub allowance: Option<Allowance>,
    /// How many articles are left.
    pub left: Option<u32>,
    /// When the meter is full again.
    pub resets_on: Option<Date>,
    /// When a trial or subscription ended, or will end.
    pub ended_on: Option<Date>,
    /// The offers that the reader may take.
    pub offers: OfferSet,
    /// Whether there is anything to sell to the reader.
    pub may_buy: bool,
}

type MessageKey = (Situation, Placement, Encoding);

/// See the module's documentation.
pub struct SiteSnapshot {
    /// What the publisher has set.
    pub publication: Arc<Publication>,
    /// The theme that it is printed in.
    pub theme: Arc<Theme>,
    /// What is in it.
    pub edition: Arc<Edition>,
    /// Articles in it, those that are read most first.
    pub most_read: Arc<Vec<ArticleId>>,
    now: Timestamp,
    day: Date,
    pages: Cache<(PageKey, Encoding), Arc<Page>>,
    pub(crate) common: CommonParts,
    running: [OfferSet; History::ALL.len()],
    sold_out: OfferMask,
    messages: RwLock<HashMap<MessageKey, Option<Arc<Part>>>>,
}

impl SiteSnapshot {
    /// A printing made at `now`, which keeps up to `keep` bytes of pages ready.
    pub fn new(
        publication: Arc<Publication>,
        theme: Arc<Theme>,
        edition: Arc<Edition>,
        now: Timestamp,
        keep: u64,
    ) -> Self {
        let weigh = |_: &(PageKey, Encoding), page: &Arc<Page>| {
            u32::try_from(page.weight()).unwrap_or(u32::MAX)
        };
        let running = History::ALL.map(|history| {
            OfferSet::running(&publication.catalogue, history, now, &publication.policy.zone)
        });
        Self {
            day: now.to_zoned_datetime(publication.policy.zone.clone()).date(),
            publication,
            theme,
            edition,
            most_read: Arc::default(),
            now,
            running,
            sold_out: OfferMask::default(),
            pages: Cache::builder().max_capacity(keep).weigher(weigh).build(),
            common: CommonParts::default(),
            messages: RwLock::default(),
        }
    }

    /// The same, where these are read most.
    #[must_use]
    pub fn with_most_read(self, most_read: Arc<Vec<ArticleId>>) -> Self {
        Self { most_read, ..self }
    }

    /// The offers that a reader of this history may take today without a code.
    pub fn offers(&self, history: History) -> OfferSet {
        self.running[history as usize].without(self.sold_out.get())
    }

    /// Takes offers that have reached their limit in number from all pages.
    pub fn exhaust(&self, offers: &[String]) {
        self.sold_out.set(OfferSet::named(&self.publication.catalogue, offers));
    }

    /// The offers that have reached their limit, by their slugs.
    pub(crate) fn exhausted_names(&self) -> Vec<&str> {
        let sold_out = self.sold_out.get().of(&self.publication.catalogue);
        sold_out.map(|offer| offer.slug.as_str()).collect()
    }

    /// The day of an instant in the publication's zone, written out.
    pub(crate) fn date_of(&self, at: Timestamp) -> String {
        let publication = &self.publication;
        publication.locale.date(at.to_zoned_datetime(publication.policy.zone.clone()).date())
    }

    /// The local date that its pages show.
    pub fn day(&self) -> Date {
        self.day
    }

    /// A page.
    pub async fn page(
        &self,
        sheet: PageKey,
        encoding: Encoding,
        store: &Store,
    ) -> Result<Arc<Page>, Arc<PageError>> {
        let key = (sheet, encoding);
        if let Some(page) = self.pages.get(&key).await {
            return Ok(page);
        }
        // Whoever asks for the same page meanwhile waits for this one.
        let made = self.pages.try_get_with(key.clone(), async {
            let html = self.render(&key.0, store).await?;
            Ok(Arc::new(Page::new(&html, encoding, &self.common)))
        });
        made.await
    }

    async fn render(&self, sheet: &PageKey, store: &Store) -> Result<String, PageError> {
        let theme = &self.theme;
        let layout = self.layout();
        Ok(match sheet {
            PageKey::Home => theme.render(Template::Home, &layout.home())?,
            PageKey::List(address, number) => {
                let list = layout.list(address, *number).ok_or(PageError::Absent)?;
                theme.render(Template::List, &list)?
            }
            PageKey::Meter => {
                theme.render(Template::Meter, &layout.meter(theme.word("meter_page")))?
            }
            PageKey::Error(status) => theme.render(Template::Error, &layout.error(*status))?,
            PageKey::Piece(id, form) => {
                let entry = self.edition.piece(*id).ok_or(PageError::Absent)?;
                let piece = store.piece_numbered(*id).await?.ok_or(PageError::Absent)?;
                self.render_piece(&layout, entry, piece, *form)?
            }
        })
    }

    /// The page of a piece that is not in the database.
    pub(crate) fn piece_page(
        &self,
        entry: &Entry,
        piece: Piece,
        form: Form,
    ) -> Result<Page, PageError> {
        let html = self.render_piece(&self.layout(), entry, piece, form)?;
        Ok(Page::new(&html, Encoding::Identity, &self.common))
    }

    /// The front that an arrangement makes; none where there is no such front.
    pub(crate) fn front_page(&self, front: &Front) -> Result<Page, PageError> {
        let layout = Layout { fronts: slice::from_ref(front), ..self.layout() };
        let html = if front.page == Front::HOME {
            self.theme.render(Template::Home, &layout.home())?
        } else {
            let list = layout.list(&front.page, 1).ok_or(PageError::Absent)?;
            self.theme.render(Template::List, &list)?
        };
        Ok(Page::new(&html, Encoding::Identity, &self.common))
    }

    fn render_piece(
        &self,
        layout: &Layout<'_>,
        entry: &Entry,
        mut piece: Piece,
        form: Form,
    ) -> Result<String, ThemeError> {
        let template = if entry.is_page() { Template::Page } else { Template::Article };
        if form == Form::Teaser {
            piece.body = layout.teaser(&piece.body);
        }
        let words =
            CardWords { link: self.theme.word("embed"), note: self.theme.word("embed_note") };
        piece.body = embeds::show(&piece.body, &words);
        self.theme.render(template, &layout.article(entry, piece, form))
    }

    pub(crate) fn layout(&self) -> Layout<'_> {
        Layout {
            publication: &self.publication,
            edition: &self.edition,
            fronts: &self.publication.fronts,
            most_read: &self.most_read,
            now: self.now,
        }
    }

    /// What is said to a reader of this name in a placement, compressed; none where there is nothing to say. What calls
    /// nobody by name is kept, for it is the same for many.
    pub fn message(
        &self,
        situation: Situation,
        name: Option<&str>,
        placement: Placement,
        encoding: Encoding,
    ) -> Option<Arc<Part>> {
        if name.is_some() && self.calls_by_name(situation, placement) {
            return self.make_message(situation, name, placement, encoding);
        }
        let key = (situation, placement, encoding);
        if let Some(known) = self.messages.read().get(&key) {
            return known.clone();
        }
        let part = self.make_message(situation, None, placement, encoding);
        let mut messages = self.messages.write();
        if messages.len() >= MESSAGES {
            messages.clear();
        }
        messages.insert(key, part.clone());
        part
    }

    fn calls_by_name(&self, situation: Situation, placement: Placement) -> bool {
        let said = self.publication.message(situation.moments, placement, situation.arm);
        said.is_some_and(|message| message.mentions(Variable::ReaderName))
    }

    fn make_message(
        &self,
        situation: Situation,
        name: Option<&str>,
        placement: Placement,
        encoding: Encoding,
    ) -> Option<Arc<Part>> {
        let words = self.message_words(situation, name, placement)?;
        match self.theme.render(Template::Message, &words) {
            Ok(html) => Some(Arc::new(Part::new(&html, encoding))),
            Err(error) => {
                tracing::error!(%error, "a message cannot be shown; mend message.html in the theme");
                None
            }
        }
    }

    /// What is said to a reader of this name in a placement; none where there is nothing to say.
    pub fn message_words(
        &self,
        situation: Situation,
        name: Option<&str>,
        placement: Placement,
    ) -> Option<MessageContext> {
        let arm = situation.arm;
        let message = self.publication.message(situation.moments, placement, arm)?;
        Some(self.words(message, situation, name))
    }

    /// What a message says of a price: that of the offer that it names, while that runs for the reader;
    /// where it names none, that of the first offer that does, or else of the first price.
    fn price_and_end(
        &self,
        named: Option<&str>,
        situation: Situation,
    ) -> (Option<String>, Option<Date>) {
        let catalogue = &self.publication.catalogue;
        let mut running = situation.offers.of(catalogue);
        let offer = running.find(|offer| named.is_none_or(|named| named == offer.slug));
        let rates = self.rates();
        if let Some(offer) = offer {
            let price = catalogue.price(&offer.price);
            return (price.map(|price| rates.offer(offer, price)), offer.ends);
        }
        let price = catalogue.prices().first().filter(|_| named.is_none() && situation.may_buy);
        (price.map(|price| rates.each(price.amount, price.every)), None)
    }

    /// How prices are written.
    pub(crate) fn rates(&self) -> Rates<'_> {
        Rates { theme: &self.theme, locale: &self.publication.locale }
    }

    fn words(&self, message: &Message, situation: Situation, name: Option<&str>) -> MessageContext {
        let publication = &self.publication;
        let (price, offer_ends) = self.price_and_end(message.offer.as_deref(), situation);
        let facts = Facts {
            price: price.as_deref(),
            offer_ends,
            ended_on: situation.ended_on,
            number_articles_left: situation.left,
            allowance: situation.allowance,
            registered_allowance: Some(publication.policy.allowances.registered),
            publication: &publication.name,
            resets_on: situation.resets_on,
            reader_name: name,
        };
        let render = |template: &masthead_access::message::Template| {
            template.render(&facts, &publication.locale)
        };
        let action = |action: &masthead_access::message::Action| Link {
            href: action.link.clone(),
            name: render(&action.label),
            slug: String::new(),
            current: false,
        };
        MessageContext {
            placement: message.placement.name(),
            title: render(&message.title),
            text: render(&message.text),
            narrow: render(message.narrow.as_ref().unwrap_or(&message.text)),
            benefits: message.benefits.iter().map(render).collect(),
            actions: message.actions.iter().map(action).collect(),
        }
    }

    /// Renders every template with everything that it may be given, to find a fault before a reader
    /// does.
    pub fn prove(&self) -> Result<(), ThemeError> {
        let Specimen { edition, pieces } = specimen(self.now);
        let theme = &self.theme;
        let most_read: Vec<ArticleId> = pieces.iter().map(|piece| piece.id).collect();
        let layout = Layout { edition: &edition, most_read: &most_read, ..self.layout() };
        theme.render(Template::Home, &layout.home())?;
        theme.render(Template::Meter, &layout.meter(theme.word("meter_page")))?;
        for status in [404, 500] {
            theme.render(Template::Error, &layout.error(status))?;
        }
        for Listed { id, piece, .. } in pieces {
            let Some(entry) = edition.piece(id) else { continue };
            for form in [Form::Full, Form::Teaser] {
                self.render_piece(&layout, entry, piece.clone(), form)?;
            }
        }
        for (address, _) in edition.addresses() {
            if let Some(list) = layout.list(address, 1) {
                theme.render(Template::List, &list)?;
                let (lead, seconds) = (list.cards.first().cloned(), list.cards.clone());
                theme.render(Template::List, &ListContext { lead, seconds, ..list })?;
            }
        }
        specimen::prove_search(theme, &layout, &most_read)?;
        specimen::prove_personal(theme, &layout)?;
        specimen::prove_sales(theme, &layout)?;
        let tried = match &self.publication.experiment {
            Some(Experiment { tried: Treatment::Message(tried), .. }) => Some(&**tried),
            Some(_) | None => None,
        };
        for message in self.publication.messages.iter().chain(tried) {
            theme.render(Template::Message, &self.sample_words(message))?;
        }
        Ok(())
    }

    /// What a reader could be told by this.
    fn sample_words(&self, message: &Message) -> MessageContext {
        self.words(message, self.sample(message), Some(SAMPLE_NAME))
    }

    /// How it could be with a reader who is told this.
    fn sample(&self, message: &Message) -> Situation {
        Situation {
            moments: Moments { main: Some(message.moment), ..Moments::default() },
            arm: None,
            allowance: Some(self.publication.policy.allowances.anonymous),
            left: Some(if message.moment == Moment::MeterLeft { 2 } else { 0 }),
            resets_on: self.sample_reset(),
            ended_on: Some(self.day()),
            offers: self.offers(History::New),
            may_buy: true,
        }
    }

    /// When the meter is full again for a reader who read their first article today.
    fn sample_reset(&self) -> Option<Date> {
        let policy = &self.publication.policy;
        let now = self.day.to_zoned_datetime(policy.zone.clone()).ok()?.timestamp();
        let mut reads = Reads::default();
        reads.insert(ArticleId(1), now);
        policy.window.resets_on(&reads, now, &policy.zone)
    }

    /// A message that is not said yet, as it would stand on a page.
    pub(crate) fn sample_part(&self, message: &Message) -> Result<Arc<Part>, ThemeError> {
        let html = self.theme.render(Template::Message, &self.sample_words(message))?;
        Ok(Arc::new(Part::new(&html, Encoding::Identity)))
    }
}

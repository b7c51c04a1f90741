//! An immutable snapshot of everything that readers get: settings, theme, edition and the day.
//!
//! [`Live`](crate::Live) replaces the snapshot whenever one of them changes. Pages are rendered and
//! compressed when somebody first asks for them and kept across snapshots (see [`crate::page_cache`]).

use std::{slice, sync::Arc, sync::atomic::Ordering};

use jiff::{Timestamp, civil::Date};
use masthead_access::ArticleId;
use masthead_circulation::History;
use masthead_editorial::{Front, Piece};
use masthead_store::{Store, StoreError};

use crate::{
    compression::Encoding,
    contexts::RelatedContext,
    edition::{Edition, Entry},
    embeds::{self, CardWords},
    layout::{Form, Layout},
    messages::MessageCache,
    offer_set::OfferSet,
    page::{CommonParts, Page, Part},
    page_cache::{CachedPage, PageCache, PageInputs, PageKey, fingerprint},
    publication::Publication,
    rates::Rates,
    theme::{Template, Theme, ThemeError},
};

/// Why a page cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The edition has no such page.
    #[error("there is no such page")]
    Absent,
    /// The piece was changed after this snapshot was made. Its new text may be locked, so it is not rendered:
    /// refresh, and decide again.
    #[error("the piece has changed since this snapshot was made")]
    Changed,
    /// The template fails with this page's context.
    #[error(transparent)]
    Theme(#[from] ThemeError),
    /// The body cannot be read from the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Billing failed.
    #[error("billing: {0}")]
    Billing(String),
    /// The thread that rendered the page ended early.
    #[error("rendering was interrupted: {0}")]
    Interrupted(String),
}

/// What a snapshot is made of. A change takes the parts of the current snapshot, replaces some, and
/// hands them back to [`Live::update`](crate::Live::update).
#[derive(Clone)]
pub struct SnapshotParts {
    /// What the publisher has set.
    pub publication: Arc<Publication>,
    /// The theme that pages are rendered with.
    pub theme: Arc<Theme>,
    /// What is published.
    pub edition: Arc<Edition>,
    /// The most-read articles, most read first.
    pub most_read: Arc<Vec<ArticleId>>,
    /// Slugs of offers that have reached their limit in number.
    pub sold_out: Arc<Vec<String>>,
}

impl SnapshotParts {
    /// The parts of a publication that has published nothing.
    pub fn new(publication: Arc<Publication>, theme: Arc<Theme>) -> Self {
        let (edition, most_read, sold_out) = (Arc::default(), Arc::default(), Arc::default());
        Self { publication, theme, edition, most_read, sold_out }
    }
}

/// See the module's documentation.
pub struct SiteSnapshot {
    /// What the publisher has set.
    pub publication: Arc<Publication>,
    /// The theme that pages are rendered with.
    pub theme: Arc<Theme>,
    /// What is published.
    pub edition: Arc<Edition>,
    /// The most-read articles, most read first.
    pub most_read: Arc<Vec<ArticleId>>,
    sold_out_offers: Arc<Vec<String>>,
    /// Distinguishes snapshots of this process.
    number: u64,
    /// Changes with the settings and the theme.
    generation: u64,
    now: Timestamp,
    day: Date,
    pages: Arc<PageCache>,
    running: [OfferSet; History::ALL.len()],
    sold_out: OfferSet,
    pub(crate) messages: Arc<MessageCache>,
}

impl SiteSnapshot {
    /// The first snapshot of a process, made at `now`.
    pub fn new(parts: SnapshotParts, now: Timestamp, pages: Arc<PageCache>) -> Self {
        Self::with(parts, now, pages, 0, 0, Arc::default())
    }

    /// The snapshot that follows this one, made at `now`.
    #[must_use]
    pub fn next(&self, parts: SnapshotParts, now: Timestamp) -> Self {
        let same = Arc::ptr_eq(&parts.publication, &self.publication)
            && Arc::ptr_eq(&parts.theme, &self.theme);
        let day = local_date(&parts.publication, now);
        let (generation, messages) = if same && day == self.day {
            (self.generation, Arc::clone(&self.messages))
        } else {
            (self.generation + u64::from(!same), Arc::default())
        };
        let pages = Arc::clone(&self.pages);
        Self::with(parts, now, pages, self.number + 1, generation, messages)
    }

    fn with(
        parts: SnapshotParts,
        now: Timestamp,
        pages: Arc<PageCache>,
        number: u64,
        generation: u64,
        messages: Arc<MessageCache>,
    ) -> Self {
        let SnapshotParts { publication, theme, edition, most_read, sold_out } = parts;
        let running = History::ALL.map(|history| {
            OfferSet::running(&publication.catalogue, history, now, &publication.policy.zone)
        });
        Self {
            day: local_date(&publication, now),
            sold_out: OfferSet::named(&publication.catalogue, &sold_out),
            sold_out_offers: sold_out,
            publication,
            theme,
            edition,
            most_read,
            number,
            generation,
            now,
            running,
            pages,
            messages,
        }
    }

    /// Returns what this snapshot is made of.
    pub fn parts(&self) -> SnapshotParts {
        SnapshotParts {
            publication: Arc::clone(&self.publication),
            theme: Arc::clone(&self.theme),
            edition: Arc::clone(&self.edition),
            most_read: Arc::clone(&self.most_read),
            sold_out: Arc::clone(&self.sold_out_offers),
        }
    }

    /// Returns the offers that a reader of this history may take today without a code.
    pub fn offers(&self, history: History) -> OfferSet {
        self.running[history as usize].without(self.sold_out)
    }

    /// Returns the slugs of offers that have reached their limit in number.
    pub fn sold_out_offers(&self) -> &[String] {
        &self.sold_out_offers
    }

    /// Returns the day of an instant in the publication's time zone, written out.
    pub fn date_of(&self, at: Timestamp) -> String {
        self.publication.locale.date(local_date(&self.publication, at))
    }

    /// Returns the local date that pages show.
    pub fn day(&self) -> Date {
        self.day
    }

    /// Returns what writes prices in the publication's words and locale.
    pub fn rates(&self) -> Rates<'_> {
        Rates { theme: &self.theme, locale: &self.publication.locale }
    }

    /// Returns the layout that turns the edition into template contexts.
    pub fn layout(&self) -> Layout<'_> {
        Layout {
            publication: &self.publication,
            edition: &self.edition,
            fronts: &self.publication.fronts,
            most_read: &self.most_read,
            now: self.now,
        }
    }

    /// Returns the parts that pages have in common.
    pub fn common_parts(&self) -> &CommonParts {
        &self.pages.common
    }

    /// Returns a page, rendering and compressing it if it is not ready. Requests for the same page wait
    /// for one rendering.
    ///
    /// # Errors
    ///
    /// [`PageError::Absent`] if the edition has no such page.
    pub async fn page(
        self: &Arc<Self>,
        page: PageKey,
        encoding: Encoding,
        store: &Store,
    ) -> Result<Arc<Page>, Arc<PageError>> {
        let key = (page, encoding);
        loop {
            let Some(cached) = self.pages.pages.get(&key).await else {
                let made = self.render_once(&key, store).await?;
                if made.is_checked_for(self.number) {
                    return Ok(Arc::clone(&made.page));
                }
                // Another snapshot has rendered it meanwhile: compare.
                continue;
            };
            if cached.is_checked_for(self.number) {
                self.pages.counts.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(Arc::clone(&cached.page));
            }
            self.revalidate(&key, &cached).await;
        }
    }

    /// Compares a cached page with what this snapshot would show: keeps it, replaces its related
    /// articles, or drops it.
    async fn revalidate(&self, key: &(PageKey, Encoding), cached: &CachedPage) {
        let inputs = self.inputs(&key.0);
        match inputs {
            Some(inputs) if inputs == cached.inputs => {
                cached.checked.store(self.number, Ordering::Relaxed);
            }
            Some(inputs) if inputs.own == cached.inputs.own => {
                let part = self.related_part(&key.0, key.1);
                let page = cached.page.with_related(part.as_ref());
                let page = CachedPage::new(page, inputs, self.number);
                self.pages.pages.insert(key.clone(), Arc::new(page)).await;
            }
            Some(_) | None => self.pages.pages.invalidate(key).await,
        }
    }

    async fn render_once(
        self: &Arc<Self>,
        key: &(PageKey, Encoding),
        store: &Store,
    ) -> Result<Arc<CachedPage>, Arc<PageError>> {
        let made = self.pages.pages.try_get_with(key.clone(), async {
            self.pages.counts.misses.fetch_add(1, Ordering::Relaxed);
            let piece = match &key.0 {
                PageKey::Piece(id, _) => {
                    let stored = store.whole_piece(*id).await?.ok_or(PageError::Absent)?;
                    let known = self.edition.piece(*id).map(|entry| entry.revision);
                    if known != Some(stored.revision) {
                        return Err(PageError::Changed);
                    }
                    Some(stored.piece)
                }
                PageKey::Home | PageKey::List(..) | PageKey::Meter | PageKey::Error(_) => None,
            };
            // Rendering and compressing take milliseconds: not on a thread that serves requests.
            let (snapshot, key) = (Arc::clone(self), key.clone());
            let rendered = tokio::task::spawn_blocking(move || snapshot.render(&key, piece));
            let rendered =
                rendered.await.map_err(|error| PageError::Interrupted(error.to_string()))?;
            rendered.map(Arc::new)
        });
        made.await
    }

    fn render(
        &self,
        (page, encoding): &(PageKey, Encoding),
        piece: Option<Piece>,
    ) -> Result<CachedPage, PageError> {
        let (theme, layout) = (&self.theme, self.layout());
        let inputs = self.inputs(page).ok_or(PageError::Absent)?;
        let html = match page {
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
                self.render_piece(&layout, entry, piece.ok_or(PageError::Absent)?, *form)?
            }
        };
        let rendered = Page::new(&html, *encoding, &self.pages.common);
        let rendered = rendered.with_related(self.related_part(page, *encoding).as_ref());
        Ok(CachedPage::new(rendered, inputs, self.number))
    }

    /// Returns the fingerprints of what a page shows; `None` if the edition has no such page.
    fn inputs(&self, page: &PageKey) -> Option<PageInputs> {
        let layout = self.layout();
        let own = match page {
            PageKey::Home => fingerprint(&(self.generation, layout.home())),
            PageKey::List(address, number) => {
                fingerprint(&(self.generation, layout.list(address, *number)?))
            }
            PageKey::Meter => fingerprint(&(self.generation, layout.meter(""))),
            PageKey::Error(status) => fingerprint(&(self.generation, layout.error(*status))),
            // The body is what it was at this revision.
            PageKey::Piece(id, _) => {
                let entry = self.edition.piece(*id)?;
                let frame = layout.frame(entry);
                fingerprint(&(self.generation, entry.revision, frame))
            }
        };
        Some(PageInputs { own, related: fingerprint(&self.related(page)) })
    }

    fn related(&self, page: &PageKey) -> Option<RelatedContext> {
        match page {
            PageKey::Piece(id, _) => Some(self.layout().related(self.edition.piece(*id)?)),
            PageKey::Home | PageKey::List(..) | PageKey::Meter | PageKey::Error(_) => None,
        }
    }

    fn related_part(&self, page: &PageKey, encoding: Encoding) -> Option<Arc<Part>> {
        let related = self.related(page)?;
        if related.related.is_empty() {
            return None;
        }
        match self.theme.render(Template::Related, &related) {
            Ok(html) => Some(self.pages.common.part(&html, encoding)),
            Err(error) => {
                tracing::error!(%error, "pages: related.html cannot be rendered, left out");
                None
            }
        }
    }

    /// Renders the page of a piece that is not in the database.
    pub fn piece_page(&self, entry: &Entry, piece: Piece, form: Form) -> Result<Page, PageError> {
        let html = self.render_piece(&self.layout(), entry, piece, form)?;
        let page = Page::new(&html, Encoding::Identity, &self.pages.common);
        let related = self.related_part(&PageKey::Piece(entry.id, form), Encoding::Identity);
        Ok(page.with_related(related.as_ref()))
    }

    /// Renders the front that an arrangement makes.
    ///
    /// # Errors
    ///
    /// [`PageError::Absent`] if there is no such front.
    pub fn front_page(&self, front: &Front) -> Result<Page, PageError> {
        let layout = Layout { fronts: slice::from_ref(front), ..self.layout() };
        let html = if front.page == Front::HOME {
            self.theme.render(Template::Home, &layout.home())?
        } else {
            let list = layout.list(&front.page, 1).ok_or(PageError::Absent)?;
            self.theme.render(Template::List, &list)?
        };
        Ok(Page::new(&html, Encoding::Identity, &self.pages.common))
    }

    pub(crate) fn render_piece(
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
}

fn local_date(publication: &Publication, at: Timestamp) -> Date {
    at.to_zoned_datetime(publication.policy.zone.clone()).date()
}

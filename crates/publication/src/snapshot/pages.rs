//! The pages of a snapshot: from the cache, compared with what they would show now, or rendered.
//!
//! Each of these happens once at a time for a page, however many requests wait for it, and on a thread
//! that serves no requests.

use std::{slice, sync::Arc, sync::atomic::Ordering};

use masthead_editorial::{Front, renditions};
use masthead_store::Store;
use moka::ops::compute::Op;

use super::{PageError, SiteSnapshot};
use crate::{
    compression::Encoding,
    contexts::RelatedContext,
    edition::EditionEntry,
    elements::{self, ElementWords},
    embeds::{self, CardWords},
    layout::{Form, Layout, PieceContent},
    page::{Page, Part},
    page_cache::{CachedPage, PageInputs, PageKey, fingerprint},
    theme::{Template, ThemeError},
};

/// A page in one encoding.
type Key = (PageKey, Encoding);

impl SiteSnapshot {
    /// Returns a page, rendering and compressing it if it is not ready. Requests for the same page wait
    /// for one rendering.
    ///
    /// # Errors
    ///
    /// [`PageError::Absent`] if the edition has no such page, and [`PageError::Changed`] if the piece was
    /// changed after this snapshot was made; see [`Live::after_change`](crate::Live::after_change).
    pub async fn page(
        self: &Arc<Self>,
        page: PageKey,
        encoding: Encoding,
        store: &Store,
    ) -> Result<Arc<Page>, Arc<PageError>> {
        let key = (page, encoding);
        match self.ready(&key).await {
            Some(page) => Ok(page),
            // Boxed, because it is rare: the future of every request would be as large.
            None => Box::pin(self.made_page(&key, store)).await,
        }
    }

    /// Returns a page if nothing has to be read, rendered or compared for it.
    pub async fn ready_page(&self, page: PageKey, encoding: Encoding) -> Option<Arc<Page>> {
        self.ready(&(page, encoding)).await
    }

    async fn ready(&self, key: &Key) -> Option<Arc<Page>> {
        let cached = self.pages.pages.get(key).await?;
        let is_ready = cached.is_checked_for(self.number);
        is_ready.then(|| {
            self.pages.counts.hits.fetch_add(1, Ordering::Relaxed);
            Arc::clone(&cached.page)
        })
    }

    /// Returns a page that was not ready.
    async fn made_page(
        self: &Arc<Self>,
        key: &Key,
        store: &Store,
    ) -> Result<Arc<Page>, Arc<PageError>> {
        loop {
            let made = self.render_once(key, store).await?;
            if made.is_checked_for(self.number) {
                return Ok(Arc::clone(&made.page));
            }
            // Another snapshot has rendered it.
            self.revalidate_once(key).await?;
            if let Some(page) = self.ready(key).await {
                return Ok(page);
            }
        }
    }

    /// Compares a cached page with what this snapshot would show, unless another request has done so.
    async fn revalidate_once(self: &Arc<Self>, key: &Key) -> Result<(), PageError> {
        let entry = self.pages.pages.entry_by_ref(key);
        let compared = entry.and_try_compute_with(async |entry| {
            let Some(cached) = entry.map(moka::Entry::into_value) else { return Ok(Op::Nop) };
            if cached.is_checked_for(self.number) {
                return Ok(Op::Nop);
            }
            self.pages.counts.checks.fetch_add(1, Ordering::Relaxed);
            let (snapshot, key) = (Arc::clone(self), key.clone());
            let compared = tokio::task::spawn_blocking(move || snapshot.compare(&key, &cached));
            compared.await.map_err(|error| PageError::Interrupted(error.to_string()))
        });
        compared.await.map(|_| ())
    }

    /// Keeps a cached page, replaces its related articles, or drops it.
    fn compare(&self, (page, encoding): &Key, cached: &CachedPage) -> Op<Arc<CachedPage>> {
        let Some((inputs, related)) = self.inputs(page) else { return Op::Remove };
        if inputs == cached.inputs {
            cached.checked.store(self.number, Ordering::Relaxed);
            Op::Nop
        } else if inputs.own == cached.inputs.own {
            let part = self.related_part(related.as_ref(), *encoding);
            let page = cached.page.with_related(part.as_ref());
            Op::Put(Arc::new(CachedPage::new(page, inputs, self.number)))
        } else {
            Op::Remove
        }
    }

    async fn render_once(
        self: &Arc<Self>,
        key: &Key,
        store: &Store,
    ) -> Result<Arc<CachedPage>, Arc<PageError>> {
        let made = self.pages.pages.try_get_with(key.clone(), async {
            self.pages.counts.misses.fetch_add(1, Ordering::Relaxed);
            let piece = match &key.0 {
                PageKey::Piece(id, _) => {
                    let stored = store.promptly(store.whole_piece(*id)).await?;
                    let stored = stored.ok_or(PageError::Absent)?;
                    let known = self.edition.piece(*id).map(|entry| entry.revision);
                    if known != Some(stored.revision) {
                        return Err(PageError::Changed);
                    }
                    Some(PieceContent { piece: stored.piece, posts: stored.posts })
                }
                PageKey::Home
                | PageKey::List(..)
                | PageKey::Outline(_)
                | PageKey::Meter
                | PageKey::Error(_) => None,
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
        (page, encoding): &Key,
        piece: Option<PieceContent>,
    ) -> Result<CachedPage, PageError> {
        let (theme, layout) = (&self.theme, self.layout());
        let (inputs, related) = self.inputs(page).ok_or(PageError::Absent)?;
        let html = match page {
            PageKey::Home => theme.render(Template::Home, &layout.home())?,
            PageKey::List(address, number) => {
                let list = layout.list(address, *number).ok_or(PageError::Absent)?;
                theme.render(Template::List, &list)?
            }
            PageKey::Meter => {
                theme.render(Template::Meter, &layout.meter(theme.word("meter_page")))?
            }
            PageKey::Error(status) => theme
                .render(Template::Error, &layout.error(*status, self.error_heading(*status)))?,
            PageKey::Piece(id, form) => {
                let entry = self.edition.piece(*id).ok_or(PageError::Absent)?;
                self.render_piece(&layout, entry, piece.ok_or(PageError::Absent)?, *form)?
            }
            PageKey::Outline(id) => {
                let entry = self.edition.piece(*id).ok_or(PageError::Absent)?;
                self.render_piece(&layout, entry, entry.outline().into(), Form::Teaser)?
            }
        };
        let rendered = Page::new(&html, *encoding, &self.pages.common);
        let rendered =
            rendered.with_related(self.related_part(related.as_ref(), *encoding).as_ref());
        Ok(CachedPage::new(rendered, inputs, self.number))
    }

    /// Returns the fingerprints of what a page shows, and its related articles; `None` if the edition has
    /// no such page.
    fn inputs(&self, page: &PageKey) -> Option<(PageInputs, Option<RelatedContext>)> {
        let layout = self.layout();
        let own = match page {
            PageKey::Home => fingerprint(&(self.generation, layout.home())),
            PageKey::List(address, number) => {
                fingerprint(&(self.generation, layout.list(address, *number)?))
            }
            PageKey::Meter => fingerprint(&(self.generation, layout.meter(""))),
            PageKey::Error(status) => {
                let error = layout.error(*status, "");
                fingerprint(&(self.generation, error))
            }
            // The body is what it was at this revision.
            PageKey::Piece(id, _) | PageKey::Outline(id) => {
                let entry = self.edition.piece(*id)?;
                let frame = layout.frame(entry);
                fingerprint(&(self.generation, entry.revision, frame))
            }
        };
        let related = match page {
            PageKey::Piece(id, _) | PageKey::Outline(id) => {
                Some(layout.related(self.edition.piece(*id)?))
            }
            PageKey::Home | PageKey::List(..) | PageKey::Meter | PageKey::Error(_) => None,
        };
        Some((PageInputs { own, related: fingerprint(&related) }, related))
    }

    fn related_part(
        &self,
        related: Option<&RelatedContext>,
        encoding: Encoding,
    ) -> Option<Arc<Part>> {
        let is_empty =
            |related: &RelatedContext| related.related.is_empty() && related.by_author.is_empty();
        let related = related.filter(|related| !is_empty(related))?;
        match self.theme.render(Template::Related, related) {
            Ok(html) => Some(Arc::new(Part::new(&html, encoding))),
            Err(error) => {
                tracing::error!(%error, "pages: related.html cannot be rendered, left out");
                None
            }
        }
    }

    /// Renders the page of a piece that is not in the database.
    ///
    /// # Errors
    ///
    /// Fails if the theme cannot render it.
    pub fn piece_page(
        &self,
        entry: &EditionEntry,
        piece: PieceContent,
        form: Form,
    ) -> Result<Page, PageError> {
        let layout = self.layout();
        let html = self.render_piece(&layout, entry, piece, form)?;
        let page = Page::new(&html, Encoding::Identity, &self.pages.common);
        let related = self.related_part(Some(&layout.related(entry)), Encoding::Identity);
        Ok(page.with_related(related.as_ref()))
    }

    /// The heading of the page of an error.
    pub(crate) fn error_heading(&self, status: u16) -> &str {
        self.theme.word(match status {
            404 => "error_404_title",
            503 => "error_503_title",
            _ => "error_500_title",
        })
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
        entry: &EditionEntry,
        mut content: PieceContent,
        form: Form,
    ) -> Result<String, ThemeError> {
        let template = if entry.is_page() { Template::Page } else { Template::Article };
        if form == Form::Teaser {
            content.piece.body = layout.teaser(&content.piece.body);
            content.posts.clear();
        }
        // Before the theme's own words are in the text.
        let direction = layout.text_direction(&content.piece);
        content.piece.body = self.body(&content.piece.body);
        for post in &mut content.posts {
            post.body = below_headline(&self.body(&post.body));
        }
        self.theme.render(template, &layout.article(entry, content, form, direction))
    }

    /// A clean text with what its embeds, tables and footnotes need on a page.
    fn body(&self, clean: &str) -> String {
        let word = |name| self.theme.word(name);
        let clean = self.edition.replaced_pictures().html(clean);
        let cards =
            embeds::show(&clean, &CardWords { link: word("embed"), note: word("embed_note") });
        let words = ElementWords {
            table: word("table"),
            footnotes: word("footnotes"),
            back: word("footnote_back"),
            related: word("text_related"),
        };
        elements::show(&cards, &words)
    }
}

/// The text of a post with its headings below the post's headline, which is an `h3`.
fn below_headline(html: &str) -> String {
    let html = renditions::add_sources(html);
    if !html.contains("<h2") && !html.contains("<h3") {
        return html;
    }
    ["h3", "h2"].iter().zip(["h4", "h3"]).fold(html, |html, (from, to)| {
        html.replace(&format!("<{from}"), &format!("<{to}"))
            .replace(&format!("</{from}>"), &format!("</{to}>"))
    })
}

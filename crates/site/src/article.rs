//! Articles, metered: the decision, the count, and the page for this reader.

use std::{net::IpAddr, sync::Arc};

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use masthead_circulation::app::Scope;
use masthead_publication::{
    CachedAccount, PageError, PageKey, ReaderLinks, SiteSnapshot,
    accounts::Credential,
    compression::Encoding,
    edition::{EditionEntry, Target},
    layout::Form,
    page::Page,
};
use masthead_store::StoreError;

use crate::{
    counting,
    error::{Handled, SiteError},
    note::{TakenNote, with_note},
    reader::MeteredVisit,
    response,
    state::Site,
};
use masthead_web::observe::DECISION;

/// The header of a page with live coverage that fetches itself to show new posts.
const UPDATE: HeaderName = HeaderName::from_static("masthead-update");

/// Who asks, and how.
pub(crate) struct Visitor<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    pub address: IpAddr,
}

impl Site {
    /// Decides what this reader gets of an article or page, and counts the read if it counts.
    ///
    /// # Errors
    ///
    /// Returns an error if the database is busy for too long to decide on the account of this reader.
    pub(crate) async fn visit(
        &self,
        snapshot: &SiteSnapshot,
        entry: &EditionEntry,
        request: &Visitor<'_>,
        now: Timestamp,
    ) -> Result<MeteredVisit, StoreError> {
        let publication = &snapshot.publication;
        let counts = request.method == Method::GET;
        let article = entry.article();
        let Visitor { headers, address, .. } = *request;
        let when = (now, snapshot.window_opens(now));
        match self.member(headers, when).await? {
            Some(member) => {
                let member = (&*self.accounts, &*member);
                let visited = self
                    .anonymous_meter
                    .visit_of_member(publication, &article, headers, member, when, counts)
                    .await?;
                if counts && !entry.is_page() && visited.visit.decision.delivers_full_text() {
                    self.accounts.note_opened(member.1, entry.id, now);
                }
                Ok(visited)
            }
            None => Ok(self.anonymous_meter.visit(
                publication,
                &article,
                headers,
                address,
                when,
                counts,
            )),
        }
    }

    /// Returns the links in the header of a page that is the same for all readers, and whether its reader follows what the page
    /// is about. A reader whose session cannot be looked up in time gets the links of an account, which lead to signing in as
    /// well.
    pub(crate) async fn reader_links(
        &self,
        headers: &HeaderMap,
        page: Option<&PageKey>,
    ) -> (ReaderLinks, bool) {
        if Credential::of_browser(headers, self.cookies.session).is_none() {
            return (ReaderLinks::Guest, false);
        }
        let now = (self.clock)();
        let opens = self.snapshot().window_opens(now);
        // Boxed: most requests are not signed in.
        match Box::pin(self.member(headers, (now, opens))).await {
            Ok(Some(member)) => {
                let follows =
                    matches!(page, Some(PageKey::List(address, _)) if member.follows(address));
                (member.links(now), follows)
            }
            Ok(None) => (ReaderLinks::Guest, false),
            Err(_) => (ReaderLinks::Account, false),
        }
    }

    /// Returns the account that is signed in, if its session covers articles. While the database is gone, a reader whose session
    /// cannot be looked up reads like one without an account: articles need no database. A busy one is no reason to give an
    /// account's reader another meter.
    pub(crate) async fn member(
        &self,
        headers: &HeaderMap,
        (now, opens): (Timestamp, i64),
    ) -> Result<Option<Arc<CachedAccount>>, StoreError> {
        let credential = Credential::of(headers, self.cookies.session);
        match self.accounts.of(credential, opens, now).await {
            Ok(signed_in) => Ok(signed_in
                .filter(|(session, _)| session.kind.covers(Scope::Articles))
                .map(|(_, member)| member)),
            Err(error) if error.is_unreachable() && Box::pin(self.accounts.are_alone()).await => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Returns an article or page for this reader. If it was changed a moment ago, what is in force is brought up to
    /// date first, so that the decision and the text belong together.
    pub(crate) async fn piece(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        entry: &EditionEntry,
        request: &Visitor<'_>,
    ) -> Handled {
        match self.piece_of(snapshot, entry, request).await {
            Ok(answer) => Ok(answer),
            // Boxed, like everything rare here: the future of every request would be as large.
            Err(error) => Box::pin(self.piece_after(error, entry, request)).await,
        }
    }

    /// Returns an article or page once it could not be made. An error is returned unless a change is the reason.
    async fn piece_after(
        &self,
        error: Arc<PageError>,
        entry: &EditionEntry,
        request: &Visitor<'_>,
    ) -> Handled {
        let latest = self.live.after_change(error).await?;
        match latest.edition.find(&entry.address) {
            Some(Target::Piece(entry)) => Ok(self.piece_of(&latest, entry, request).await?),
            Some(Target::Moved(to)) => Ok(response::moved(&to.address)),
            Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) | None => {
                Err(SiteError::NotFound)
            }
        }
    }

    /// Returns the page with the full text if it is ready, or if this visit is going to spend a read: a read is
    /// recorded only once its text is there, and not when the database fails to deliver it.
    async fn full_page_first(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        entry: &EditionEntry,
        request: &Visitor<'_>,
        (encoding, now): (Encoding, Timestamp),
    ) -> Result<Option<Arc<Page>>, Arc<PageError>> {
        let ready = snapshot.ready_page(PageKey::Piece(entry.id, Form::Full), encoding).await;
        if ready.is_some() || request.method != Method::GET {
            return Ok(ready);
        }
        Box::pin(self.full_page_to_spend(snapshot, entry, request, (encoding, now))).await
    }

    /// Returns the page with the full text, which is not ready, if this visit is going to spend a read.
    async fn full_page_to_spend(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        entry: &EditionEntry,
        request: &Visitor<'_>,
        (encoding, now): (Encoding, Timestamp),
    ) -> Result<Option<Arc<Page>>, Arc<PageError>> {
        let trial = Visitor { method: &Method::HEAD, ..*request };
        let decision =
            self.visit(snapshot, entry, &trial, now).await.map_err(PageError::from)?.visit.decision;
        if !decision.spends_a_read() {
            return Ok(None);
        }
        let key = PageKey::Piece(entry.id, Form::Full);
        snapshot.page(key, encoding, &self.store).await.map(Some)
    }

    /// Returns the page of a piece. While the database is away and its teaser is not ready, a reader at a wall gets what is
    /// in memory.
    async fn page_or_outline(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        entry: &EditionEntry,
        form: Form,
        encoding: Encoding,
    ) -> Result<Arc<Page>, Arc<PageError>> {
        let key = PageKey::Piece(entry.id, form);
        match snapshot.page(key, encoding, &self.store).await {
            Err(error) if form == Form::Teaser && error.is_database_away() => {
                let outline = PageKey::Outline(entry.id);
                Box::pin(snapshot.page(outline, encoding, &self.store)).await
            }
            page => page,
        }
    }

    /// Decides, and returns the article or page of this very snapshot.
    async fn piece_of(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        entry: &EditionEntry,
        request: &Visitor<'_>,
    ) -> Result<Response, Arc<PageError>> {
        let now = (self.clock)();
        let headers = request.headers;
        let encoding = Encoding::accepted(headers);
        let full = self.full_page_first(snapshot, entry, request, (encoding, now)).await?;
        let MeteredVisit { visit, counted, cookie, is_saved } =
            self.visit(snapshot, entry, request, now).await.map_err(PageError::from)?;
        let form = if visit.decision.delivers_full_text() { Form::Full } else { Form::Teaser };
        let page = match full {
            Some(page) if form == Form::Full => page,
            _ => self.page_or_outline(snapshot, entry, form, encoding).await?,
        };
        // A page that fetches itself to show new posts was counted when it was opened. The meter counts as always.
        let is_update = || entry.live().is_some() && headers.contains_key(UPDATE);
        if let Some(reader) = counted.filter(|_| !entry.is_page() && !is_update()) {
            let from = counting::referrer(&snapshot.publication, headers);
            self.counters.count_visit(snapshot, entry.id, &visit, reader, from);
        }
        let situation = snapshot.situation(&visit, now);
        let links = ReaderLinks::of(visit.decision.trace.standing, visit.history);
        let note = self.take_note(headers, links, encoding).await;
        let slots = snapshot.slots_of(&visit, situation, encoding);
        let whole = page.assemble_for(is_saved, with_note(note.as_ref(), slots));
        let mut answer = response::page(StatusCode::OK, whole, encoding, headers, cookie);
        TakenNote::delete_cookie(note, &mut answer);
        if let Ok(value) = HeaderValue::from_str(&visit.decision.header()) {
            answer.headers_mut().insert(DECISION, value);
        }
        Ok(answer)
    }
}

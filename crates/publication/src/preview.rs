//! Previews: what a reader would see of an article, a message or a front, and why. Readers' pages and the desk
//! share the code that decides and renders, so that a preview is the page itself.

use std::sync::Arc;

use jiff::Timestamp;
use masthead_access::{
    Allowance, ArticleId, Decision, Read, Reads, RequestContext, Standing,
    message::{Message, Moment, Placement},
};
use masthead_circulation::{AccountId, History};
use masthead_editorial::{Front, Piece, text};
use masthead_media::{MediaLibrary, WorkOwner};
use masthead_store::{Store, StoreError, StoredPiece};

use crate::{
    accounts::AccountCache,
    compression::Encoding,
    edition::{EditionEntry, Target},
    layout::{Form, PieceContent},
    live::Live,
    page::{Page, Slot},
    page_cache::{PageCache, PageKey},
    reader_context::ReaderContext,
    reader_links::ReaderLinks,
    situation::Visit,
    snapshot::{PageError, SiteSnapshot, SnapshotParts},
};

/// The reader that staff simulate in a preview.
#[derive(Clone, Debug)]
pub enum PreviewAs {
    /// A reader made up for the preview.
    SimulatedReader(SimulatedReader),
    /// A reader with an account, as they are now.
    Account(AccountId),
}

/// A reader made up for a preview.
#[derive(Clone, Debug)]
pub struct SimulatedReader {
    /// Their standing.
    pub standing: Standing,
    /// Slugs of the products that they have.
    pub products: Vec<String>,
    /// When a subscription that they have paused resumes, or `None` if they have paused none.
    pub paused_until: Option<Timestamp>,
    /// Number of other articles that their meter has counted in this window.
    pub read: u32,
    /// Whether it has counted this article as well.
    pub has_read_this: bool,
    /// What is special about the visit.
    pub context: RequestContext,
    /// What they have subscribed to so far.
    pub history: History,
}

/// What a reader would see now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The article's headline.
    pub headline: String,
    /// Its path.
    pub address: String,
    /// What is delivered.
    pub decision: Decision,
    /// The moments that apply, by the names that publishers use.
    pub moments: Vec<&'static str>,
    /// The placements that have a message, by the names that publishers use.
    pub placements: Vec<&'static str>,
    /// The whole page, as HTML.
    pub page: Vec<u8>,
}

/// The meter of a reader with an account.
#[derive(Clone, Debug)]
pub struct MeterStatus {
    /// Their standing.
    pub standing: Standing,
    /// Their allowance; `None` if nothing is counted.
    pub allowance: Option<Allowance>,
    /// The articles counted in this window, latest first.
    pub counted: Vec<CountedArticle>,
}

/// An article that was counted.
#[derive(Clone, Debug)]
pub struct CountedArticle {
    /// When it was counted.
    pub at: Timestamp,
    /// Its headline; `None` if it is no longer published.
    pub headline: Option<String>,
    /// Its path; empty if it is no longer published.
    pub address: String,
}

/// Renders previews from what is in force. What staff write is rendered a few at once and in bounded time.
pub struct Previews {
    live: Arc<Live>,
    store: Store,
    accounts: Arc<AccountCache>,
    media: Arc<MediaLibrary>,
}

impl Previews {
    /// Previews of what is in force.
    pub fn new(
        live: Arc<Live>,
        store: Store,
        accounts: Arc<AccountCache>,
        media: Arc<MediaLibrary>,
    ) -> Self {
        Self { live, store, accounts, media }
    }

    /// Returns what a reader would see at an address, and why; `None` if there is no article.
    pub async fn at_address(
        &self,
        address: &str,
        viewer: &PreviewAs,
    ) -> Result<Option<Preview>, Arc<PageError>> {
        match self.preview_at(&self.live.snapshot(), address, viewer).await {
            Err(error) => {
                let latest = self.live.after_change(error).await?;
                self.preview_at(&latest, address, viewer).await
            }
            preview => preview,
        }
    }

    async fn preview_at(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        address: &str,
        viewer: &PreviewAs,
    ) -> Result<Option<Preview>, Arc<PageError>> {
        let entry = match snapshot.edition.find_spelled(address) {
            Some(Target::Piece(entry) | Target::Moved(entry)) => entry,
            Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) | None => {
                return Ok(None);
            }
        };
        self.preview(snapshot, entry, viewer, None).await.map(Some)
    }

    /// Returns what a reader would see of a piece if it were published as it is; `None` if it could not
    /// be published. It is rendered for `owner`.
    pub async fn of_piece(
        &self,
        id: ArticleId,
        piece: Piece,
        (viewer, owner): (&PreviewAs, WorkOwner),
    ) -> Result<Option<Preview>, Arc<PageError>> {
        let (current, now) = (self.live.snapshot(), self.live.now());
        let live = current.edition.piece(id).and_then(|entry| entry.live()).cloned();
        let posts = match live {
            Some(_) => self.store.live_posts(id).await.map_err(PageError::from)?,
            None => Vec::new(),
        };
        let (edition, facts) = (Arc::clone(&current.edition), piece.clone());
        // The whole edition, so that what surrounds the piece is what readers will get.
        let laid_out = self.media.work_on_text(owner, move || {
            let (revision, _) = edition.known();
            let mut draft = edition.draft();
            let minutes = text::reading_minutes(&facts.body);
            let piece = Piece { body: String::new(), ..facts };
            let (pictures, posts) = (Vec::new(), Vec::new());
            let piece = StoredPiece { id, revision, piece, pictures, minutes, live, posts };
            draft.add(vec![piece], now);
            draft.lay_out(revision, Vec::new(), now)
        });
        let edition = laid_out.await.map_err(PageError::from)?;
        let parts = SnapshotParts { edition: Arc::new(edition), ..current.parts() };
        let trial = Arc::new(SiteSnapshot::new(parts, now, Arc::new(PageCache::new(0))));
        let Some(entry) = trial.edition.piece(id) else { return Ok(None) };
        let unsaved = Some((PieceContent { piece, posts }, owner));
        self.preview(&trial, entry, viewer, unsaved).await.map(Some)
    }

    /// Returns the latest article with this message on it; `None` if there is no article.
    pub async fn of_message(&self, message: &Message) -> Result<Option<Vec<u8>>, Arc<PageError>> {
        match self.message_on(&self.live.snapshot(), message).await {
            Err(error) => self.message_on(&self.live.after_change(error).await?, message).await,
            page => page,
        }
    }

    async fn message_on(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        message: &Message,
    ) -> Result<Option<Vec<u8>>, Arc<PageError>> {
        let Some(latest) = snapshot.edition.articles().first() else { return Ok(None) };
        let form = if message.moment.is_wall() { Form::Teaser } else { Form::Full };
        let key = PageKey::Piece(latest.id, form);
        let page = snapshot.page(key, Encoding::Identity, &self.store).await?;
        let part = snapshot.sample_part(message).map_err(PageError::from)?;
        let content = |slot| match slot {
            Slot::Message(placement) => (placement == message.placement).then(|| Arc::clone(&part)),
            Slot::ReaderLinks => snapshot.reader_links(ReaderLinks::Account, Encoding::Identity),
            Slot::Note => None,
        };
        Ok(Some(page.assemble(content).content.to_vec()))
    }

    /// Returns the page that an arrangement makes, rendered for `owner`; `None` if there is no such front.
    pub async fn of_front(
        &self,
        front: Front,
        owner: WorkOwner,
    ) -> Result<Option<Vec<u8>>, PageError> {
        let snapshot = self.live.snapshot();
        let rendering = Arc::clone(&snapshot);
        let page = self.media.work_on_text(owner, move || rendering.front_page(&front)).await;
        match page? {
            Ok(page) => {
                let content = snapshot.only_links(ReaderLinks::Guest, Encoding::Identity);
                Ok(Some(page.assemble(content).content.to_vec()))
            }
            Err(PageError::Absent) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns what is on a reader's meter now.
    pub async fn meter_status(&self, account: AccountId) -> Result<MeterStatus, StoreError> {
        let (snapshot, now) = (self.live.snapshot(), self.live.now());
        let opens = snapshot.window_opens(now);
        let member = self.accounts.member(account, opens).await?;
        self.accounts.refresh_reads(&member, opens).await;
        let standing = member.standing(now);
        let mut reads: Vec<Read> = member.reads().iter().copied().collect();
        reads.retain(|read| read.second() >= opens);
        reads.sort_by_key(|read| std::cmp::Reverse(read.second()));
        let counted = |read: Read| {
            let entry = snapshot.edition.piece(read.article);
            CountedArticle {
                at: Timestamp::from_second(read.second()).unwrap_or_default(),
                headline: entry.map(|entry| entry.lines.headline().to_owned()),
                address: entry.map(|entry| entry.address.to_string()).unwrap_or_default(),
            }
        };
        Ok(MeterStatus {
            standing,
            allowance: snapshot.publication.policy.allowance(standing),
            counted: reads.into_iter().map(counted).collect(),
        })
    }

    /// Previews an article of a snapshot; `unsaved` is its content if it is not in the database, and for whom it is rendered.
    async fn preview(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        entry: &EditionEntry,
        viewer: &PreviewAs,
        unsaved: Option<(PieceContent, WorkOwner)>,
    ) -> Result<Preview, Arc<PageError>> {
        let now = self.live.now();
        let visit = self.visit(snapshot, entry, viewer, now).await?;
        let situation = snapshot.situation(&visit, now);
        let form = if visit.decision.delivers_full_text() { Form::Full } else { Form::Teaser };
        let page = match unsaved {
            Some(unsaved) => Arc::new(self.unsaved_page(snapshot, entry.id, unsaved, form).await?),
            None => {
                let key = PageKey::Piece(entry.id, form);
                snapshot.page(key, Encoding::Identity, &self.store).await?
            }
        };
        let content = snapshot.slots_of(&visit, situation, Encoding::Identity);
        let has_message = |placement: &Placement| content(Slot::Message(*placement)).is_some();
        let placements = Placement::ALL.into_iter().filter(has_message);
        Ok(Preview {
            headline: entry.lines.headline().to_owned(),
            address: entry.address.to_string(),
            moments: situation.moments.iter().map(Moment::name).collect(),
            placements: placements.map(Placement::name).collect(),
            page: page.assemble(&content).content.to_vec(),
            decision: visit.decision.clone(),
        })
    }

    /// Renders a piece that is not in the database.
    async fn unsaved_page(
        &self,
        snapshot: &Arc<SiteSnapshot>,
        id: ArticleId,
        (content, owner): (PieceContent, WorkOwner),
        form: Form,
    ) -> Result<Page, PageError> {
        let snapshot = Arc::clone(snapshot);
        let render = move || {
            let entry = snapshot.edition.piece(id).ok_or(PageError::Absent)?;
            snapshot.piece_page(entry, content, form)
        };
        self.media.work_on_text(owner, render).await?
    }

    async fn visit(
        &self,
        snapshot: &SiteSnapshot,
        entry: &EditionEntry,
        viewer: &PreviewAs,
        now: Timestamp,
    ) -> Result<Visit, Arc<PageError>> {
        let reader = match viewer {
            PreviewAs::SimulatedReader(reader) => simulated(reader, entry, now),
            PreviewAs::Account(account) => {
                let opens = snapshot.window_opens(now);
                let known = ReaderContext::of_account(&self.accounts, *account, opens, now).await;
                known.map_err(|error| Arc::new(error.into()))?
            }
        };
        let decision = reader.decide(&snapshot.publication.policy, &entry.article(), now);
        let mut reads = reader.reads;
        if decision.spends_a_read() {
            reads.insert(entry.id, now);
        }
        Ok(Visit { decision, reads, history: reader.history, name: reader.name, arm: None })
    }
}

fn simulated(reader: &SimulatedReader, entry: &EditionEntry, now: Timestamp) -> ReaderContext {
    let mut reads = Reads::default();
    // Any other articles: no rule depends on which.
    let others = (0..=u32::MAX).rev().map(ArticleId).filter(|id| *id != entry.id);
    for other in others.take(reader.read as usize) {
        reads.insert(other, now);
    }
    if reader.has_read_this {
        reads.insert(entry.id, now);
    }
    ReaderContext {
        standing: reader.standing,
        products: reader.products.clone(),
        paused_until: reader.paused_until,
        paused_products: Vec::new(),
        reads,
        context: reader.context,
        history: reader.history,
        name: None,
    }
}

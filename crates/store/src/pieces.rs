//! Articles and pages.

pub(crate) mod importing;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AuditAction;
use masthead_editorial::{
    Piece, Status,
    draft::{self, Embargoed},
    standard_pages::FILL_IN,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    Store, StoreError,
    audit_log::{self, AuditRecord},
    ids::{Key, PieceKey},
    live_coverage::{LiveCoverage, LivePost, add_coverage, add_posts, coverage},
    piece_rows::{Origin, PieceRow, RowChange, find, lines, minutes, read, since},
    records::piece,
    renaming, stories,
};

/// The result of saving a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The piece is new.
    Created(ArticleId),
    /// The piece has replaced another version.
    Changed(ArticleId),
    /// The piece was stored already.
    Unchanged(ArticleId),
}

/// A piece as it is stored, without its body unless that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPiece {
    /// Its id.
    pub id: ArticleId,
    /// The revision of the publication that wrote it.
    pub revision: i64,
    /// The piece; its body is empty unless it was asked for.
    pub piece: Piece,
    /// The stems of the names of the pictures in its body.
    pub pictures: Vec<String>,
    /// The minutes that it takes to read, at least 1 if it has a text.
    pub minutes: u16,
    /// Its live coverage, if it has any.
    pub live: Option<LiveCoverage>,
    /// The posts of its live coverage, the latest last; empty unless the body was asked for.
    pub posts: Vec<LivePost>,
}

/// A page that is not published yet, or has places to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedPage {
    /// Its id.
    pub id: ArticleId,
    /// Its slug.
    pub slug: String,
    /// Its headline.
    pub headline: String,
}

#[derive(FromQueryResult)]
struct ListedRow {
    id: PieceKey,
    revision: i64,
    facts: String,
    pictures: String,
    minutes: i32,
    live_started: Option<i64>,
    live_ended: Option<i64>,
    live_updated: Option<i64>,
}

impl Store {
    /// Saves a piece at `now` under its slug, in place of the piece that has the slug. A former address keeps leading
    /// to the piece.
    ///
    /// # Errors
    ///
    /// Fails if it changes a piece whose draft at the desk is under an embargo that this would break, or if the database
    /// fails.
    #[tracing::instrument(skip_all)]
    pub async fn save(&self, piece: &Piece, now: Timestamp) -> Result<Saved, StoreError> {
        let (transaction, revision) = self.write().await?;
        let known = find(&transaction, piece::Column::Slug.eq(&piece.slug)).await?;
        let before = known.as_ref().map(read).transpose()?;
        let change = Change { revision, origin: Origin::Here, known, now };
        let saved = change.put_unless_embargoed(&transaction, piece.clone()).await?;
        let saved = saved.map_err(|Embargoed { until }| StoreError::Embargoed {
            slug: piece.slug.clone(),
            until,
        })?;
        if let Saved::Created(id) | Saved::Changed(id) = saved {
            let action = saved_action(before.as_ref(), piece);
            record_piece(&transaction, id, (action, now), before.as_ref(), piece).await?;
            transaction.commit().await?;
        }
        Ok(saved)
    }

    /// Returns how many pieces are published or scheduled.
    #[tracing::instrument(skip_all)]
    pub async fn published_pieces(&self) -> Result<u64, StoreError> {
        let published = piece::Column::Status.eq(Status::Published.name());
        Ok(piece::Entity::find().filter(published).count(&self.database).await?)
    }

    /// Withdraws a piece at `now`. It stays in the database. Returns whether it was published.
    #[tracing::instrument(skip_all)]
    pub async fn withdraw(&self, slug: &str, now: Timestamp) -> Result<bool, StoreError> {
        // Read within the write, so that a correction made meanwhile is not undone.
        let (transaction, revision) = self.write().await?;
        let Some(known) = find(&transaction, piece::Column::Slug.eq(slug)).await? else {
            return Err(StoreError::NoSuchPiece(slug.to_owned()));
        };
        let piece = read(&known)?;
        if piece.status == Status::Withdrawn {
            return Ok(false);
        }
        let (id, action) = (known.id.0, AuditAction::WithdrewArticle);
        let withdrawn = Piece { status: Status::Withdrawn, ..piece.clone() };
        let row = PieceRow::new(withdrawn.clone(), Some(&known))?;
        put(&transaction, revision, Origin::Here, Some(&known), row).await?;
        record_piece(&transaction, id, (action, now), Some(&piece), &withdrawn).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns the piece with this slug.
    #[tracing::instrument(skip_all)]
    pub async fn piece(&self, slug: &str) -> Result<Option<Piece>, StoreError> {
        let row = find(&self.database, piece::Column::Slug.eq(slug)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Returns the pages with these slugs that are drafts, or have places to fill in.
    #[tracing::instrument(skip_all)]
    pub async fn unfinished_pages(
        &self,
        slugs: &[&str],
    ) -> Result<Vec<UnfinishedPage>, StoreError> {
        let is_draft = Condition::any().add(piece::Column::Status.eq(Status::Draft.name()));
        let has_gap = |unfinished: Condition, marker: &str| {
            unfinished.add(piece::Column::Body.contains(marker))
        };
        let unfinished = FILL_IN.into_iter().fold(is_draft, has_gap);
        let rows = piece::Entity::find()
            .filter(piece::Column::Slug.is_in(slugs.iter().copied()))
            .filter(unfinished)
            .order_by_asc(piece::Column::Id)
            .all(&self.database)
            .await?;
        let page = |row: piece::Model| {
            let headline = read(&row)?.headline;
            Ok(UnfinishedPage { id: row.id.0, slug: row.slug, headline })
        };
        rows.into_iter().map(page).collect()
    }

    /// Returns the piece with this id, whole, and the revision that wrote it.
    #[tracing::instrument(skip_all)]
    pub async fn whole_piece(&self, id: ArticleId) -> Result<Option<StoredPiece>, StoreError> {
        let row = find(&self.database, piece::Column::Id.eq(Key(id))).await?;
        let Some(row) = row else { return Ok(None) };
        let mut stored = [whole(&row)?];
        add_posts(&self.database, &mut stored).await?;
        let [stored] = stored;
        Ok(Some(stored))
    }

    /// Returns at most `most` pieces of any status that were written after `revision`, or at it with an id above
    /// `after`, in this order. To read all, ask again from the last one until none are returned.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn changes_since(
        &self,
        revision: i64,
        after: Option<ArticleId>,
        most: u64,
    ) -> Result<Vec<StoredPiece>, StoreError> {
        let rows = since(revision, after, most)
            .select_only()
            .columns([piece::Column::Id, piece::Column::Revision])
            .columns([piece::Column::Facts, piece::Column::Pictures, piece::Column::Minutes])
            .columns([piece::Column::LiveStarted, piece::Column::LiveEnded])
            .column(piece::Column::LiveUpdated)
            .into_model::<ListedRow>()
            .all(&self.database)
            .await?;
        let stored = rows.into_iter().map(StoredPiece::try_from).collect::<Result<Vec<_>, _>>();
        let mut stored = stored?;
        add_coverage(&self.database, &mut stored).await?;
        Ok(stored)
    }

    /// Returns the same pieces with their bodies.
    #[tracing::instrument(skip_all)]
    pub async fn whole_changes_since(
        &self,
        revision: i64,
        after: Option<ArticleId>,
        most: u64,
    ) -> Result<Vec<StoredPiece>, StoreError> {
        let rows = since(revision, after, most).all(&self.database).await?;
        let mut stored = rows.iter().map(whole).collect::<Result<Vec<_>, _>>()?;
        add_posts(&self.database, &mut stored).await?;
        Ok(stored)
    }
}

/// A piece with its body, and without its posts.
fn whole(row: &piece::Model) -> Result<StoredPiece, StoreError> {
    Ok(StoredPiece {
        id: row.id.0,
        revision: row.revision,
        piece: read(row)?,
        pictures: lines(&row.pictures),
        minutes: minutes(row.minutes),
        live: coverage((row.live_started, row.live_ended, row.live_updated)),
        posts: Vec::new(),
    })
}

impl TryFrom<ListedRow> for StoredPiece {
    type Error = StoreError;

    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.0,
            revision: row.revision,
            piece: serde_json::from_str(&row.facts)?,
            pictures: lines(&row.pictures),
            minutes: minutes(row.minutes),
            live: coverage((row.live_started, row.live_ended, row.live_updated)),
            posts: Vec::new(),
        })
    }
}

/// What the command line did with a piece.
fn saved_action(before: Option<&Piece>, piece: &Piece) -> AuditAction {
    let was_published = before.is_some_and(|before| before.status == Status::Published);
    match piece.status {
        Status::Draft => AuditAction::StoredDraft,
        Status::Withdrawn => AuditAction::WithdrewArticle,
        Status::Published if was_published => AuditAction::CorrectedArticle,
        Status::Published => AuditAction::PublishedArticle,
    }
}

/// Records what the command line did with a piece.
async fn record_piece(
    to: &impl ConnectionTrait,
    id: ArticleId,
    (action, now): (AuditAction, Timestamp),
    before: Option<&Piece>,
    piece: &Piece,
) -> Result<(), StoreError> {
    let entry = AuditRecord {
        about: &piece.headline,
        piece: Some(Key(id)),
        changes: stories::piece_changes(before, piece)?,
        ..AuditRecord::new(None, now, action)
    };
    audit_log::record(to, entry).await
}

/// A piece that is written in place of `known`, or as a new one.
struct Change<'a> {
    revision: i64,
    origin: Origin<'a>,
    known: Option<piece::Model>,
    now: Timestamp,
}

impl Change<'_> {
    /// Writes the piece unless readers would get a new text during the embargo of its draft at the desk.
    async fn put_unless_embargoed(
        self,
        transaction: &DatabaseTransaction,
        mut piece: Piece,
    ) -> Result<Result<Saved, Embargoed>, StoreError> {
        renaming::resolve(transaction, &mut piece).await?;
        let row = PieceRow::new(piece, self.known.as_ref())?;
        if let Some(known) = &self.known
            && let (Status::Published, Some(published)) = (row.piece.status, row.piece.published)
            && !row.has_text_of(known)
        {
            let embargo = stories::lock_embargo(transaction, known.id).await?;
            if let Err(embargoed) = draft::check_embargo(embargo, published, self.now) {
                return Ok(Err(embargoed));
            }
        }
        put(transaction, self.revision, self.origin, self.known.as_ref(), row).await.map(Ok)
    }
}

/// Writes a piece, and its entry in the list of stories.
async fn put(
    to: &impl ConnectionTrait,
    revision: i64,
    origin: Origin<'_>,
    known: Option<&piece::Model>,
    row: PieceRow,
) -> Result<Saved, StoreError> {
    let piece = row.piece.clone();
    match row.write(to, revision, origin, known).await? {
        RowChange::None(id) => Ok(Saved::Unchanged(id.0)),
        RowChange::Updated(id) => {
            stories::replace_entry(to, id, &piece).await?;
            Ok(Saved::Changed(id.0))
        }
        RowChange::Inserted(id) => {
            stories::list(to, id, &piece).await?;
            Ok(Saved::Created(id.0))
        }
    }
}

//! Reading live coverage and its posts.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::LiveCoverage;
use crate::{
    Store, StoreError, StoredPiece,
    ids::{Key, LivePostNumber, PieceKey},
    piece_rows::lines,
    records::live_post as row,
    time,
};

/// A post that readers have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivePost {
    /// Its number. Later posts have higher ones.
    pub number: LivePostNumber,
    /// The number of its writes.
    pub version: i64,
    /// Who wrote it; `None` for the command line, and once their account is deleted.
    pub by: Option<AccountId>,
    /// When it was published.
    pub published: Timestamp,
    /// When its text was last changed.
    pub changed: Option<Timestamp>,
    /// Whether it is before the others.
    pub is_pinned: bool,
    /// Its headline; may be empty.
    pub headline: String,
    /// Its text as it was written.
    pub source: String,
    /// Its text as clean HTML.
    pub body: String,
}

impl From<row::Model> for LivePost {
    fn from(row: row::Model) -> Self {
        Self {
            number: row.id.0,
            version: row.version,
            by: row.written_by.map(|by| by.0),
            published: time(row.published),
            changed: row.changed.map(time),
            is_pinned: row.pinned,
            headline: row.headline,
            source: row.source,
            body: row.body,
        }
    }
}

impl Store {
    /// Returns the posts of an article that readers have, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn live_posts(&self, id: ArticleId) -> Result<Vec<LivePost>, StoreError> {
        let rows = shown(id).order_by_desc(row::Column::Id).all(&self.database).await?;
        Ok(rows.into_iter().map(LivePost::from).collect())
    }

    /// Returns a post of an article, if readers have it.
    #[tracing::instrument(skip_all)]
    pub async fn live_post(
        &self,
        id: ArticleId,
        post: LivePostNumber,
    ) -> Result<Option<LivePost>, StoreError> {
        let found = shown(id).filter(row::Column::Id.eq(Key(post))).one(&self.database).await?;
        Ok(found.map(LivePost::from))
    }
}

fn shown(id: ArticleId) -> sea_orm::Select<row::Entity> {
    let of_piece = row::Entity::find().filter(row::Column::Piece.eq(Key(id)));
    of_piece.filter(row::Column::Removed.is_null())
}

/// What a row of a piece has of its coverage: when it started and ended, and when readers last got something new.
pub(crate) type CoverageColumns = (Option<i64>, Option<i64>, Option<i64>);

/// The coverage of a row without its posts.
pub(crate) fn coverage((started, ended, updated): CoverageColumns) -> Option<LiveCoverage> {
    let started = started?;
    Some(LiveCoverage {
        started: time(started),
        ended: ended.map(time),
        updated: time(updated.unwrap_or(started)),
        revisions: Vec::new(),
    })
}

/// Adds to pieces that have live coverage which posts there are, and their pictures, without their texts.
pub(crate) async fn add_coverage(
    from: &impl ConnectionTrait,
    pieces: &mut [StoredPiece],
) -> Result<(), StoreError> {
    let mut live = LivePieces::of(pieces);
    if live.is_empty() {
        return Ok(());
    }
    let rows: Vec<(PieceKey, i64, String)> = live
        .posts()
        .select_only()
        .columns([row::Column::Piece, row::Column::FirstRevision, row::Column::Pictures])
        .into_tuple()
        .all(from)
        .await?;
    for (piece, first_revision, pictures) in rows {
        live.add(piece, first_revision, &pictures);
    }
    Ok(())
}

/// Adds to pieces that have live coverage its posts, the latest last. One that was written after its piece was read is left
/// out: it comes with the next revision of the piece, and may be locked by then.
pub(crate) async fn add_posts(
    from: &impl ConnectionTrait,
    pieces: &mut [StoredPiece],
) -> Result<(), StoreError> {
    let mut live = LivePieces::of(pieces);
    if live.is_empty() {
        return Ok(());
    }
    for row in live.posts().all(from).await? {
        live.add(row.piece, row.first_revision, &row.pictures);
        if let Some(stored) = live.0.get_mut(&row.piece)
            && row.revision <= stored.revision
        {
            stored.posts.push(row.into());
        }
    }
    Ok(())
}

/// The pieces that have live coverage.
struct LivePieces<'a>(HashMap<PieceKey, &'a mut StoredPiece>);

impl<'a> LivePieces<'a> {
    fn of(pieces: &'a mut [StoredPiece]) -> Self {
        let live = pieces.iter_mut().filter(|stored| stored.live.is_some());
        Self(live.map(|stored| (Key(stored.id), stored)).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Selects their posts, each after those before it.
    fn posts(&self) -> sea_orm::Select<row::Entity> {
        row::Entity::find()
            .filter(row::Column::Piece.is_in(self.0.keys().copied()))
            .filter(row::Column::Removed.is_null())
            .order_by_asc(row::Column::Id)
    }

    /// Adds a post, unless it was published after its piece was read.
    fn add(&mut self, piece: PieceKey, first_revision: i64, pictures: &str) {
        let Some(stored) = self.0.get_mut(&piece) else { return };
        if first_revision > stored.revision {
            return;
        }
        stored.pictures.extend(lines(pictures));
        if let Some(live) = &mut stored.live {
            live.revisions.push(first_revision);
        }
    }
}

//! Live coverage: an article that has posts, which are published one by one.
//!
//! An article has live coverage from when it is started. Posts can be published until it is ended; started again, it goes on.
//! Each write takes the next revision of the publication and gives it to the article, so that readers get exactly its pages
//! again, as after a correction. The draft of the article and its version are not touched: both can be written at once.

mod audit;
mod posts;
mod queries;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, AuditAction};
use masthead_editorial::{Kind, Piece, Status};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, sea_query::Expr,
};

use self::audit::record_live;
pub(crate) use self::queries::{add_coverage, add_posts, coverage};
pub use self::{
    posts::{MAX_LIVE_POSTS, NewLivePost},
    queries::LivePost,
};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    piece_rows,
    records::piece,
};

/// Who writes, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveAuthor {
    /// The account of the member of staff, or `None` for the command line.
    pub by: Option<AccountId>,
    /// When they write.
    pub at: Timestamp,
}

impl From<Attribution> for LiveAuthor {
    fn from(Attribution { by, at }: Attribution) -> Self {
        Self { by: Some(by), at }
    }
}

/// The live coverage of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCoverage {
    /// When it began.
    pub started: Timestamp,
    /// When it ended, or `None` if it is running.
    pub ended: Option<Timestamp>,
    /// When readers last got a new or changed post, or when it began.
    pub updated: Timestamp,
    /// The revisions of the publication that published its posts, in the order of the posts' numbers.
    pub revisions: Vec<i64>,
}

/// The result of starting or ending live coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverageChange {
    /// It is done.
    Done,
    /// Nothing was changed: it is running, or ended, already.
    Unchanged,
    /// Nothing was changed, because readers do not have the article, or it is a page.
    NotPublished,
}

/// The result of a write of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LivePostChange {
    /// It is done.
    Done,
    /// Nothing was changed, because somebody else has changed or removed the post since.
    Behind,
    /// Nothing was changed, because there is no live coverage running, or readers do not have the article.
    NotRunning,
    /// Nothing was published, because the article has [`MAX_LIVE_POSTS`].
    Full,
}

impl Store {
    /// Starts the live coverage of a published article, or continues one that has ended.
    #[tracing::instrument(skip_all)]
    pub async fn start_coverage(
        &self,
        id: ArticleId,
        author: LiveAuthor,
    ) -> Result<CoverageChange, StoreError> {
        let Some(open) = self.open_coverage(id, author.at).await? else {
            return Ok(CoverageChange::NotPublished);
        };
        if open.is_running() {
            return Ok(CoverageChange::Unchanged);
        }
        let started = open.row.live_started.unwrap_or(author.at.as_second());
        piece::Entity::update_many()
            .col_expr(piece::Column::LiveStarted, Expr::value(started))
            .col_expr(piece::Column::LiveEnded, Expr::value(None::<i64>))
            .filter(piece::Column::Id.eq(open.row.id))
            .exec(&open.transaction)
            .await?;
        open.finish(AuditAction::StartedCoverage, author).await
    }

    /// Ends the live coverage of an article. Its posts stay.
    #[tracing::instrument(skip_all)]
    pub async fn end_coverage(
        &self,
        id: ArticleId,
        author: LiveAuthor,
    ) -> Result<CoverageChange, StoreError> {
        let Some(open) = self.open_coverage(id, author.at).await? else {
            return Ok(CoverageChange::NotPublished);
        };
        if !open.is_running() {
            return Ok(CoverageChange::Unchanged);
        }
        piece::Entity::update_many()
            .col_expr(piece::Column::LiveEnded, Expr::value(author.at.as_second()))
            .filter(piece::Column::Id.eq(open.row.id))
            .exec(&open.transaction)
            .await?;
        open.finish(AuditAction::EndedCoverage, author).await
    }

    /// Begins a write to the live coverage of an article; `None` if readers do not have it, or it is a page.
    async fn open_coverage(
        &self,
        id: ArticleId,
        now: Timestamp,
    ) -> Result<Option<OpenCoverage>, StoreError> {
        // Other writes of what is published wait until this one ends.
        let (transaction, revision) = self.write().await?;
        let row = piece_rows::find(&transaction, piece::Column::Id.eq(Key(id))).await?;
        let Some(row) = row else { return Ok(None) };
        let piece = piece_rows::read(&row)?;
        let is_out =
            piece.status == Status::Published && piece.published.is_some_and(|at| at <= now);
        Ok((is_out && piece.kind != Kind::Page).then_some(OpenCoverage {
            transaction,
            revision,
            row,
            piece,
        }))
    }
}

/// A write to the live coverage of an article that readers have.
struct OpenCoverage {
    transaction: DatabaseTransaction,
    revision: i64,
    row: piece::Model,
    piece: Piece,
}

impl OpenCoverage {
    fn is_running(&self) -> bool {
        self.row.live_started.is_some() && self.row.live_ended.is_none()
    }

    /// Gives readers the change, which began or ended the coverage.
    async fn finish(
        self,
        action: AuditAction,
        author: LiveAuthor,
    ) -> Result<CoverageChange, StoreError> {
        let about = (self.piece.headline.as_str(), action);
        record_live(&self.transaction, self.row.id, about, author, Vec::new()).await?;
        publish(&self.transaction, self.row.id, self.revision, Some(author.at)).await?;
        self.transaction.commit().await?;
        Ok(CoverageChange::Done)
    }
}

/// Gives the article this revision, so that servers read it again. `updated` is when readers got something new.
async fn publish(
    to: &impl ConnectionTrait,
    id: PieceKey,
    revision: i64,
    updated: Option<Timestamp>,
) -> Result<(), StoreError> {
    let mut update = piece::Entity::update_many()
        .col_expr(piece::Column::Revision, Expr::value(revision))
        .filter(piece::Column::Id.eq(id));
    if let Some(updated) = updated {
        update = update.col_expr(piece::Column::LiveUpdated, Expr::value(updated.as_second()));
    }
    update.exec(to).await?;
    Ok(())
}

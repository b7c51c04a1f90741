//! Comments of the newsroom on articles: threads about an article or a passage, which are resolved and reopened. They are in
//! tables of their own, so that no text that readers get, no revision and no export of articles has them.

mod mentions;
mod queries;

use masthead_access::ArticleId;
use masthead_circulation::{AuditAction, AuditChange};
use masthead_editorial::passage::Passage;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use self::mentions::{Mentions, mentions, tell_of};
pub use self::queries::{Comment, CommentThread};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, record},
    ids::{Key, PieceKey, ThreadKey, ThreadNumber},
    records::{comment, comment_thread, story},
};

/// A comment to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewComment {
    /// Names the form that it came from: sent again, nothing is written twice.
    pub request: String,
    /// What it says.
    pub text: String,
}

/// The result of writing a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentWritten {
    /// It is written, perhaps by the same form before.
    Done,
    /// Nothing was written, because there is no such article or thread.
    Gone,
    /// Nothing was written, because somebody is mentioned who may not open the article.
    MayNotOpen {
        /// Their name.
        name: String,
    },
    /// Nothing was written, because the article has as many open threads, or the thread as many comments, as are possible.
    TooMany {
        /// How many.
        most: u64,
    },
}

/// The maximum number of open threads about an article, and of comments in a thread. All are on one page.
const MAX: u64 = 500;

impl Store {
    /// Begins a thread about an article or a passage of it, and tells those whom it mentions or concerns.
    #[tracing::instrument(skip_all)]
    pub async fn begin_thread(
        &self,
        id: ArticleId,
        passage: &Passage,
        written: &NewComment,
        attribution: Attribution,
    ) -> Result<CommentWritten, StoreError> {
        let transaction = self.begin().await?;
        let Some(headline) = headline(&transaction, Key(id)).await? else {
            return Ok(CommentWritten::Gone);
        };
        let mentioned = match mentions(&transaction, Key(id), &written.text).await? {
            Mentions::Allowed(mentioned) => mentioned,
            Mentions::MayNotOpen(name) => return Ok(CommentWritten::MayNotOpen { name }),
        };
        let thread = comment_thread::ActiveModel {
            id: NotSet,
            piece: Set(Key(id)),
            quote: Set(passage.quote.clone()),
            prefix: Set(passage.prefix.clone()),
            suffix: Set(passage.suffix.clone()),
            resolved_by: Set(None),
            resolved_at: Set(None),
        };
        let thread = comment_thread::Entity::insert(thread).exec(&transaction).await?;
        let thread = thread.last_insert_id;
        if add(&transaction, thread, written, attribution).await? {
            let open = comment_thread::Entity::find()
                .filter(comment_thread::Column::Piece.eq(Key(id)))
                .filter(comment_thread::Column::ResolvedAt.is_null());
            if open.count(&transaction).await? > MAX {
                return Ok(CommentWritten::TooMany { most: MAX });
            }
            let commented = ThreadChange { action: AuditAction::Commented, thread, headline };
            commented.record(&transaction, Key(id), attribution).await?;
            tell_of(&transaction, (Key(id), thread), (&written.text, mentioned), attribution)
                .await?;
            transaction.commit().await?;
        }
        // Otherwise it was sent before, and there is no second thread.
        Ok(CommentWritten::Done)
    }

    /// Adds a comment to a thread of this article, and tells those whom it mentions or concerns.
    #[tracing::instrument(skip_all)]
    pub async fn reply(
        &self,
        id: ArticleId,
        thread: ThreadNumber,
        written: &NewComment,
        attribution: Attribution,
    ) -> Result<CommentWritten, StoreError> {
        let transaction = self.begin().await?;
        let (id, thread) = (Key(id), Key(thread));
        let known = comment_thread::Entity::find_by_id(thread).one(&transaction).await?;
        let headline = headline(&transaction, id).await?;
        let (Some(_), Some(headline)) = (known.filter(|known| known.piece == id), headline) else {
            return Ok(CommentWritten::Gone);
        };
        let mentioned = match mentions(&transaction, id, &written.text).await? {
            Mentions::Allowed(mentioned) => mentioned,
            Mentions::MayNotOpen(name) => return Ok(CommentWritten::MayNotOpen { name }),
        };
        if add(&transaction, thread, written, attribution).await? {
            let comments = comment::Entity::find().filter(comment::Column::Thread.eq(thread));
            if comments.count(&transaction).await? > MAX {
                return Ok(CommentWritten::TooMany { most: MAX });
            }
            let commented = ThreadChange { action: AuditAction::Commented, thread, headline };
            commented.record(&transaction, id, attribution).await?;
            tell_of(&transaction, (id, thread), (&written.text, mentioned), attribution).await?;
            transaction.commit().await?;
        }
        Ok(CommentWritten::Done)
    }

    /// Resolves a thread of this article, or reopens it. Returns `false` if it is so already, or there is no such thread.
    #[tracing::instrument(skip_all)]
    pub async fn resolve_thread(
        &self,
        id: ArticleId,
        thread: ThreadNumber,
        is_resolved: bool,
        attribution: Attribution,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let (id, thread) = (Key(id), Key(thread));
        let (by, at) = (Key(attribution.by), attribution.at.as_second());
        let resolved_at = comment_thread::Column::ResolvedAt;
        let is_other = if is_resolved { resolved_at.is_null() } else { resolved_at.is_not_null() };
        let changed = comment_thread::Entity::update_many()
            .col_expr(resolved_at, Expr::value(is_resolved.then_some(at)))
            .col_expr(comment_thread::Column::ResolvedBy, Expr::value(is_resolved.then_some(by)))
            .filter(comment_thread::Column::Id.eq(thread))
            .filter(comment_thread::Column::Piece.eq(id))
            .filter(is_other)
            .exec(&transaction)
            .await?;
        let Some(headline) = headline(&transaction, id).await? else { return Ok(false) };
        if changed.rows_affected == 0 {
            return Ok(false);
        }
        let action =
            if is_resolved { AuditAction::ResolvedComments } else { AuditAction::ReopenedComments };
        ThreadChange { action, thread, headline }.record(&transaction, id, attribution).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// What the audit log says of a thread. What was written is in the thread itself.
struct ThreadChange {
    action: AuditAction,
    thread: ThreadKey,
    headline: String,
}

impl ThreadChange {
    async fn record(
        self,
        to: &DatabaseTransaction,
        id: PieceKey,
        Attribution { by, at }: Attribution,
    ) -> Result<(), StoreError> {
        let entry = AuditRecord {
            about: &self.headline,
            piece: Some(id),
            changes: vec![AuditChange::fact("thread", self.thread.0.0)],
            ..AuditRecord::new(Some(by), at, self.action)
        };
        record(to, entry).await
    }
}

/// Adds a comment. Returns `false` if the same form has added it before.
async fn add(
    to: &DatabaseTransaction,
    thread: ThreadKey,
    written: &NewComment,
    Attribution { by, at }: Attribution,
) -> Result<bool, StoreError> {
    let row = comment::ActiveModel {
        id: NotSet,
        thread: Set(thread),
        written_by: Set(Some(Key(by))),
        request: Set(written.request.clone()),
        at: Set(at.as_second()),
        text: Set(written.text.clone()),
    };
    let once = OnConflict::column(comment::Column::Request).do_nothing().to_owned();
    let added = comment::Entity::insert(row).on_conflict(once).exec_without_returning(to).await?;
    Ok(added > 0)
}

async fn headline(from: &DatabaseTransaction, id: PieceKey) -> Result<Option<String>, StoreError> {
    let entry = story::Entity::find_by_id(id).one(from).await?;
    Ok(entry.map(|entry| entry.headline))
}

//! Reading comments.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::passage::Passage;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Store, StoreError,
    ids::{Key, PieceKey, ThreadNumber},
    records::{comment, comment_thread},
    time,
};

/// Comments on an article, or on a passage of it, that answer each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentThread {
    /// Its number.
    pub number: ThreadNumber,
    /// What it is about.
    pub passage: Passage,
    /// When it was resolved; `None` while it is open.
    pub resolved: Option<Timestamp>,
    /// Who resolved it; `None` also once their account is deleted.
    pub resolved_by: Option<AccountId>,
    /// Its comments, the first one first.
    pub comments: Vec<Comment>,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Who wrote it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

impl Store {
    /// Returns the threads of an article, the first one first.
    #[tracing::instrument(skip_all)]
    pub async fn comment_threads(&self, id: ArticleId) -> Result<Vec<CommentThread>, StoreError> {
        let threads = comment_thread::Entity::find()
            .filter(comment_thread::Column::Piece.eq(Key(id)))
            .order_by_asc(comment_thread::Column::Id)
            .all(&self.database)
            .await?;
        let comments = comment::Entity::find()
            .filter(comment::Column::Thread.is_in(threads.iter().map(|thread| thread.id)))
            .order_by_asc(comment::Column::Id)
            .all(&self.database)
            .await?;
        let of = |thread: &comment_thread::Model| {
            let own = comments.iter().filter(|comment| comment.thread == thread.id);
            own.map(read).collect::<Vec<_>>()
        };
        let thread = |thread: comment_thread::Model| CommentThread {
            number: thread.id.0,
            comments: of(&thread),
            passage: Passage { quote: thread.quote, prefix: thread.prefix, suffix: thread.suffix },
            resolved: thread.resolved_at.map(time),
            resolved_by: thread.resolved_by.map(|key| key.0),
        };
        Ok(threads.into_iter().map(thread).collect())
    }

    /// Returns how many threads are open in each of these articles that has any.
    #[tracing::instrument(skip_all)]
    pub async fn open_threads(
        &self,
        articles: &[ArticleId],
    ) -> Result<HashMap<ArticleId, u64>, StoreError> {
        let rows: Vec<(PieceKey, i64)> = comment_thread::Entity::find()
            .select_only()
            .column(comment_thread::Column::Piece)
            .column_as(comment_thread::Column::Id.count(), "open")
            .filter(comment_thread::Column::Piece.is_in(articles.iter().copied().map(Key)))
            .filter(comment_thread::Column::ResolvedAt.is_null())
            .group_by(comment_thread::Column::Piece)
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|(piece, open)| (piece.0, open.unsigned_abs())).collect())
    }
}

fn read(row: &comment::Model) -> Comment {
    Comment { by: row.written_by.map(|key| key.0), at: time(row.at), text: row.text.clone() }
}

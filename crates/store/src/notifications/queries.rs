//! Reading notifications, and marking them as read.

use std::collections::{HashMap, hash_map::Entry};

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, NotificationEvent};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};

use super::those_who_may_open;
use crate::{
    Store, StoreError,
    ids::{Key, PieceKey, ThreadNumber},
    parse_stored,
    records::{notification as row, story, story_writer},
    time,
};

/// Something that a member of the staff is told about an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its number.
    pub number: i32,
    /// What has happened.
    pub event: NotificationEvent,
    /// The article.
    pub article: ArticleId,
    /// Its headline; may be empty.
    pub headline: String,
    /// Who did it; `None` for reminders, and once their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// What was written: a comment, or the reason for a return. Otherwise empty.
    pub detail: String,
    /// The thread of the comment.
    pub thread: Option<ThreadNumber>,
    /// The deadline, or when the article is published.
    pub planned: Option<Timestamp>,
    /// Whether it was read.
    pub is_read: bool,
}

/// Where a page of notifications ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotificationCursor {
    /// Whether the last one was read.
    pub is_read: bool,
    /// Its number.
    pub number: i32,
}

/// Which notifications are marked as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadNotifications<'a> {
    /// Those of an article.
    OfArticle(ArticleId),
    /// Those with these numbers.
    Numbered(&'a [i32]),
}

impl Store {
    /// Returns at most `most` notifications of somebody that come after `after`, or the first: the unread first, and the latest
    /// first. `may_edit` says whether they may open every article; otherwise those of articles that they do not write are left out.
    #[tracing::instrument(skip_all)]
    pub async fn notifications(
        &self,
        account: AccountId,
        may_edit: bool,
        after: Option<NotificationCursor>,
        most: u64,
    ) -> Result<Vec<Notification>, StoreError> {
        let rows = row::Entity::find()
            .filter(shown_to(account, may_edit))
            .filter(Condition::all().add_option(after.map(beyond)))
            .order_by_asc(Expr::col(row::Column::ReadAt).is_not_null())
            .order_by_desc(row::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        read_all(&self.database, rows).await
    }

    /// Returns how many notifications somebody has not read, and at most `most`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn unread_notifications(
        &self,
        account: AccountId,
        may_edit: bool,
        most: u64,
    ) -> Result<u64, StoreError> {
        let rows: Vec<i32> = row::Entity::find()
            .select_only()
            .column(row::Column::Id)
            .filter(shown_to(account, may_edit))
            .filter(row::Column::ReadAt.is_null())
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(rows.len() as u64)
    }

    /// Marks some of somebody's notifications as read. Emails that were to be sent about them are sent. Returns how many it has
    /// marked.
    #[tracing::instrument(skip_all)]
    pub async fn mark_notifications_read(
        &self,
        account: AccountId,
        which: ReadNotifications<'_>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let which = match which {
            ReadNotifications::OfArticle(article) => row::Column::Piece.eq(Key(article)),
            ReadNotifications::Numbered(numbers) => row::Column::Id.is_in(numbers.iter().copied()),
        };
        let which = Condition::all()
            .add(row::Column::Account.eq(Key(account)))
            .add(row::Column::ReadAt.is_null())
            .add(which);
        // Most articles have none. On SQLite a write waits for every other.
        if row::Entity::find().filter(which.clone()).count(&self.database).await? == 0 {
            return Ok(0);
        }
        let marked = row::Entity::update_many()
            .col_expr(row::Column::ReadAt, Expr::value(now.as_second()))
            .filter(which)
            .exec(&self.database)
            .await?;
        Ok(marked.rows_affected)
    }

    /// Returns all notifications of somebody, for the download of everything that is stored about them.
    #[tracing::instrument(skip_all)]
    pub async fn all_notifications(
        &self,
        account: AccountId,
    ) -> Result<Vec<Notification>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_asc(row::Column::Id)
            .all(&self.database)
            .await?;
        let mut all = read_all(&self.database, rows).await?;
        // What others have written of articles that may not be opened any more is not theirs.
        let mut allowed: HashMap<ArticleId, bool> = HashMap::new();
        for told in &mut all {
            if let Entry::Vacant(unknown) = allowed.entry(told.article) {
                let own = [account];
                let may_open =
                    those_who_may_open(&self.database, Key(told.article), Some(&own)).await?;
                unknown.insert(!may_open.is_empty());
            }
            if !allowed.get(&told.article).copied().unwrap_or_default() {
                told.detail.clear();
            }
        }
        Ok(all)
    }
}

/// Those that come after the last of a page. One that is read meanwhile comes later, and is seen again.
fn beyond(after: NotificationCursor) -> Condition {
    let (id, read) = (row::Column::Id, row::Column::ReadAt);
    if after.is_read {
        Condition::all().add(read.is_not_null()).add(id.lt(after.number))
    } else {
        Condition::any().add(read.is_not_null()).add(id.lt(after.number))
    }
}

/// Those that the newsroom shows to somebody.
fn shown_to(account: AccountId, may_edit: bool) -> Condition {
    let own = story_writer::Entity::find()
        .select_only()
        .column(story_writer::Column::Piece)
        .filter(story_writer::Column::Account.eq(Key(account)))
        .into_query();
    Condition::all()
        .add(row::Column::Account.eq(Key(account)))
        .add(row::Column::IsShown.eq(true))
        .add_option((!may_edit).then(|| row::Column::Piece.in_subquery(own)))
}

/// Reads rows, with the headlines of their articles.
pub(super) async fn read_all(
    from: &impl ConnectionTrait,
    rows: Vec<row::Model>,
) -> Result<Vec<Notification>, StoreError> {
    let mut pieces: Vec<PieceKey> = rows.iter().map(|row| row.piece).collect();
    pieces.sort_unstable();
    pieces.dedup();
    let headlines: Vec<(PieceKey, String)> = story::Entity::find()
        .select_only()
        .columns([story::Column::Piece, story::Column::Headline])
        .filter(story::Column::Piece.is_in(pieces))
        .into_tuple()
        .all(from)
        .await?;
    let headlines: HashMap<PieceKey, String> = headlines.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            Ok(Notification {
                number: row.id,
                event: parse_stored("the event", &row.event)?,
                article: row.piece.0,
                headline: headlines.get(&row.piece).cloned().unwrap_or_default(),
                by: row.caused_by.map(|key| key.0),
                at: time(row.at),
                detail: row.detail,
                thread: row.thread.map(|key| key.0),
                planned: row.planned.map(time),
                is_read: row.read_at.is_some(),
            })
        })
        .collect()
}

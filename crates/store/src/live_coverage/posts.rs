//! Publishing, correcting, pinning and removing posts.

use masthead_access::{ArticleId, printable};
use masthead_circulation::{AuditAction, AuditChange};
use masthead_editorial::{live_post::LivePostText, renditions};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, UpdateMany,
    sea_query::Expr,
};

use super::{
    LiveAuthor, LivePostChange, OpenCoverage,
    audit::{post_changes, post_fact, record_live},
    publish,
};
use crate::{
    Store, StoreError,
    ids::{Key, LivePostNumber},
    pictures::uses::{UsedIn, stems_of, write_uses},
    records::live_post as row,
};

/// The maximum number of posts that readers get of one article: they are all on its page.
pub const MAX_LIVE_POSTS: u64 = 500;

/// A post to be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewLivePost {
    /// Names the form that it came from: sent again, nothing is published twice.
    pub request: String,
    /// What it says.
    pub text: LivePostText,
    /// Whether it is before the others.
    pub is_pinned: bool,
}

impl Store {
    /// Publishes a post of the live coverage of an article, while that is running.
    #[tracing::instrument(skip_all)]
    pub async fn publish_live_post(
        &self,
        id: ArticleId,
        post: &NewLivePost,
        author: LiveAuthor,
    ) -> Result<LivePostChange, StoreError> {
        let Some(open) = self.open_coverage(id, author.at).await? else {
            return Ok(LivePostChange::NotRunning);
        };
        let posts = row::Entity::find().filter(row::Column::Piece.eq(Key(id)));
        // The answer to a form may be lost, and the coverage may have ended before it is sent again.
        let same = posts.clone().filter(row::Column::Request.eq(&post.request));
        if same.one(&open.transaction).await?.is_some() {
            return Ok(LivePostChange::Done);
        }
        if !open.is_running() {
            return Ok(LivePostChange::NotRunning);
        }
        let shown = posts.filter(row::Column::Removed.is_null());
        if shown.count(&open.transaction).await? >= MAX_LIVE_POSTS {
            return Ok(LivePostChange::Full);
        }
        let written = row::Entity::insert(new_row(id, open.revision, post, author));
        let written = written.exec_with_returning(&open.transaction).await?;
        note_pictures(&open.transaction, &written).await?;
        let facts = [vec![post_fact(&written)], post_changes(None, Some(&written))].concat();
        open.finish_post((AuditAction::PublishedLivePost, facts), author, true).await
    }

    /// Replaces the text of a post that has this version.
    #[tracing::instrument(skip_all)]
    pub async fn correct_live_post(
        &self,
        id: ArticleId,
        (post, version): (LivePostNumber, i64),
        text: &LivePostText,
        author: LiveAuthor,
    ) -> Result<LivePostChange, StoreError> {
        let text = stored(text);
        let write = |update: UpdateMany<row::Entity>| {
            update
                .col_expr(row::Column::Headline, Expr::value(&text.headline))
                .col_expr(row::Column::Source, Expr::value(&text.source))
                .col_expr(row::Column::Pictures, Expr::value(pictures(&text.body)))
                .col_expr(row::Column::Body, Expr::value(&text.body))
                .col_expr(row::Column::Changed, Expr::value(author.at.as_second()))
        };
        self.change_live_post(id, (post, version), write, AuditAction::CorrectedLivePost, author)
            .await
    }

    /// Pins a post that has this version before the others, or unpins it.
    #[tracing::instrument(skip_all)]
    pub async fn pin_live_post(
        &self,
        id: ArticleId,
        (post, version): (LivePostNumber, i64),
        is_pinned: bool,
        author: LiveAuthor,
    ) -> Result<LivePostChange, StoreError> {
        let write = |update: UpdateMany<row::Entity>| {
            update.col_expr(row::Column::Pinned, Expr::value(is_pinned))
        };
        let action =
            if is_pinned { AuditAction::PinnedLivePost } else { AuditAction::UnpinnedLivePost };
        self.change_live_post(id, (post, version), write, action, author).await
    }

    /// Removes a post that has this version. Readers do not get it any more; it stays in the database.
    #[tracing::instrument(skip_all)]
    pub async fn remove_live_post(
        &self,
        id: ArticleId,
        (post, version): (LivePostNumber, i64),
        author: LiveAuthor,
    ) -> Result<LivePostChange, StoreError> {
        let write = |update: UpdateMany<row::Entity>| {
            update.col_expr(row::Column::Removed, Expr::value(author.at.as_second()))
        };
        self.change_live_post(id, (post, version), write, AuditAction::RemovedLivePost, author)
            .await
    }

    /// Changes a post that has this version, also once the coverage has ended.
    async fn change_live_post(
        &self,
        id: ArticleId,
        (post, version): (LivePostNumber, i64),
        write: impl FnOnce(UpdateMany<row::Entity>) -> UpdateMany<row::Entity>,
        action: AuditAction,
        author: LiveAuthor,
    ) -> Result<LivePostChange, StoreError> {
        let Some(open) = self.open_coverage(id, author.at).await? else {
            return Ok(LivePostChange::NotRunning);
        };
        let find = || row::Entity::find_by_id(Key(post)).one(&open.transaction);
        let before = find().await?;
        let update = row::Entity::update_many()
            .col_expr(row::Column::Version, Expr::value(version + 1))
            .col_expr(row::Column::Revision, Expr::value(open.revision))
            .filter(row::Column::Id.eq(Key(post)))
            .filter(row::Column::Piece.eq(Key(id)))
            .filter(row::Column::Version.eq(version))
            .filter(row::Column::Removed.is_null());
        if write(update).exec(&open.transaction).await?.rows_affected != 1 {
            return Ok(LivePostChange::Behind);
        }
        let after = find().await?;
        let is_removed = action == AuditAction::RemovedLivePost;
        let shown = after.as_ref().filter(|_| !is_removed);
        if let Some(after) = &after {
            note_pictures(&open.transaction, after).await?;
        }
        let number = after.iter().map(post_fact).collect();
        let facts = [number, post_changes(before.as_ref(), shown)].concat();
        let is_new = action == AuditAction::CorrectedLivePost;
        open.finish_post((action, facts), author, is_new).await
    }
}

impl OpenCoverage {
    /// Gives readers a change of a post. `is_new` is whether they get another text.
    async fn finish_post(
        self,
        (action, facts): (AuditAction, Vec<AuditChange>),
        author: LiveAuthor,
        is_new: bool,
    ) -> Result<LivePostChange, StoreError> {
        let about = (self.piece.headline.as_str(), action);
        record_live(&self.transaction, self.row.id, about, author, facts).await?;
        let updated = is_new.then_some(author.at);
        publish(&self.transaction, self.row.id, self.revision, updated).await?;
        self.transaction.commit().await?;
        Ok(LivePostChange::Done)
    }
}

fn new_row(
    id: ArticleId,
    revision: i64,
    post: &NewLivePost,
    author: LiveAuthor,
) -> row::ActiveModel {
    let text = stored(&post.text);
    row::ActiveModel {
        id: NotSet,
        piece: Set(Key(id)),
        written_by: Set(author.by.map(Key)),
        request: Set(post.request.clone()),
        first_revision: Set(revision),
        revision: Set(revision),
        version: Set(1),
        published: Set(author.at.as_second()),
        changed: Set(None),
        removed: Set(None),
        pinned: Set(post.is_pinned),
        pictures: Set(pictures(&text.body)),
        headline: Set(text.headline),
        source: Set(text.source),
        body: Set(text.body),
    }
}

/// The text with only characters that a document may contain, wherever it comes from.
fn stored(text: &LivePostText) -> LivePostText {
    let printed = |text: &str| printable(text).into_owned();
    LivePostText {
        headline: printed(&text.headline),
        source: printed(&text.source),
        body: printed(&text.body),
    }
}

/// Notes which pictures a post shows; a removed one shows none.
async fn note_pictures(to: &impl ConnectionTrait, post: &row::Model) -> Result<(), StoreError> {
    let shown = if post.removed.is_none() { post.pictures.as_str() } else { "" };
    let stems = stems_of([], shown);
    Ok(write_uses(to, post.piece, UsedIn::Post(post.id), &stems).await?)
}

fn pictures(body: &str) -> String {
    renditions::stems_in(body).join("\n")
}

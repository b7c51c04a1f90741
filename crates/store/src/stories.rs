//! The newsroom's stories. A *story* is a piece together with its draft, which readers do not see, its
//! revisions, and who has it open.
//!
//! Each write increments the story's version and names the version that it was based on, so that nobody
//! overwrites what they have not seen. What was written meanwhile can be merged, or is kept as a copy.

mod listing;
mod revisions;

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{
    Piece, Status,
    draft::{Draft, WorkflowState},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    TransactionTrait,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Store, StoreError,
    ids::{Key, PieceKey},
    pieces,
    records::{draft, piece, presence, story, story_writer},
};

pub(crate) use self::listing::{list, list_again};
pub use self::{
    listing::{LastSave, Line, StoryFilter, StoryQuery},
    revisions::{Change, Revision},
};
use self::{
    listing::{byline, read_line, relist, words, writers_of},
    revisions::{note, note_saved},
};

/// Time without a sign of life after which somebody counts as having left.
const PRESENT: SignedDuration = SignedDuration::from_secs(20);

/// A piece at the desk with its draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The piece as it was last published; an empty draft if it never was.
    pub piece: Piece,
    /// What is written of it now.
    pub draft: Draft,
    /// Its entry in the list.
    pub line: Line,
}

/// The result of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is done; this is the new version.
    Done(i64),
    /// Nothing was changed, because somebody else has written since.
    Behind,
}

impl Store {
    /// Creates a story. `slug` is used until the story gets its own at publication.
    pub async fn begin_story(
        &self,
        slug: &str,
        draft: &Draft,
        by: AccountId,
        now: Timestamp,
    ) -> Result<ArticleId, StoreError> {
        let transaction = self.database.begin().await?;
        let blank = Piece { status: Status::Draft, published: None, ..blank(slug) };
        // Of no revision: no reader's page changes with it.
        let row = piece::ActiveModel {
            id: NotSet,
            origin: Set(None),
            slug: Set(slug.to_owned()),
            revision: Set(0),
            status: Set(Status::Draft.name().to_owned()),
            facts: Set(serde_json::to_string(&blank)?),
            body: Set(String::new()),
        };
        let id = piece::Entity::insert(row).exec(&transaction).await?.last_insert_id;
        list(&transaction, id, &blank).await?;
        put_draft(&transaction, id, draft, (by, now), 1).await?;
        let writer = story_writer::ActiveModel { piece: Set(id), account: Set(Key(by)) };
        story_writer::Entity::insert(writer).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(id.0)
    }

    /// Returns the story of this piece.
    pub async fn story(&self, id: ArticleId) -> Result<Option<Story>, StoreError> {
        let id = Key(id);
        find_story(&self.database, id).await
    }

    /// Saves a draft that is based on `version`.
    pub async fn save_draft(
        &self,
        id: ArticleId,
        version: i64,
        draft: &Draft,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.write_story(id, version, |transaction, row| async move {
            put_draft(&transaction, row, draft, (by, now), version + 1).await?;
            note_saved(&transaction, row, draft, (by, now)).await?;
            Ok(transaction)
        })
        .await
    }

    /// Keeps a draft that conflicts with the current one as a revision, so that it is not lost.
    pub async fn save_conflict_copy(
        &self,
        id: ArticleId,
        draft: &Draft,
        (by, now): (AccountId, Timestamp),
    ) -> Result<(), StoreError> {
        let id = Key(id);
        note(&self.database, id, draft, (Some(by), now), Change::Aside).await
    }

    /// Changes the state of work on a story, and records it as `change`.
    pub async fn set_work(
        &self,
        id: ArticleId,
        version: i64,
        work: WorkflowState,
        (change, by, now): (Change, AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.write_story(id, version, |transaction, row| async move {
            let draft = find_story(&transaction, row).await?.map(|story| story.draft);
            let draft = &draft.unwrap_or_default();
            put_work(&transaction, row, work).await?;
            mark(&transaction, row, (by, now)).await?;
            note(&transaction, row, draft, (Some(by), now), change).await?;
            Ok(transaction)
        })
        .await
    }

    /// Replaces the draft by an earlier revision.
    pub async fn restore(
        &self,
        id: ArticleId,
        version: i64,
        draft: &Draft,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.write_story(id, version, |transaction, row| async move {
            put_draft(&transaction, row, draft, (by, now), version + 1).await?;
            note(&transaction, row, draft, (Some(by), now), Change::Restored).await?;
            Ok(transaction)
        })
        .await
    }

    /// Deletes the draft, so that the story is what was published. The draft is kept as a revision.
    pub async fn discard_draft(
        &self,
        id: ArticleId,
        version: i64,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.write_story(id, version, |transaction, row| async move {
            let Some(story) = find_story(&transaction, row).await? else { return Ok(transaction) };
            note(&transaction, row, &story.draft, (Some(by), now), Change::Aside).await?;
            draft::Entity::delete_by_id(row).exec(&transaction).await?;
            relist(&transaction, row, &story.piece, version + 1).await?;
            mark(&transaction, row, (by, now)).await?;
            Ok(transaction)
        })
        .await
    }

    /// Publishes a piece, in place of what was published before. A first slug that is taken gets a number.
    pub async fn publish_story(
        &self,
        id: ArticleId,
        version: i64,
        piece: Piece,
        what: (Change, AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.issue(id, version, piece, what, None).await
    }

    /// Withdraws a published piece. Its draft stays.
    pub async fn withdraw_story(
        &self,
        id: ArticleId,
        version: i64,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        let Some(Story { piece, draft, line }) = self.story(id).await? else {
            return Ok(Written::Behind);
        };
        let piece = Piece { status: Status::Withdrawn, ..piece };
        let open = (line.work != WorkflowState::None).then_some((draft, line.work));
        self.issue(id, version, piece, (Change::Withdrawn, by, now), open).await
    }

    /// Replaces the published piece, and leaves `open` as its draft.
    async fn issue(
        &self,
        id: ArticleId,
        version: i64,
        mut piece: Piece,
        (change, by, now): (Change, AccountId, Timestamp),
        open: Option<(Draft, WorkflowState)>,
    ) -> Result<Written, StoreError> {
        let row = Key(id);
        let (transaction, revision) = self.write().await?;
        if !count_up(&transaction, row, version).await? {
            return Ok(Written::Behind);
        }
        let known = pieces::find(&transaction, piece::Column::Id.eq(row)).await?;
        if known.as_ref().is_none_or(|known| known.slug != piece.slug) {
            piece.slug = pieces::free_slug(&transaction, &piece.slug).await?;
        }
        draft::Entity::delete_by_id(row).exec(&transaction).await?;
        pieces::put(&transaction, revision, None, known, piece.clone()).await?;
        relist(&transaction, row, &piece, version + 1).await?;
        mark(&transaction, row, (by, now)).await?;
        note(&transaction, row, &Draft::of(&piece), (Some(by), now), change).await?;
        if let Some((draft, work)) = open {
            put_draft(&transaction, row, &draft, (by, now), version + 1).await?;
            put_work(&transaction, row, work).await?;
        }
        transaction.commit().await?;
        Ok(Written::Done(version + 1))
    }

    /// Records that somebody has a story open, and returns who else has.
    pub async fn touch_presence(
        &self,
        id: ArticleId,
        who: AccountId,
        now: Timestamp,
    ) -> Result<Vec<AccountId>, StoreError> {
        let id = Key(id);
        let row = presence::ActiveModel {
            piece: Set(id),
            account: Set(Key(who)),
            at: Set(now.as_second()),
        };
        let again = OnConflict::columns([presence::Column::Piece, presence::Column::Account])
            .update_column(presence::Column::At)
            .to_owned();
        presence::Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&self.database)
            .await?;
        let since = (now - PRESENT).as_second();
        presence::Entity::delete_many()
            .filter(presence::Column::At.lt(since))
            .exec(&self.database)
            .await?;
        let others = presence::Entity::find()
            .filter(presence::Column::Piece.eq(id))
            .filter(presence::Column::Account.ne(Key(who)))
            .all(&self.database)
            .await?;
        Ok(others.into_iter().map(|row| row.account.0).collect())
    }

    /// Increments the version and runs `rest` in one transaction.
    async fn write_story<F>(
        &self,
        id: ArticleId,
        version: i64,
        rest: impl FnOnce(DatabaseTransaction, PieceKey) -> F,
    ) -> Result<Written, StoreError>
    where
        F: Future<Output = Result<DatabaseTransaction, StoreError>>,
    {
        let id = Key(id);
        let transaction = self.database.begin().await?;
        if !count_up(&transaction, id, version).await? {
            return Ok(Written::Behind);
        }
        rest(transaction, id).await?.commit().await?;
        Ok(Written::Done(version + 1))
    }
}

async fn find_story(
    from: &impl ConnectionTrait,
    id: PieceKey,
) -> Result<Option<Story>, StoreError> {
    let line = story::Entity::find_by_id(id).one(from).await?;
    let piece = pieces::find(from, piece::Column::Id.eq(id)).await?;
    let (Some(line), Some(piece)) = (line, piece) else { return Ok(None) };
    let piece = pieces::read(&piece)?;
    let draft = draft::Entity::find_by_id(id).one(from).await?;
    let draft = match draft {
        Some(row) => read_draft(&row.facts, row.body)?,
        None => Draft::of(&piece),
    };
    let writers = writers_of(from, [id]).await?.remove(&id).unwrap_or_default();
    Ok(Some(Story { piece, draft, line: read_line(line, writers)? }))
}

/// Increments the version. Returns `false` if somebody else has written since.
async fn count_up(
    to: &impl ConnectionTrait,
    id: PieceKey,
    version: i64,
) -> Result<bool, StoreError> {
    let counted = story::Entity::update_many()
        .col_expr(story::Column::Version, Expr::value(version + 1))
        .filter(story::Column::Piece.eq(id))
        .filter(story::Column::Version.eq(version))
        .exec(to)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Records who saved last.
async fn mark(
    to: &impl ConnectionTrait,
    id: PieceKey,
    (by, now): (AccountId, Timestamp),
) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::SavedBy, Expr::value(Key(by)))
        .col_expr(story::Column::SavedAt, Expr::value(now.as_second()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

async fn put_work(
    to: &impl ConnectionTrait,
    id: PieceKey,
    work: WorkflowState,
) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::Work, Expr::value(work.name()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

async fn put_draft(
    to: &impl ConnectionTrait,
    id: PieceKey,
    written: &Draft,
    (by, now): (AccountId, Timestamp),
    version: i64,
) -> Result<(), StoreError> {
    let (facts, body) = apart(written)?;
    let row = draft::ActiveModel { piece: Set(id), facts: Set(facts), body: Set(body) };
    let again = OnConflict::column(draft::Column::Piece)
        .update_columns([draft::Column::Facts, draft::Column::Body])
        .to_owned();
    draft::Entity::insert(row).on_conflict(again).exec_without_returning(to).await?;
    story::Entity::update_many()
        .col_expr(story::Column::Version, Expr::value(version))
        // What is with an editor stays there while somebody writes on.
        .col_expr(
            story::Column::Work,
            Expr::case(
                Expr::col(story::Column::Work).eq(WorkflowState::Review.name()),
                Expr::value(WorkflowState::Review.name()),
            )
            .finally(Expr::value(WorkflowState::Writing.name()))
            .into(),
        )
        .col_expr(story::Column::Headline, Expr::value(&written.headline))
        .col_expr(story::Column::Section, Expr::value(&written.section))
        .col_expr(story::Column::Byline, Expr::value(byline(written.authors.iter())))
        .col_expr(story::Column::Words, Expr::value(words(written)))
        .col_expr(story::Column::Embargo, Expr::value(written.embargo.map(Timestamp::as_second)))
        .col_expr(story::Column::Latest, Expr::value(now.as_second()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    mark(to, id, (by, now)).await
}

fn apart(written: &Draft) -> Result<(String, String), StoreError> {
    let facts = Draft { body: String::new(), ..written.clone() };
    Ok((serde_json::to_string(&facts)?, written.body.clone()))
}

fn read_draft(facts: &str, body: String) -> Result<Draft, StoreError> {
    Ok(Draft { body, ..serde_json::from_str(facts)? })
}

fn blank(slug: &str) -> Piece {
    let how = masthead_editorial::draft::PublishDetails {
        slug: slug.to_owned(),
        published: Timestamp::UNIX_EPOCH,
        correction: None,
    };
    Draft::default().publish(how, &[], None)
}

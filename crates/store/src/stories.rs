//! The newsroom's stories. A *story* is a piece together with its draft, which readers do not see, its
//! revisions, and who has it open.
//!
//! Each write increments the story's version and names the version that it was based on, so that nobody
//! overwrites what they have not seen. What was written meanwhile can be merged, or is kept as a copy.

mod assignments;
mod audit;
mod deletion;
mod drafts;
mod listing;
mod planning;
mod presence;
mod publishing;
mod queries;
mod review;
mod revisions;
mod telling;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, AuditAction};
use masthead_editorial::{
    Piece, SlugScript, Status,
    draft::{Draft, PublishDetails},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

pub use self::{
    assignments::Assigned,
    deletion::Deleted,
    listing::{LastSave, StoryEntry},
    planning::{PlannedStories, Rescheduled},
    queries::{StoryCursor, StoryFilter, StoryOrder, StoryPage, StoryQuery},
    review::{ReturnNote, SubmissionWithdrawal},
    revisions::{Revision, StoryChange},
};
pub(crate) use self::{
    audit::piece_changes,
    drafts::read_draft,
    listing::{
        byline, lead_picture, list, lock_embargo, lock_entry, renew_names, replace_entry,
        sort_headline, words, writers_of,
    },
    presence::PRESENT,
    revisions::{has_revisions, record_import},
};
use self::{
    audit::record_change, drafts::put_draft, listing::read_entry, revisions::add_saved_revision,
};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    piece_rows,
    records::{draft, piece, story, story_writer},
};

/// A piece at the desk with its draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The piece as it was last published; an empty draft if it never was.
    pub piece: Piece,
    /// What is written of it now.
    pub draft: Draft,
    /// Its entry in the list.
    pub entry: StoryEntry,
}

/// The result of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is done; this is the new version.
    Done(i64),
    /// Nothing was changed, because somebody else has written since.
    Behind,
    /// Nothing was changed, because the story is scheduled, and the draft has an embargo that ends later.
    Embargoed {
        /// When the story is scheduled for.
        scheduled: Timestamp,
    },
}

impl Store {
    /// Creates a story. `slug` is used until the story gets its own at publication. Returns `None`, and creates none, if there is
    /// one with this slug: of many first saves of one page, one begins the story.
    #[tracing::instrument(skip_all)]
    pub async fn begin_story(
        &self,
        slug: &str,
        draft: &Draft,
        attribution: Attribution,
    ) -> Result<Option<ArticleId>, StoreError> {
        let transaction = self.begin().await?;
        let blank = Piece { status: Status::Draft, published: None, ..blank(slug) };
        // Revision 0: no reader's page changes because of it.
        let row = piece::ActiveModel {
            id: NotSet,
            origin: Set(None),
            slug: Set(slug.to_owned()),
            revision: Set(0),
            status: Set(Status::Draft.name().to_owned()),
            facts: Set(serde_json::to_string(&blank)?),
            body: Set(String::new()),
            pictures: Set(String::new()),
            minutes: Set(0),
            ..piece::ActiveModel::default()
        };
        let once = OnConflict::column(piece::Column::Slug).do_nothing().to_owned();
        let begun =
            piece::Entity::insert(row).on_conflict(once).exec_without_returning(&transaction);
        if begun.await? == 0 {
            return Ok(None);
        }
        let own = piece_rows::find(&transaction, piece::Column::Slug.eq(slug)).await?;
        let Some(id) = own.map(|own| own.id) else { return Ok(None) };
        list(&transaction, id, &blank).await?;
        put_draft(&transaction, id, draft, attribution, 1).await?;
        let writer =
            story_writer::ActiveModel { piece: Set(id), account: Set(Key(attribution.by)) };
        story_writer::Entity::insert(writer).exec_without_returning(&transaction).await?;
        let (action, headline) = (AuditAction::BeganArticle, &draft.headline);
        record_change(&transaction, id, action, headline, attribution, Vec::new()).await?;
        if !draft.is_blank() {
            add_saved_revision(&transaction, id, draft, attribution).await?;
        }
        transaction.commit().await?;
        Ok(Some(id.0))
    }

    /// Returns the story that this account has begun with this slug, if it still has it.
    #[tracing::instrument(skip_all)]
    pub async fn begun_story(
        &self,
        slug: &str,
        by: AccountId,
    ) -> Result<Option<ArticleId>, StoreError> {
        let row = piece_rows::find(&self.database, piece::Column::Slug.eq(slug)).await?;
        let Some(row) = row else { return Ok(None) };
        let writer = story_writer::Entity::find_by_id((row.id, Key(by)));
        Ok(writer.one(&self.database).await?.map(|writer| writer.piece.0))
    }

    /// Returns the story of this piece.
    #[tracing::instrument(skip_all)]
    pub async fn story(&self, id: ArticleId) -> Result<Option<Story>, StoreError> {
        find_story(&self.database, Key(id)).await
    }

    /// Replaces the draft and runs `rest` with the earlier one in one transaction, if the embargo of the new draft is kept.
    async fn write_draft<F>(
        &self,
        id: ArticleId,
        version: i64,
        draft: &Draft,
        attribution: Attribution,
        rest: impl FnOnce(DatabaseTransaction, PieceKey, Draft) -> F,
    ) -> Result<Written, StoreError>
    where
        F: Future<Output = Result<DatabaseTransaction, StoreError>>,
    {
        let id = Key(id);
        let transaction = self.begin().await?;
        if !increment_version(&transaction, id, version).await? {
            return Ok(Written::Behind);
        }
        // The row of the story is locked now, so it is not scheduled meanwhile.
        let Some(Story { piece, draft: before, .. }) = find_story(&transaction, id).await? else {
            return Ok(Written::Behind);
        };
        if draft.embargo.is_some()
            && let Some(scheduled) = piece.published
            && draft.check_schedule(&piece, attribution.at).is_err()
        {
            return Ok(Written::Embargoed { scheduled });
        }
        put_draft(&transaction, id, draft, attribution, version + 1).await?;
        rest(transaction, id, before).await?.commit().await?;
        Ok(Written::Done(version + 1))
    }
}

async fn find_story(
    from: &impl ConnectionTrait,
    id: PieceKey,
) -> Result<Option<Story>, StoreError> {
    let entry = story::Entity::find_by_id(id).one(from).await?;
    let piece = piece_rows::find(from, piece::Column::Id.eq(id)).await?;
    let (Some(entry), Some(piece)) = (entry, piece) else { return Ok(None) };
    let piece = piece_rows::read(&piece)?;
    let draft = draft::Entity::find_by_id(id).one(from).await?;
    let draft = match draft {
        Some(row) => read_draft(&row.facts, row.body)?.with_canonical_of(&piece),
        None => Draft::of(&piece),
    };
    let writers = writers_of(from, [id]).await?.remove(&id).unwrap_or_default();
    Ok(Some(Story { piece, draft, entry: read_entry(entry, writers)? }))
}

/// Increments the version. Returns `false` if somebody else has written since.
async fn increment_version(
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

fn blank(slug: &str) -> Piece {
    let how = PublishDetails {
        slug: slug.to_owned(),
        published: Timestamp::UNIX_EPOCH,
        correction: None,
        slugs: SlugScript::Latin,
    };
    Draft::default().publish(how, &[], None)
}

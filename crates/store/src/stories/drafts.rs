//! Writing: drafts, their state of work, and who saved them last.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AuditAction, AuditChange};
use masthead_editorial::draft::{Draft, WorkflowState};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use super::{
    Story, StoryChange, Written,
    audit::{draft_changes, record_change, record_save, revision_fact},
    find_story, increment_version,
    listing::{byline, update_entry, with_columns_of},
    review::{begin_by_saving, is_kept_by_review},
    revisions::{add_revision, add_saved_revision},
    telling,
};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    pictures::uses::{UsedIn, stems_of, write_uses},
    records::{draft, story},
};

impl Store {
    /// Saves a draft that is based on `version`, if the story is not scheduled for a time within the draft's embargo.
    #[tracing::instrument(skip_all)]
    pub async fn save_draft(
        &self,
        id: ArticleId,
        version: i64,
        draft: &Draft,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        self.write_draft(id, version, draft, attribution, |transaction, row, before| async move {
            let revision = add_saved_revision(&transaction, row, draft, attribution).await?;
            record_save(&transaction, row, (&before, draft), revision, attribution).await?;
            begin_by_saving(&transaction, row, &draft.headline, attribution).await?;
            Ok(transaction)
        })
        .await
    }

    /// Keeps a draft that conflicts with the current one as a revision, so that it is not lost.
    #[tracing::instrument(skip_all)]
    pub async fn save_conflict_copy(
        &self,
        id: ArticleId,
        draft: &Draft,
        attribution: Attribution,
    ) -> Result<(), StoreError> {
        let (row, change) = (Key(id), StoryChange::Aside);
        let transaction = self.begin().await?;
        let revision = add_revision(&transaction, row, draft, change, attribution.into()).await?;
        let (action, facts) = (change.action(), vec![revision_fact(revision)]);
        record_change(&transaction, row, action, &draft.headline, attribution, facts).await?;
        Ok(transaction.commit().await?)
    }

    /// Changes the state of work on a story, and records it as `change`. What is submitted is not submitted again, only what is
    /// archived comes from the archive, and a review that an editor has begun ends only by an editor.
    #[tracing::instrument(skip_all)]
    pub async fn set_work(
        &self,
        id: ArticleId,
        version: i64,
        work: WorkflowState,
        change: StoryChange,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        let row = Key(id);
        let transaction = self.begin().await?;
        // From here on the row is locked.
        if !increment_version(&transaction, row, version).await? {
            return Ok(Written::Behind);
        }
        let Some(story) = find_story(&transaction, row).await? else { return Ok(Written::Behind) };
        let Story { draft, entry, .. } = &story;
        if !follows(entry.work, work)
            || is_kept_by_review(&transaction, entry, attribution.by).await?
        {
            return Ok(Written::Behind);
        }
        put_work(&transaction, row, work).await?;
        set_last_save(&transaction, row, attribution).await?;
        let revision = add_revision(&transaction, row, draft, change, attribution.into()).await?;
        let state = AuditChange::between("work", entry.work.name(), work.name());
        let facts = [revision_fact(revision)].into_iter().chain(state).collect();
        let (action, headline) = (change.action(), &draft.headline);
        record_change(&transaction, row, action, headline, attribution, facts).await?;
        if change == StoryChange::Sent {
            telling::submitted(&transaction, entry, attribution).await?;
        }
        transaction.commit().await?;
        Ok(Written::Done(version + 1))
    }

    /// Replaces the draft by an earlier revision, like [`save_draft`](Self::save_draft).
    #[tracing::instrument(skip_all)]
    pub async fn restore(
        &self,
        id: ArticleId,
        version: i64,
        draft: &Draft,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        self.write_draft(id, version, draft, attribution, |transaction, row, before| async move {
            let change = StoryChange::Restored;
            let revision =
                add_revision(&transaction, row, draft, change, attribution.into()).await?;
            let facts = [vec![revision_fact(revision)], draft_changes(&before, draft)?].concat();
            let (action, headline) = (change.action(), &draft.headline);
            record_change(&transaction, row, action, headline, attribution, facts).await?;
            begin_by_saving(&transaction, row, headline, attribution).await?;
            Ok(transaction)
        })
        .await
    }

    /// Deletes the draft, so that the story is what was published. The draft is kept as a revision. While an editor reviews the
    /// changes, only editors may discard them.
    #[tracing::instrument(skip_all)]
    pub async fn discard_draft(
        &self,
        id: ArticleId,
        version: i64,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        let row = Key(id);
        let transaction = self.begin().await?;
        if !increment_version(&transaction, row, version).await? {
            return Ok(Written::Behind);
        }
        let Some(story) = find_story(&transaction, row).await? else { return Ok(Written::Behind) };
        if is_kept_by_review(&transaction, &story.entry, attribution.by).await? {
            return Ok(Written::Behind);
        }
        let (draft, origin) = (&story.draft, attribution.into());
        let revision = add_revision(&transaction, row, draft, StoryChange::Aside, origin).await?;
        let (action, facts) = (AuditAction::DiscardedDraft, vec![revision_fact(revision)]);
        record_change(&transaction, row, action, &draft.headline, attribution, facts).await?;
        draft::Entity::delete_by_id(row).exec(&transaction).await?;
        update_entry(&transaction, row, &story.piece, version + 1).await?;
        set_last_save(&transaction, row, attribution).await?;
        transaction.commit().await?;
        Ok(Written::Done(version + 1))
    }
}

/// Whether one state of work can follow another: what waits for an editor or is archived is not submitted, and only what is
/// archived is restored.
fn follows(before: WorkflowState, after: WorkflowState) -> bool {
    match after {
        WorkflowState::Review => matches!(before, WorkflowState::Writing | WorkflowState::None),
        WorkflowState::Archived => before != WorkflowState::Archived,
        WorkflowState::Writing => before == WorkflowState::Archived,
        WorkflowState::None => false,
    }
}

/// Records who saved the story last.
pub(super) async fn set_last_save(
    to: &impl ConnectionTrait,
    id: PieceKey,
    attribution: Attribution,
) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::SavedBy, Expr::value(Key(attribution.by)))
        .col_expr(story::Column::SavedAt, Expr::value(attribution.at.as_second()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

/// Sets the state of work. A review that was begun is over, and the reason of an earlier return is settled.
pub(super) async fn put_work(
    to: &impl ConnectionTrait,
    id: PieceKey,
    work: WorkflowState,
) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::Work, Expr::value(work.name()))
        .col_expr(story::Column::ReviewerAccount, Expr::value(None::<i64>))
        .col_expr(story::Column::ReturnedBy, Expr::value(None::<i64>))
        .col_expr(story::Column::ReturnedAt, Expr::value(None::<i64>))
        .col_expr(story::Column::ReturnNote, Expr::value(None::<String>))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

/// Writes the draft and its entry in the list.
pub(super) async fn put_draft(
    to: &impl ConnectionTrait,
    id: PieceKey,
    written: &Draft,
    attribution: Attribution,
    version: i64,
) -> Result<(), StoreError> {
    let (facts, body) = split_body(written)?;
    let stems = stems_of([facts.as_str(), body.as_str()], "");
    let row = draft::ActiveModel { piece: Set(id), facts: Set(facts), body: Set(body) };
    let again = OnConflict::column(draft::Column::Piece)
        .update_columns([draft::Column::Facts, draft::Column::Body])
        .to_owned();
    draft::Entity::insert(row).on_conflict(again).exec_without_returning(to).await?;
    write_uses(to, id, UsedIn::Draft, &stems).await?;
    with_columns_of(written)
        .col_expr(story::Column::Version, Expr::value(version))
        // A story in review stays in review when it is saved.
        .col_expr(
            story::Column::Work,
            Expr::case(
                Expr::col(story::Column::Work).eq(WorkflowState::Review.name()),
                Expr::value(WorkflowState::Review.name()),
            )
            .finally(Expr::value(WorkflowState::Writing.name()))
            .into(),
        )
        .col_expr(story::Column::Section, Expr::value(&written.section))
        .col_expr(story::Column::Byline, Expr::value(byline(written.authors.iter())))
        .col_expr(story::Column::Embargo, Expr::value(written.embargo.map(Timestamp::as_second)))
        .col_expr(story::Column::Latest, Expr::value(attribution.at.as_second()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    set_last_save(to, id, attribution).await
}

/// Serializes a draft for storage: everything but the body as JSON, and the body.
pub(super) fn split_body(written: &Draft) -> Result<(String, String), StoreError> {
    let facts = Draft { body: String::new(), ..written.clone() };
    Ok((serde_json::to_string(&facts)?, written.body.clone()))
}

/// Reads what [`split_body`] has written.
pub(crate) fn read_draft(facts: &str, body: String) -> Result<Draft, StoreError> {
    Ok(Draft { body, ..serde_json::from_str(facts)? })
}

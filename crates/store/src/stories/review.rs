//! The review of a story: an editor begins it, and publishes the story or returns it with a reason. Until one has begun, its
//! writers may withdraw what they have submitted.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use masthead_editorial::draft::WorkflowState;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::Expr,
};

use super::{
    Story, StoryChange, Written,
    audit::{record_change, record_with_reason, revision_fact},
    drafts::{put_work, set_last_save},
    find_story, increment_version,
    revisions::add_revision,
};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    records::{story, story_writer},
};

/// That a story was returned to its writers, until it is submitted or published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnNote {
    /// Who returned it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// The result of withdrawing a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmissionWithdrawal {
    /// It is a draft again.
    Done,
    /// Nothing was changed, because somebody else has written since, or it is not in review any more.
    Behind,
    /// Nothing was changed, because an editor has begun the review.
    InReview,
}

impl Store {
    /// Begins the review of a story that was submitted, if nobody else has. Returns whether this editor reviews it now.
    #[tracing::instrument(skip_all)]
    pub async fn begin_review(
        &self,
        id: ArticleId,
        attribution: Attribution,
    ) -> Result<bool, StoreError> {
        let id = Key(id);
        let transaction = self.begin().await?;
        let begun = story::Entity::update_many()
            .col_expr(story::Column::ReviewerAccount, Expr::value(Key(attribution.by)))
            .filter(story::Column::Piece.eq(id))
            .filter(story::Column::Work.eq(WorkflowState::Review.name()))
            .filter(story::Column::ReviewerAccount.is_null())
            .exec(&transaction)
            .await?;
        let Some(Story { draft, entry, .. }) = find_story(&transaction, id).await? else {
            return Ok(false);
        };
        if begun.rows_affected == 0 {
            return Ok(entry.reviewer == Some(attribution.by));
        }
        let action = AuditAction::BeganReview;
        record_change(&transaction, id, action, &draft.headline, attribution, Vec::new()).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns a story that is in review to its writers, who are shown the reason.
    #[tracing::instrument(skip_all)]
    pub async fn return_story(
        &self,
        id: ArticleId,
        version: i64,
        reason: &str,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        let id = Key(id);
        let transaction = self.begin().await?;
        if !increment_version(&transaction, id, version).await? {
            return Ok(Written::Behind);
        }
        let Some(story) = in_review(&transaction, id).await? else { return Ok(Written::Behind) };
        let (change, work) = (StoryChange::Returned, WorkflowState::Writing);
        let facts = leave_review(&transaction, &story, change, work, attribution).await?;
        story::Entity::update_many()
            .col_expr(story::Column::ReturnedBy, Expr::value(Key(attribution.by)))
            .col_expr(story::Column::ReturnedAt, Expr::value(attribution.at.as_second()))
            .col_expr(story::Column::ReturnNote, Expr::value(reason))
            .filter(story::Column::Piece.eq(id))
            .exec(&transaction)
            .await?;
        let (action, headline) = (change.action(), &story.draft.headline);
        record_with_reason(&transaction, id, action, headline, attribution, (reason, facts))
            .await?;
        transaction.commit().await?;
        Ok(Written::Done(version + 1))
    }

    /// Makes a story that was submitted a draft again, if no editor has begun its review.
    #[tracing::instrument(skip_all)]
    pub async fn withdraw_submission(
        &self,
        id: ArticleId,
        version: i64,
        attribution: Attribution,
    ) -> Result<SubmissionWithdrawal, StoreError> {
        let id = Key(id);
        let transaction = self.begin().await?;
        // From here on the row is locked, so that nobody begins the review meanwhile.
        if !increment_version(&transaction, id, version).await? {
            return Ok(SubmissionWithdrawal::Behind);
        }
        let Some(story) = in_review(&transaction, id).await? else {
            return Ok(SubmissionWithdrawal::Behind);
        };
        if story.entry.reviewer.is_some() {
            return Ok(SubmissionWithdrawal::InReview);
        }
        let (change, work) = (StoryChange::SubmissionWithdrawn, WorkflowState::Writing);
        let facts = leave_review(&transaction, &story, change, work, attribution).await?;
        let (action, headline) = (change.action(), &story.draft.headline);
        record_change(&transaction, id, action, headline, attribution, facts).await?;
        transaction.commit().await?;
        Ok(SubmissionWithdrawal::Done)
    }
}

/// The story, if it is in review.
async fn in_review(from: &impl ConnectionTrait, id: PieceKey) -> Result<Option<Story>, StoreError> {
    let story = find_story(from, id).await?;
    Ok(story.filter(|story| story.entry.work == WorkflowState::Review))
}

/// Sets the state of work and adds a revision. Returns what the audit log says of it.
async fn leave_review(
    to: &impl ConnectionTrait,
    story: &Story,
    change: StoryChange,
    work: WorkflowState,
    attribution: Attribution,
) -> Result<Vec<AuditChange>, StoreError> {
    let id = Key(story.entry.id);
    put_work(to, id, work).await?;
    set_last_save(to, id, attribution).await?;
    let revision = add_revision(to, id, &story.draft, change, attribution.into()).await?;
    let state = AuditChange::between("work", story.entry.work.name(), work.name());
    Ok([revision_fact(revision)].into_iter().chain(state).collect())
}

/// An editor who changes a story that is in review, and is none of its writers, has begun to review it.
pub(super) async fn begin_by_saving(
    to: &impl ConnectionTrait,
    id: PieceKey,
    by: AccountId,
) -> Result<(), StoreError> {
    let own = story_writer::Entity::find()
        .select_only()
        .column(story_writer::Column::Piece)
        .filter(story_writer::Column::Account.eq(Key(by)))
        .into_query();
    story::Entity::update_many()
        .col_expr(story::Column::ReviewerAccount, Expr::value(Key(by)))
        .filter(story::Column::Piece.eq(id))
        .filter(story::Column::Piece.not_in_subquery(own))
        .filter(story::Column::Work.eq(WorkflowState::Review.name()))
        .filter(story::Column::ReviewerAccount.is_null())
        .exec(to)
        .await?;
    Ok(())
}

//! The review of a story: an editor begins it, and publishes the story or returns it with a reason. Until one has begun, its
//! writers may withdraw what they have submitted.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::{
    AccountId, AuditAction, AuditChange,
    staff::{Permission, Role},
};
use masthead_editorial::draft::WorkflowState;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QuerySelect, QueryTrait, sea_query::Expr,
};

use super::{
    Story, StoryChange, StoryEntry, Written,
    audit::{record_change, record_with_reason, revision_fact},
    drafts::{put_work, set_last_save},
    find_story, increment_version,
    revisions::add_revision,
    telling,
};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    parse_stored,
    records::{staff, story, story_writer},
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
    /// Begins the review of a story that was submitted, or takes it over from its reviewer, if that is still `from`. Returns
    /// whether this editor reviews it now.
    #[tracing::instrument(skip_all)]
    pub async fn begin_review(
        &self,
        id: ArticleId,
        from: Option<AccountId>,
        attribution: Attribution,
    ) -> Result<bool, StoreError> {
        let reviewer = match from {
            Some(from) => story::Column::ReviewerAccount.eq(Key(from)),
            None => story::Column::ReviewerAccount.is_null(),
        };
        let id = Key(id);
        let transaction = self.begin().await?;
        let begun = story::Entity::update_many()
            .col_expr(story::Column::ReviewerAccount, Expr::value(Key(attribution.by)))
            .filter(story::Column::Piece.eq(id))
            .filter(story::Column::Work.eq(WorkflowState::Review.name()))
            .filter(reviewer)
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

    /// Returns a story that is in review to its writers, who are shown the reason. What they have written meanwhile is no obstacle:
    /// it is the story that is returned.
    #[tracing::instrument(skip_all)]
    pub async fn return_story(
        &self,
        id: ArticleId,
        reason: &str,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        let id = Key(id);
        let transaction = self.begin().await?;
        // From here on the row is locked.
        let counted = story::Entity::update_many()
            .col_expr(story::Column::Version, Expr::col(story::Column::Version).add(1))
            .filter(story::Column::Piece.eq(id))
            .filter(story::Column::Work.eq(WorkflowState::Review.name()))
            .exec(&transaction)
            .await?;
        let story = find_story(&transaction, id).await?;
        let Some(story) = story.filter(|_| counted.rows_affected == 1) else {
            return Ok(Written::Behind);
        };
        let change = StoryChange::Returned;
        let facts = leave_review(&transaction, &story, change, attribution).await?;
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
        telling::returned(&transaction, &story.entry, reason, attribution).await?;
        transaction.commit().await?;
        Ok(Written::Done(story.entry.version))
    }

    /// Makes a story that was submitted a draft again for one of its writers, if no editor has begun its review.
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
        let story = find_story(&transaction, id).await?;
        let Some(story) = story.filter(|story| may_withdraw(&story.entry, attribution.by)) else {
            return Ok(SubmissionWithdrawal::Behind);
        };
        if story.entry.reviewer.is_some() {
            return Ok(SubmissionWithdrawal::InReview);
        }
        let change = StoryChange::SubmissionWithdrawn;
        let facts = leave_review(&transaction, &story, change, attribution).await?;
        let (action, headline) = (change.action(), &story.draft.headline);
        record_change(&transaction, id, action, headline, attribution, facts).await?;
        transaction.commit().await?;
        Ok(SubmissionWithdrawal::Done)
    }
}

/// Whether a story is in review, and this is one of its writers.
fn may_withdraw(entry: &StoryEntry, by: AccountId) -> bool {
    entry.work == WorkflowState::Review && entry.writers.contains(&by)
}

/// Whether an editor reviews a story, so that only editors may end that. The role is read in the transaction.
pub(super) async fn is_kept_by_review(
    from: &impl ConnectionTrait,
    entry: &StoryEntry,
    by: AccountId,
) -> Result<bool, StoreError> {
    Ok(entry.reviewer.is_some() && !is_editor(from, by).await?)
}

async fn is_editor(from: &impl ConnectionTrait, account: AccountId) -> Result<bool, StoreError> {
    let row =
        staff::Entity::find().filter(staff::Column::Account.eq(Key(account))).one(from).await?;
    let Some(row) = row else { return Ok(false) };
    let role: Role = parse_stored("the role", &row.role)?;
    Ok(role.may(Permission::Edit))
}

/// Makes it a draft again and adds a revision. Returns what the audit log says of it.
async fn leave_review(
    to: &impl ConnectionTrait,
    story: &Story,
    change: StoryChange,
    attribution: Attribution,
) -> Result<Vec<AuditChange>, StoreError> {
    let (id, work) = (Key(story.entry.id), WorkflowState::Writing);
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
    headline: &str,
    attribution: Attribution,
) -> Result<(), StoreError> {
    let own = story_writer::Entity::find()
        .select_only()
        .column(story_writer::Column::Piece)
        .filter(story_writer::Column::Account.eq(Key(attribution.by)))
        .into_query();
    let is_open = Condition::all()
        .add(story::Column::Piece.eq(id))
        .add(story::Column::Piece.not_in_subquery(own))
        .add(story::Column::Work.eq(WorkflowState::Review.name()))
        .add(story::Column::ReviewerAccount.is_null());
    let found = story::Entity::find().filter(is_open.clone()).count(to).await?;
    if found == 0 || !is_editor(to, attribution.by).await? {
        return Ok(());
    }
    let begun = story::Entity::update_many()
        .col_expr(story::Column::ReviewerAccount, Expr::value(Key(attribution.by)))
        .filter(is_open)
        .exec(to)
        .await?;
    if begun.rows_affected > 0 {
        let action = AuditAction::BeganReview;
        record_change(to, id, action, headline, attribution, Vec::new()).await?;
    }
    Ok(())
}

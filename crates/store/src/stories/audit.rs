//! What the audit log says of stories.

use masthead_circulation::{AuditAction, AuditChange};
use masthead_editorial::{Piece, Status, draft::Draft};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use super::StoryChange;
use crate::{
    Attribution, StoreError,
    audit_log::{AuditRecord, changes_between, merge, read_changes, record, words, write_changes},
    ids::{Key, PieceKey, RevisionKey},
    records::audit_entry as row,
};

/// The number of the revision that has what was done.
const REVISION: &str = "revision";

impl StoryChange {
    /// What the audit log says of it.
    pub(super) fn action(self) -> AuditAction {
        match self {
            Self::Saved => AuditAction::SavedDraft,
            Self::Aside => AuditAction::KeptCopy,
            Self::Sent => AuditAction::SentToReview,
            Self::SubmissionWithdrawn => AuditAction::WithdrewSubmission,
            Self::Returned => AuditAction::ReturnedDraft,
            Self::Restored => AuditAction::RestoredRevision,
            Self::Published => AuditAction::PublishedArticle,
            Self::Corrected => AuditAction::CorrectedArticle,
            Self::Scheduled => AuditAction::ScheduledArticle,
            Self::Withdrawn => AuditAction::WithdrewArticle,
            Self::Archived => AuditAction::ArchivedArticle,
            Self::Imported => AuditAction::ImportedArticles,
        }
    }
}

/// Records what was done to a story.
pub(super) async fn record_change(
    to: &impl ConnectionTrait,
    id: PieceKey,
    action: AuditAction,
    headline: &str,
    attribution: Attribution,
    changes: Vec<AuditChange>,
) -> Result<(), StoreError> {
    record_with_reason(to, id, action, headline, attribution, ("", changes)).await
}

/// The same with the reason for it.
pub(super) async fn record_with_reason(
    to: &impl ConnectionTrait,
    id: PieceKey,
    action: AuditAction,
    headline: &str,
    attribution: Attribution,
    (reason, changes): (&str, Vec<AuditChange>),
) -> Result<(), StoreError> {
    let entry = AuditRecord {
        about: headline,
        piece: Some(id),
        reason,
        changes,
        ..AuditRecord::new(Some(attribution.by), attribution.at, action)
    };
    record(to, entry).await
}

/// Records a saved draft. If it went into a revision that its writer has made before, it goes into the entry of that
/// revision as well.
pub(super) async fn record_save(
    to: &impl ConnectionTrait,
    id: PieceKey,
    (before, after): (&Draft, &Draft),
    revision: RevisionKey,
    attribution: Attribution,
) -> Result<(), StoreError> {
    let (number, action) = (revision_fact(revision), AuditAction::SavedDraft);
    let changes = draft_changes(before, after)?;
    let last = row::Entity::find()
        .filter(row::Column::Piece.eq(id))
        .filter(row::Column::Action.eq(action.name()))
        .filter(row::Column::DoneBy.eq(Key(attribution.by)))
        .order_by_desc(row::Column::Id)
        .one(to)
        .await?;
    if let Some(last) = last {
        let known = read_changes(&last.changes)?;
        if known.contains(&number) {
            return amend(to, &last, &after.headline, merge(known, changes)).await;
        }
    }
    let changes = [vec![number], changes].concat();
    record_change(to, id, action, &after.headline, attribution, changes).await
}

async fn amend(
    to: &impl ConnectionTrait,
    entry: &row::Model,
    headline: &str,
    changes: Vec<AuditChange>,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::About, Expr::value(headline))
        .col_expr(row::Column::Words, Expr::value(words(&[&entry.by_name, headline], &changes)))
        .col_expr(row::Column::Changes, Expr::value(write_changes(&changes)?))
        .filter(row::Column::Id.eq(entry.id))
        .exec(to)
        .await?;
    Ok(())
}

pub(super) fn revision_fact(revision: RevisionKey) -> AuditChange {
    AuditChange::fact(REVISION, revision.0.0)
}

/// The facts of a draft that were changed. Of the text only its length is said: the revisions have it.
pub(super) fn draft_changes(before: &Draft, after: &Draft) -> Result<Vec<AuditChange>, StoreError> {
    let facts = |draft: &Draft| Draft { body: String::new(), ..draft.clone() };
    let mut changes = changes_between(&facts(before), &facts(after))?;
    if before.body != after.body {
        let length = |draft: &Draft| Some(format!("{} characters", draft.body.chars().count()));
        let (before, after) = (length(before), length(after));
        changes.push(AuditChange { key: "text".to_owned(), before, after });
    }
    Ok(changes)
}

/// The changes between what readers had of a piece and what they get.
pub(crate) fn piece_changes(
    before: Option<&Piece>,
    after: &Piece,
) -> Result<Vec<AuditChange>, StoreError> {
    // Pieces of earlier versions have a fraction of a second, which lists do not have.
    let published =
        |piece: &Piece| piece.published.map(|at| format!("{at:.0}")).unwrap_or_default();
    let correction = |piece: &Piece| {
        let texts: Vec<&str> = piece.corrections.iter().map(|note| note.text.as_str()).collect();
        texts.join(" / ")
    };
    let before = before.filter(|piece| piece.status != Status::Draft);
    let had = before.map(Draft::of).unwrap_or_default();
    let status = before.map_or(Status::Draft, |piece| piece.status);
    let of_before = |value: fn(&Piece) -> String| before.map(value).unwrap_or_default();
    let facts = [
        AuditChange::between("status", status.name(), after.status.name()),
        AuditChange::between("published", &of_before(published), &published(after)),
        AuditChange::between("correction", &of_before(correction), &correction(after)),
    ];
    let mut changes: Vec<AuditChange> = facts.into_iter().flatten().collect();
    changes.extend(draft_changes(&had, &Draft::of(after))?);
    Ok(changes)
}

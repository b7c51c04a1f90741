//! Deleting drafts in which nothing was written.

use masthead_access::ArticleId;
use masthead_circulation::AuditAction;
use masthead_editorial::Status;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{Story, audit::record_change, drafts::read_draft, find_story, increment_version};
use crate::{
    Attribution, Store, StoreError,
    ids::{Key, PieceKey},
    records::{piece, revision},
};

/// The result of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is deleted.
    Done,
    /// Nothing was changed, because somebody else has written since, or it is deleted already.
    Behind,
    /// Nothing was changed, because it was published, or something was written in it.
    NotBlank,
}

impl Store {
    /// Deletes a story of which readers never had anything, and in which nothing was ever written.
    #[tracing::instrument(skip_all)]
    pub async fn delete_blank_story(
        &self,
        id: ArticleId,
        version: i64,
        attribution: Attribution,
    ) -> Result<Deleted, StoreError> {
        let id = Key(id);
        let transaction = self.begin().await?;
        // From here on the row is locked, so that nobody writes meanwhile.
        if !increment_version(&transaction, id, version).await? {
            return Ok(Deleted::Behind);
        }
        let Some(story) = find_story(&transaction, id).await? else { return Ok(Deleted::Behind) };
        if !is_deletable(&story) || has_words(&transaction, id).await? {
            return Ok(Deleted::NotBlank);
        }
        let action = AuditAction::DeletedDraft;
        record_change(&transaction, id, action, "", attribution, Vec::new()).await?;
        piece::Entity::delete_by_id(id).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(Deleted::Done)
    }
}

fn is_deletable(story: &Story) -> bool {
    let is_draft = story.entry.status == Status::Draft && story.entry.published.is_none();
    is_draft && story.draft.is_blank()
}

/// Whether any revision has words.
async fn has_words(from: &impl ConnectionTrait, id: PieceKey) -> Result<bool, StoreError> {
    let rows = revision::Entity::find().filter(revision::Column::Piece.eq(id)).all(from).await?;
    for row in rows {
        if !read_draft(&row.facts, row.body)?.is_blank() {
            return Ok(true);
        }
    }
    Ok(false)
}

//! Publishing and withdrawing.

use masthead_access::ArticleId;
use masthead_editorial::{
    Piece, Status,
    draft::{Draft, WorkflowState},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    Story, StoryChange, Written,
    audit::{piece_changes, record_change, revision_fact},
    drafts::{put_draft, put_work, set_last_save},
    increment_version,
    listing::update_entry,
    revisions::add_revision,
    telling,
};
use crate::{
    Attribution, Store, StoreError,
    ids::Key,
    known_names::KnownNames,
    piece_rows::{self, Origin},
    records::{draft, piece, story},
    renaming,
};

/// What readers get in place of what was published.
pub(super) struct NewPublished {
    pub piece: Piece,
    pub change: StoryChange,
    /// What stays the draft.
    pub open: Option<(Draft, WorkflowState)>,
}

impl Store {
    /// Publishes a piece, in place of what was published before. A first slug that is taken gets a number.
    #[tracing::instrument(skip_all)]
    pub async fn publish_story(
        &self,
        id: ArticleId,
        version: i64,
        piece: Piece,
        change: StoryChange,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        let new = NewPublished { piece, change, open: None };
        self.replace_published(id, version, new, attribution, |_| true).await
    }

    /// Withdraws a published piece. Its draft stays.
    #[tracing::instrument(skip_all)]
    pub async fn withdraw_story(
        &self,
        id: ArticleId,
        version: i64,
        attribution: Attribution,
    ) -> Result<Written, StoreError> {
        let Some(Story { piece, draft, entry }) = self.story(id).await? else {
            return Ok(Written::Behind);
        };
        let piece = Piece { status: Status::Withdrawn, ..piece };
        let open = (entry.work != WorkflowState::None).then_some((draft, entry.work));
        let new = NewPublished { piece, change: StoryChange::Withdrawn, open };
        self.replace_published(id, version, new, attribution, |_| true).await
    }

    /// Replaces the published piece, if `may_replace` says so of what it is once the story is locked.
    pub(super) async fn replace_published(
        &self,
        id: ArticleId,
        version: i64,
        NewPublished { mut piece, change, open }: NewPublished,
        attribution: Attribution,
        may_replace: impl FnOnce(Option<&Piece>) -> bool + Send,
    ) -> Result<Written, StoreError> {
        let row = Key(id);
        let (transaction, revision) = self.write().await?;
        if !increment_version(&transaction, row, version).await? {
            return Ok(Written::Behind);
        }
        let known = piece_rows::find(&transaction, piece::Column::Id.eq(row)).await?;
        let before = known.as_ref().map(piece_rows::read).transpose()?;
        if !may_replace(before.as_ref()) {
            return Ok(Written::Behind);
        }
        if known.as_ref().is_none_or(|known| known.slug != piece.slug) {
            piece.slug = piece_rows::free_slug(&transaction, &piece.slug).await?;
        }
        let mut names = KnownNames::default();
        renaming::resolve(&transaction, &mut piece, &mut names).await?;
        // The review of changes that stay open goes on.
        let review = story::Entity::find_by_id(row).one(&transaction).await?;
        draft::Entity::delete_by_id(row).exec(&transaction).await?;
        let published = piece_rows::PieceRow::new(piece.clone(), known.as_ref())?;
        let origin = Origin::Here;
        published.write(&transaction, revision, origin, known.as_ref(), &mut names).await?;
        update_entry(&transaction, row, &piece, version + 1).await?;
        set_last_save(&transaction, row, attribution).await?;
        let draft = Draft::of(&piece);
        let number = add_revision(&transaction, row, &draft, change, attribution.into()).await?;
        let facts = [vec![revision_fact(number)], piece_changes(before.as_ref(), &piece)?].concat();
        let (action, headline) = (change.action(), &piece.headline);
        record_change(&transaction, row, action, headline, attribution, facts).await?;
        // A change of what is published or scheduled already is no news.
        let known = before.as_ref().filter(|before| before.status == Status::Published);
        if known.is_none_or(|known| known.published != piece.published) {
            telling::published(&transaction, row, change, piece.published, attribution).await?;
        }
        if let Some((draft, work)) = open {
            put_draft(&transaction, row, &draft, attribution, version + 1).await?;
            put_work(&transaction, row, work).await?;
            if let Some(review) = review {
                keep_review(&transaction, review).await?;
            }
        }
        transaction.commit().await?;
        Ok(Written::Done(version + 1))
    }
}

/// Puts back what a story has had of its review.
async fn keep_review(to: &impl ConnectionTrait, before: story::Model) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::ReviewerAccount, Expr::value(before.reviewer_account))
        .col_expr(story::Column::ReturnedBy, Expr::value(before.returned_by))
        .col_expr(story::Column::ReturnedAt, Expr::value(before.returned_at))
        .col_expr(story::Column::ReturnNote, Expr::value(before.return_note))
        .filter(story::Column::Piece.eq(before.piece))
        .exec(to)
        .await?;
    Ok(())
}

//! Revisions of stories.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{Status, draft::Draft};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{apart, read_draft};
use crate::{
    Store, StoreError,
    ids::{AccountKey, Key, PieceKey},
    pieces,
    records::{piece, revision},
    time,
};

/// Saves by one person within this time share one revision.
const SITTING: SignedDuration = SignedDuration::from_mins(10);
/// What a revision records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The draft was saved.
    Saved,
    /// A conflicting or discarded draft was kept.
    Aside,
    /// The draft was sent to an editor.
    Sent,
    /// The draft was returned to its writer.
    Returned,
    /// An earlier revision was restored.
    Restored,
    /// The piece was published.
    Published,
    /// A published piece was corrected.
    Corrected,
    /// The piece was scheduled.
    Scheduled,
    /// The piece was withdrawn.
    Withdrawn,
    /// The story was spiked.
    Spiked,
}

impl Change {
    const ALL: [Self; 10] = [
        Self::Saved,
        Self::Aside,
        Self::Sent,
        Self::Returned,
        Self::Restored,
        Self::Published,
        Self::Corrected,
        Self::Scheduled,
        Self::Withdrawn,
        Self::Spiked,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Aside => "aside",
            Self::Sent => "sent",
            Self::Returned => "returned",
            Self::Restored => "restored",
            Self::Published => "published",
            Self::Corrected => "corrected",
            Self::Scheduled => "scheduled",
            Self::Withdrawn => "withdrawn",
            Self::Spiked => "spiked",
        }
    }
}

/// An earlier state of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number.
    pub id: i32,
    /// When it was saved.
    pub at: Timestamp,
    /// Who wrote it; `None` if it came from elsewhere, or their account is deleted.
    pub by: Option<AccountId>,
    /// What was done.
    pub change: Change,
    /// The draft; its body is empty in lists.
    pub draft: Draft,
}

impl Store {
    /// Returns the revisions of a story, the latest first.
    pub async fn revisions(&self, id: ArticleId, most: u64) -> Result<Vec<Revision>, StoreError> {
        let id = Key(id);
        let rows: Vec<(i32, i64, Option<AccountKey>, String, String)> = revision::Entity::find()
            .select_only()
            .columns([
                revision::Column::Id,
                revision::Column::At,
                revision::Column::DoneBy,
                revision::Column::Change,
                revision::Column::Facts,
            ])
            .filter(revision::Column::Piece.eq(id))
            .order_by_desc(revision::Column::Id)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let read = |(id, at, by, change, facts): (i32, i64, Option<AccountKey>, String, String)| {
            read_revision((id, at, by, &change), &facts, String::new())
        };
        rows.into_iter().map(read).collect()
    }

    /// Returns one revision of a story with its body.
    pub async fn revision_of(
        &self,
        id: ArticleId,
        number: i32,
    ) -> Result<Option<Revision>, StoreError> {
        let row = revision::Entity::find_by_id(number).one(&self.database).await?;
        let row = row.filter(|row| row.piece.0 == id);
        row.map(|row| {
            read_revision((row.id, row.at, row.done_by, &row.change), &row.facts, row.body)
        })
        .transpose()
    }
}

/// Records a save. Saves by one person within [`SITTING`] share one revision. Before the first revision of
/// an imported piece, the imported state is recorded.
pub(super) async fn note_saved(
    to: &impl ConnectionTrait,
    id: PieceKey,
    written: &Draft,
    (by, now): (AccountId, Timestamp),
) -> Result<(), StoreError> {
    let last = revision::Entity::find()
        .filter(revision::Column::Piece.eq(id))
        .filter(revision::Column::Change.ne(Change::Aside.name()))
        .order_by_desc(revision::Column::Id)
        .limit(1)
        .one(to)
        .await?;
    let sitting = (now - SITTING).as_second();
    match last {
        Some(last)
            if last.change == Change::Saved.name()
                && last.done_by == Some(Key(by))
                && last.at >= sitting =>
        {
            let (facts, body) = apart(written)?;
            revision::Entity::update_many()
                .col_expr(revision::Column::Facts, Expr::value(facts))
                .col_expr(revision::Column::Body, Expr::value(body))
                .filter(revision::Column::Id.eq(last.id))
                .exec(to)
                .await?;
            return Ok(());
        }
        None => {
            let before = pieces::find(to, piece::Column::Id.eq(id)).await?;
            if let Some(before) = before.filter(|before| before.status != Status::Draft.name()) {
                let before = pieces::read(&before)?;
                let at = before.published.unwrap_or_default();
                note(to, id, &Draft::of(&before), (None, at), Change::Published).await?;
            }
        }
        Some(_) => {}
    }
    note(to, id, written, (Some(by), now), Change::Saved).await
}

/// Inserts a revision.
pub(super) async fn note(
    to: &impl ConnectionTrait,
    id: PieceKey,
    written: &Draft,
    (by, at): (Option<AccountId>, Timestamp),
    change: Change,
) -> Result<(), StoreError> {
    let (facts, body) = apart(written)?;
    let row = revision::ActiveModel {
        id: NotSet,
        piece: Set(id),
        at: Set(at.as_second()),
        done_by: Set(by.map(Key)),
        change: Set(change.name().to_owned()),
        facts: Set(facts),
        body: Set(body),
    };
    revision::Entity::insert(row).exec_without_returning(to).await?;
    Ok(())
}

fn read_revision(
    (id, at, by, change): (i32, i64, Option<AccountKey>, &str),
    facts: &str,
    body: String,
) -> Result<Revision, StoreError> {
    let known = Change::ALL.into_iter().find(|known| known.name() == change);
    Ok(Revision {
        id,
        at: time(at),
        by: by.map(|key| key.0),
        change: known
            .ok_or_else(|| StoreError::unreadable(format_args!("the change \"{change}\"")))?,
        draft: read_draft(facts, body)?,
    })
}

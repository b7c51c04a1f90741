//! Revisions of stories.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{Piece, Status, draft::Draft};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::drafts::{read_draft, split_body};
use crate::{
    Attribution, Store, StoreError,
    ids::{AccountKey, Key, PieceKey, RevisionKey, RevisionNumber},
    parse_stored, piece_rows,
    records::{piece, revision},
    time,
};

/// Saves by one person within this time share one revision.
const GROUPING: SignedDuration = SignedDuration::from_mins(10);

/// What a revision records.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum_macros::EnumString, strum_macros::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum StoryChange {
    /// The draft was saved.
    Saved,
    /// A conflicting or discarded draft was kept.
    Aside,
    /// The draft was sent to an editor.
    Sent,
    /// The draft was returned to its writer.
    Returned,
    /// Its writer took it back before an editor had begun to review it.
    SubmissionWithdrawn,
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
    /// An import replaced the piece.
    Imported,
    /// The story was archived.
    #[strum(serialize = "spiked")]
    Archived,
}

impl StoryChange {
    /// The name as stored in the database.
    pub(super) fn name(self) -> &'static str {
        self.into()
    }
}

/// An earlier state of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number.
    pub number: RevisionNumber,
    /// When it was saved.
    pub at: Timestamp,
    /// Who wrote it. `None` if it was imported, or their account is deleted.
    pub by: Option<AccountId>,
    /// What was done.
    pub change: StoryChange,
    /// The draft. Its body is empty in lists.
    pub draft: Draft,
}

/// Who wrote a revision, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct RevisionOrigin {
    /// `None` if it was imported, or their account is deleted.
    pub by: Option<AccountId>,
    pub at: Timestamp,
}

impl From<Attribution> for RevisionOrigin {
    fn from(Attribution { by, at }: Attribution) -> Self {
        Self { by: Some(by), at }
    }
}

/// The columns of a revision in a list.
type RevisionColumns = (RevisionKey, i64, Option<AccountKey>, String, String);

impl Store {
    /// Returns the revisions of a story, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn revisions(&self, id: ArticleId, most: u64) -> Result<Vec<Revision>, StoreError> {
        let id = Key(id);
        let rows: Vec<RevisionColumns> = revision::Entity::find()
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
        rows.into_iter().map(|columns| read_revision(columns, String::new())).collect()
    }

    /// Returns one revision of a story with its body.
    #[tracing::instrument(skip_all)]
    pub async fn revision_of(
        &self,
        id: ArticleId,
        number: RevisionNumber,
    ) -> Result<Option<Revision>, StoreError> {
        let row = revision::Entity::find_by_id(Key(number)).one(&self.database).await?;
        let row = row.filter(|row| row.piece.0 == id);
        let read = |row: revision::Model| {
            read_revision((row.id, row.at, row.done_by, row.change, row.facts), row.body)
        };
        row.map(read).transpose()
    }
}

/// Records a save, and returns its revision. Saves by one person within [`GROUPING`] share one. Before the first revision
/// of an imported piece, the imported state is recorded.
pub(super) async fn add_saved_revision(
    to: &impl ConnectionTrait,
    id: PieceKey,
    written: &Draft,
    attribution: Attribution,
) -> Result<RevisionKey, StoreError> {
    let last = revision::Entity::find()
        .filter(revision::Column::Piece.eq(id))
        .filter(revision::Column::Change.ne(StoryChange::Aside.name()))
        .order_by_desc(revision::Column::Id)
        .limit(1)
        .one(to)
        .await?;
    let recently = (attribution.at - GROUPING).as_second();
    match last {
        Some(last)
            if last.change == StoryChange::Saved.name()
                && last.done_by == Some(Key(attribution.by))
                && last.at >= recently =>
        {
            let (facts, body) = split_body(written)?;
            revision::Entity::update_many()
                .col_expr(revision::Column::Facts, Expr::value(facts))
                .col_expr(revision::Column::Body, Expr::value(body))
                .filter(revision::Column::Id.eq(last.id))
                .exec(to)
                .await?;
            return Ok(last.id);
        }
        None => {
            let before = piece_rows::find(to, piece::Column::Id.eq(id)).await?;
            if let Some(before) = before.filter(|before| before.status != Status::Draft.name()) {
                let before = piece_rows::read(&before)?;
                let at = before.published.unwrap_or_default();
                let origin = RevisionOrigin { by: None, at };
                add_revision(to, id, &Draft::of(&before), StoryChange::Published, origin).await?;
            }
        }
        Some(_) => {}
    }
    add_revision(to, id, written, StoryChange::Saved, attribution.into()).await
}

/// Whether a piece has revisions.
pub(crate) async fn has_revisions(
    from: &impl ConnectionTrait,
    id: PieceKey,
) -> Result<bool, StoreError> {
    let first = revision::Entity::find().filter(revision::Column::Piece.eq(id)).one(from).await?;
    Ok(first.is_some())
}

/// Records at `at` that an import replaced a piece: what it was `before`, unless its revisions have that, and what it is now.
pub(crate) async fn record_import(
    to: &impl ConnectionTrait,
    id: ArticleId,
    before: &Piece,
    at: Timestamp,
) -> Result<(), StoreError> {
    let id = Key(id);
    if !has_revisions(to, id).await? && before.status != Status::Draft {
        let origin = RevisionOrigin { by: None, at: before.published.unwrap_or_default() };
        add_revision(to, id, &Draft::of(before), StoryChange::Published, origin).await?;
    }
    if let Some(now) = piece_rows::find(to, piece::Column::Id.eq(id)).await? {
        let draft = Draft::of(&piece_rows::read(&now)?);
        let origin = RevisionOrigin { by: None, at };
        add_revision(to, id, &draft, StoryChange::Imported, origin).await?;
    }
    Ok(())
}

/// Inserts a revision, and returns its number.
pub(super) async fn add_revision(
    to: &impl ConnectionTrait,
    id: PieceKey,
    written: &Draft,
    change: StoryChange,
    RevisionOrigin { by, at }: RevisionOrigin,
) -> Result<RevisionKey, StoreError> {
    let (facts, body) = split_body(written)?;
    let row = revision::ActiveModel {
        id: NotSet,
        piece: Set(id),
        at: Set(at.as_second()),
        done_by: Set(by.map(Key)),
        change: Set(change.name().to_owned()),
        facts: Set(facts),
        body: Set(body),
    };
    Ok(revision::Entity::insert(row).exec(to).await?.last_insert_id)
}

fn read_revision(
    (key, at, by, change, facts): RevisionColumns,
    body: String,
) -> Result<Revision, StoreError> {
    Ok(Revision {
        number: key.0,
        at: time(at),
        by: by.map(|key| key.0),
        change: parse_stored("the change", &change)?,
        draft: read_draft(&facts, body)?,
    })
}

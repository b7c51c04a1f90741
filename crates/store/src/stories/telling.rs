//! Who is told of what happens to a story.

use masthead_circulation::{AccountId, Assignment, NotificationEvent};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{StoryChange, StoryEntry, listing::writers_of};
use crate::{
    Attribution, StoreError,
    ids::{AccountKey, Key, PieceKey},
    notifications::{NewNotification, editors, tell},
    records::revision,
};

/// Tells the responsible editor that a story was submitted, or all editors if there is none, or they have submitted it themselves.
pub(super) async fn submitted(
    to: &impl ConnectionTrait,
    entry: &StoryEntry,
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    let all = editors(to).await?;
    let responsible = entry.editor.filter(|editor| *editor != by && all.contains(editor));
    let told = responsible.map_or(all, |editor| vec![editor]);
    let event = NotificationEvent::Submitted;
    tell(to, told, &NewNotification::new(event, Key(entry.id), Some(by), at)).await
}

/// Tells its writers that a story was returned, and why.
pub(super) async fn returned(
    to: &impl ConnectionTrait,
    entry: &StoryEntry,
    reason: &str,
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    let event = NotificationEvent::Returned;
    let new = NewNotification::new(event, Key(entry.id), Some(by), at).saying(reason);
    tell(to, entry.writers.iter().copied(), &new).await
}

/// Tells its writers, and those who have submitted it, that a story was published, or is scheduled.
pub(super) async fn published(
    to: &impl ConnectionTrait,
    id: PieceKey,
    change: StoryChange,
    published: Option<jiff::Timestamp>,
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    let planned = match change {
        StoryChange::Published => None,
        StoryChange::Scheduled => published,
        _ => return Ok(()),
    };
    let submitters: Vec<Option<AccountKey>> = revision::Entity::find()
        .select_only()
        .column(revision::Column::DoneBy)
        .distinct()
        .filter(revision::Column::Piece.eq(id))
        .filter(revision::Column::Change.eq(StoryChange::Sent.name()))
        .into_tuple()
        .all(to)
        .await?;
    let submitters = submitters.into_iter().flatten().map(|key| key.0);
    let writers = writers_of(to, [id]).await?.remove(&id).unwrap_or_default();
    let event = NotificationEvent::Published;
    let new = NewNotification { planned, ..NewNotification::new(event, id, Some(by), at) };
    tell(to, writers.into_iter().chain(submitters), &new).await
}

/// Tells those who were not assigned to a story before that they are now.
pub(super) async fn assigned(
    to: &impl ConnectionTrait,
    id: PieceKey,
    (before, after): (&Assignment, &Assignment),
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    let is_new =
        |account: &AccountId| !before.writers.contains(account) && before.editor != Some(*account);
    let told: Vec<AccountId> =
        after.writers.iter().copied().chain(after.editor).filter(is_new).collect();
    let event = NotificationEvent::Assigned;
    let new = NewNotification {
        planned: after.deadline,
        ..NewNotification::new(event, id, Some(by), at)
    };
    tell(to, told, &new).await
}

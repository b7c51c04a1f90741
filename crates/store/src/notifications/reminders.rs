//! Reminders of deadlines: one when a deadline is a day away, and one when it has passed. Each person gets each of them once for
//! a deadline, however many servers look; another deadline is told of again.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{AccountId, NotificationEvent};
use masthead_editorial::{Status, draft::WorkflowState};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{NewNotification, tell, those_who_may_open};
use crate::{
    Store, StoreError,
    ids::PieceKey,
    records::{notification, story},
    stories::{lock_entry, writers_of},
    time,
};

/// How long before a deadline it is near.
const NEAR: SignedDuration = SignedDuration::from_hours(24);
/// How long after a deadline a server that was off still reminds of it. Shorter than notifications are kept, which say what was
/// reminded of.
const LATE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Articles that are looked at in one run, the most urgent first.
const MAX_ARTICLES: u64 = 500;

/// A reminder that may be due.
struct DueReminder {
    piece: PieceKey,
    deadline: i64,
    name: String,
}

impl Store {
    /// Reminds those who write unfinished articles, and the responsible editors, of their deadlines.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn remind_of_deadlines(&self, now: Timestamp) -> Result<(), StoreError> {
        let due = self.due_reminders(now).await?;
        if due.is_empty() {
            return Ok(());
        }
        let pieces = due.iter().map(|due| due.piece);
        let entries = story::Entity::find()
            .filter(story::Column::Piece.is_in(pieces.clone()))
            .all(&self.database)
            .await?;
        let writers = writers_of(&self.database, pieces.clone()).await?;
        let given: Vec<(PieceKey, crate::ids::AccountKey, Option<String>)> =
            notification::Entity::find()
                .select_only()
                .column(notification::Column::Piece)
                .column(notification::Column::Account)
                .column(notification::Column::Reminder)
                .filter(notification::Column::Piece.is_in(pieces))
                .filter(notification::Column::Reminder.is_not_null())
                .into_tuple()
                .all(&self.database)
                .await?;
        for due in due {
            let editor = entries.iter().find(|entry| entry.piece == due.piece);
            let editor = editor.and_then(|entry| entry.editor_account).map(|key| key.0);
            let own = writers.get(&due.piece).into_iter().flatten().copied().chain(editor);
            let has = |account: AccountId| {
                given.iter().any(|(piece, known, name)| {
                    *piece == due.piece && known.0 == account && name.as_ref() == Some(&due.name)
                })
            };
            let missing: Vec<AccountId> = own.filter(|account| !has(*account)).collect();
            // Who has left the team stays assigned, and is not reminded.
            if !missing.is_empty()
                && !those_who_may_open(&self.database, due.piece, Some(&missing)).await?.is_empty()
            {
                self.remind(&due, now).await?;
            }
        }
        Ok(())
    }

    async fn due_reminders(&self, now: Timestamp) -> Result<Vec<DueReminder>, StoreError> {
        let (from, until) = ((now - LATE).as_second(), (now + NEAR).as_second());
        let rows: Vec<(PieceKey, i64)> = story::Entity::find()
            .select_only()
            .columns([story::Column::Piece, story::Column::Deadline])
            .filter(story::Column::Deadline.gt(from).and(story::Column::Deadline.lte(until)))
            .filter(story::Column::Work.is_in(OPEN.map(WorkflowState::name)))
            .filter(story::Column::Status.eq(Status::Draft.name()))
            .order_by_asc(story::Column::Deadline)
            .limit(MAX_ARTICLES)
            .into_tuple()
            .all(&self.database)
            .await?;
        let reminder = |(piece, deadline): (PieceKey, i64)| {
            let has_passed = deadline <= now.as_second();
            let name = format!("{}-{deadline}", if has_passed { "passed" } else { "near" });
            DueReminder { piece, deadline, name }
        };
        Ok(rows.into_iter().map(reminder).collect())
    }

    /// Reminds everybody whom an article concerns, if it still has this deadline and is not finished.
    async fn remind(&self, due: &DueReminder, now: Timestamp) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        // From here on the row is locked, so that nobody publishes it meanwhile.
        let Some(entry) = lock_entry(&transaction, due.piece).await? else { return Ok(()) };
        let is_open = entry.status == Status::Draft.name()
            && OPEN.iter().any(|open| entry.work == open.name());
        if !is_open || entry.deadline != Some(due.deadline) {
            return Ok(());
        }
        let writers = writers_of(&transaction, [due.piece]).await?.remove(&due.piece);
        let editor = entry.editor_account.map(|key| key.0);
        let new = NewNotification {
            planned: Some(time(due.deadline)),
            reminder: Some(due.name.clone()),
            ..NewNotification::new(NotificationEvent::Deadline, due.piece, None, now)
        };
        tell(&transaction, writers.into_iter().flatten().chain(editor), &new).await?;
        Ok(transaction.commit().await?)
    }
}

/// Lets everybody be reminded of an article again, because it has another deadline, which may be one that it had before.
pub(crate) async fn forget_reminders(
    to: &impl ConnectionTrait,
    piece: PieceKey,
) -> Result<(), StoreError> {
    notification::Entity::update_many()
        .col_expr(notification::Column::Reminder, Expr::value(None::<String>))
        .filter(notification::Column::Piece.eq(piece))
        .filter(notification::Column::Reminder.is_not_null())
        .exec(to)
        .await?;
    Ok(())
}

/// The states in which an article is unfinished.
const OPEN: [WorkflowState; 2] = [WorkflowState::Writing, WorkflowState::Review];

//! What members of the staff are told about articles. Each notification is written in the transaction of the change that it is
//! about, and only for those who may open the article; that is asked again when it is shown or sent.
//!
//! To add an event, see [`NotificationEvent`].

mod choices;
mod queries;
mod reminders;
mod sending;
mod weekly;

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    AccountId, NotificationEvent,
    staff::{Permission, Role},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};

pub(crate) use self::reminders::forget_reminders;
pub use self::{
    queries::{Notification, NotificationCursor, ReadNotifications},
    sending::StaffEmail,
    weekly::{FiguresRecipient, FiguresWeek, StaffSettings},
};
use crate::{
    StoreError,
    ids::{Key, PieceKey, ThreadKey},
    parse_stored,
    records::{notification as row, notification_choice, staff, story_writer},
};

/// How long notifications are kept.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A notification to be written.
pub(crate) struct NewNotification<'a> {
    pub event: NotificationEvent,
    pub piece: PieceKey,
    /// Who did it, and is not told. `None` for reminders.
    pub by: Option<AccountId>,
    pub at: Timestamp,
    /// What was written; may be empty.
    pub detail: &'a str,
    pub thread: Option<ThreadKey>,
    /// The deadline, or when the article is published.
    pub planned: Option<Timestamp>,
    /// Names a reminder, which each person gets once.
    pub reminder: Option<String>,
}

impl<'a> NewNotification<'a> {
    pub fn new(
        event: NotificationEvent,
        piece: PieceKey,
        by: Option<AccountId>,
        at: Timestamp,
    ) -> Self {
        Self { event, piece, by, at, detail: "", thread: None, planned: None, reminder: None }
    }

    pub fn saying(self, detail: &'a str) -> Self {
        Self { detail, ..self }
    }
}

/// Tells these accounts, as far as they work here, may open the article and want to know it.
pub(crate) async fn tell(
    to: &impl ConnectionTrait,
    recipients: impl IntoIterator<Item = AccountId>,
    new: &NewNotification<'_>,
) -> Result<(), StoreError> {
    let mut recipients: Vec<AccountId> =
        recipients.into_iter().filter(|id| Some(*id) != new.by).collect();
    recipients.sort_unstable_by_key(|id| id.0);
    recipients.dedup();
    if recipients.is_empty() {
        return Ok(());
    }
    let allowed = those_who_may_open(to, new.piece, Some(&recipients)).await?;
    let concerned: Vec<AccountId> = allowed
        .into_iter()
        .filter(|(_, role)| new.event.concerns(*role))
        .map(|own| own.0)
        .collect();
    let choices = choices::of_event(to, &concerned, new.event).await?;
    // A reminder that somebody does not want is stored too, so that it is not decided on again.
    let wanted = |choice: &masthead_circulation::NotificationChoice| {
        choice.at_desk || choice.by_email || new.reminder.is_some()
    };
    let rows: Vec<_> = choices
        .into_iter()
        .filter(|(_, choice)| wanted(choice))
        .map(|(account, choice)| new_row(new, account, choice))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let once =
        OnConflict::columns([row::Column::Account, row::Column::Piece, row::Column::Reminder])
            .do_nothing()
            .to_owned();
    row::Entity::insert_many(rows).on_conflict(once).exec_without_returning(to).await?;
    Ok(())
}

fn new_row(
    new: &NewNotification<'_>,
    account: AccountId,
    choice: masthead_circulation::NotificationChoice,
) -> row::ActiveModel {
    row::ActiveModel {
        id: NotSet,
        account: Set(Key(account)),
        piece: Set(new.piece),
        event: Set(new.event.name().to_owned()),
        caused_by: Set(new.by.map(Key)),
        at: Set(new.at.as_second()),
        detail: Set(new.detail.to_owned()),
        thread: Set(new.thread),
        planned: Set(new.planned.map(Timestamp::as_second)),
        reminder: Set(new.reminder.clone()),
        is_shown: Set(choice.at_desk),
        read_at: Set(None),
        send_at: Set(choice.by_email.then(|| new.at.as_second())),
        sent_at: Set(None),
    }
}

/// Returns who of these, or of all staff, may open an article now, with their roles: editors any, others what they write.
pub(crate) async fn those_who_may_open(
    from: &impl ConnectionTrait,
    piece: PieceKey,
    among: Option<&[AccountId]>,
) -> Result<Vec<(AccountId, Role)>, StoreError> {
    let mut find = staff::Entity::find().order_by_asc(staff::Column::Account);
    if let Some(among) = among {
        find = find.filter(staff::Column::Account.is_in(among.iter().copied().map(Key)));
    }
    let rows = find.all(from).await?;
    let writers = story_writer::Entity::find()
        .filter(story_writer::Column::Piece.eq(piece))
        .all(from)
        .await?;
    let mut allowed = Vec::new();
    for row in rows {
        let role: Role = parse_stored("the role", &row.role)?;
        let writes = || writers.iter().any(|writer| writer.account == row.account);
        if role.may(Permission::Edit) || (role.may(Permission::Write) && writes()) {
            allowed.push((row.account.0, role));
        }
    }
    Ok(allowed)
}

/// Deletes what somebody was told, when they work on articles no more.
pub(crate) async fn forget_told(
    from: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    row::Entity::delete_many().filter(row::Column::Account.eq(Key(account))).exec(from).await?;
    Ok(())
}

/// Deletes what somebody was told, and how they want to be told, when they leave the staff.
pub(crate) async fn forget(
    from: &impl ConnectionTrait,
    account: AccountId,
) -> Result<(), StoreError> {
    forget_told(from, account).await?;
    notification_choice::Entity::delete_many()
        .filter(notification_choice::Column::Account.eq(Key(account)))
        .exec(from)
        .await?;
    Ok(())
}

/// Returns the accounts of all editors.
pub(crate) async fn editors(from: &impl ConnectionTrait) -> Result<Vec<AccountId>, StoreError> {
    let mut editors = Vec::new();
    for row in staff::Entity::find().order_by_asc(staff::Column::Account).all(from).await? {
        let role: Role = parse_stored("the role", &row.role)?;
        if role.may(Permission::Edit) {
            editors.push(row.account.0);
        }
    }
    Ok(editors)
}

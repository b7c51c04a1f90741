//! How members of the staff want to be told. Those who have chosen nothing have no row.

use masthead_circulation::{AccountId, NotificationChoice, NotificationEvent};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};

use crate::{
    Store, StoreError,
    ids::Key,
    records::{notification_choice as row, staff},
};

impl Store {
    /// Returns how somebody wants to be told of each event, in the order of [`NotificationEvent::all`].
    #[tracing::instrument(skip_all)]
    pub async fn notification_choices(
        &self,
        account: AccountId,
    ) -> Result<Vec<(NotificationEvent, NotificationChoice)>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .all(&self.database)
            .await?;
        let of = |event: NotificationEvent| {
            let row = rows.iter().find(|row| row.event == event.name());
            (event, row.map_or_else(|| event.default_choice(), read))
        };
        Ok(NotificationEvent::all().map(of).collect())
    }

    /// Stores how somebody wants to be told of these events.
    #[tracing::instrument(skip_all)]
    pub async fn set_notification_choices(
        &self,
        account: AccountId,
        choices: &[(NotificationEvent, NotificationChoice)],
    ) -> Result<(), StoreError> {
        if choices.is_empty() {
            return Ok(());
        }
        let rows = choices.iter().map(|(event, choice)| row::ActiveModel {
            account: Set(Key(account)),
            event: Set(event.name().to_owned()),
            mailed: Set(choice.by_email),
            at_desk: Set(choice.at_desk),
        });
        let again = OnConflict::columns([row::Column::Account, row::Column::Event])
            .update_columns([row::Column::Mailed, row::Column::AtDesk])
            .to_owned();
        row::Entity::insert_many(rows)
            .on_conflict(again)
            .exec_without_returning(&self.database)
            .await?;
        Ok(())
    }

    /// Stores the language (BCP 47) that a member of the staff has chosen for the desk, for emails to them.
    #[tracing::instrument(skip_all)]
    pub async fn set_staff_language(
        &self,
        account: AccountId,
        language: &str,
    ) -> Result<(), StoreError> {
        staff::Entity::update_many()
            .col_expr(staff::Column::Language, language.into())
            .filter(staff::Column::Account.eq(Key(account)))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Returns how each of these accounts wants to be told of an event.
pub(super) async fn of_event(
    from: &impl ConnectionTrait,
    accounts: &[AccountId],
    event: NotificationEvent,
) -> Result<Vec<(AccountId, NotificationChoice)>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::Event.eq(event.name()))
        .filter(row::Column::Account.is_in(accounts.iter().copied().map(Key)))
        .all(from)
        .await?;
    let of = |account: &AccountId| {
        let row = rows.iter().find(|row| row.account.0 == *account);
        (*account, row.map_or_else(|| event.default_choice(), read))
    };
    Ok(accounts.iter().map(of).collect())
}

fn read(row: &row::Model) -> NotificationChoice {
    NotificationChoice { by_email: row.mailed, at_desk: row.at_desk }
}

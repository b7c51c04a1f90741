//! Who gets the weekly email of figures. It is sent once, whichever server sends it: its row says until when it was sent.

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId,
    staff::{Permission, Role},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Email, Store, StoreError,
    ids::Key,
    outbox::enqueue,
    parse_stored,
    records::{notification_choice as choice, staff},
};

/// The name of the choice among those of events.
const CHOICE: &str = "weekly-figures";

/// Somebody who is to get the weekly email of figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiguresRecipient {
    /// Their account.
    pub account: Account,
    /// Their role, which says what they may see.
    pub role: Role,
    /// The language (BCP 47) that they have chosen; empty if they have not.
    pub language: String,
}

impl Store {
    /// Returns whether somebody in this role gets the weekly email of figures: owners unless they have switched it off, others
    /// only if they have switched it on.
    #[tracing::instrument(skip_all)]
    pub async fn wants_weekly_figures(
        &self,
        account: AccountId,
        role: Role,
    ) -> Result<bool, StoreError> {
        let chosen = choice::Entity::find_by_id((Key(account), CHOICE.to_owned()));
        let chosen = chosen.one(&self.database).await?;
        Ok(wants(chosen.as_ref(), role))
    }

    /// Switches the weekly email of figures on or off. Switched on, it begins with the next one.
    #[tracing::instrument(skip_all)]
    pub async fn set_weekly_figures(
        &self,
        account: AccountId,
        is_on: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        let before = choice::Entity::find_by_id((Key(account), CHOICE.to_owned()));
        let before = before.one(&transaction).await?;
        let own = staff::Entity::find_by_id(Key(account)).one(&transaction).await?;
        let Some(own) = own else { return Ok(()) };
        let was_on = wants(before.as_ref(), parse_stored("the role", &own.role)?);
        let row = choice::ActiveModel {
            account: Set(Key(account)),
            event: Set(CHOICE.to_owned()),
            mailed: Set(is_on),
            at_desk: Set(false),
        };
        let again = OnConflict::columns([choice::Column::Account, choice::Column::Event])
            .update_column(choice::Column::Mailed)
            .to_owned();
        choice::Entity::insert(row).on_conflict(again).exec_without_returning(&transaction).await?;
        if is_on && !was_on {
            staff::Entity::update_many()
                .col_expr(staff::Column::FiguresSent, Expr::value(now.as_second()))
                .filter(staff::Column::Account.eq(Key(account)))
                .exec(&transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Returns who is to get the email that is due since an instant, and has worked here before it.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn figures_recipients(
        &self,
        due: Timestamp,
    ) -> Result<Vec<FiguresRecipient>, StoreError> {
        let rows = staff::Entity::find()
            .filter(is_unsent(due))
            .filter(staff::Column::Since.lt(due.as_second()))
            .order_by_asc(staff::Column::Account)
            .all(&self.database)
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let choices = choice::Entity::find()
            .filter(choice::Column::Event.eq(CHOICE))
            .all(&self.database)
            .await?;
        let ids: Vec<AccountId> = rows.iter().map(|row| row.account.0).collect();
        let accounts = self.accounts(&ids).await?;
        let mut recipients = Vec::new();
        for row in rows {
            let role: Role = parse_stored("the role", &row.role)?;
            let chosen = choices.iter().find(|choice| choice.account == row.account);
            let account = accounts.iter().find(|account| account.id == row.account.0);
            if let Some(account) = account.filter(|_| wants(chosen, role)) {
                let language = row.language.unwrap_or_default();
                recipients.push(FiguresRecipient { account: account.clone(), role, language });
            }
        }
        Ok(recipients)
    }

    /// Puts the email that is due since an instant into the outbox, if no server has, and its recipient still has the role that it
    /// was written for.
    #[tracing::instrument(skip_all)]
    pub async fn send_weekly_figures(
        &self,
        recipient: &FiguresRecipient,
        email: &Email,
        (due, now): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let marked = staff::Entity::update_many()
            .col_expr(staff::Column::FiguresSent, Expr::value(now.as_second()))
            .filter(staff::Column::Account.eq(Key(recipient.account.id)))
            .filter(staff::Column::Role.eq(recipient.role.name()))
            .filter(is_unsent(due))
            .exec(&transaction)
            .await?;
        if marked.rows_affected != 1 {
            return Ok(false);
        }
        enqueue(&transaction, &self.email_sealer(), std::slice::from_ref(email), now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn wants(chosen: Option<&choice::Model>, role: Role) -> bool {
    let is_on = chosen.map_or(role == Role::Owner, |chosen| chosen.mailed);
    is_on && role.may(Permission::ViewFigures)
}

fn is_unsent(due: Timestamp) -> Condition {
    Condition::any()
        .add(staff::Column::FiguresSent.is_null())
        .add(staff::Column::FiguresSent.lt(due.as_second()))
}

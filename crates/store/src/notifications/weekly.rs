//! Who gets the weekly email of figures. It is sent once, whichever server sends it, and whatever becomes of the time zone: the row of
//! its recipient says of which Monday they were sent it.

use jiff::{Timestamp, civil::Date};
use masthead_circulation::{
    Account, AccountId,
    staff::{Permission, Role},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Email, Store, StoreError,
    audience::{day, number},
    ids::Key,
    outbox::enqueue,
    parse_stored,
    records::{notification_choice as choice, staff},
};

/// The name of the choice among those of events.
const CHOICE: &str = "weekly-figures";

/// A week whose email is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiguresWeek {
    /// The Monday after it.
    pub monday: Date,
    /// When the email was due on that day.
    pub due: Timestamp,
}

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

/// What is stored about a member of the staff for emails to them, besides their choices of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffSettings {
    /// The language (BCP 47) that they have chosen for the desk; empty if they have not.
    pub language: String,
    /// Whether they get the weekly email of figures.
    pub gets_figures: bool,
    /// The Monday of the last that they were sent, or from which on they get it.
    pub figures_monday: Option<Date>,
}

impl Store {
    /// Returns the settings of a member of the staff for the download of everything that is stored about them; `None` if they are
    /// none.
    #[tracing::instrument(skip_all)]
    pub async fn staff_settings(
        &self,
        account: AccountId,
    ) -> Result<Option<StaffSettings>, StoreError> {
        let row = staff::Entity::find_by_id(Key(account)).one(&self.database).await?;
        let Some(row) = row else { return Ok(None) };
        let role: Role = parse_stored("the role", &row.role)?;
        Ok(Some(StaffSettings {
            language: row.language.unwrap_or_default(),
            gets_figures: self.wants_weekly_figures(account, role).await?,
            figures_monday: row.figures_monday.map(day),
        }))
    }

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

    /// Switches the weekly email of figures on or off. Switched on, it begins with the one after that of `last`.
    #[tracing::instrument(skip_all)]
    pub async fn set_weekly_figures(
        &self,
        account: AccountId,
        is_on: bool,
        last: Date,
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
                .col_expr(staff::Column::FiguresMonday, Expr::value(number(last)))
                .filter(staff::Column::Account.eq(Key(account)))
                .filter(is_unsent(last))
                .exec(&transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Returns who is to get the email of a week now, and worked here when it became due.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn figures_recipients(
        &self,
        week: FiguresWeek,
        now: Timestamp,
    ) -> Result<Vec<FiguresRecipient>, StoreError> {
        let retry = staff::Column::FiguresRetry;
        let rows = staff::Entity::find()
            .filter(is_unsent(week.monday))
            .filter(retry.is_null().or(retry.lte(now.as_second())))
            .filter(staff::Column::Since.lt(week.due.as_second()))
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
            let role: Role = match parse_stored("the role", &row.role) {
                Ok(role) => role,
                Err(error) => {
                    tracing::error!(%error, account = row.account.0.0, "weekly-figures: a role cannot be read");
                    continue;
                }
            };
            let chosen = choices.iter().find(|choice| choice.account == row.account);
            let account = accounts.iter().find(|account| account.id == row.account.0);
            if let Some(account) = account.filter(|_| wants(chosen, role)) {
                let language = row.language.unwrap_or_default();
                recipients.push(FiguresRecipient { account: account.clone(), role, language });
            }
        }
        Ok(recipients)
    }

    /// Puts the email of a week into the outbox, if no server has, and its recipient still has the role that it was written for.
    #[tracing::instrument(skip_all)]
    pub async fn send_weekly_figures(
        &self,
        recipient: &FiguresRecipient,
        email: &Email,
        week: FiguresWeek,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let marked = staff::Entity::update_many()
            .col_expr(staff::Column::FiguresMonday, Expr::value(number(week.monday)))
            .col_expr(staff::Column::FiguresRetry, Expr::value(None::<i64>))
            .filter(staff::Column::Account.eq(Key(recipient.account.id)))
            .filter(staff::Column::Role.eq(recipient.role.name()))
            .filter(is_unsent(week.monday))
            .exec(&transaction)
            .await?;
        if marked.rows_affected != 1 {
            return Ok(false);
        }
        enqueue(&transaction, &self.email_sealer(), std::slice::from_ref(email), now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Puts off an email that could not be written.
    #[tracing::instrument(skip_all)]
    pub async fn defer_weekly_figures(
        &self,
        account: AccountId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        staff::Entity::update_many()
            .col_expr(staff::Column::FiguresRetry, Expr::value(until.as_second()))
            .filter(staff::Column::Account.eq(Key(account)))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

fn wants(chosen: Option<&choice::Model>, role: Role) -> bool {
    let is_on = chosen.map_or(role == Role::Owner, |chosen| chosen.mailed);
    is_on && role.may(Permission::ViewFigures)
}

fn is_unsent(monday: Date) -> Condition {
    Condition::any()
        .add(staff::Column::FiguresMonday.is_null())
        .add(staff::Column::FiguresMonday.lt(number(monday)))
}

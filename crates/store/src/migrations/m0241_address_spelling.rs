//! Email addresses of accounts have their domains in ASCII and are in NFC, so that readers are found in whatever spelling they are
//! entered. Of two accounts whose addresses are two spellings of one, the one with a subscription gets the one spelling. If both or
//! neither have subscribed, their addresses stay: which of the two the reader wants is not known.

use masthead_circulation::EmailAddress;
use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{
    ids::{AccountKey, SubscriptionKey},
    records::{account, audit_entry, invitation, outbox_entry, subscription},
};

/// The number of rows read at once.
const BATCH: u64 = 1000;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0241_address_spelling"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let mut after = AccountKey::default();
        loop {
            let rows: Vec<(AccountKey, String)> = account::Entity::find()
                .select_only()
                .columns([account::Column::Id, account::Column::Email])
                .filter(account::Column::Id.gt(after))
                .order_by_asc(account::Column::Id)
                .limit(BATCH)
                .into_tuple()
                .all(connection)
                .await?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = *last;
            for (id, email) in rows.into_iter().filter(|(_, email)| !email.is_ascii()) {
                correct(connection, id, &email).await?;
            }
        }
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Gives an account the one spelling of its address. If another account has that, the one with a subscription gets it.
async fn correct(
    connection: &SchemaManagerConnection<'_>,
    id: AccountKey,
    email: &str,
) -> Result<(), DbErr> {
    let Ok(correct) = EmailAddress::from_stored(email) else { return Ok(()) };
    let correct = correct.as_str();
    if correct == email {
        return Ok(());
    }
    let other: Option<AccountKey> = account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Email.eq(correct))
        .into_tuple()
        .one(connection)
        .await?;
    let Some(other) = other else { return rename(connection, email, correct).await };
    if !has_subscribed(connection, id).await? || has_subscribed(connection, other).await? {
        let (account, other) = (id.0.0, other.0.0);
        tracing::warn!(account, other, "database: two accounts have one address in two spellings");
        return Ok(());
    }
    // Addresses are unique, so one of them makes room. This is no address, and nobody has it.
    let between = format!("account {}", other.0.0);
    rename(connection, correct, &between).await?;
    rename(connection, email, correct).await?;
    rename(connection, &between, email).await
}

async fn has_subscribed(
    connection: &SchemaManagerConnection<'_>,
    id: AccountKey,
) -> Result<bool, DbErr> {
    let found: Option<SubscriptionKey> = subscription::Entity::find()
        .select_only()
        .column(subscription::Column::Id)
        .filter(subscription::Column::Account.eq(id))
        .into_tuple()
        .one(connection)
        .await?;
    Ok(found.is_some())
}

/// Changes the address of an account, and where emails, invitations and the audit log name it.
async fn rename(
    connection: &SchemaManagerConnection<'_>,
    from: &str,
    to: &str,
) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::Email, Expr::value(to))
        .filter(account::Column::Email.eq(from))
        .exec(connection)
        .await?;
    outbox_entry::Entity::update_many()
        .col_expr(outbox_entry::Column::Recipient, Expr::value(to))
        .filter(outbox_entry::Column::Recipient.eq(from))
        .exec(connection)
        .await?;
    invitation::Entity::update_many()
        .col_expr(invitation::Column::Email, Expr::value(to))
        .filter(invitation::Column::Email.eq(from))
        .exec(connection)
        .await?;
    let words = Func::cust("REPLACE").arg(Expr::col(audit_entry::Column::Words));
    audit_entry::Entity::update_many()
        .col_expr(audit_entry::Column::About, Expr::value(to))
        .col_expr(audit_entry::Column::Words, words.arg(from).arg(to).into())
        .filter(audit_entry::Column::About.eq(from))
        .exec(connection)
        .await?;
    Ok(())
}

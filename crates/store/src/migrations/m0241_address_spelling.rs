//! Email addresses of accounts have their domains in ASCII and are in NFC, so that readers are found in whatever spelling they are
//! entered. An address whose other spelling has an account of its own stays: which of the two the reader wants is not known.

use masthead_circulation::EmailAddress;
use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{ids::AccountKey, records::account};

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

async fn correct(
    connection: &SchemaManagerConnection<'_>,
    id: AccountKey,
    email: &str,
) -> Result<(), DbErr> {
    let Ok(correct) = EmailAddress::from_stored(email) else { return Ok(()) };
    let with = account::Entity::find().filter(account::Column::Email.eq(correct.as_str()));
    if with.count(connection).await? > 0 {
        return Ok(());
    }
    account::Entity::update_many()
        .col_expr(account::Column::Email, Expr::value(correct.as_str()))
        .filter(account::Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}

//! Changes of accounts, for the other servers of the publication.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_bulletins"
    }
}

#[derive(DeriveIden)]
enum Bulletins {
    Table,
    Id,
    Account,
    At,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bulletins = Table::create()
            .table(Bulletins::Table)
            .col(big_pk_auto(Bulletins::Id))
            .col(integer(Bulletins::Account))
            .col(big_integer(Bulletins::At))
            .to_owned();
        manager.create_table(bulletins).await?;
        let at = Index::create()
            .name("bulletins_by_time")
            .table(Bulletins::Table)
            .col(Bulletins::At)
            .to_owned();
        manager.create_index(at).await
    }
}

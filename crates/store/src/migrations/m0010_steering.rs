//! Settings of the desk, every version.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_steering"
    }
}

#[derive(DeriveIden)]
enum Steering {
    Table,
    Part,
    Version,
    At,
    DoneBy,
    Setting,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Steering::Table)
            .col(string(Steering::Part))
            .col(integer(Steering::Version))
            .col(big_integer(Steering::At))
            .col(integer(Steering::DoneBy))
            .col(text(Steering::Setting))
            .primary_key(Index::create().col(Steering::Part).col(Steering::Version))
            .to_owned();
        manager.create_table(table).await
    }
}

//! Counters: of articles by day, totals by day and hour, and sketches of readers.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_audience"
    }
}

#[derive(DeriveIden)]
enum Tallies {
    Table,
    Day,
    Counted,
    Article,
    Times,
}

#[derive(DeriveIden)]
enum DayTotals {
    Table,
    Day,
    Counted,
    Times,
}

#[derive(DeriveIden)]
enum HourTotals {
    Table,
    Hour,
    Counted,
    Times,
}

#[derive(DeriveIden)]
enum Crowds {
    Table,
    Day,
    Crowd,
    Sketch,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let key = Index::create()
            .col(Tallies::Counted)
            .col(Tallies::Day)
            .col(Tallies::Article)
            .to_owned();
        let table = Table::create()
            .table(Tallies::Table)
            .col(integer(Tallies::Day))
            .col(small_integer(Tallies::Counted))
            .col(integer(Tallies::Article))
            .col(big_integer(Tallies::Times))
            .primary_key(&mut key.clone())
            .to_owned();
        manager.create_table(table).await?;
        let table = Table::create()
            .table(DayTotals::Table)
            .col(integer(DayTotals::Day))
            .col(small_integer(DayTotals::Counted))
            .col(big_integer(DayTotals::Times))
            .primary_key(Index::create().col(DayTotals::Day).col(DayTotals::Counted))
            .to_owned();
        manager.create_table(table).await?;
        let table = Table::create()
            .table(HourTotals::Table)
            .col(big_integer(HourTotals::Hour))
            .col(small_integer(HourTotals::Counted))
            .col(big_integer(HourTotals::Times))
            .primary_key(Index::create().col(HourTotals::Hour).col(HourTotals::Counted))
            .to_owned();
        manager.create_table(table).await?;
        let table = Table::create()
            .table(Crowds::Table)
            .col(integer(Crowds::Day))
            .col(small_integer(Crowds::Crowd))
            .col(blob(Crowds::Sketch))
            .primary_key(Index::create().col(Crowds::Day).col(Crowds::Crowd))
            .to_owned();
        manager.create_table(table).await
    }
}

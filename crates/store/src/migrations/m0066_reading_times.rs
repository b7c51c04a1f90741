//! A piece keeps the time that it takes to read, so that lists know it without the body; an author has a portrait, and may be a
//! desk.

use masthead_editorial::text;
use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{ids::PieceKey, records::piece};

/// The number of pieces read at once.
const BATCH: u64 = 200;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0066_reading_times"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in [
            "ALTER TABLE pieces ADD COLUMN minutes integer NOT NULL DEFAULT 0",
            "ALTER TABLE authors ADD COLUMN portrait text NOT NULL DEFAULT ''",
            "ALTER TABLE authors ADD COLUMN is_desk boolean NOT NULL DEFAULT false",
        ] {
            connection.execute_unprepared(statement).await?;
        }
        measure(connection).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn measure(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = PieceKey::default();
    loop {
        let rows: Vec<(PieceKey, String)> = piece::Entity::find()
            .select_only()
            .columns([piece::Column::Id, piece::Column::Body])
            .filter(piece::Column::Id.gt(after))
            .order_by_asc(piece::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = *last;
        for (id, body) in rows {
            let minutes = i32::from(text::reading_minutes(&body));
            piece::Entity::update_many()
                .col_expr(piece::Column::Minutes, Expr::value(minutes))
                .filter(piece::Column::Id.eq(id))
                .exec(connection)
                .await?;
        }
    }
}

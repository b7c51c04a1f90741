//! A piece keeps the names of the pictures in its body, so that a server knows without the bodies which pictures are public.

use masthead_editorial::renditions;
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
        "m0035_pictures_of_pieces"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let statement = "ALTER TABLE pieces ADD COLUMN pictures text NOT NULL DEFAULT ''";
        connection.execute_unprepared(statement).await?;
        name_pictures(connection).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn name_pictures(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
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
            let pictures = renditions::stems_in(&body).join("\n");
            if !pictures.is_empty() {
                piece::Entity::update_many()
                    .col_expr(piece::Column::Pictures, Expr::value(pictures))
                    .filter(piece::Column::Id.eq(id))
                    .exec(connection)
                    .await?;
            }
        }
    }
}

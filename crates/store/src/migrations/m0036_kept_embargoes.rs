//! Stories that are scheduled for a time before the embargo of their draft ends are scheduled for its end instead. Until now
//! an embargo that was set after a story had been scheduled did not hold it.

use jiff::Timestamp;
use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, Statement},
};

use crate::{ids::PieceKey, records::piece, time};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0036_kept_embargoes"
    }
}

const UNHELD: &str = "SELECT pieces.id AS id, pieces.facts AS facts, stories.embargo AS embargo FROM pieces \
     JOIN stories ON stories.piece = pieces.id \
     WHERE pieces.status = 'published' AND stories.published < stories.embargo";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        hold(manager.get_connection(), manager.get_database_backend(), Timestamp::now()).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn hold(
    connection: &SchemaManagerConnection<'_>,
    backend: DbBackend,
    now: Timestamp,
) -> Result<(), DbErr> {
    let unheld = Statement::from_string(backend, UNHELD);
    for row in connection.query_all_raw(unheld).await? {
        let id: PieceKey = row.try_get("", "id")?;
        let (facts, embargo): (String, i64) =
            (row.try_get("", "facts")?, row.try_get("", "embargo")?);
        let damaged = |error| DbErr::Custom(format!("piece {} cannot be read: {error}", id.0.0));
        let mut piece: masthead_editorial::Piece = serde_json::from_str(&facts).map_err(damaged)?;
        // Readers keep what they have.
        if piece.published.is_none_or(|published| published <= now) {
            continue;
        }
        piece.published = Some(time(embargo));
        // Servers that run read again what was written after the revision that they know.
        connection.execute_unprepared("UPDATE edition SET revision = revision + 1").await?;
        let facts = serde_json::to_string(&piece).map_err(damaged)?;
        piece::Entity::update_many()
            .col_expr(piece::Column::Facts, Expr::value(facts))
            .filter(piece::Column::Id.eq(id))
            .exec(connection)
            .await?;
        let published = format!("UPDATE stories SET published = embargo WHERE piece = {}", id.0.0);
        connection.execute_unprepared(&published).await?;
        let revision = format!(
            "UPDATE pieces SET revision = (SELECT max(revision) FROM edition) WHERE id = {}",
            id.0.0
        );
        connection.execute_unprepared(&revision).await?;
    }
    Ok(())
}

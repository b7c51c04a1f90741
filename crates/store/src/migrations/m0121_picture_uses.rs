//! Which articles use which pictures, so that no text has to be looked through, and which portraits authors have.

use masthead_editorial::renditions;
use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{
    ids::{LivePostKey, PieceKey},
    pictures::uses::{UsedIn, stems_of, write_uses},
    records::{draft, live_post, piece},
};

const STATEMENTS: [&str; 6] = [
    "CREATE TABLE picture_uses (piece integer NOT NULL, place varchar NOT NULL, stem varchar NOT NULL, \
     draft integer, post integer, PRIMARY KEY (piece, place, stem), \
     FOREIGN KEY (piece) REFERENCES pieces (id) ON DELETE CASCADE, \
     FOREIGN KEY (draft) REFERENCES drafts (piece) ON DELETE CASCADE, \
     FOREIGN KEY (post) REFERENCES live_posts (id) ON DELETE CASCADE)",
    "CREATE INDEX picture_uses_stem ON picture_uses (stem, piece)",
    "CREATE INDEX picture_uses_draft ON picture_uses (draft)",
    "CREATE INDEX picture_uses_post ON picture_uses (post)",
    "ALTER TABLE authors ADD COLUMN portrait_stem varchar NOT NULL DEFAULT ''",
    "CREATE INDEX authors_portrait ON authors (portrait_stem)",
];

/// Rows that are read at once.
const BATCH: u64 = 200;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0121_picture_uses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
        }
        note_pieces(connection).await?;
        note_drafts(connection).await?;
        note_posts(connection).await?;
        note_portraits(connection).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn note_pieces(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = PieceKey::default();
    loop {
        let rows: Vec<(PieceKey, String, String)> = piece::Entity::find()
            .select_only()
            .columns([piece::Column::Id, piece::Column::Facts, piece::Column::Pictures])
            .filter(piece::Column::Id.gt(after))
            .order_by_asc(piece::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        for (id, facts, pictures) in rows {
            let stems = stems_of([facts.as_str()], &pictures);
            write_uses(connection, id, UsedIn::Piece, &stems).await?;
        }
    }
}

async fn note_drafts(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = PieceKey::default();
    loop {
        let rows: Vec<(PieceKey, String, String)> = draft::Entity::find()
            .select_only()
            .columns([draft::Column::Piece, draft::Column::Facts, draft::Column::Body])
            .filter(draft::Column::Piece.gt(after))
            .order_by_asc(draft::Column::Piece)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        for (piece, facts, body) in rows {
            let stems = stems_of([facts.as_str(), body.as_str()], "");
            write_uses(connection, piece, UsedIn::Draft, &stems).await?;
        }
    }
}

async fn note_posts(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = LivePostKey::default();
    loop {
        let rows: Vec<(LivePostKey, PieceKey, String)> = live_post::Entity::find()
            .select_only()
            .columns([live_post::Column::Id, live_post::Column::Piece, live_post::Column::Pictures])
            .filter(live_post::Column::Id.gt(after))
            .filter(live_post::Column::Removed.is_null())
            .order_by_asc(live_post::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        after = *last;
        for (post, piece, pictures) in rows {
            let stems = stems_of([], &pictures);
            write_uses(connection, piece, UsedIn::Post(post), &stems).await?;
        }
    }
}

async fn note_portraits(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    // The columns of now may be more than this migration knows.
    let select = Query::select()
        .columns([Alias::new("slug"), Alias::new("portrait")])
        .from(Alias::new("authors"))
        .and_where(Expr::col(Alias::new("portrait")).ne(""))
        .to_owned();
    for row in connection.query_all(&select).await? {
        let (slug, portrait): (String, String) =
            (row.try_get("", "slug")?, row.try_get("", "portrait")?);
        let Some(stem) = renditions::stems_in(&portrait).into_iter().next() else { continue };
        let update = Query::update()
            .table(Alias::new("authors"))
            .value(Alias::new("portrait_stem"), stem)
            .and_where(Expr::col(Alias::new("slug")).eq(slug))
            .to_owned();
        connection.execute(&update).await?;
    }
    Ok(())
}

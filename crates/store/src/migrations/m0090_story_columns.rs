//! What the list of stories is filtered and sorted by: content type, tier, lead picture and headline.

use masthead_editorial::{Piece, draft::Draft};
use sea_orm_migration::{
    SchemaManagerConnection,
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{
    ids::PieceKey,
    records::{draft, piece},
    stories,
};

/// The number of pieces read at once.
const BATCH: u64 = 500;

const STATEMENTS: [&str; 9] = [
    "ALTER TABLE stories ADD COLUMN kind varchar NOT NULL DEFAULT ''",
    "ALTER TABLE stories ADD COLUMN tier varchar NOT NULL DEFAULT ''",
    "ALTER TABLE stories ADD COLUMN picture text NOT NULL DEFAULT ''",
    "ALTER TABLE stories ADD COLUMN sort_headline text NOT NULL DEFAULT ''",
    "CREATE INDEX stories_by_headline ON stories (sort_headline, piece)",
    "CREATE INDEX stories_by_date ON stories ((COALESCE(published, 0)), piece)",
    "CREATE INDEX stories_by_kind ON stories (kind, latest)",
    "CREATE INDEX stories_by_tier ON stories (tier, latest)",
    "CREATE INDEX stories_embargo ON stories (embargo)",
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0090_story_columns"
    }
}

#[derive(DeriveIden)]
enum Stories {
    Table,
    Piece,
    Kind,
    Tier,
    Picture,
    SortHeadline,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
        }
        fill(connection).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Fills the columns with what the drafts have or, without one, the pieces.
async fn fill(connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = PieceKey::default();
    loop {
        let rows: Vec<(PieceKey, String)> = piece::Entity::find()
            .select_only()
            .columns([piece::Column::Id, piece::Column::Facts])
            .filter(piece::Column::Id.gt(after))
            .order_by_asc(piece::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        let drafts: Vec<(PieceKey, String)> = draft::Entity::find()
            .select_only()
            .columns([draft::Column::Piece, draft::Column::Facts])
            .filter(draft::Column::Piece.gt(after))
            .filter(draft::Column::Piece.lte(*last))
            .into_tuple()
            .all(connection)
            .await?;
        after = *last;
        for (id, facts) in rows {
            let own = drafts.iter().find(|(piece, _)| *piece == id);
            let written = match own {
                Some((_, facts)) => stories::read_draft(facts, String::new()).ok(),
                None => serde_json::from_str::<Piece>(&facts).ok().map(|piece| Draft::of(&piece)),
            };
            // What cannot be read stays as it is, and is reported where it is opened.
            if let Some(written) = written {
                connection.execute(&update(id, &written)).await?;
            }
        }
    }
}

fn update(id: PieceKey, written: &Draft) -> UpdateStatement {
    Query::update()
        .table(Stories::Table)
        .value(Stories::Kind, written.kind.as_str())
        .value(Stories::Tier, written.tier.as_str())
        .value(Stories::Picture, stories::lead_picture(written))
        .value(Stories::SortHeadline, stories::sort_headline(&written.headline))
        .and_where(Expr::col(Stories::Piece).eq(id))
        .to_owned()
}

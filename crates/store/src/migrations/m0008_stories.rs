//! Stories: an entry for each piece, its draft, and its revisions.

use jiff::Timestamp;
use masthead_editorial::{
    Piece, Status,
    draft::{Draft, WorkflowState},
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sea_orm_migration::{prelude::*, schema::*};

use crate::{
    ids::PieceKey,
    records::piece,
    stories::{byline, words},
};

/// The number of pieces read at once.
const BATCH: u64 = 500;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_stories"
    }
}

#[derive(DeriveIden)]
enum Stories {
    Table,
    Piece,
    Version,
    Status,
    Work,
    Headline,
    Section,
    Byline,
    Words,
    Writers,
    SavedBy,
    SavedAt,
    Published,
    Embargo,
    Latest,
}

#[derive(DeriveIden)]
enum Drafts {
    Table,
    Piece,
    Facts,
    Body,
}

#[derive(DeriveIden)]
enum Revisions {
    Table,
    Id,
    Piece,
    At,
    DoneBy,
    Change,
    Facts,
    Body,
}

#[derive(DeriveIden)]
enum Presence {
    Table,
    Piece,
    Account,
    At,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Stories::Table)
            .col(integer(Stories::Piece).primary_key())
            .col(big_integer(Stories::Version))
            .col(string(Stories::Status))
            .col(string(Stories::Work))
            .col(text(Stories::Headline))
            .col(string(Stories::Section))
            .col(text(Stories::Byline))
            .col(text(Stories::Words))
            // Rows are inserted below without writers, which a later migration moves to their own table.
            .col(text(Stories::Writers).default(","))
            .col(integer_null(Stories::SavedBy))
            .col(big_integer(Stories::SavedAt))
            .col(big_integer_null(Stories::Published))
            .col(big_integer_null(Stories::Embargo))
            .col(big_integer(Stories::Latest))
            .to_owned();
        manager.create_table(table).await?;
        let by = |name: &str| Index::create().name(name).table(Stories::Table).to_owned();
        let indices = [
            by("stories_by_time").col(Stories::Latest).col(Stories::Piece).to_owned(),
            by("stories_by_section").col(Stories::Section).col(Stories::Latest).to_owned(),
            by("stories_by_work").col(Stories::Work).col(Stories::Latest).to_owned(),
            by("stories_by_publication").col(Stories::Status).col(Stories::Published).to_owned(),
        ];
        for index in indices {
            manager.create_index(index).await?;
        }
        let table = Table::create()
            .table(Drafts::Table)
            .col(integer(Drafts::Piece).primary_key())
            .col(text(Drafts::Facts))
            .col(text(Drafts::Body))
            .to_owned();
        manager.create_table(table).await?;
        let table = Table::create()
            .table(Revisions::Table)
            .col(pk_auto(Revisions::Id))
            .col(integer(Revisions::Piece))
            .col(big_integer(Revisions::At))
            .col(integer_null(Revisions::DoneBy))
            .col(string(Revisions::Change))
            .col(text(Revisions::Facts))
            .col(text(Revisions::Body))
            .to_owned();
        manager.create_table(table).await?;
        let index = Index::create()
            .name("revisions_of_a_piece")
            .table(Revisions::Table)
            .col(Revisions::Piece)
            .col(Revisions::Id)
            .to_owned();
        manager.create_index(index).await?;
        let table = Table::create()
            .table(Presence::Table)
            .col(integer(Presence::Piece))
            .col(integer(Presence::Account))
            .col(big_integer(Presence::At))
            .primary_key(Index::create().col(Presence::Piece).col(Presence::Account))
            .to_owned();
        manager.create_table(table).await?;
        list_what_is_there(manager.get_connection()).await
    }
}

/// Inserts an entry for each piece that was published before there was a desk.
async fn list_what_is_there(database: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let mut after = PieceKey::default();
    loop {
        let rows: Vec<(PieceKey, String)> = piece::Entity::find()
            .select_only()
            .columns([piece::Column::Id, piece::Column::Facts])
            .filter(piece::Column::Id.gt(after))
            .order_by_asc(piece::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(database)
            .await?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after = *last;
        for (id, facts) in rows {
            let piece: Piece = serde_json::from_str(&facts).map_err(|error| {
                DbErr::Custom(format!("piece {} cannot be read: {error}", id.0.0))
            })?;
            database.execute(&entry(id, &piece)).await?;
        }
    }
}

/// The entry of a piece. Later migrations add columns and fill them, so it is written here in full.
fn entry(id: PieceKey, piece: &Piece) -> InsertStatement {
    let draft = Draft::of(piece);
    let published = piece.published.map(Timestamp::as_second);
    let work =
        if piece.status == Status::Draft { WorkflowState::Writing } else { WorkflowState::None };
    Query::insert()
        .into_table(Stories::Table)
        .columns([
            Stories::Piece,
            Stories::Version,
            Stories::Status,
            Stories::Work,
            Stories::Headline,
            Stories::Section,
            Stories::Byline,
            Stories::Words,
            Stories::SavedAt,
            Stories::Published,
            Stories::Latest,
        ])
        .values_panic([
            id.into(),
            1_i64.into(),
            piece.status.name().into(),
            work.name().into(),
            draft.headline.as_str().into(),
            draft.section.as_str().into(),
            byline(draft.authors.iter()).into(),
            words(&draft).into(),
            0_i64.into(),
            published.into(),
            published.unwrap_or_default().into(),
        ])
        .to_owned()
}

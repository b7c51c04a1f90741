//! Live coverage: when it began and ended, and its posts.

use sea_orm_migration::{prelude::*, schema::*};

/// What a piece has of its live coverage.
const COLUMNS: [&str; 3] = ["live_started", "live_ended", "live_updated"];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0073_live_posts"
    }
}

#[derive(DeriveIden)]
enum LivePosts {
    Table,
    Id,
    Piece,
    WrittenBy,
    Request,
    FirstRevision,
    Revision,
    Version,
    Published,
    Changed,
    Removed,
    Pinned,
    Headline,
    Source,
    Body,
    Pictures,
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Pieces {
    Table,
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            let statement = format!("ALTER TABLE pieces ADD COLUMN {column} bigint");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        manager.create_table(posts()).await?;
        // A form that is sent twice publishes one post.
        let once = Index::create()
            .name("live_posts_request")
            .table(LivePosts::Table)
            .col(LivePosts::Piece)
            .col(LivePosts::Request)
            .unique()
            .to_owned();
        manager.create_index(once).await?;
        let by_writer = Index::create()
            .name("live_posts_writer")
            .table(LivePosts::Table)
            .col(LivePosts::WrittenBy)
            .to_owned();
        manager.create_index(by_writer).await
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn posts() -> TableCreateStatement {
    Table::create()
        .table(LivePosts::Table)
        .col(pk_auto(LivePosts::Id))
        .col(integer(LivePosts::Piece))
        .col(integer_null(LivePosts::WrittenBy))
        .col(string(LivePosts::Request))
        .col(big_integer(LivePosts::FirstRevision))
        .col(big_integer(LivePosts::Revision))
        .col(big_integer(LivePosts::Version))
        .col(big_integer(LivePosts::Published))
        .col(big_integer_null(LivePosts::Changed))
        .col(big_integer_null(LivePosts::Removed))
        .col(boolean(LivePosts::Pinned))
        .col(text(LivePosts::Headline))
        .col(text(LivePosts::Source))
        .col(text(LivePosts::Body))
        .col(text(LivePosts::Pictures))
        .foreign_key(
            ForeignKey::create()
                .from(LivePosts::Table, LivePosts::Piece)
                .to(Pieces::Table, Pieces::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(LivePosts::Table, LivePosts::WrittenBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}

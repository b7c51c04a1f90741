//! Comments of the newsroom on articles, in threads.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0087_comments"
    }
}

#[derive(DeriveIden)]
enum CommentThreads {
    Table,
    Id,
    Piece,
    Quote,
    Prefix,
    Suffix,
    ResolvedBy,
    ResolvedAt,
}

#[derive(DeriveIden)]
enum Comments {
    Table,
    Id,
    Thread,
    WrittenBy,
    Request,
    At,
    Text,
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
        manager.create_table(threads()).await?;
        manager.create_table(comments()).await?;
        let by = |name: &str| Index::create().name(name).to_owned();
        let indices = [
            by("comment_threads_piece")
                .table(CommentThreads::Table)
                .col(CommentThreads::Piece)
                .to_owned(),
            by("comments_thread").table(Comments::Table).col(Comments::Thread).to_owned(),
            // A form that is sent twice leaves one comment.
            by("comments_request")
                .table(Comments::Table)
                .col(Comments::Request)
                .unique()
                .to_owned(),
        ];
        for index in indices {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn threads() -> TableCreateStatement {
    Table::create()
        .table(CommentThreads::Table)
        .col(pk_auto(CommentThreads::Id))
        .col(integer(CommentThreads::Piece))
        .col(text(CommentThreads::Quote))
        .col(text(CommentThreads::Prefix))
        .col(text(CommentThreads::Suffix))
        .col(integer_null(CommentThreads::ResolvedBy))
        .col(big_integer_null(CommentThreads::ResolvedAt))
        .foreign_key(
            ForeignKey::create()
                .from(CommentThreads::Table, CommentThreads::Piece)
                .to(Pieces::Table, Pieces::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(CommentThreads::Table, CommentThreads::ResolvedBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}

fn comments() -> TableCreateStatement {
    Table::create()
        .table(Comments::Table)
        .col(pk_auto(Comments::Id))
        .col(integer(Comments::Thread))
        .col(integer_null(Comments::WrittenBy))
        .col(string(Comments::Request))
        .col(big_integer(Comments::At))
        .col(text(Comments::Text))
        .foreign_key(
            ForeignKey::create()
                .from(Comments::Table, Comments::Thread)
                .to(CommentThreads::Table, CommentThreads::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(Comments::Table, Comments::WrittenBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}

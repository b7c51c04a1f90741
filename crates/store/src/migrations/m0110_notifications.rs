//! What members of the staff are told about articles, and how they want to be told.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0110_notifications"
    }
}

#[derive(DeriveIden)]
enum Notifications {
    Table,
    Id,
    Account,
    Piece,
    Event,
    CausedBy,
    At,
    Detail,
    Thread,
    Planned,
    Reminder,
    IsShown,
    ReadAt,
    SendAt,
    SentAt,
}

#[derive(DeriveIden)]
enum NotificationChoices {
    Table,
    Account,
    Event,
    Mailed,
    AtDesk,
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

#[derive(DeriveIden)]
enum CommentThreads {
    Table,
    Id,
}

/// Those of the unread and of what is to be sent have only these rows, which are few.
const INDICES: [&str; 6] = [
    "CREATE INDEX notifications_account ON notifications (account, piece, id)",
    "CREATE INDEX notifications_unread ON notifications (account) WHERE read_at IS NULL",
    "CREATE INDEX notifications_send_at ON notifications (send_at) WHERE send_at IS NOT NULL",
    "CREATE INDEX notifications_piece ON notifications (piece)",
    "CREATE INDEX notifications_at ON notifications (at)",
    // A reminder is given once, whichever server gives it. Rows without one are all different.
    "CREATE UNIQUE INDEX notifications_reminder ON notifications (account, piece, reminder)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(notifications()).await?;
        manager.create_table(choices()).await?;
        for statement in INDICES {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn notifications() -> TableCreateStatement {
    Table::create()
        .table(Notifications::Table)
        .col(pk_auto(Notifications::Id))
        .col(integer(Notifications::Account))
        .col(integer(Notifications::Piece))
        .col(string(Notifications::Event))
        .col(integer_null(Notifications::CausedBy))
        .col(big_integer(Notifications::At))
        .col(text(Notifications::Detail))
        .col(integer_null(Notifications::Thread))
        .col(big_integer_null(Notifications::Planned))
        .col(string_null(Notifications::Reminder))
        .col(boolean(Notifications::IsShown))
        .col(big_integer_null(Notifications::ReadAt))
        .col(big_integer_null(Notifications::SendAt))
        .col(big_integer_null(Notifications::SentAt))
        .foreign_key(
            ForeignKey::create()
                .from(Notifications::Table, Notifications::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(Notifications::Table, Notifications::CausedBy)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .foreign_key(
            ForeignKey::create()
                .from(Notifications::Table, Notifications::Piece)
                .to(Pieces::Table, Pieces::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .from(Notifications::Table, Notifications::Thread)
                .to(CommentThreads::Table, CommentThreads::Id)
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}

fn choices() -> TableCreateStatement {
    Table::create()
        .table(NotificationChoices::Table)
        .col(integer(NotificationChoices::Account))
        .col(string(NotificationChoices::Event))
        .col(boolean(NotificationChoices::Mailed))
        .col(boolean(NotificationChoices::AtDesk))
        .primary_key(
            Index::create().col(NotificationChoices::Account).col(NotificationChoices::Event),
        )
        .foreign_key(
            ForeignKey::create()
                .from(NotificationChoices::Table, NotificationChoices::Account)
                .to(Accounts::Table, Accounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

//! Accounts: the devices on which they are signed in, their reads, requests to
//! sign in or to change an address, and their mail.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_readers"
    }
}

#[derive(DeriveIden)]
enum Accounts {
    Table,
    Id,
    Email,
    Name,
    Registered,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Key,
    Account,
    Device,
    Begun,
    Seen,
}

#[derive(DeriveIden)]
enum AccountReads {
    Table,
    Account,
    Article,
    At,
}

#[derive(DeriveIden)]
enum SignInRequests {
    Table,
    Link,
    Device,
    Code,
    Email,
    CameFrom,
    Asked,
    Tries,
}

#[derive(DeriveIden)]
enum Moves {
    Table,
    FromOld,
    FromNew,
    Account,
    Email,
    Asked,
    OldAgrees,
    NewAgrees,
}

#[derive(DeriveIden)]
enum Letters {
    Table,
    Id,
    Recipient,
    Kind,
    Subject,
    Text,
    Html,
    Written,
    State,
    Tries,
    Due,
    Fault,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        accounts(manager).await?;
        sign_in(manager).await?;
        moves(manager).await?;
        letters(manager).await
    }
}

async fn accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let accounts = Table::create()
        .table(Accounts::Table)
        .col(pk_auto(Accounts::Id))
        .col(string(Accounts::Email).unique_key())
        .col(string(Accounts::Name))
        .col(big_integer(Accounts::Registered))
        .to_owned();
    manager.create_table(accounts).await?;
    let sessions = Table::create()
        .table(Sessions::Table)
        .col(string(Sessions::Key).primary_key())
        .col(integer(Sessions::Account))
        .col(string(Sessions::Device))
        .col(big_integer(Sessions::Begun))
        .col(big_integer(Sessions::Seen))
        .to_owned();
    manager.create_table(sessions).await?;
    index(manager, "sessions_by_account", Sessions::Table, Sessions::Account).await?;
    let reads = Table::create()
        .table(AccountReads::Table)
        .col(integer(AccountReads::Account))
        .col(integer(AccountReads::Article))
        .col(big_integer(AccountReads::At))
        .primary_key(Index::create().col(AccountReads::Account).col(AccountReads::Article))
        .to_owned();
    manager.create_table(reads).await
}

async fn sign_in(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let requests = Table::create()
        .table(SignInRequests::Table)
        .col(string(SignInRequests::Link).primary_key())
        .col(string(SignInRequests::Device))
        .col(string(SignInRequests::Code))
        .col(string(SignInRequests::Email))
        .col(text(SignInRequests::CameFrom))
        .col(big_integer(SignInRequests::Asked))
        .col(integer(SignInRequests::Tries))
        .to_owned();
    manager.create_table(requests).await?;
    index(manager, "sign_in_by_device", SignInRequests::Table, SignInRequests::Device).await
}

async fn moves(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let moves = Table::create()
        .table(Moves::Table)
        .col(string(Moves::FromOld).primary_key())
        .col(string(Moves::FromNew).unique_key())
        .col(integer(Moves::Account))
        .col(string(Moves::Email))
        .col(big_integer(Moves::Asked))
        .col(boolean(Moves::OldAgrees))
        .col(boolean(Moves::NewAgrees))
        .to_owned();
    manager.create_table(moves).await
}

async fn letters(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let letters = Table::create()
        .table(Letters::Table)
        .col(pk_auto(Letters::Id))
        .col(string(Letters::Recipient))
        .col(string(Letters::Kind))
        .col(text(Letters::Subject))
        .col(text(Letters::Text))
        .col(text(Letters::Html))
        .col(big_integer(Letters::Written))
        .col(string(Letters::State))
        .col(integer(Letters::Tries))
        .col(big_integer(Letters::Due))
        .col(text(Letters::Fault))
        .to_owned();
    manager.create_table(letters).await?;
    let due = Index::create()
        .name("letters_due")
        .table(Letters::Table)
        .col(Letters::State)
        .col(Letters::Due)
        .to_owned();
    manager.create_index(due).await
}

async fn index(
    manager: &SchemaManager<'_>,
    name: &str,
    table: impl IntoIden + 'static,
    column: impl IntoIden + 'static,
) -> Result<(), DbErr> {
    let index =
        Index::create().name(name).table(table.into_iden()).col(column.into_iden()).to_owned();
    manager.create_index(index).await
}

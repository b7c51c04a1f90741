//! Signing in by passkey and OpenID Connect, and an index of emails by address.

use sea_orm_migration::{prelude::*, schema::*};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_identity"
    }
}

#[derive(DeriveIden)]
enum Passkeys {
    Table,
    Id,
    Account,
    Device,
    Public,
    Added,
    Used,
}

#[derive(DeriveIden)]
enum Identities {
    Table,
    Issuer,
    Subject,
    Account,
}

#[derive(DeriveIden)]
enum Challenges {
    Table,
    Key,
    State,
    At,
}

#[derive(DeriveIden)]
enum Letters {
    Table,
    Recipient,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let passkeys = Table::create()
            .table(Passkeys::Table)
            .col(string(Passkeys::Id).primary_key())
            .col(integer(Passkeys::Account))
            .col(string(Passkeys::Device))
            .col(text(Passkeys::Public))
            .col(big_integer(Passkeys::Added))
            .col(big_integer_null(Passkeys::Used))
            .to_owned();
        manager.create_table(passkeys).await?;
        let by_account = Index::create()
            .name("passkeys_by_account")
            .table(Passkeys::Table)
            .col(Passkeys::Account)
            .to_owned();
        manager.create_index(by_account).await?;
        let identities = Table::create()
            .table(Identities::Table)
            .col(string(Identities::Issuer))
            .col(string(Identities::Subject))
            .col(integer(Identities::Account))
            .primary_key(Index::create().col(Identities::Issuer).col(Identities::Subject))
            .to_owned();
        manager.create_table(identities).await?;
        let by_account = Index::create()
            .name("identities_by_account")
            .table(Identities::Table)
            .col(Identities::Account)
            .to_owned();
        manager.create_index(by_account).await?;
        let challenges = Table::create()
            .table(Challenges::Table)
            .col(string(Challenges::Key).primary_key())
            .col(text(Challenges::State))
            .col(big_integer(Challenges::At))
            .to_owned();
        manager.create_table(challenges).await?;
        let by_recipient = Index::create()
            .name("letters_by_recipient")
            .table(Letters::Table)
            .col(Letters::Recipient)
            .to_owned();
        manager.create_index(by_recipient).await
    }
}

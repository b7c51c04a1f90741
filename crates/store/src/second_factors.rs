//! Second factors of staff: an authenticator app (RFC 6238) with recovery codes. Passkeys are in `passkeys`.
//!
//! Secrets are sealed with the publication's keys. Everything that may happen once is a conditional statement: a time
//! step is used once, and so is a recovery code. Recovery codes stand in for an authenticator app: without one that is
//! confirmed, none is stored, counted or accepted.

use jiff::Timestamp;
use masthead_access::sealed_box::Opened;
use masthead_circulation::{AccountId, AuditAction, Digest, staff::SecondFactors};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};

use crate::{
    FactorChange, Store, StoreError, accounts,
    audit_log::record_of_staff,
    ids::Key,
    records::{authenticator as row, passkey, recovery_code, session},
    sealer::OpenSealedError,
};

/// The secret of an authenticator app.
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// The secret that the app shares.
    pub secret: Vec<u8>,
    /// Whether its owner has shown that the app works. Until then it protects nothing.
    pub confirmed: bool,
    /// The secret as it is stored.
    sealed: Vec<u8>,
}

impl Store {
    /// Returns what an account has besides its address to prove who it is, at the site of this relying party. Passkeys that were
    /// made for another one do not count, and none do for a site that cannot have any.
    #[tracing::instrument(skip_all)]
    pub async fn second_factors(
        &self,
        account: AccountId,
        relying_party: Option<&str>,
    ) -> Result<SecondFactors, StoreError> {
        let authenticator = row::Entity::find_by_id(Key(account))
            .filter(row::Column::Confirmed.eq(true))
            .count(&self.database)
            .await?;
        let passkeys = match relying_party {
            Some(relying_party) => self.count_passkeys(account, relying_party).await?,
            None => 0,
        };
        let codes = recovery_code::Entity::find()
            .filter(recovery_code::Column::Account.in_subquery(confirmed(account)))
            .count(&self.database)
            .await?;
        Ok(SecondFactors { authenticator: authenticator > 0, passkeys, recovery_codes: codes })
    }

    async fn count_passkeys(&self, account: AccountId, of: &str) -> Result<u64, StoreError> {
        let own = passkey::Column::RelyingParty.eq(of);
        let count = passkey::Entity::find()
            .filter(passkey::Column::Account.eq(Key(account)))
            .filter(passkey::Column::RelyingParty.is_null().or(own))
            .count(&self.database)
            .await?;
        Ok(count)
    }

    /// Stores the secret of an authenticator app that is not confirmed yet, in place of an earlier one. Returns `false` if the
    /// account has one that is confirmed.
    #[tracing::instrument(skip_all)]
    pub async fn begin_authenticator(
        &self,
        account: AccountId,
        secret: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let new = row::ActiveModel {
            account: Set(Key(account)),
            secret: Set(self.sealer.seal(secret, &associated(account))?),
            added: Set(now.as_second()),
            confirmed: Set(false),
            last_step: Set(0),
        };
        let instead = OnConflict::column(row::Column::Account)
            .update_columns([row::Column::Secret, row::Column::Added, row::Column::LastStep])
            .action_and_where(Expr::col((row::Entity, row::Column::Confirmed)).eq(false))
            .to_owned();
        let stored = row::Entity::insert(new)
            .on_conflict(instead)
            .exec_without_returning(&self.database)
            .await?;
        Ok(stored > 0)
    }

    /// Returns the authenticator app of an account. Returns `None` if its secret cannot be opened: then no code is right, and
    /// the log says why.
    #[tracing::instrument(skip_all)]
    pub async fn authenticator(
        &self,
        account: AccountId,
    ) -> Result<Option<Authenticator>, StoreError> {
        let row = row::Entity::find_by_id(Key(account)).one(&self.database).await?;
        let Some(row) = row else { return Ok(None) };
        let opened = self.open_secret(&row)?;
        Ok(opened.map(|opened| Authenticator {
            secret: opened.message,
            confirmed: row.confirmed,
            sealed: row.secret,
        }))
    }

    fn open_secret(&self, row: &row::Model) -> Result<Option<Opened>, StoreError> {
        match self.sealer.open_with_age(&row.secret, &associated(row.account.0)) {
            Ok(opened) => Ok(Some(opened)),
            Err(OpenSealedError::Store(error)) => Err(error),
            Err(OpenSealedError::Sealed(error)) => {
                tracing::error!(
                    account = row.account.0.0, %error,
                    "sign-in: the secret of an authenticator app cannot be opened; to let its owner set up another, \
                     run masthead staff unlock"
                );
                Ok(None)
            }
        }
    }

    /// Seals the secrets of authenticator apps that are under older keys with the newest one, before those keys are dropped.
    /// Returns how many.
    #[tracing::instrument(skip_all)]
    pub async fn reseal_authenticators(&self) -> Result<u64, StoreError> {
        let rows = row::Entity::find().all(&self.database).await?;
        let mut resealed = 0;
        for row in rows {
            resealed += u64::from(self.reseal(row).await?);
        }
        Ok(resealed)
    }

    /// Seals a secret with the newest key, unless it is already or has changed meanwhile.
    async fn reseal(&self, row: row::Model) -> Result<bool, StoreError> {
        let Some(opened) = self.open_secret(&row)?.filter(|opened| !opened.by_newest_key) else {
            return Ok(false);
        };
        let secret = self.sealer.seal(&opened.message, &associated(row.account.0))?;
        let resealed = row::Entity::update_many()
            .col_expr(row::Column::Secret, Expr::value(secret))
            .filter(row::Column::Account.eq(row.account))
            .filter(row::Column::Secret.eq(row.secret))
            .exec(&self.database)
            .await?;
        Ok(resealed.rows_affected == 1)
    }

    /// Uses a time step of an authenticator app, and all before it, so that no code works twice. Returns `false` if it was
    /// used, or `app` is not the one that is confirmed now. A secret that is sealed with an older key is sealed with the newest one.
    #[tracing::instrument(skip_all)]
    pub async fn use_authenticator_step(
        &self,
        account: AccountId,
        app: &Authenticator,
        step: i64,
    ) -> Result<bool, StoreError> {
        let used = row::Entity::update_many()
            .col_expr(row::Column::LastStep, Expr::value(step))
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Confirmed.eq(true))
            .filter(row::Column::Secret.eq(app.sealed.clone()))
            .filter(row::Column::LastStep.lt(step))
            .exec(&self.database)
            .await?;
        if used.rows_affected == 0 {
            return Ok(false);
        }
        if let Some(row) = row::Entity::find_by_id(Key(account)).one(&self.database).await? {
            self.reseal(row).await?;
        }
        Ok(true)
    }

    /// Confirms an authenticator app with a time step, and stores the digests of its recovery codes. Returns `false` if it
    /// is confirmed already, or is not the one whose code was compared.
    #[tracing::instrument(skip_all)]
    pub async fn confirm_authenticator(
        &self,
        account: AccountId,
        app: &Authenticator,
        step: i64,
        codes: &[Digest],
        change: FactorChange<'_>,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        let confirmed = row::Entity::update_many()
            .col_expr(row::Column::Confirmed, Expr::value(true))
            .col_expr(row::Column::LastStep, Expr::value(step))
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Confirmed.eq(false))
            .filter(row::Column::Secret.eq(app.sealed.clone()))
            .exec(&transaction)
            .await?;
        if confirmed.rows_affected == 0 {
            return Ok(false);
        }
        replace_codes(&transaction, account, codes).await?;
        let action = AuditAction::AddedAuthenticator;
        record_of_staff(&transaction, account, change.at, action, Vec::new()).await?;
        self.complete_factor_change(&transaction, account, change).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns a digest of an account's recovery codes: it changes with any of them.
    #[tracing::instrument(skip_all)]
    pub async fn recovery_codes_digest(&self, account: AccountId) -> Result<Digest, StoreError> {
        codes_digest(&self.database, account).await
    }

    /// Stores new recovery codes in place of those with the digest `replaced`. Returns `false`, and stores none, if the
    /// account has others, or no authenticator app that is confirmed.
    #[tracing::instrument(skip_all)]
    pub async fn replace_recovery_codes(
        &self,
        account: AccountId,
        replaced: &Digest,
        codes: &[Digest],
        change: FactorChange<'_>,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        // Changes nothing, but keeps the app from being removed meanwhile, and its codes from being replaced.
        let locked = row::Entity::update_many()
            .col_expr(row::Column::Confirmed, Expr::value(true))
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Confirmed.eq(true))
            .exec(&transaction)
            .await?;
        if locked.rows_affected == 0 || codes_digest(&transaction, account).await? != *replaced {
            return Ok(false);
        }
        replace_codes(&transaction, account, codes).await?;
        let action = AuditAction::RenewedRecoveryCodes;
        record_of_staff(&transaction, account, change.at, action, Vec::new()).await?;
        self.complete_factor_change(&transaction, account, change).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses a recovery code up, if the account has an authenticator app that is confirmed. Returns `true` to one caller only.
    #[tracing::instrument(skip_all)]
    pub async fn use_recovery_code(
        &self,
        account: AccountId,
        code: &Digest,
    ) -> Result<bool, StoreError> {
        let used = recovery_code::Entity::delete_many()
            .filter(recovery_code::Column::Account.in_subquery(confirmed(account)))
            .filter(recovery_code::Column::Code.eq(code.to_string()))
            .exec(&self.database)
            .await?;
        Ok(used.rows_affected == 1)
    }

    /// Removes the authenticator app of an account, with its recovery codes. Returns `false` if there was none.
    #[tracing::instrument(skip_all)]
    pub async fn remove_authenticator(
        &self,
        account: AccountId,
        change: FactorChange<'_>,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        let removed = row::Entity::delete_by_id(Key(account)).exec(&transaction).await?;
        replace_codes(&transaction, account, &[]).await?;
        if removed.rows_affected > 0 {
            let action = AuditAction::RemovedAuthenticator;
            record_of_staff(&transaction, account, change.at, action, Vec::new()).await?;
            self.complete_factor_change(&transaction, account, change).await?;
        }
        transaction.commit().await?;
        Ok(removed.rows_affected > 0)
    }

    /// Records that the reader of a session has shown a second factor now.
    #[tracing::instrument(skip_all)]
    pub async fn strengthen_session(&self, key: &Digest, now: Timestamp) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::SecondFactor, Expr::value(true))
            .col_expr(session::Column::Confirmed, Expr::value(now.as_second()))
            .filter(session::Column::Key.eq(key.to_string()))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// The account, if it has an authenticator app that is confirmed.
fn confirmed(account: AccountId) -> SelectStatement {
    Query::select()
        .column(row::Column::Account)
        .from(row::Entity)
        .and_where(row::Column::Account.eq(Key(account)))
        .and_where(row::Column::Confirmed.eq(true))
        .take()
}

async fn codes_digest(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Digest, StoreError> {
    let codes: Vec<String> = recovery_code::Entity::find()
        .select_only()
        .column(recovery_code::Column::Code)
        .filter(recovery_code::Column::Account.eq(Key(account)))
        .order_by_asc(recovery_code::Column::Code)
        .into_tuple()
        .all(database)
        .await?;
    Ok(Digest::of(&codes.iter().map(String::as_bytes).collect::<Vec<_>>()))
}

pub(crate) async fn replace_codes(
    database: &impl ConnectionTrait,
    account: AccountId,
    codes: &[Digest],
) -> Result<(), StoreError> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::Account.eq(Key(account)))
        .exec(database)
        .await?;
    if codes.is_empty() {
        return Ok(());
    }
    let code = |code: &Digest| recovery_code::ActiveModel {
        account: Set(Key(account)),
        code: Set(code.to_string()),
    };
    recovery_code::Entity::insert_many(codes.iter().map(code))
        .exec_without_returning(database)
        .await?;
    Ok(())
}

fn associated(account: AccountId) -> Vec<u8> {
    format!("masthead authenticator 1\n{}", account.0).into_bytes()
}

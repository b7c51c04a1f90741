//! The devices and apps that are signed in to accounts.
//!
//! When an account's sessions are ended, so is what would begin others or take the account away: sign-in links that are open, apps
//! that were let in and have not fetched their token, and a change of its address. Links that say everything themselves have the
//! number of times that this had happened ([`ended_links`]).

mod beginning;
mod by_identity;

pub use beginning::{PasskeyUse, SessionProof};
pub use by_identity::IdentitySignIn;

use jiff::Timestamp;
use masthead_circulation::{
    Account, AccountId, AuditAction, AuditChange, Digest, Session, SessionKind, app::Scopes,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{
    Store, StoreError,
    account_changes::notify,
    accounts,
    audit_log::{AuditRecord, record},
    ids::Key,
    parse_stored,
    records::{account, address_change, app_request, edition, session, sign_in_request, staff},
    time,
};

impl Store {
    /// Stores a new session, whose proof nothing can take back: an invitation.
    #[tracing::instrument(skip_all)]
    pub async fn create_session(&self, begun: &Session) -> Result<(), StoreError> {
        Ok(beginning::insert(&self.database, begun).await?)
    }

    /// Returns the session with this key.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn session(&self, key: &Digest) -> Result<Option<Session>, StoreError> {
        let row = session::Entity::find_by_id(key.to_string()).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// Returns an account's sessions, the most recently used first.
    #[tracing::instrument(skip_all)]
    pub async fn sessions_of(&self, account: AccountId) -> Result<Vec<Session>, StoreError> {
        let rows = session::Entity::find()
            .filter(session::Column::Account.eq(Key(account)))
            .order_by_desc(session::Column::Seen)
            .order_by_desc(session::Column::Begun)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Records that a session was used at `now`, unless it was used later.
    #[tracing::instrument(skip_all)]
    pub async fn touch_session(&self, key: &Digest, now: Timestamp) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::Seen, Expr::value(now.as_second()))
            .filter(session::Column::Key.eq(key.to_string()))
            .filter(session::Column::Seen.lt(now.as_second()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Deletes one session of an account, and notifies all servers. Returns `false` if the account has no such session.
    #[tracing::instrument(skip_all)]
    pub async fn end_session(&self, account: AccountId, key: &Digest) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let ended = session::Entity::delete_many()
            .filter(session::Column::Account.eq(Key(account)))
            .filter(session::Column::Key.eq(key.to_string()))
            .exec(&transaction)
            .await?;
        notify(&transaction, &[account]).await?;
        transaction.commit().await?;
        Ok(ended.rows_affected > 0)
    }

    /// Deletes all sessions of all accounts, and notifies all servers. Returns how many there were. `by` is `None` for the
    /// command line.
    #[tracing::instrument(skip_all)]
    pub async fn end_everyones_sessions(
        &self,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        edition::Entity::update_many()
            .col_expr(edition::Column::SignOuts, Expr::col(edition::Column::SignOuts).add(1))
            .exec(&transaction)
            .await?;
        // First of what waits for others: a session that is begun with one of these meanwhile is stored before they are gone, and
        // ends below.
        sign_in_request::Entity::delete_many().exec(&transaction).await?;
        // All of them: one that is let in at this moment has no account yet in what this transaction sees.
        app_request::Entity::delete_many().exec(&transaction).await?;
        address_change::Entity::delete_many().exec(&transaction).await?;
        if self.is_shared() {
            // Otherwise a session that begins meanwhile might end without its server being told.
            let lock = "LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE";
            transaction.execute_unprepared(lock).await?;
        }
        let at = Timestamp::now().as_second();
        let notifications = format!(
            "INSERT INTO account_changes (account, at, meter) \
             SELECT DISTINCT account, {at}, FALSE FROM sessions"
        );
        transaction.execute_unprepared(&notifications).await?;
        let ended = session::Entity::delete_many().exec(&transaction).await?;
        let entry = AuditRecord {
            changes: vec![AuditChange::fact("sessions", ended.rows_affected)],
            ..AuditRecord::new(by, now, AuditAction::EndedSessions)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(ended.rows_affected)
    }

    /// Deletes all sessions of a member of the staff for another, and notifies all servers. Returns `false`, and deletes none,
    /// if they do not work here any more.
    #[tracing::instrument(skip_all)]
    pub async fn end_sessions_of_staff(
        &self,
        account: &Account,
        by: AccountId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let works_here = staff::Entity::find_by_id(Key(account.id)).one(&transaction).await?;
        if works_here.is_none() {
            return Ok(false);
        }
        end_all_but(&transaction, account.id, None).await?;
        notify(&transaction, &[account.id]).await?;
        let entry = AuditRecord {
            account: Some(account.id),
            about: account.email.as_str(),
            ..AuditRecord::new(Some(by), now, AuditAction::EndedSessionsOf)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes all sessions of an account, and notifies all servers.
    #[tracing::instrument(skip_all)]
    pub async fn end_sessions(&self, account: AccountId) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        end_all_but(&transaction, account, None).await?;
        notify(&transaction, &[account]).await?;
        Ok(transaction.commit().await?)
    }
}

/// Returns how often the links of an account were ended with its sessions, or with everybody's. It only grows.
pub(crate) async fn ended_links(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<u64, StoreError> {
    let own: Option<i64> = account::Entity::find_by_id(Key(account))
        .select_only()
        .column(account::Column::SignOuts)
        .into_tuple()
        .one(database)
        .await?;
    let all: Option<i64> = edition::Entity::find()
        .select_only()
        .column(edition::Column::SignOuts)
        .into_tuple()
        .one(database)
        .await?;
    Ok((own.unwrap_or_default() + all.unwrap_or_default()).unsigned_abs())
}

/// Deletes the sessions of an account, except one if it is given, and what would begin others.
pub(crate) async fn end_all_but(
    database: &impl ConnectionTrait,
    account: AccountId,
    kept: Option<&Digest>,
) -> Result<(), StoreError> {
    // So that no session begins meanwhile with a proof that is deleted here.
    accounts::lock(database, account).await?;
    account::Entity::update_many()
        .col_expr(account::Column::SignOuts, Expr::col(account::Column::SignOuts).add(1))
        .filter(account::Column::Id.eq(Key(account)))
        .exec(database)
        .await?;
    // In the order of `Store::end_everyones_sessions`, so that the two never wait for each other.
    let address = Query::select()
        .column(account::Column::Email)
        .from(account::Entity)
        .and_where(account::Column::Id.eq(Key(account)))
        .take();
    sign_in_request::Entity::delete_many()
        .filter(sign_in_request::Column::Email.in_subquery(address))
        .exec(database)
        .await?;
    app_request::Entity::delete_many()
        .filter(app_request::Column::Account.eq(Key(account)))
        .exec(database)
        .await?;
    address_change::Entity::delete_many()
        .filter(address_change::Column::Account.eq(Key(account)))
        .exec(database)
        .await?;
    let mut ending =
        session::Entity::delete_many().filter(session::Column::Account.eq(Key(account)));
    if let Some(kept) = kept {
        ending = ending.filter(session::Column::Key.ne(kept.to_string()));
    }
    ending.exec(database).await?;
    Ok(())
}

fn read(row: session::Model) -> Result<Session, StoreError> {
    Ok(Session {
        key: row.key.parse().map_err(StoreError::unreadable)?,
        account: row.account.0,
        kind: kind(row.scopes.as_deref())?,
        device: row.device,
        begun: time(row.begun),
        confirmed: time(row.confirmed),
        second_factor: row.second_factor,
        seen: time(row.seen),
    })
}

fn kind(scopes: Option<&str>) -> Result<SessionKind, StoreError> {
    let scopes: Option<Scopes> =
        scopes.map(|scopes| parse_stored("the scopes", scopes)).transpose()?;
    Ok(scopes.map_or(SessionKind::Browser, SessionKind::App))
}

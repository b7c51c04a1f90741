//! The devices and apps that are signed in to accounts.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Digest, Session, SessionKind, app::Scopes};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use crate::{
    Store, StoreError, account_changes::notify, ids::Key, parse_stored, records::session, time,
};

impl Store {
    /// Stores a new session.
    pub async fn create_session(&self, begun: &Session) -> Result<(), StoreError> {
        let row = session::ActiveModel {
            key: Set(begun.key.to_string()),
            account: Set(Key(begun.account)),
            scopes: Set(match begun.kind {
                SessionKind::Browser => None,
                SessionKind::App(scopes) => Some(scopes.to_string()),
            }),
            device: Set(begun.device.clone()),
            begun: Set(begun.begun.as_second()),
            seen: Set(begun.seen.as_second()),
        };
        session::Entity::insert(row).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// Returns the session with this key.
    pub async fn session(&self, key: &Digest) -> Result<Option<Session>, StoreError> {
        let row = session::Entity::find_by_id(key.to_string()).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// Returns an account's sessions, the most recently used first.
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
    pub async fn touch_session(&self, key: &Digest, now: Timestamp) -> Result<(), StoreError> {
        session::Entity::update_many()
            .col_expr(session::Column::Seen, Expr::value(now.as_second()))
            .filter(session::Column::Key.eq(key.to_string()))
            .filter(session::Column::Seen.lt(now.as_second()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Deletes one session of an account, and notifies all servers.
    pub async fn end_session(&self, account: AccountId, key: &Digest) -> Result<(), StoreError> {
        session::Entity::delete_many()
            .filter(session::Column::Account.eq(Key(account)))
            .filter(session::Column::Key.eq(key.to_string()))
            .exec(&self.database)
            .await?;
        notify(&self.database, &[account]).await
    }

    /// Deletes all sessions of an account, and notifies all servers.
    pub async fn end_sessions(&self, account: AccountId) -> Result<(), StoreError> {
        session::Entity::delete_many()
            .filter(session::Column::Account.eq(Key(account)))
            .exec(&self.database)
            .await?;
        notify(&self.database, &[account]).await
    }
}

fn read(row: session::Model) -> Result<Session, StoreError> {
    Ok(Session {
        key: row.key.parse().map_err(StoreError::unreadable)?,
        account: row.account.0,
        kind: kind(row.scopes.as_deref())?,
        device: row.device,
        begun: time(row.begun),
        seen: time(row.seen),
    })
}

fn kind(scopes: Option<&str>) -> Result<SessionKind, StoreError> {
    let scopes: Option<Scopes> =
        scopes.map(|scopes| parse_stored("the scopes", scopes)).transpose()?;
    Ok(scopes.map_or(SessionKind::Browser, SessionKind::App))
}

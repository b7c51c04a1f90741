//! Apps without a browser that ask to be signed in (RFC 8628).

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Digest, Session,
    app::{AppAnswer, AppRequest, LIFETIME},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::Expr,
};

use crate::{
    Store, StoreError, accounts,
    ids::Key,
    parse_stored,
    records::{app_request as row, session},
    time,
};

impl Store {
    /// Stores a request of an app, and deletes those that have expired.
    #[tracing::instrument(skip_all)]
    pub async fn create_app_request(&self, request: &AppRequest) -> Result<(), StoreError> {
        let asked = request.asked.as_second();
        row::Entity::delete_many()
            .filter(row::Column::Asked.lt(asked - LIFETIME.as_secs()))
            .exec(&self.database)
            .await?;
        let new = row::ActiveModel {
            app: Set(request.app.to_string()),
            code: Set(request.code.to_string()),
            name: Set(request.name.clone()),
            scopes: Set(request.scopes.to_string()),
            asked: Set(asked),
            answered: Set(false),
            account: Set(None),
        };
        row::Entity::insert(new).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// Returns the request with this code.
    #[tracing::instrument(skip_all)]
    pub async fn app_request_by_code(
        &self,
        code: &Digest,
    ) -> Result<Option<AppRequest>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::Code.eq(code.to_string()))
            .one(&self.database)
            .await?;
        row.map(read).transpose()
    }

    /// Returns the request of the app that holds this secret.
    #[tracing::instrument(skip_all)]
    pub async fn app_request_by_secret(
        &self,
        app: &Digest,
    ) -> Result<Option<AppRequest>, StoreError> {
        let row = row::Entity::find_by_id(app.to_string()).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// Stores a reader's answer to the request with this code: the session with which they let the app in to its account, or
    /// `None` to refuse it. Returns `false` if the request was answered before or has expired, or the session was ended.
    #[tracing::instrument(skip_all)]
    pub async fn answer_app_request(
        &self,
        code: &Digest,
        admitted_by: Option<&Session>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        // Otherwise an answer could come after all sessions of the account were ended, and begin another.
        if let Some(session) = admitted_by
            && !is_in_force(&transaction, session).await?
        {
            return Ok(false);
        }
        let account = admitted_by.map(|session| Key(session.account));
        let answered = row::Entity::update_many()
            .col_expr(row::Column::Answered, Expr::value(true))
            .col_expr(row::Column::Account, Expr::value(account))
            .filter(row::Column::Code.eq(code.to_string()))
            .filter(row::Column::Answered.eq(false))
            .filter(row::Column::Asked.gt((now - LIFETIME).as_second()))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(answered.rows_affected == 1)
    }
}

/// Locks the account of a session, and returns whether the session has not been ended.
async fn is_in_force(database: &impl ConnectionTrait, held: &Session) -> Result<bool, DbErr> {
    accounts::lock(database, held.account).await?;
    let found = session::Entity::find_by_id(held.key.to_string()).one(database).await?;
    Ok(found.is_some_and(|row| row.account.0 == held.account))
}

/// Deletes a request that let an app in to this account. Returns `true` to one caller only, however many try at once.
pub(crate) async fn consume(
    database: &impl ConnectionTrait,
    account: AccountId,
    app: &Digest,
) -> Result<bool, DbErr> {
    let deleted = row::Entity::delete_by_id(app.to_string())
        .filter(row::Column::Account.eq(Key(account)))
        .exec(database)
        .await?;
    Ok(deleted.rows_affected == 1)
}

fn read(row: row::Model) -> Result<AppRequest, StoreError> {
    let asked: Timestamp = time(row.asked);
    Ok(AppRequest {
        app: row.app.parse().map_err(StoreError::unreadable)?,
        code: row.code.parse().map_err(StoreError::unreadable)?,
        name: row.name,
        scopes: parse_stored("the scopes", &row.scopes)?,
        asked,
        answer: match (row.answered, row.account) {
            (false, _) => AppAnswer::None,
            (true, Some(account)) => AppAnswer::Yes(account.0),
            (true, None) => AppAnswer::No,
        },
    })
}

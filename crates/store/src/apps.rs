//! Apps without a browser that ask to be signed in (RFC 8628).

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Digest,
    app::{AppAnswer, AppRequest, LIFETIME},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{Store, StoreError, ids::Key, parse_stored, records::app_request as row, time};

impl Store {
    /// Stores a request of an app, and deletes those that have expired.
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
    pub async fn app_request_by_secret(
        &self,
        app: &Digest,
    ) -> Result<Option<AppRequest>, StoreError> {
        let row = row::Entity::find_by_id(app.to_string()).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// Stores a reader's answer to the request with this code: the account that the app may act for, or
    /// `None` to refuse it. Returns `false` if the request was answered before or has expired.
    pub async fn answer_app_request(
        &self,
        code: &Digest,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let answered = row::Entity::update_many()
            .col_expr(row::Column::Answered, Expr::value(true))
            .col_expr(row::Column::Account, Expr::value(account.map(Key)))
            .filter(row::Column::Code.eq(code.to_string()))
            .filter(row::Column::Answered.eq(false))
            .filter(row::Column::Asked.gt((now - LIFETIME).as_second()))
            .exec(&self.database)
            .await?;
        Ok(answered.rows_affected == 1)
    }

    /// Deletes a request that is answered. Returns `true` to one caller only, however many try at once.
    pub async fn consume_app_request(&self, app: &Digest) -> Result<bool, StoreError> {
        let deleted = row::Entity::delete_by_id(app.to_string()).exec(&self.database).await?;
        Ok(deleted.rows_affected == 1)
    }
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

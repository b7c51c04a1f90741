//! Requests to sign in by email.

use jiff::SignedDuration;
use masthead_circulation::{
    Digest, EmailAddress,
    sign_in::{MAX_ATTEMPTS, SignInRequest},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, sea_query::Expr,
};

use crate::{Store, StoreError, records::sign_in_request as row, time};

/// How long a request is kept. It expires long before.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Stores a request, and deletes old ones.
    #[tracing::instrument(skip_all)]
    pub async fn ask_to_sign_in(&self, request: &SignInRequest) -> Result<(), StoreError> {
        let asked = request.asked.as_second();
        row::Entity::delete_many()
            .filter(row::Column::Asked.lt((request.asked - KEPT).as_second()))
            .exec(&self.database)
            .await?;
        let new = row::ActiveModel {
            link: Set(request.link.to_string()),
            device: Set(request.device.to_string()),
            code: Set(request.code.to_string()),
            email: Set(request.email.to_string()),
            came_from: Set(request.from.clone()),
            asked: Set(asked),
            tries: Set(i32::try_from(request.tries).unwrap_or(i32::MAX)),
        };
        row::Entity::insert(new).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// Returns the request with this link.
    #[tracing::instrument(skip_all)]
    pub async fn sign_in_request_by_link(
        &self,
        link: &Digest,
    ) -> Result<Option<SignInRequest>, StoreError> {
        let row = row::Entity::find_by_id(link.to_string()).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// Returns the latest request of a device.
    #[tracing::instrument(skip_all)]
    pub async fn sign_in_request_by_device(
        &self,
        device: &Digest,
    ) -> Result<Option<SignInRequest>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::Device.eq(device.to_string()))
            .order_by_desc(row::Column::Asked)
            .one(&self.database)
            .await?;
        row.map(read).transpose()
    }

    /// Claims one of the [`MAX_ATTEMPTS`] attempts at the code of a request, before the code is compared. Returns
    /// `false` if none is left or the request is gone, however many attempts are made at once.
    #[tracing::instrument(skip_all)]
    pub async fn claim_code_attempt(&self, link: &Digest) -> Result<bool, StoreError> {
        let claimed = row::Entity::update_many()
            .col_expr(row::Column::Tries, Expr::col(row::Column::Tries).add(1))
            .filter(row::Column::Link.eq(link.to_string()))
            .filter(row::Column::Tries.lt(i32::try_from(MAX_ATTEMPTS).unwrap_or(i32::MAX)))
            .exec(&self.database)
            .await?;
        Ok(claimed.rows_affected == 1)
    }
}

/// Deletes a request. Returns `true` to one caller only, however many try at once.
pub(crate) async fn consume(database: &impl ConnectionTrait, link: &Digest) -> Result<bool, DbErr> {
    let deleted = row::Entity::delete_by_id(link.to_string()).exec(database).await?;
    Ok(deleted.rows_affected == 1)
}

fn read(row: row::Model) -> Result<SignInRequest, StoreError> {
    Ok(SignInRequest {
        link: row.link.parse().map_err(StoreError::unreadable)?,
        device: row.device.parse().map_err(StoreError::unreadable)?,
        code: row.code.parse().map_err(StoreError::unreadable)?,
        email: EmailAddress::from_stored(&row.email).map_err(StoreError::unreadable)?,
        from: row.came_from,
        asked: time(row.asked),
        tries: row.tries.unsigned_abs(),
    })
}

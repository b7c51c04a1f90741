//! The latest time at which the publication was served, so that a server that starts notices a clock that is far off.

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{Store, StoreError, records::served as row, time};

/// The number of the only row.
const ONLY: i32 = 1;

impl Store {
    /// Returns the latest time at which the publication was served; `None` if it never was, or only by an earlier version.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn latest_served(&self) -> Result<Option<Timestamp>, StoreError> {
        let row = row::Entity::find_by_id(ONLY).one(&self.database).await?;
        Ok(row.map(|row| time(row.latest)))
    }

    /// Notes that the publication is served, or that somebody has confirmed that it is `now`. A time before the one that is stored replaces
    /// it: a clock that was ahead may have been corrected.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn note_served(&self, now: Timestamp) -> Result<(), StoreError> {
        note(&self.database, now).await
    }

    /// Advances the time that is stored to `now`, unless it is no longer the one that was `seen`: somebody may have confirmed another, or
    /// another server has stored its own.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn advance_served(&self, seen: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Latest, Expr::value(now.as_second()))
            .filter(row::Column::Latest.eq(seen.as_second()))
            .filter(row::Column::Latest.lt(now.as_second()))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Notes that the publication is served, or that somebody has confirmed that it is `now`.
pub(crate) async fn note(to: &impl ConnectionTrait, now: Timestamp) -> Result<(), StoreError> {
    let new = row::ActiveModel { id: Set(ONLY), latest: Set(now.as_second()) };
    let instead = OnConflict::column(row::Column::Id).update_column(row::Column::Latest).to_owned();
    row::Entity::insert(new).on_conflict(instead).exec_without_returning(to).await?;
    Ok(())
}

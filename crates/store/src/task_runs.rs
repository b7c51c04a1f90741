//! Tasks that one server does for all, and seldom: when each is due next.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{Store, StoreError, records::task_run as row};

/// The task that adds pictures to the library that came without the desk.
pub const FIND_PICTURES: &str = "find-pictures";

impl Store {
    /// Takes over a run of a task if it is due. It is then due again after `period`, also if this server is killed. Returns `false` if
    /// it is not due, or another server was quicker.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn claim_task_run(
        &self,
        name: &str,
        period: SignedDuration,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let first = row::ActiveModel { name: Set(name.to_owned()), due: Set(0) };
        let once = OnConflict::column(row::Column::Name).do_nothing().to_owned();
        row::Entity::insert(first).on_conflict(once).exec_without_returning(&self.database).await?;
        let later = (now + period).as_second();
        // One that is further away was put there by a clock that was ahead.
        let is_due = row::Column::Due.lte(now.as_second()).or(row::Column::Due.gt(later));
        let claimed = row::Entity::update_many()
            .col_expr(row::Column::Due, Expr::value(later))
            .filter(row::Column::Name.eq(name))
            .filter(is_due)
            .exec(&self.database)
            .await?;
        Ok(claimed.rows_affected == 1)
    }

    /// Makes a task due now: there is something for it to do.
    #[tracing::instrument(skip_all)]
    pub async fn request_task_run(&self, name: &str) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Due, Expr::value(0_i64))
            .filter(row::Column::Name.eq(name))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

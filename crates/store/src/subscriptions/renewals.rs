//! What was collected for a subscription before, and what is not settled.

use jiff::Timestamp;
use masthead_circulation::{PaymentStatus, SubscriptionId};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, Func},
};

use crate::{
    Store, StoreError,
    ids::Key,
    records::{charge, payment},
    time,
};

/// A renewal that was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastRenewal {
    /// When it was ordered; for orders of earlier versions, when its payment was recorded.
    pub asked: Timestamp,
    /// When its payment was recorded.
    pub paid: Timestamp,
}

impl Store {
    /// Returns the last renewal of a subscription that was ordered up to `now` and paid. What a clock that was ahead has noted for
    /// later does not count.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn last_renewal(
        &self,
        id: SubscriptionId,
        now: Timestamp,
    ) -> Result<Option<LastRenewal>, StoreError> {
        let asked = Expr::col((charge::Entity, charge::Column::Asked));
        let ordered = Func::coalesce([asked, Expr::col((payment::Entity, payment::Column::At))]);
        let latest: Option<(i64, i64)> = payment::Entity::find()
            .select_only()
            .column_as(Expr::from(ordered.clone()), "ordered")
            .column(payment::Column::At)
            .join(
                JoinType::LeftJoin,
                payment::Entity::belongs_to(charge::Entity)
                    .from(payment::Column::Key)
                    .to(charge::Column::Key)
                    .into(),
            )
            .filter(payment::Column::Subscription.eq(Key(id)))
            .filter(payment::Column::Key.starts_with("renewal:"))
            .filter(Expr::from(ordered.clone()).lte(now.as_second()))
            .order_by_desc(Expr::from(ordered))
            .into_tuple()
            .one(&self.database)
            .await?;
        Ok(latest.map(|(asked, paid)| LastRenewal { asked: time(asked), paid: time(paid) }))
    }

    /// Whether something was ordered for a subscription and is not settled: the order with this key, any other that is open, or
    /// a payment that is not applied. It has to be settled before anything else is ordered.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn is_settling(&self, id: SubscriptionId, key: &str) -> Result<bool, StoreError> {
        let known = charge::Entity::find_by_id(key.to_owned()).count(&self.database).await?;
        let open = charge::Entity::find()
            .filter(charge::Column::Subscription.eq(Key(id)))
            .filter(charge::Column::Open.eq(true));
        let unapplied = payment::Entity::find()
            .filter(payment::Column::Subscription.eq(Key(id)))
            .filter(payment::Column::Status.eq(PaymentStatus::Recorded.name()));
        Ok(known > 0
            || open.count(&self.database).await? > 0
            || unapplied.count(&self.database).await? > 0)
    }
}

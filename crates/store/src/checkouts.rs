//! Checkouts, and how often offers with a limit were taken.

mod beginning;
mod sweep;

use masthead_access::{Arm, Assignment};
use masthead_circulation::{AccountId, Checkout, Digest, Money, Progress, Purpose, Terms};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

pub use self::beginning::CheckoutStart;
pub(crate) use self::beginning::{lock_offer, reclaim_slot};

use crate::{
    Store, StoreError,
    ids::Key,
    parse_stored,
    records::{checkout as row, offer_redemption},
    time,
};

impl Store {
    /// Returns how often each offer with a limit was taken, by its slug.
    #[tracing::instrument(skip_all)]
    pub async fn redemptions(&self) -> Result<Vec<(String, u32)>, StoreError> {
        let rows = offer_redemption::Entity::find().all(&self.database).await?;
        Ok(rows.into_iter().map(|row| (row.offer, row.number.unsigned_abs())).collect())
    }

    /// Returns the checkout with this key.
    #[tracing::instrument(skip_all)]
    pub async fn checkout(&self, key: &Digest) -> Result<Option<Checkout>, StoreError> {
        let row = row::Entity::find_by_id(key.to_string()).one(&self.database).await?;
        row.map(read).transpose()
    }

    /// Returns the checkouts with these keys, as far as they exist.
    #[tracing::instrument(skip_all)]
    pub async fn checkouts(&self, keys: &[Digest]) -> Result<Vec<Checkout>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Key.is_in(keys.iter().map(Digest::to_string)))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Returns the checkout with this reference of a processor.
    #[tracing::instrument(skip_all)]
    pub async fn checkout_of(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<Option<Checkout>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::Processor.eq(processor))
            .filter(row::Column::Reference.eq(reference))
            .one(&self.database)
            .await?;
        row.map(read).transpose()
    }

    /// Stores the processor's reference of a checkout.
    #[tracing::instrument(skip_all)]
    pub async fn refer_checkout(&self, key: &Digest, reference: &str) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Reference, Expr::value(reference))
            .filter(row::Column::Key.eq(key.to_string()))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Returns an account's open checkouts, the latest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_checkouts_of(&self, account: AccountId) -> Result<Vec<Checkout>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Progress.eq(Progress::Open.name()))
            .order_by_desc(row::Column::Begun)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// Abandons an open checkout, and gives back what it holds of an offer with a limit.
    #[tracing::instrument(skip_all)]
    pub async fn abandon_checkout(&self, checkout: &Checkout) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_offer(&transaction, checkout).await?;
        let open = row::Column::Key
            .eq(checkout.key.to_string())
            .and(row::Column::Progress.eq(Progress::Open.name()));
        let given_back = row::Entity::update_many()
            .col_expr(row::Column::HoldsSlot, Expr::value(false))
            .filter(open.clone())
            .filter(row::Column::HoldsSlot.eq(true))
            .exec(&transaction)
            .await?;
        if let (1, Some(offer)) = (given_back.rows_affected, &checkout.terms.offer) {
            offer_redemption::Entity::update_many()
                .col_expr(
                    offer_redemption::Column::Number,
                    Expr::col(offer_redemption::Column::Number).sub(1),
                )
                .filter(offer_redemption::Column::Offer.eq(offer))
                .filter(offer_redemption::Column::Number.gt(0))
                .exec(&transaction)
                .await?;
        }
        row::Entity::update_many()
            .col_expr(row::Column::Progress, Expr::value(Progress::Abandoned.name()))
            .filter(open)
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Marks a checkout as done that changes no subscription: its payment is a pending refund.
    #[tracing::instrument(skip_all)]
    pub async fn finish_checkout(&self, checkout: &Checkout) -> Result<(), StoreError> {
        settle(&self.database, checkout, &Progress::UNSETTLED).await?;
        Ok(())
    }

    /// Returns which of these offers have reached their limits.
    #[tracing::instrument(skip_all)]
    pub async fn sold_out(&self, limits: &[(&str, u32)]) -> Result<Vec<String>, StoreError> {
        if limits.is_empty() {
            return Ok(Vec::new());
        }
        let rows = offer_redemption::Entity::find().all(&self.database).await?;
        let full = |row: &offer_redemption::Model| {
            limits
                .iter()
                .any(|(offer, limit)| *offer == row.offer && row.number.unsigned_abs() >= *limit)
        };
        Ok(rows.into_iter().filter(full).map(|row| row.offer).collect())
    }
}

/// Marks a checkout as done if it has one of these states. Returns `false` if it has another.
pub(crate) async fn settle(
    database: &impl ConnectionTrait,
    checkout: &Checkout,
    from: &[Progress],
) -> Result<bool, StoreError> {
    let settled = row::Entity::update_many()
        .col_expr(row::Column::Progress, Expr::value(Progress::Done.name()))
        .filter(row::Column::Key.eq(checkout.key.to_string()))
        .filter(row::Column::Progress.is_in(from.iter().map(|from| from.name())))
        .exec(database)
        .await?;
    Ok(settled.rows_affected == 1)
}

pub(crate) fn read(row: row::Model) -> Result<Checkout, StoreError> {
    let terms: Terms = serde_json::from_str(&row.terms)?;
    let experiment = assignment(&row)?;
    Ok(Checkout {
        key: row.key.parse().map_err(StoreError::unreadable)?,
        account: row.account.map(|key| key.0),
        purpose: match row.mends {
            Some(id) => Purpose::UpdateCard(id.0),
            None => Purpose::Begin,
        },
        amount: Money::of(row.minor.unsigned_abs(), terms.amount.currency()),
        terms,
        begun: time(row.begun),
        from: row.came_from,
        experiment,
        processor: row.processor,
        reference: row.reference,
        is_superseded: row.superseded,
        progress: parse_stored("the progress", &row.progress)?,
    })
}

fn assignment(row: &row::Model) -> Result<Option<Assignment>, StoreError> {
    let (Some(experiment), Some(arm)) = (row.experiment, &row.arm) else { return Ok(None) };
    let arm =
        Arm::named(arm).ok_or_else(|| StoreError::unreadable(format_args!("the arm \"{arm}\"")))?;
    Ok(Some(Assignment { experiment: experiment.unsigned_abs(), arm }))
}

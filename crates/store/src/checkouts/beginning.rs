//! Beginning a checkout, and what one may hold of an offer with a limit.
//!
//! An account holds at most one of an offer, however many checkouts it opens: a new checkout supersedes the one
//! before, and takes over what that held. A superseded checkout is closed at its processor. If it was paid before
//! that, it is delivered, and takes one of the offer again.
//!
//! Everything that changes what is held of an offer locks the offer first: then checkouts, subscriptions, account.

use masthead_circulation::{Checkout, DeliveryAddress, Progress, Purpose};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter, SqlErr,
    sea_query::{Expr, OnConflict},
};

use super::row;
use crate::{Store, StoreError, deliveries, ids::Key, records::offer_redemption};

/// How often a checkout is begun again after the same reader has begun another at the same moment.
const ATTEMPTS: usize = 100;

/// Whether a checkout has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckoutStart {
    /// It has.
    Begun {
        /// Whether it has superseded another, which is to be closed at its processor.
        supersedes: bool,
    },
    /// Its offer has reached its limit. Nothing was stored.
    SoldOut,
}

impl Store {
    /// Stores a checkout, which supersedes the open one of the same reader and offer. If its offer has a `limit`,
    /// this takes one of them, however many checkouts begin at once.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn begin_checkout(
        &self,
        checkout: &Checkout,
        limit: Option<u32>,
    ) -> Result<CheckoutStart, StoreError> {
        self.begin_checkout_with(checkout, limit, None).await
    }

    /// Does the same with the address at which the reader wants to get papers. It becomes the account's when what the checkout has
    /// bought begins.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn begin_checkout_with(
        &self,
        checkout: &Checkout,
        limit: Option<u32>,
        delivery: Option<&DeliveryAddress>,
    ) -> Result<CheckoutStart, StoreError> {
        for _ in 1..ATTEMPTS {
            match self.try_begin(checkout, limit, delivery).await {
                Err(StoreError::Other(error)) if is_overtaken(&error) => {}
                outcome => return outcome,
            }
        }
        self.try_begin(checkout, limit, delivery).await
    }

    async fn try_begin(
        &self,
        checkout: &Checkout,
        limit: Option<u32>,
        delivery: Option<&DeliveryAddress>,
    ) -> Result<CheckoutStart, StoreError> {
        let transaction = self.begin().await?;
        let limited = checkout.terms.offer.as_ref().zip(limit);
        if let Some((offer, _)) = limited {
            count_from_now(&transaction, offer).await?;
        }
        lock_offer(&transaction, checkout).await?;
        let superseded = supersede(&transaction, checkout).await?;
        if let Some((offer, limit)) = limited
            && !superseded.held_slot
            && !take_slot(&transaction, offer, limit).await?
        {
            transaction.rollback().await?;
            return Ok(CheckoutStart::SoldOut);
        }
        let holds_slot = limited.is_some() || superseded.held_slot;
        let new = active(checkout, holds_slot)?;
        row::Entity::insert(new).exec_without_returning(&transaction).await?;
        if let Some(address) = delivery {
            deliveries::enter(&transaction, checkout, address).await?;
        }
        transaction.commit().await?;
        Ok(CheckoutStart::Begun { supersedes: superseded.any })
    }
}

/// What a new checkout has superseded.
struct Superseded {
    any: bool,
    held_slot: bool,
}

/// Supersedes the open checkout of the same reader and offer. The processor is asked about it at once.
async fn supersede(
    transaction: &DatabaseTransaction,
    checkout: &Checkout,
) -> Result<Superseded, StoreError> {
    let (Some(account), Some(offer)) = (checkout.account, offer_of(checkout)) else {
        return Ok(Superseded { any: false, held_slot: false });
    };
    let update = || {
        row::Entity::update_many()
            .col_expr(row::Column::Superseded, Expr::value(true))
            .col_expr(row::Column::HoldsSlot, Expr::value(false))
            .col_expr(row::Column::AskAt, Expr::value(0_i64))
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::Offer.eq(offer))
            .filter(row::Column::Progress.eq(Progress::Open.name()))
            .filter(row::Column::Superseded.eq(false))
    };
    // There is one at most.
    let held = update().filter(row::Column::HoldsSlot.eq(true)).exec(transaction).await?;
    let rest = update().exec(transaction).await?;
    let held_slot = held.rows_affected > 0;
    Ok(Superseded { any: held_slot || rest.rows_affected > 0, held_slot })
}

/// A superseded checkout was paid all the same: what the checkouts after it hold of the offer becomes its own.
pub(crate) async fn reclaim_slot(
    transaction: &DatabaseTransaction,
    checkout: &Checkout,
) -> Result<(), StoreError> {
    let (Some(account), Some(offer)) = (checkout.account, offer_of(checkout)) else {
        return Ok(());
    };
    let reclaimed = row::Entity::update_many()
        .col_expr(row::Column::HoldsSlot, Expr::value(true))
        .filter(row::Column::Key.eq(checkout.key.to_string()))
        .filter(row::Column::Superseded.eq(true))
        .filter(row::Column::HoldsSlot.eq(false))
        .exec(transaction)
        .await?;
    if reclaimed.rows_affected == 0 {
        return Ok(());
    }
    let given = row::Entity::update_many()
        .col_expr(row::Column::HoldsSlot, Expr::value(false))
        .filter(row::Column::Account.eq(Key(account)))
        .filter(row::Column::Offer.eq(offer))
        .filter(row::Column::Progress.eq(Progress::Open.name()))
        .filter(row::Column::HoldsSlot.eq(true))
        .exec(transaction)
        .await?;
    if given.rows_affected == 0 {
        // Only offers that have had a limit are counted.
        offer_redemption::Entity::update_many()
            .col_expr(
                offer_redemption::Column::Number,
                Expr::col(offer_redemption::Column::Number).add(1),
            )
            .filter(offer_redemption::Column::Offer.eq(offer))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

fn offer_of(checkout: &Checkout) -> Option<&str> {
    match checkout.purpose {
        Purpose::Begin => checkout.terms.offer.as_deref(),
        Purpose::UpdateCard(_) => None,
    }
}

fn active(checkout: &Checkout, holds_slot: bool) -> Result<row::ActiveModel, StoreError> {
    let mends = match checkout.purpose {
        Purpose::Begin => None,
        Purpose::UpdateCard(subscription) => Some(Key(subscription)),
    };
    Ok(row::ActiveModel {
        key: Set(checkout.key.to_string()),
        account: Set(checkout.account.map(Key)),
        mends: Set(mends),
        offer: Set(offer_of(checkout).unwrap_or_default().to_owned()),
        terms: Set(serde_json::to_string(&checkout.terms)?),
        minor: Set(i64::try_from(checkout.amount.minor()).unwrap_or(i64::MAX)),
        begun: Set(checkout.begun.as_second()),
        came_from: Set(checkout.from.clone()),
        experiment: Set(checkout.experiment.and_then(|of| i32::try_from(of.experiment).ok())),
        arm: Set(checkout.experiment.map(|of| of.arm.name().to_owned())),
        processor: Set(checkout.processor.clone()),
        reference: Set(checkout.reference.clone()),
        progress: Set(checkout.progress.name().to_owned()),
        ask_at: Set(checkout.begun.as_second()),
        holds_slot: Set(holds_slot),
        superseded: Set(checkout.is_superseded),
    })
}

/// Begins to count how often an offer is taken, unless that has begun.
async fn count_from_now(transaction: &DatabaseTransaction, offer: &str) -> Result<(), StoreError> {
    let first = offer_redemption::ActiveModel { offer: Set(offer.to_owned()), number: Set(0) };
    let once = OnConflict::column(offer_redemption::Column::Offer).do_nothing().to_owned();
    offer_redemption::Entity::insert(first)
        .on_conflict(once)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Locks the offer of a checkout until the transaction ends, if it is counted: what is held of it changes in one
/// transaction after another.
pub(crate) async fn lock_offer(
    transaction: &DatabaseTransaction,
    checkout: &Checkout,
) -> Result<(), StoreError> {
    if let Some(offer) = offer_of(checkout) {
        offer_redemption::Entity::update_many()
            .col_expr(offer_redemption::Column::Number, Expr::col(offer_redemption::Column::Number))
            .filter(offer_redemption::Column::Offer.eq(offer))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Takes one of an offer with a limit. Returns `false` if none is left.
async fn take_slot(
    transaction: &DatabaseTransaction,
    offer: &str,
    limit: u32,
) -> Result<bool, StoreError> {
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let taken = offer_redemption::Entity::update_many()
        .col_expr(
            offer_redemption::Column::Number,
            Expr::col(offer_redemption::Column::Number).add(1),
        )
        .filter(offer_redemption::Column::Offer.eq(offer))
        .filter(offer_redemption::Column::Number.lt(limit))
        .exec(transaction)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Whether the same reader has begun another checkout of the offer since this transaction looked.
fn is_overtaken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

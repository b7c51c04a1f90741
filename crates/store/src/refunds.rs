//! Refunds of payments.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Actor, Money, Payment, PaymentStatus, Refund, StaffActor};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, TransactionTrait,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Email, Store, StoreError, ids::Key, outbox, payments, records::refund as row, subscriptions,
    time,
};

/// A refund that the processor has made.
#[derive(Clone, Copy, Debug)]
pub struct SettledRefund<'a> {
    /// The refund.
    pub refund: &'a Refund,
    /// The payment that it is of.
    pub payment: &'a Payment,
    /// What the reader is told.
    pub emails: &'a [Email],
}

impl Store {
    /// Notes that a payment is to be refunded, and returns what is noted: the first refund of a payment
    /// stays.
    #[tracing::instrument(skip_all)]
    pub async fn ask_refund(&self, refund: &Refund) -> Result<Refund, StoreError> {
        let payment = Key(refund.payment);
        let new = row::ActiveModel {
            payment: Set(payment),
            account: Set(refund.account.map(Key)),
            minor: Set(i64::try_from(refund.amount.minor()).unwrap_or(i64::MAX)),
            currency: Set(refund.amount.currency().code().to_owned()),
            at: Set(refund.at.as_second()),
            done_by: Set(refund.helper.by.map(Key)),
            reason: Set(refund.helper.reason.clone()),
            settled: Set(false),
        };
        let once = OnConflict::column(row::Column::Payment).do_nothing().to_owned();
        row::Entity::insert(new).on_conflict(once).exec_without_returning(&self.database).await?;
        let kept = row::Entity::find_by_id(payment).one(&self.database).await?;
        kept.map_or_else(|| Ok(refund.clone()), read)
    }

    /// Notes that the processor has made a refund, with the emails that tell of it. Returns `false` if that
    /// was noted before.
    #[tracing::instrument(skip_all)]
    pub async fn settle_refund(
        &self,
        settled: &SettledRefund<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let SettledRefund { refund, payment, emails } = *settled;
        let transaction = self.database.begin().await?;
        let changed = row::Entity::update_many()
            .col_expr(row::Column::Settled, Expr::value(true))
            .filter(row::Column::Payment.eq(Key(refund.payment)))
            .filter(row::Column::Settled.eq(false))
            .exec(&transaction)
            .await?;
        if changed.rows_affected == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        payments::decide(&transaction, refund.payment, PaymentStatus::Refunded).await?;
        let actor = Actor::Staff(Some(refund.helper.clone()));
        if let Some(subscription) = payment.subscription {
            subscriptions::note(&transaction, subscription, &actor, "refunded", now).await?;
        }
        outbox::enqueue(&transaction, &self.email_sealer, emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The refunds of an account's payments, made or about to be.
    #[tracing::instrument(skip_all)]
    pub async fn refunds_of(&self, account: AccountId) -> Result<Vec<Refund>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The refunds of these payments, made or about to be.
    #[tracing::instrument(skip_all)]
    pub async fn refunds_of_payments(&self, payments: &[u32]) -> Result<Vec<Refund>, StoreError> {
        let numbers = payments.iter().map(|number| Key(*number));
        let rows = row::Entity::find()
            .filter(row::Column::Payment.is_in(numbers))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

fn read(row: row::Model) -> Result<Refund, StoreError> {
    let currency = row.currency.parse().map_err(StoreError::unreadable)?;
    Ok(Refund {
        payment: row.payment.0,
        account: row.account.map(|key| key.0),
        amount: Money::of(row.minor.unsigned_abs(), currency),
        at: time(row.at),
        helper: StaffActor { by: row.done_by.map(|key| key.0), reason: row.reason },
        settled: row.settled,
    })
}

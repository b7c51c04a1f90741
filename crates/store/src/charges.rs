//! The log of charges: what was ordered, and the answer to each order, once.
//!
//! An order for a subscription is written here before a processor sees it, and is *open* until its answer
//! is settled: until a payment is recorded for it, or it is refused. The sandbox keeps its own answers here
//! too; those are never open.

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, AgreedChange, Charge, Mandate, Money, Payment, PaymentSource, PaymentStatus,
    StaffActor, SubscriptionId, TaxRate,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict, Query},
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError, accounts,
    ids::Key,
    payments,
    queues::readable,
    records::{charge as row, payment, subscription},
    time,
};

/// An order for a subscription, with everything that is needed to give it again and to record its payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCharge {
    /// What is ordered. Its text is the idempotency key.
    pub source: PaymentSource,
    /// Who pays; `None` once the account is deleted.
    pub account: Option<AccountId>,
    /// For which subscription; `None` once it is deleted.
    pub subscription: Option<SubscriptionId>,
    /// What is collected with.
    pub mandate: Mandate,
    /// How much.
    pub amount: Money,
    /// What it pays for, in words.
    pub what: String,
    /// The first instant that it pays for.
    pub from: Timestamp,
    /// The first instant that it no longer pays for.
    pub through: Timestamp,
    /// Since when it is due.
    pub due: Timestamp,
    /// When it was given first.
    pub asked: Timestamp,
    /// The tax that the amount includes; `None` if it is not known.
    pub tax: Option<TaxRate>,
    /// Who of the staff ordered it for the reader; `None` if nobody did.
    pub staff: Option<StaffActor>,
    /// The change of plan that it pays for; `None` for other orders.
    pub agreed: Option<AgreedChange>,
}

/// Whether an order may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChargeStart {
    /// It may: it is written down now.
    Started,
    /// It may be given again: it was written down before and is open.
    Again,
    /// It was answered before.
    Answered {
        /// Whether it was paid.
        paid: bool,
    },
    /// Another order for the subscription is open.
    Busy(Box<PlannedCharge>),
    /// A payment for the subscription is recorded and not applied.
    Unapplied(Box<Payment>),
    /// The subscription has changed since it was read.
    Changed,
}

/// An entry of the log, as it is reconciled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCharge {
    /// The idempotency key of the order.
    pub key: String,
    /// Whether the money was collected.
    pub paid: bool,
    /// Whether the answer is not settled.
    pub open: bool,
    /// How much was ordered; `None` for checkouts and for orders of earlier versions.
    pub amount: Option<Money>,
    /// When it was given first, as long as it is open; since when it was due if it was given by an earlier
    /// version. `None` as for the amount.
    pub asked: Option<Timestamp>,
}

/// What is needed to give an order again, as JSON in its row.
#[derive(Serialize, Deserialize)]
struct Plan {
    mandate: Mandate,
    what: String,
    from: Timestamp,
    through: Timestamp,
    /// Earlier versions did not note it.
    asked: Option<Timestamp>,
    tax: Option<TaxRate>,
}

impl Store {
    /// Returns the answer to an order, or `None` if there is none yet.
    #[tracing::instrument(skip_all)]
    pub async fn charge(&self, key: &str) -> Result<Option<Charge>, StoreError> {
        let row = row::Entity::find_by_id(key.to_owned()).one(&self.database).await?;
        Ok(row.filter(|row| row.paid || !row.open).map(answer))
    }

    /// Keeps an answer and returns what is kept: the first answer to an order stays. An open order that is
    /// paid stays open until its payment is recorded.
    #[tracing::instrument(skip_all)]
    pub async fn keep_charge(&self, charge: &Charge) -> Result<Charge, StoreError> {
        let transaction = self.begin().await?;
        row::Entity::update_many()
            .col_expr(row::Column::Paid, Expr::value(charge.paid))
            .col_expr(row::Column::Open, Expr::value(charge.paid))
            .filter(row::Column::Key.eq(&charge.key))
            .filter(row::Column::Open.eq(true))
            .filter(row::Column::Paid.eq(false))
            .exec(&transaction)
            .await?;
        insert_answer(&transaction, charge).await?;
        let kept = row::Entity::find_by_id(charge.key.clone()).one(&transaction).await?;
        transaction.commit().await?;
        Ok(kept.map_or_else(|| charge.clone(), answer))
    }

    /// Writes an order down before it is given, if the subscription is still at `version` and nothing else
    /// of it is unsettled. It is asked again at `retry_at` if nobody settles it.
    #[tracing::instrument(skip_all)]
    pub async fn start_charge(
        &self,
        planned: &PlannedCharge,
        version: i32,
        retry_at: Timestamp,
    ) -> Result<ChargeStart, StoreError> {
        let Some(id) = planned.subscription else { return Ok(ChargeStart::Changed) };
        let transaction = self.begin().await?;
        // Orders for one subscription queue up here.
        let locked = subscription::Entity::update_many()
            .col_expr(subscription::Column::Version, Expr::value(version))
            .filter(subscription::Column::Id.eq(Key(id)))
            .filter(subscription::Column::Version.eq(version))
            .exec(&transaction)
            .await?;
        let start = if locked.rows_affected == 1 {
            begin(&transaction, planned, id, retry_at).await?
        } else {
            ChargeStart::Changed
        };
        transaction.commit().await?;
        Ok(start)
    }

    /// Returns an open order, or `None` if there is none with this key.
    #[tracing::instrument(skip_all)]
    pub async fn open_charge(&self, key: &str) -> Result<Option<PlannedCharge>, StoreError> {
        let row = row::Entity::find_by_id(key.to_owned())
            .filter(row::Column::Open.eq(true))
            .one(&self.database)
            .await?;
        row.map(planned).transpose()
    }

    /// Returns who of the staff placed an order for the reader, or `None` if nobody did.
    #[tracing::instrument(skip_all)]
    pub async fn ordering_staff(&self, key: &str) -> Result<Option<StaffActor>, StoreError> {
        let row = row::Entity::find_by_id(key.to_owned()).one(&self.database).await?;
        Ok(row.as_ref().and_then(staff))
    }

    /// Returns the change of plan that was agreed when an order was given, or `None` if it was for something else, or given by an
    /// earlier version.
    #[tracing::instrument(skip_all)]
    pub async fn agreed_change(&self, key: &str) -> Result<Option<AgreedChange>, StoreError> {
        let row = row::Entity::find_by_id(key.to_owned()).one(&self.database).await?;
        row.map_or(Ok(None), |row| agreed(&row))
    }

    /// At most `most` open orders that are to be asked again by `now`, the longest waiting first.
    #[tracing::instrument(skip_all)]
    pub async fn open_charges(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<PlannedCharge>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Open.eq(true))
            .filter(row::Column::RetryAt.lte(now.as_second()))
            .order_by_asc(row::Column::RetryAt)
            .limit(most)
            .all(&self.database)
            .await?;
        let rows = readable("orders", rows, |row| row.key.clone(), planned);
        let columns = (row::Column::RetryAt, row::Column::Key);
        rows.put_off::<row::Entity>(&self.database, columns, now, |row| row).await
    }

    /// Has an open order asked again at `retry_at`.
    #[tracing::instrument(skip_all)]
    pub async fn defer_charge(&self, key: &str, retry_at: Timestamp) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::RetryAt, Expr::value(retry_at.as_second()))
            .filter(row::Column::Key.eq(key))
            .filter(row::Column::Open.eq(true))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Settles an order that was refused. What is needed to give it again is forgotten.
    #[tracing::instrument(skip_all)]
    pub async fn close_charge(&self, key: &str) -> Result<(), StoreError> {
        row::Entity::update_many()
            .col_expr(row::Column::Open, Expr::value(false))
            .col_expr(row::Column::Plan, Expr::value(""))
            .filter(row::Column::Key.eq(key))
            .filter(row::Column::Paid.eq(false))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Forgets an order that the processor refused to process, so that nothing was collected.
    #[tracing::instrument(skip_all)]
    pub async fn withdraw_charge(&self, key: &str) -> Result<(), StoreError> {
        row::Entity::delete_many()
            .filter(row::Column::Key.eq(key))
            .filter(row::Column::Open.eq(true))
            .filter(row::Column::Paid.eq(false))
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// At most `most` entries of the log with keys above `after`, in order of key.
    #[tracing::instrument(skip_all)]
    pub async fn logged_charges(
        &self,
        after: &str,
        most: u64,
    ) -> Result<Vec<LoggedCharge>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Key.gt(after))
            .order_by_asc(row::Column::Key)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(logged).collect()
    }

    /// When this database began to keep payment sources as keys: orders from before have other keys.
    #[tracing::instrument(skip_all)]
    pub async fn payment_sources_since(&self) -> Result<Timestamp, StoreError> {
        let sql = "SELECT applied_at FROM seaql_migrations WHERE version = 'm0014_payment_records'";
        let statement = sea_orm::Statement::from_string(self.database.get_database_backend(), sql);
        let row = self.database.query_one_raw(statement).await?;
        Ok(match row {
            Some(row) => time(row.try_get("", "applied_at")?),
            None => Timestamp::MIN,
        })
    }
}

async fn begin(
    transaction: &DatabaseTransaction,
    order: &PlannedCharge,
    id: SubscriptionId,
    retry_at: Timestamp,
) -> Result<ChargeStart, StoreError> {
    let key = order.source.to_string();
    if let Some(known) = row::Entity::find_by_id(key.clone()).one(transaction).await? {
        let answered = ChargeStart::Answered { paid: known.paid };
        return Ok(if known.open { ChargeStart::Again } else { answered });
    }
    let open = row::Entity::find()
        .filter(row::Column::Subscription.eq(Key(id)))
        .filter(row::Column::Open.eq(true))
        .one(transaction)
        .await?;
    if let Some(open) = open {
        return Ok(ChargeStart::Busy(Box::new(planned(open)?)));
    }
    let unapplied = payment::Entity::find()
        .filter(payment::Column::Subscription.eq(Key(id)))
        .filter(payment::Column::Status.eq(PaymentStatus::Recorded.name()))
        .one(transaction)
        .await?;
    if let Some(unapplied) = unapplied {
        return Ok(ChargeStart::Unapplied(Box::new(payments::read(unapplied)?)));
    }
    insert_order(transaction, order, id, retry_at).await?;
    Ok(ChargeStart::Started)
}

async fn insert_order(
    transaction: &DatabaseTransaction,
    order: &PlannedCharge,
    id: SubscriptionId,
    retry_at: Timestamp,
) -> Result<(), StoreError> {
    let plan = Plan {
        mandate: order.mandate.clone(),
        what: order.what.clone(),
        from: order.from,
        through: order.through,
        asked: Some(order.asked),
        tax: order.tax,
    };
    let (by, reason) = match &order.staff {
        Some(StaffActor { by, reason }) => (*by, reason.as_str()),
        None => (None, ""),
    };
    let agreed = order.agreed.as_ref().map(serde_json::to_string).transpose()?;
    let columns = [
        (row::Column::Agreed, agreed.unwrap_or_default().into()),
        (row::Column::Asked, order.asked.as_second().into()),
        (row::Column::Key, order.source.to_string().into()),
        (row::Column::Account, order.account.map_or_else(Expr::null, accounts::reference)),
        (row::Column::Reference, order.mandate.reference.as_str().into()),
        (row::Column::Paid, false.into()),
        (row::Column::Open, true.into()),
        (row::Column::Subscription, Key(id).into()),
        (row::Column::Minor, i64::try_from(order.amount.minor()).unwrap_or(i64::MAX).into()),
        (row::Column::Currency, order.amount.currency().code().into()),
        (row::Column::Due, order.due.as_second().into()),
        (row::Column::RetryAt, retry_at.as_second().into()),
        (row::Column::Plan, serde_json::to_string(&plan)?.into()),
        (row::Column::ByStaff, order.staff.is_some().into()),
        (row::Column::OrderedBy, by.map_or_else(Expr::null, accounts::reference)),
        (row::Column::Reason, reason.into()),
    ];
    insert(transaction, columns).await
}

/// Inserts an answer to an order that is not in the log.
async fn insert_answer(
    transaction: &DatabaseTransaction,
    charge: &Charge,
) -> Result<(), StoreError> {
    // What was collected is recorded even if the account was deleted meanwhile.
    let columns = [
        (row::Column::Key, charge.key.as_str().into()),
        (row::Column::Account, charge.account.map_or_else(Expr::null, accounts::reference)),
        (row::Column::Reference, charge.reference.as_str().into()),
        (row::Column::Paid, charge.paid.into()),
        (row::Column::Open, false.into()),
        (row::Column::Currency, "".into()),
        (row::Column::Plan, "".into()),
    ];
    insert(transaction, columns).await
}

async fn insert<const N: usize>(
    transaction: &DatabaseTransaction,
    columns: [(row::Column, Expr); N],
) -> Result<(), StoreError> {
    let (names, values): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let insert = Query::insert()
        .into_table(row::Entity)
        .columns(names)
        .values(values)
        .map_err(StoreError::unreadable)?
        .on_conflict(OnConflict::column(row::Column::Key).do_nothing().to_owned())
        .to_owned();
    transaction.execute(&insert).await?;
    Ok(())
}

fn answer(row: row::Model) -> Charge {
    Charge {
        key: row.key,
        account: row.account.map(|key| key.0),
        reference: row.reference,
        paid: row.paid,
    }
}

fn agreed(row: &row::Model) -> Result<Option<AgreedChange>, StoreError> {
    if row.agreed.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&row.agreed)?))
}

fn staff(row: &row::Model) -> Option<StaffActor> {
    let by = row.ordered_by.map(|key| key.0);
    row.by_staff.then(|| StaffActor { by, reason: row.reason.clone() })
}

#[expect(clippy::needless_pass_by_value, reason = "it is passed to map")]
fn planned(row: row::Model) -> Result<PlannedCharge, StoreError> {
    let Plan { mandate, what, from, through, asked, tax } = serde_json::from_str(&row.plan)?;
    let due = time(row.due.unwrap_or_default());
    let currency = row.currency.parse().map_err(StoreError::unreadable)?;
    Ok(PlannedCharge {
        source: row.key.as_str().into(),
        account: row.account.map(|key| key.0),
        subscription: row.subscription.map(|key| key.0),
        mandate,
        amount: Money::of(row.minor.unwrap_or_default().unsigned_abs(), currency),
        what,
        from,
        through,
        due,
        asked: asked.unwrap_or(due),
        tax,
        staff: staff(&row),
        agreed: agreed(&row)?,
    })
}

fn logged(row: row::Model) -> Result<LoggedCharge, StoreError> {
    let amount = match row.minor {
        Some(minor) => {
            let currency = row.currency.parse().map_err(StoreError::unreadable)?;
            Some(Money::of(minor.unsigned_abs(), currency))
        }
        None => None,
    };
    let asked = asked(&row)?;
    Ok(LoggedCharge { key: row.key, paid: row.paid, open: row.open, amount, asked })
}

/// When an order was given first. What is needed to give it again is blank once it is settled.
fn asked(row: &row::Model) -> Result<Option<Timestamp>, StoreError> {
    let plan =
        (!row.plan.is_empty()).then(|| serde_json::from_str::<Plan>(&row.plan)).transpose()?;
    Ok(plan.and_then(|plan| plan.asked).or(row.due.map(time)))
}

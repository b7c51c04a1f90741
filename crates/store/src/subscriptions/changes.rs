//! Changing a subscription.

use jiff::Timestamp;
use masthead_circulation::{AccountId, Actor, CollectedPayment, ReaderStatus, State, Subscription};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, Func},
};

use super::{
    audit::entry,
    desk_log,
    price_changes::record_price,
    reader_status::{changes_status, update_statuses},
    rows::{ended, facts, grace_since, monthly_minor, read},
};
use crate::{
    Email, Store, StoreError,
    account_changes::notify,
    accounts, former_readers,
    ids::Key,
    outbox::{self, EmailSealer},
    payments::{self, AppliedPayment},
    records::{subscription, subscription_change},
};

/// A change of a subscription.
#[derive(Clone, Debug)]
pub struct SubscriptionChange {
    /// As it was read.
    pub before: Subscription,
    /// As it is to be.
    pub after: Subscription,
    /// When something is to be done about it next.
    pub due: Option<Timestamp>,
    /// Who changes it.
    pub actor: Actor,
    /// What happens, in a word.
    pub what: &'static str,
    /// The recorded payment that pays for it.
    pub payment: Option<AppliedPayment>,
    /// What the reader is told.
    pub emails: Vec<Email>,
}

impl Store {
    /// Makes a change in one transaction, with the payment that it applies. Returns `false` if the
    /// subscription was changed since it was read, if the payment was applied or set aside before, or if a
    /// subscription that was over would go on beside another.
    #[tracing::instrument(skip_all)]
    pub async fn change(
        &self,
        change: &SubscriptionChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let made = update(&transaction, change, now).await?;
        self.end_change(transaction, change, made, now).await
    }

    /// Makes a change of plan whose credit was worked out from what was `collected`. Returns `false` also if something was refunded
    /// or applied meanwhile, or is about to be refunded: the row of the subscription is locked when that is decided.
    #[tracing::instrument(skip_all)]
    pub async fn change_plan(
        &self,
        change: &SubscriptionChange,
        collected: &[CollectedPayment],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        // A payment that is applied with the change is not among them.
        let made = payments::is_collected(&transaction, change.before.id, collected).await?
            && update(&transaction, change, now).await?;
        self.end_change(transaction, change, made, now).await
    }

    async fn end_change(
        &self,
        transaction: DatabaseTransaction,
        change: &SubscriptionChange,
        made: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if made {
            write_down(&transaction, &self.email_sealer(), &[change], now).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(made)
    }

    /// Puts off what is to be done about a subscription, without changing it.
    #[tracing::instrument(skip_all)]
    pub async fn defer(&self, known: &Subscription, due: Timestamp) -> Result<(), StoreError> {
        subscription::Entity::update_many()
            .col_expr(subscription::Column::Due, Expr::value(due.as_second()))
            .filter(subscription::Column::Id.eq(Key(known.id)))
            .filter(subscription::Column::Version.eq(known.version))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

/// Changes the row if it is still as it was read and may become so, and applies the payment.
pub(super) async fn update(
    transaction: &DatabaseTransaction,
    change: &SubscriptionChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let SubscriptionChange { before, after, .. } = change;
    let first_paid = Expr::col(subscription::Column::PayingSince);
    let paying_since = if after.has_paid() {
        Func::coalesce([first_paid, Expr::value(now.as_second())]).into()
    } else {
        first_paid
    };
    let changed = subscription::Entity::update_many()
        .col_expr(subscription::Column::State, Expr::value(after.state.name()))
        .col_expr(subscription::Column::Due, Expr::value(change.due.map(Timestamp::as_second)))
        .col_expr(subscription::Column::Processor, Expr::value(after.mandate.processor.as_str()))
        .col_expr(subscription::Column::Reference, Expr::value(after.mandate.reference.as_str()))
        .col_expr(subscription::Column::Version, Expr::value(before.version + 1))
        .col_expr(subscription::Column::Facts, Expr::value(facts(after)?))
        .col_expr(subscription::Column::ReaderStatus, Expr::value(ReaderStatus::of(after).name()))
        .col_expr(subscription::Column::Product, Expr::value(after.terms.product.as_str()))
        .col_expr(subscription::Column::PayingSince, paying_since)
        .col_expr(subscription::Column::Ended, Expr::value(ended(after)))
        .col_expr(subscription::Column::GraceSince, Expr::value(grace_since(after)))
        .col_expr(subscription::Column::Monthly, Expr::value(monthly_minor(after)))
        .col_expr(subscription::Column::Currency, Expr::value(after.terms.amount.currency().code()))
        .filter(subscription::Column::Id.eq(Key(before.id)))
        .filter(subscription::Column::Version.eq(before.version))
        .exec(transaction)
        .await?;
    if changed.rows_affected != 1 || !may_go_on(transaction, change, now).await? {
        return Ok(false);
    }
    record_price(transaction, change, now).await?;
    let Some(payment) = &change.payment else { return Ok(true) };
    // However it was paid: the reader may have left an invoice unpaid, and taken a card since.
    former_readers::settle_debt(transaction, before.id).await?;
    payments::apply(transaction, payment, before.id).await
}

/// A subscription that has an end goes on only if the account has not gone on with another. The account is locked,
/// so that none begins at the same time, and the rows decide: the clock of a server may be behind that of the
/// server on which the other began.
async fn may_go_on(
    transaction: &DatabaseTransaction,
    change: &SubscriptionChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let SubscriptionChange { before, after, .. } = change;
    if !is_prolonged(before.state, after.state) {
        return Ok(true);
    }
    if accounts::lock(transaction, before.account).await?.is_none() {
        return Ok(false);
    }
    let others = subscription::Entity::find()
        .filter(subscription::Column::Account.eq(Key(before.account)))
        .filter(subscription::Column::Id.ne(Key(before.id)))
        .all(transaction)
        .await?;
    for other in &others {
        if before.is_succeeded_by(&read(other)?, now) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether something that has an end goes on for longer.
fn is_prolonged(before: State, after: State) -> bool {
    before.ends().is_some_and(|before| after.ends().is_none_or(|after| after > before))
}

/// Writes down what goes with changes: their audit entries and the emails.
pub(super) async fn write_down(
    transaction: &DatabaseTransaction,
    sealer: &EmailSealer,
    changes: &[&SubscriptionChange],
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut lines, mut mail) = (Vec::new(), Vec::new());
    let accounts: Vec<AccountId> = changes.iter().map(|change| change.before.account).collect();
    let changed = changes.iter().filter(|change| changes_status(change));
    let changed: Vec<AccountId> = changed.map(|change| change.before.account).collect();
    update_statuses(transaction, &changed).await?;
    notify(transaction, &accounts).await?;
    for change in changes {
        let states = (change.before.state.name(), change.after.state.name());
        lines.push(entry(change.before.id, now, &change.actor, change.what, states));
        desk_log::changed(transaction, change, now).await?;
        mail.extend_from_slice(&change.emails);
    }
    if !lines.is_empty() {
        subscription_change::Entity::insert_many(lines).exec_without_returning(transaction).await?;
    }
    outbox::enqueue(transaction, sealer, &mail, now).await
}

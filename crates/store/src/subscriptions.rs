//! Subscriptions, and every change of one: the change itself, what was paid, what is written to the
//! reader, and the line in the audit are one transaction.

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Actor, Checkout, Event, Mandate, NotificationsSent, PaidTime, Progress, StaffActor,
    State, Subscription, SubscriptionId, Terms, audit::AuditEntry, figures::StateTransition,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait,
    sea_query::{Expr, LockType},
};
use serde::{Deserialize, Serialize};

use crate::{
    Email, Store, StoreError,
    account_changes::notify,
    ids::{Key, SubscriptionKey},
    outbox::{self, EmailSealer},
    payments::{self, AppliedPayment},
    records::{audit, checkout, subscription},
    time,
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
    pub letters: Vec<Email>,
}

/// The facts of a subscription that nobody looks for.
#[derive(Serialize, Deserialize)]
struct Facts {
    terms: Terms,
    begun: Timestamp,
    anchor: Timestamp,
    paid: Option<PaidTime>,
    state: State,
    mandate: Mandate,
    told: NotificationsSent,
}

impl Store {
    /// An account's subscriptions, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions_of(
        &self,
        account: AccountId,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Account.eq(Key(account)))
            .order_by_desc(subscription::Column::Id)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// At most `most` subscriptions with numbers above `after`, in order.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions_after(
        &self,
        after: u32,
        most: u64,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Id.gt(Key(SubscriptionId(after))))
            .order_by_asc(subscription::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// At most `most` subscriptions, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn latest_subscriptions(&self, most: u64) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .order_by_desc(subscription::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The subscription with this number.
    #[tracing::instrument(skip_all)]
    pub async fn subscription(
        &self,
        id: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let row = subscription::Entity::find_by_id(Key(id)).one(&self.database).await?;
        row.as_ref().map(read).transpose()
    }

    /// At most `most` subscriptions about which something is to be done, the longest waiting first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn due_subscriptions(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Due.lte(now.as_second()))
            .order_by_asc(subscription::Column::Due)
            .order_by_asc(subscription::Column::Id)
            .limit(most)
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// All subscriptions of the accounts after `account`, in the order of accounts: at least `least` of them if there
    /// are so many, and never a part of those of one account.
    pub async fn subscriptions_of_accounts_after(
        &self,
        account: AccountId,
        least: u64,
    ) -> Result<Vec<Subscription>, StoreError> {
        let ordered = || {
            subscription::Entity::find()
                .order_by_asc(subscription::Column::Account)
                .order_by_asc(subscription::Column::Id)
        };
        let mut rows = ordered()
            .filter(subscription::Column::Account.gt(Key(account)))
            .limit(least)
            .all(&self.database)
            .await?;
        if let Some(last) = rows.last() {
            let rest = ordered()
                .filter(subscription::Column::Account.eq(last.account))
                .filter(subscription::Column::Id.gt(last.id));
            rows.extend(rest.all(&self.database).await?);
        }
        rows.iter().map(read).collect()
    }

    /// The state transitions of these subscriptions, in order.
    pub async fn transitions_of(
        &self,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<StateTransition>, StoreError> {
        let ids = subscriptions.iter().map(|id| Key(*id));
        let rows: Vec<(SubscriptionKey, i64, String, String, String)> = audit::Entity::find()
            .select_only()
            .columns([
                audit::Column::Subscription,
                audit::Column::At,
                audit::Column::Before,
                audit::Column::After,
                audit::Column::What,
            ])
            .filter(ExprTrait::ne(
                Expr::col(audit::Column::Before),
                Expr::col(audit::Column::After),
            ))
            .filter(audit::Column::Subscription.is_in(ids))
            .order_by_asc(audit::Column::Id)
            .into_tuple()
            .all(&self.database)
            .await?;
        let turn = |(subscription, at, before, after, what): (
            SubscriptionKey,
            i64,
            String,
            String,
            String,
        )| {
            StateTransition {
                subscription: subscription.0,
                at: time(at),
                before,
                after,
                replaced: what == Event::Replaced.name(),
            }
        };
        Ok(rows.into_iter().map(turn).collect())
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

    /// Makes a change in one transaction, with the payment that it applies. Returns `false` if the
    /// subscription was changed since it was read, or if the payment was applied or set aside before.
    #[tracing::instrument(skip_all)]
    pub async fn change(
        &self,
        change: &SubscriptionChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let made = update(&transaction, change).await?;
        if made {
            write_down(&transaction, &self.email_sealer, &[change], now).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(made)
    }

    /// Begins a subscription, and makes the changes that come with it. Returns `None` if the checkout that
    /// bought it was settled before, if its payment was applied before, or if somebody else made one of the
    /// changes.
    #[tracing::instrument(skip_all)]
    pub async fn begin_subscription(
        &self,
        checkout: Option<&Checkout>,
        begun: NewSubscription,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        let transaction = self.database.begin().await?;
        if let Some(checkout) = checkout
            && !settle(&transaction, checkout).await?
        {
            transaction.rollback().await?;
            return Ok(None);
        }
        for change in &begun.changes {
            if !update(&transaction, change).await? {
                transaction.rollback().await?;
                return Ok(None);
            }
        }
        let changes: Vec<_> = begun.changes.iter().collect();
        write_down(&transaction, &self.email_sealer, &changes, now).await?;
        let row = new_row(&begun.subscription, begun.due)?;
        let inserted = subscription::Entity::insert(row).exec(&transaction).await?;
        let id = inserted.last_insert_id.0;
        let states = ("", begun.subscription.state.name());
        let line = entry(id, now, &begun.actor, "begun", states);
        audit::Entity::insert(line).exec_without_returning(&transaction).await?;
        if let Some(payment) = &begun.payment
            && !payments::apply(&transaction, payment, id).await?
        {
            transaction.rollback().await?;
            return Ok(None);
        }
        outbox::enqueue(&transaction, &self.email_sealer, &begun.letters, now).await?;
        notify(&transaction, &[begun.subscription.account]).await?;
        transaction.commit().await?;
        Ok(Some(id))
    }

    /// Makes the change that a checkout has paid for. Returns `false` if it was settled before, or as
    /// [`Store::change`] does.
    #[tracing::instrument(skip_all)]
    pub async fn settle_with(
        &self,
        checkout: &Checkout,
        change: &SubscriptionChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.database.begin().await?;
        let settled = settle(&transaction, checkout).await? && update(&transaction, change).await?;
        if settled {
            write_down(&transaction, &self.email_sealer, &[change], now).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(settled)
    }

    /// Marks a checkout as done that changes no subscription: its payment is a pending refund.
    #[tracing::instrument(skip_all)]
    pub async fn finish_checkout(&self, checkout: &Checkout) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        settle(&transaction, checkout).await?;
        Ok(transaction.commit().await?)
    }

    /// Takes in subscriptions from elsewhere, many at once, each with when something is to be done about
    /// it; their numbers are given now.
    #[tracing::instrument(skip_all)]
    pub async fn import_subscriptions(
        &self,
        subscriptions: &[(Subscription, Option<Timestamp>)],
    ) -> Result<(), StoreError> {
        let rows = subscriptions.iter().map(|(subscription, due)| new_row(subscription, *due));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        subscription::Entity::insert_many(rows).exec_without_returning(&self.database).await?;
        Ok(())
    }

    /// The subscriptions that a processor knows by this reference.
    #[tracing::instrument(skip_all)]
    pub async fn subscriptions_by(
        &self,
        processor: &str,
        reference: &str,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = subscription::Entity::find()
            .filter(subscription::Column::Processor.eq(processor))
            .filter(subscription::Column::Reference.eq(reference))
            .all(&self.database)
            .await?;
        rows.iter().map(read).collect()
    }

    /// What has happened to a subscription, in order.
    #[tracing::instrument(skip_all)]
    pub async fn audit_of(&self, id: SubscriptionId) -> Result<Vec<AuditEntry>, StoreError> {
        self.audit_of_each(&[id]).await
    }

    /// What has happened to each of these subscriptions, in order.
    pub async fn audit_of_each(
        &self,
        ids: &[SubscriptionId],
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = audit::Entity::find()
            .filter(audit::Column::Subscription.is_in(ids.iter().map(|id| Key(*id))))
            .order_by_asc(audit::Column::Id)
            .all(&self.database)
            .await?;
        rows.into_iter().map(|row| read_entry(row.subscription.0, row)).collect()
    }
}

fn read_entry(subscription: SubscriptionId, row: audit::Model) -> Result<AuditEntry, StoreError> {
    let actor = Actor::from_parts(&row.actor, helper(&row))
        .ok_or_else(|| StoreError::unreadable(format_args!("the actor \"{}\"", row.actor)))?;
    Ok(AuditEntry {
        subscription,
        at: time(row.at),
        actor,
        what: row.what,
        before: row.before,
        after: row.after,
    })
}

/// What comes with a new subscription.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// The subscription; its number is given now.
    pub subscription: Subscription,
    /// When something is to be done about it first.
    pub due: Option<Timestamp>,
    /// Who begins it.
    pub actor: Actor,
    /// The recorded payment that pays for the beginning.
    pub payment: Option<AppliedPayment>,
    /// What is written to the reader.
    pub letters: Vec<Email>,
    /// What becomes of those that it replaces.
    pub changes: Vec<SubscriptionChange>,
}

async fn settle(transaction: &DatabaseTransaction, paid: &Checkout) -> Result<bool, StoreError> {
    let settled = checkout::Entity::update_many()
        .col_expr(checkout::Column::Progress, Expr::value(Progress::Done.name()))
        .filter(checkout::Column::Key.eq(paid.key.to_string()))
        .filter(checkout::Column::Progress.ne(Progress::Done.name()))
        .exec(transaction)
        .await?;
    Ok(settled.rows_affected == 1)
}

/// Changes the row if it is still as it was read, and applies the payment.
async fn update(
    transaction: &DatabaseTransaction,
    change: &SubscriptionChange,
) -> Result<bool, StoreError> {
    let SubscriptionChange { before, after, .. } = change;
    let changed = subscription::Entity::update_many()
        .col_expr(subscription::Column::State, Expr::value(after.state.name()))
        .col_expr(subscription::Column::Due, Expr::value(change.due.map(Timestamp::as_second)))
        .col_expr(subscription::Column::Processor, Expr::value(after.mandate.processor.as_str()))
        .col_expr(subscription::Column::Reference, Expr::value(after.mandate.reference.as_str()))
        .col_expr(subscription::Column::Version, Expr::value(before.version + 1))
        .col_expr(subscription::Column::Facts, Expr::value(facts(after)?))
        .filter(subscription::Column::Id.eq(Key(before.id)))
        .filter(subscription::Column::Version.eq(before.version))
        .exec(transaction)
        .await?;
    match (changed.rows_affected, &change.payment) {
        (1, Some(payment)) => payments::apply(transaction, payment, before.id).await,
        (rows, _) => Ok(rows == 1),
    }
}

/// Writes down what goes with changes: their audit entries and the emails.
async fn write_down(
    transaction: &DatabaseTransaction,
    sealer: &EmailSealer,
    changes: &[&SubscriptionChange],
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut lines, mut mail) = (Vec::new(), Vec::new());
    let accounts: Vec<AccountId> = changes.iter().map(|change| change.before.account).collect();
    notify(transaction, &accounts).await?;
    for change in changes {
        let states = (change.before.state.name(), change.after.state.name());
        lines.push(entry(change.before.id, now, &change.actor, change.what, states));
        mail.extend_from_slice(&change.letters);
    }
    if !lines.is_empty() {
        audit::Entity::insert_many(lines).exec_without_returning(transaction).await?;
    }
    outbox::enqueue(transaction, sealer, &mail, now).await
}

/// Writes down what happened to a subscription and left it as it stands.
pub(crate) async fn note(
    transaction: &DatabaseTransaction,
    id: SubscriptionId,
    actor: &Actor,
    what: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row =
        subscription::Entity::find_by_id(Key(id)).lock(LockType::KeyShare).one(transaction).await?;
    // Deleted with its account since.
    let Some(state) = row.map(|row| row.state) else { return Ok(()) };
    let line = entry(id, now, actor, what, (&state, &state));
    audit::Entity::insert(line).exec_without_returning(transaction).await?;
    Ok(())
}

fn entry(
    id: SubscriptionId,
    now: Timestamp,
    actor: &Actor,
    what: &str,
    (before, after): (&str, &str),
) -> audit::ActiveModel {
    audit::ActiveModel {
        id: NotSet,
        subscription: Set(Key(id)),
        at: Set(now.as_second()),
        actor: Set(actor.name().to_owned()),
        what: Set(what.to_owned()),
        before: Set(before.to_owned()),
        after: Set(after.to_owned()),
        done_by: Set(actor.staff_actor().and_then(|helper| helper.by).map(Key)),
        reason: Set(actor.staff_actor().map(|helper| helper.reason.clone()).unwrap_or_default()),
    }
}

fn helper(row: &audit::Model) -> Option<StaffActor> {
    // On the server itself nobody is named and no reason given.
    let by = row.done_by.map(|key| key.0);
    (by.is_some() || !row.reason.is_empty()).then(|| StaffActor { by, reason: row.reason.clone() })
}

fn new_row(
    new: &Subscription,
    due: Option<Timestamp>,
) -> Result<subscription::ActiveModel, StoreError> {
    Ok(subscription::ActiveModel {
        id: NotSet,
        account: Set(Key(new.account)),
        state: Set(new.state.name().to_owned()),
        due: Set(due.map(Timestamp::as_second)),
        processor: Set(new.mandate.processor.clone()),
        reference: Set(new.mandate.reference.clone()),
        version: Set(0),
        facts: Set(facts(new)?),
    })
}

fn facts(subscription: &Subscription) -> Result<String, StoreError> {
    let Subscription { terms, begun, anchor, paid, state, mandate, notified, .. } =
        subscription.clone();
    let facts = Facts { terms, begun, anchor, paid, state, mandate, told: notified };
    Ok(serde_json::to_string(&facts)?)
}

fn read(row: &subscription::Model) -> Result<Subscription, StoreError> {
    let Facts { terms, begun, anchor, paid, state, mandate, told } =
        serde_json::from_str(&row.facts)?;
    Ok(Subscription {
        id: row.id.0,
        account: row.account.0,
        terms,
        begun,
        anchor,
        paid,
        state,
        mandate,
        notified: told,
        version: row.version,
    })
}

/// The number of a subscription as a row may refer to it: it stays until the transaction ends. Returns
/// `None` if the subscription is deleted.
pub(crate) async fn lock(
    database: &impl ConnectionTrait,
    id: SubscriptionId,
) -> Result<Option<SubscriptionKey>, StoreError> {
    Ok(subscription::Entity::find_by_id(Key(id))
        .select_only()
        .column(subscription::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple()
        .one(database)
        .await?)
}

//! Withdrawals from contracts. The declaration, the end of the subscription, what is to be refunded and the email that acknowledges
//! receipt are one transaction. The number of the subscription is the key of the declaration: there is one at most.

use jiff::Timestamp;
use masthead_circulation::{AccountId, EndingRequest, Payment, Withdrawal};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};

use super::{
    SubscriptionChange,
    changes::write_down,
    ending::{EndingResult, end},
};
use crate::{
    Store, StoreError, ids::Key, parse_stored, records::withdrawal as row,
    refunds::refund_withdrawn, time,
};

/// What is stored when a reader withdraws from contracts.
#[derive(Clone, Copy, Debug)]
pub struct NewWithdrawal<'a> {
    /// The reader.
    pub account: AccountId,
    /// The link in an email by which they confirmed it, if they did so.
    pub link: Option<&'a EndingRequest>,
    /// The ends of the subscriptions.
    pub changes: &'a [SubscriptionChange],
    /// The declaration about each of them.
    pub declarations: &'a [Withdrawal],
    /// What was paid for them.
    pub payments: &'a [WithdrawnPayment],
}

/// A payment for a subscription from which its reader withdraws.
#[derive(Clone, Debug)]
pub struct WithdrawnPayment {
    /// The payment.
    pub payment: Payment,
    /// Whether a processor refunds it. If not, staff send the money.
    pub by_processor: bool,
}

impl Store {
    /// Ends the subscriptions, all or none, stores the declarations, and makes what was paid for them pending refunds; those
    /// that a processor makes are asked for at the next sweep.
    #[tracing::instrument(skip_all)]
    pub async fn withdraw_from_contracts(
        &self,
        new: &NewWithdrawal<'_>,
        now: Timestamp,
    ) -> Result<EndingResult, StoreError> {
        let transaction = self.begin().await?;
        let result = end(&transaction, new.account, new.changes, new.link, now).await?;
        if result != EndingResult::Done {
            transaction.rollback().await?;
            return Ok(result);
        }
        insert(&transaction, new).await?;
        let all: Vec<&SubscriptionChange> = new.changes.iter().collect();
        write_down(&transaction, &self.email_sealer(), &all, now).await?;
        let mut payments: Vec<&WithdrawnPayment> = new.payments.iter().collect();
        payments.sort_by_key(|paid| paid.payment.number);
        for WithdrawnPayment { payment, by_processor } in payments {
            refund_withdrawn(&transaction, payment, *by_processor, now).await?;
        }
        transaction.commit().await?;
        Ok(EndingResult::Done)
    }

    /// An account's withdrawals from contracts, the oldest first.
    #[tracing::instrument(skip_all)]
    pub async fn withdrawals_of(&self, account: AccountId) -> Result<Vec<Withdrawal>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_asc(row::Column::At)
            .order_by_asc(row::Column::Subscription)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

async fn insert(
    transaction: &DatabaseTransaction,
    new: &NewWithdrawal<'_>,
) -> Result<(), StoreError> {
    for declared in new.declarations {
        let row = row::ActiveModel {
            subscription: Set(Key(declared.subscription)),
            account: Set(Key(new.account)),
            at: Set(declared.at.as_second()),
            name: Set(declared.name.clone()),
            email: Set(declared.email.clone()),
            way: Set(declared.way.name().to_owned()),
        };
        row::Entity::insert(row).exec_without_returning(transaction).await?;
    }
    Ok(())
}

fn read(row: row::Model) -> Result<Withdrawal, StoreError> {
    Ok(Withdrawal {
        subscription: row.subscription.0,
        at: time(row.at),
        name: row.name,
        email: row.email,
        way: parse_stored("the way of a withdrawal", &row.way)?,
    })
}

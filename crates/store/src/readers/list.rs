//! Reading readers page by page. A page begins after a reader, so that late pages cost no more than the first.

use std::collections::HashMap;

use masthead_circulation::{Account, AccountId, ReaderStatus};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::query::{ReaderOrder, ReaderQuery};
use crate::{
    Store, StoreError, accounts,
    ids::{AccountKey, Key},
    parse_stored,
    records::{account, reader_label},
};

/// A reader in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderEntry {
    /// The account.
    pub account: Account,
    /// The status.
    pub status: ReaderStatus,
    /// The slug of the product of their subscription; empty if they never had one.
    pub product: String,
    /// Their labels, in order.
    pub labels: Vec<String>,
}

impl Store {
    /// Returns at most `most` readers who fit a query, from the one after the page before.
    #[tracing::instrument(skip_all)]
    pub async fn readers(
        &self,
        query: &ReaderQuery,
        most: u64,
    ) -> Result<Vec<ReaderEntry>, StoreError> {
        let mut select = query.select();
        if let (Some(after), ReaderOrder::Number) = (query.after, query.order) {
            select = select.filter(account::Column::Id.gt(Key(after)));
        } else if let Some(after) = query.after {
            // If the account is deleted meanwhile, the list begins again.
            let last = account::Entity::find_by_id(Key(after)).one(&self.database).await?;
            if let Some(last) = last {
                select = select.filter(follows(query.order, &last));
            }
        }
        let select = match query.order {
            ReaderOrder::Newest => {
                select.order_by_desc(account::Column::Registered).order_by_desc(account::Column::Id)
            }
            ReaderOrder::Oldest => {
                select.order_by_asc(account::Column::Registered).order_by_asc(account::Column::Id)
            }
            ReaderOrder::Email => select.order_by_asc(account::Column::Email),
            ReaderOrder::Number => select.order_by_asc(account::Column::Id),
        };
        let rows = select.limit(most).all(&self.database).await?;
        self.entries_of_accounts(rows).await
    }

    /// Returns how many readers fit a query, on all pages.
    #[tracing::instrument(skip_all)]
    pub async fn count_readers(&self, query: &ReaderQuery) -> Result<u64, StoreError> {
        let select = query.select().select_only().column(account::Column::Id);
        Ok(select.count(&self.database).await?)
    }

    /// Returns the entries of these accounts, as far as they exist.
    #[tracing::instrument(skip_all)]
    pub async fn reader_entries(&self, ids: &[AccountId]) -> Result<Vec<ReaderEntry>, StoreError> {
        let rows = account::Entity::find()
            .filter(account::Column::Id.is_in(ids.iter().map(|id| Key(*id))))
            .order_by_asc(account::Column::Email)
            .all(&self.database)
            .await?;
        self.entries_of_accounts(rows).await
    }

    async fn entries_of_accounts(
        &self,
        rows: Vec<account::Model>,
    ) -> Result<Vec<ReaderEntry>, StoreError> {
        let ids: Vec<AccountKey> = rows.iter().map(|row| row.id).collect();
        let mut labels = self.labels_of_each(&ids).await?;
        let entry = |row: account::Model| {
            Ok(ReaderEntry {
                status: parse_stored("the status of a reader", &row.reader_status)?,
                product: row.product.clone(),
                labels: labels.remove(&row.id).unwrap_or_default(),
                account: accounts::read(row)?,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    async fn labels_of_each(
        &self,
        ids: &[AccountKey],
    ) -> Result<HashMap<AccountKey, Vec<String>>, StoreError> {
        let mut labels: HashMap<AccountKey, Vec<String>> = HashMap::new();
        let rows = reader_label::Entity::find()
            .filter(reader_label::Column::Account.is_in(ids.iter().copied()))
            .all(&self.database)
            .await?;
        for row in rows {
            labels.entry(row.account).or_default().push(row.label);
        }
        // Databases sort by rules of their own.
        for labels in labels.values_mut() {
            labels.sort();
        }
        Ok(labels)
    }
}

/// The readers after the last one of a page.
fn follows(order: ReaderOrder, last: &account::Model) -> Condition {
    let registered = || Expr::col(account::Column::Registered);
    let id = || Expr::col(account::Column::Id);
    // The first half is what an index is searched by.
    match order {
        ReaderOrder::Newest => Condition::all()
            .add(registered().lte(last.registered))
            .add(registered().lt(last.registered).or(id().lt(last.id))),
        ReaderOrder::Oldest => Condition::all()
            .add(registered().gte(last.registered))
            .add(registered().gt(last.registered).or(id().gt(last.id))),
        ReaderOrder::Email => Condition::all().add(account::Column::Email.gt(last.email.as_str())),
        ReaderOrder::Number => Condition::all().add(id().gt(last.id)),
    }
}

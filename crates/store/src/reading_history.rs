//! The articles that readers have opened, for those who have switched their reading history on.
//!
//! Servers write what was opened a moment later, while the account may be deleted: both lock the account first, and then its rows. The
//! statement that writes an entry looks at the reader's switch under a lock, so that nothing that was opened before the history was deleted
//! or switched off is written afterwards.

use jiff::{SignedDuration, Timestamp};
use masthead_access::Read;
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, LockType, OnConflict, Query},
};

use crate::{
    Store, StoreError,
    account_changes::notify,
    accounts,
    ids::Key,
    records::{history_entry as row, history_reader, piece},
    saved_articles::ListedArticle,
    time,
};

/// How long an entry is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(365 * 24);

impl Store {
    /// Switches the history of an account on. What was opened before is not in it.
    #[tracing::instrument(skip_all)]
    pub async fn keep_history(&self, account: AccountId, now: Timestamp) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        if accounts::lock(&transaction, account).await?.is_some() {
            let new = history_reader::ActiveModel {
                account: Set(Key(account)),
                since: Set(now.as_second()),
            };
            let once = OnConflict::column(history_reader::Column::Account).do_nothing().to_owned();
            history_reader::Entity::insert(new)
                .on_conflict(once)
                .exec_without_returning(&transaction)
                .await?;
            notify(&transaction, &[account]).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Switches the history of an account off, and deletes it.
    #[tracing::instrument(skip_all)]
    pub async fn end_history(&self, account: AccountId) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        history_reader::Entity::delete_by_id(Key(account)).exec(&transaction).await?;
        delete_entries(&transaction, account).await?;
        notify(&transaction, &[account]).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes the history of an account, with what was opened until `now` and is not written yet. What is opened from then on
    /// is kept as before.
    #[tracing::instrument(skip_all)]
    pub async fn delete_history(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        accounts::lock(&transaction, account).await?;
        history_reader::Entity::update_many()
            .col_expr(history_reader::Column::Since, Expr::value(now.as_second() + 1))
            .filter(history_reader::Column::Account.eq(Key(account)))
            .exec(&transaction)
            .await?;
        delete_entries(&transaction, account).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Returns since when an account keeps its history, or `None` if it keeps none.
    #[tracing::instrument(skip_all)]
    pub async fn history_since(&self, account: AccountId) -> Result<Option<Timestamp>, StoreError> {
        let row = history_reader::Entity::find_by_id(Key(account)).one(&self.database).await?;
        Ok(row.map(|row| time(row.since)))
    }

    /// Returns the articles that an account has opened, the latest first, `most` at most.
    #[tracing::instrument(skip_all)]
    pub async fn history_of(
        &self,
        account: AccountId,
        most: Option<u64>,
    ) -> Result<Vec<ListedArticle>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_desc(row::Column::At)
            .order_by_desc(row::Column::Article)
            .limit(most)
            .all(&self.database)
            .await?;
        let listed = |row: row::Model| ListedArticle { article: row.article.0, at: time(row.at) };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// Adds what accounts have opened to their histories, if they keep one. Of two entries for one article, the later is kept.
    #[tracing::instrument(skip_all)]
    pub async fn add_to_histories(&self, opened: &[(AccountId, Read)]) -> Result<(), StoreError> {
        let mut opened = opened.to_vec();
        // In the same order on all servers, so that none waits for another that waits for it.
        opened.sort_by_key(|(account, read)| (account.0, read.article));
        let transaction = self.begin().await?;
        accounts::hold(&transaction, opened.iter().map(|(account, _)| Key(*account))).await?;
        for (account, read) in opened {
            add(&transaction, account, read).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes entries that were kept long enough. Returns how many.
    pub(crate) async fn prune_histories(&self, now: Timestamp) -> Result<u64, StoreError> {
        let old = row::Column::At.lte((now - KEPT).as_second());
        self.delete_in_batches::<row::Entity>(old).await
    }
}

async fn delete_entries(
    transaction: &DatabaseTransaction,
    account: AccountId,
) -> Result<(), DbErr> {
    row::Entity::delete_many()
        .filter(row::Column::Account.eq(Key(account)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Adds an entry if the account keeps its history, and did so when the article was opened.
async fn add(
    transaction: &DatabaseTransaction,
    account: AccountId,
    read: Read,
) -> Result<(), DbErr> {
    let at = i64::from(read.at);
    let reader = |column| Expr::col((history_reader::Entity, column));
    let article = Expr::col((piece::Entity, piece::Column::Id));
    let entry = Query::select()
        .expr(reader(history_reader::Column::Account))
        .expr(article.clone())
        .expr(Expr::value(at))
        .from(history_reader::Entity)
        .from(piece::Entity)
        .and_where(reader(history_reader::Column::Account).eq(Key(account)))
        .and_where(reader(history_reader::Column::Since).lte(at))
        .and_where(article.eq(Key(read.article)))
        .lock_with_tables(LockType::Share, [history_reader::Entity])
        .to_owned();
    let later = OnConflict::columns([row::Column::Account, row::Column::Article])
        .update_column(row::Column::At)
        .action_and_where(
            Expr::col((row::Entity, row::Column::At)).lt(Expr::col(("excluded", row::Column::At))),
        )
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(row::Entity)
        .columns([row::Column::Account, row::Column::Article, row::Column::At])
        .on_conflict(later);
    insert.select_from(entry).map_err(|error| DbErr::Custom(error.to_string()))?;
    transaction.execute(&insert).await?;
    Ok(())
}

//! The articles that accounts have read.

use std::collections::HashSet;

use masthead_access::{Read, Reads};
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QuerySelect, SqlErr,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    Store, StoreError,
    ids::{AccountKey, Key, PieceKey},
    records::{account, account_read as row, piece},
};

/// Rows in one statement; both engines have a limit on parameters.
const BATCH: usize = 500;
/// How often a batch is written again without reads of accounts that were deleted meanwhile.
const ATTEMPTS: usize = 3;

impl Store {
    /// Returns what an account has read since `opens`, in seconds since the Unix epoch.
    #[tracing::instrument(skip_all)]
    pub async fn reads_of(&self, account: AccountId, opens: i64) -> Result<Reads, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .filter(row::Column::At.gte(opens))
            .all(&self.database)
            .await?;
        let read = |row: row::Model| Read {
            article: row.article.0,
            at: u32::try_from(row.at).unwrap_or(u32::MAX),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Deletes reads from before `before`, in seconds since the Unix epoch.
    #[tracing::instrument(skip_all)]
    pub async fn prune_reads(&self, before: i64) -> Result<(), StoreError> {
        row::Entity::delete_many().filter(row::Column::At.lt(before)).exec(&self.database).await?;
        Ok(())
    }

    /// Stores reads of many accounts at once. Of two reads of one article, the later is kept.
    #[tracing::instrument(skip_all)]
    pub async fn save_reads(&self, reads: &[(AccountId, Read)]) -> Result<(), StoreError> {
        // One statement must not name a row twice. In order, they touch fewest pages of the index.
        let mut latest = std::collections::BTreeMap::new();
        for (account, read) in reads {
            let at = latest.entry((Key(*account), read.article)).or_insert(read.at);
            *at = std::cmp::max(read.at, *at);
        }
        let rows: Vec<row::ActiveModel> = latest
            .into_iter()
            .map(|((account, article), at)| row::ActiveModel {
                account: Set(account),
                article: Set(Key(article)),
                at: Set(i64::from(at)),
            })
            .collect();
        for batch in rows.chunks(BATCH) {
            self.keep_batch(batch.to_vec()).await?;
        }
        Ok(())
    }

    /// Reads of accounts or articles that are deleted meanwhile are dropped.
    async fn keep_batch(&self, mut batch: Vec<row::ActiveModel>) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            match insert(&self.database, batch.clone()).await {
                Err(error) if is_orphan(&error) => {}
                outcome => return Ok(outcome?),
            }
            batch = self.without_orphans(batch).await?;
            if batch.is_empty() {
                return Ok(());
            }
        }
        Ok(insert(&self.database, batch).await?)
    }

    async fn without_orphans(
        &self,
        batch: Vec<row::ActiveModel>,
    ) -> Result<Vec<row::ActiveModel>, StoreError> {
        let accounts: HashSet<AccountKey> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::Id.is_in(batch.iter().map(|row| *row.account.as_ref())))
            .into_tuple()
            .all(&self.database)
            .await?
            .into_iter()
            .collect();
        let articles: HashSet<PieceKey> = piece::Entity::find()
            .select_only()
            .column(piece::Column::Id)
            .filter(piece::Column::Id.is_in(batch.iter().map(|row| *row.article.as_ref())))
            .into_tuple()
            .all(&self.database)
            .await?
            .into_iter()
            .collect();
        let known = |row: &row::ActiveModel| {
            accounts.contains(row.account.as_ref()) && articles.contains(row.article.as_ref())
        };
        Ok(batch.into_iter().filter(known).collect())
    }
}

async fn insert(to: &DatabaseConnection, batch: Vec<row::ActiveModel>) -> Result<(), DbErr> {
    let later = OnConflict::columns([row::Column::Account, row::Column::Article])
        .update_column(row::Column::At)
        // Another server may have stored a later read of the same article already.
        .action_and_where(
            Expr::col((row::Entity, row::Column::At)).lt(Expr::col(("excluded", row::Column::At))),
        )
        .to_owned();
    row::Entity::insert_many(batch).on_conflict(later).exec_without_returning(to).await?;
    Ok(())
}

fn is_orphan(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)))
}

//! The articles that accounts have read.

use std::collections::HashSet;

use masthead_access::{Read, Reads};
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect, SqlErr,
    Statement,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    Store, StoreError, accounts, former_readers,
    ids::{AccountKey, Id, Key, PieceKey},
    records::{account, account_read as row, piece},
};

/// Rows in one statement; both engines have a limit on parameters.
const BATCH: usize = 500;
/// Writes a batch on SQLite. The batch is one parameter, so the statement is the same for every number of reads: with a parameter for
/// each value, nearly every write would prepare a statement of its own, which its connection would then keep.
const INSERT_ON_SQLITE: &str = "INSERT INTO account_reads (account, article, at) \
    SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true \
    ON CONFLICT (account, article) DO UPDATE SET at = excluded.at WHERE account_reads.at < excluded.at";
/// How often a batch is written again without reads of accounts and articles that were deleted meanwhile.
const ATTEMPTS: usize = 3;

impl Store {
    /// Returns what an account has read since `opens`, in seconds since the Unix epoch, and since its meter was last reset.
    #[tracing::instrument(skip_all)]
    pub async fn reads_of(&self, account: AccountId, opens: i64) -> Result<Reads, StoreError> {
        let row = account::Entity::find_by_id(Key(account)).one(&self.database).await?;
        self.breaker.close();
        let Some(row) = row else { return Ok(Reads::default()) };
        Ok(reads_since(&self.database, &row, opens).await?)
    }

    /// Decides on an account's reads since `opens` while no other server can, and stores what the
    /// decision adds. `unwritten` are reads that were counted before and are stored as well, unless the meter was reset
    /// since. Returns the answer and the reads after it.
    #[tracing::instrument(skip_all)]
    pub async fn decide_on_reads<T>(
        &self,
        account: AccountId,
        opens: i64,
        unwritten: &Reads,
        decide: impl FnOnce(&mut Reads) -> T,
    ) -> Result<(T, Reads), StoreError> {
        let transaction = self.begin().await?;
        let row = accounts::lock(&transaction, account).await?;
        let reset = row.as_ref().map(|row| row.meter_reset).unwrap_or_default();
        let stored = match &row {
            Some(row) => reads_since(&transaction, row, opens).await?,
            None => Reads::default(),
        };
        let mut reads = stored.clone();
        reads.merge(unwritten);
        reads.forget_before(reset);
        let answer = decide(&mut reads);
        // Those that a device has read before the reset.
        reads.forget_before(reset);
        let added = reads.iter().filter(|read| !stored.iter().any(|known| known == *read));
        let added: Vec<_> =
            added.map(|read| active(Key(account), Key(read.article), read.at)).collect();
        if !added.is_empty() {
            insert(&transaction, added).await?;
        }
        transaction.commit().await?;
        self.breaker.close();
        Ok((answer, reads))
    }

    /// Deletes reads from before `before`, in seconds since the Unix epoch.
    #[tracing::instrument(skip_all)]
    pub async fn prune_reads(&self, before: i64) -> Result<(), StoreError> {
        let old = row::Column::At.lt(before);
        self.delete_in_batches::<row::Entity>(old).await.map(drop)
    }

    /// Stores reads of many accounts at once. Of two reads of one article, the later is kept. Those from before a reset of
    /// the account's meter are stored as well, and never returned.
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
            .map(|((account, article), at)| active(account, Key(article), at))
            .collect();
        for batch in rows.chunks(BATCH) {
            self.keep_batch(batch.to_vec()).await?;
        }
        Ok(())
    }

    /// Reads of accounts or articles that are deleted meanwhile are dropped.
    async fn keep_batch(&self, mut batch: Vec<row::ActiveModel>) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            match self.insert_batch(batch.clone()).await {
                Err(error) if is_orphan(&error) => {}
                outcome => return Ok(outcome?),
            }
            batch = self.without_orphans(batch).await?;
            if batch.is_empty() {
                return Ok(());
            }
        }
        Ok(self.insert_batch(batch).await?)
    }

    /// Writes a batch, with its accounts locked before their rows, as a deletion locks them. SQLite has one writer at a time, so
    /// there it is one statement: this happens for each read of an account.
    async fn insert_batch(&self, mut batch: Vec<row::ActiveModel>) -> Result<(), DbErr> {
        if self.database.get_database_backend() == DbBackend::Sqlite {
            let rows = [json(&batch).into()];
            let insert = Statement::from_sql_and_values(DbBackend::Sqlite, INSERT_ON_SQLITE, rows);
            self.database.execute_raw(insert).await?;
            return Ok(());
        }
        let transaction = self.begin().await?;
        let held =
            accounts::hold(&transaction, batch.iter().map(|row| *row.account.as_ref())).await?;
        batch.retain(|row| held.contains(row.account.as_ref()));
        if !batch.is_empty() {
            insert(&transaction, batch).await?;
        }
        transaction.commit().await
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

/// The reads of an account since `opens`, with those that its address has brought from an account before. A server
/// that was cut off stores what was read before a reset of the meter after it.
async fn reads_since(
    database: &impl ConnectionTrait,
    account: &account::Model,
    opens: i64,
) -> Result<Reads, DbErr> {
    let since = std::cmp::max(opens, account.meter_reset);
    let rows = row::Entity::find()
        .filter(row::Column::Account.eq(account.id))
        .filter(row::Column::At.gte(since))
        .all(database)
        .await?;
    let former = former_readers::reads(&account.former_reads);
    let counted = former.filter(|read| read.second() >= since);
    Ok(rows.iter().map(read).chain(counted).collect())
}

/// The read that a row holds.
pub(crate) fn read(row: &row::Model) -> Read {
    Read { article: row.article.0, at: u32::try_from(row.at).unwrap_or(u32::MAX) }
}

fn active(account: AccountKey, article: PieceKey, at: u32) -> row::ActiveModel {
    row::ActiveModel { account: Set(account), article: Set(article), at: Set(i64::from(at)) }
}

/// Returns a batch as JSON: `[[account, article, second], …]`.
fn json(batch: &[row::ActiveModel]) -> String {
    let row = |row: &row::ActiveModel| {
        let (account, article) = (row.account.as_ref().0, row.article.as_ref().0);
        format!("[{},{},{}]", account.number(), article.number(), row.at.as_ref())
    };
    format!("[{}]", batch.iter().map(row).collect::<Vec<_>>().join(","))
}

async fn insert(to: &impl ConnectionTrait, batch: Vec<row::ActiveModel>) -> Result<(), DbErr> {
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

pub(crate) fn is_orphan(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)))
}

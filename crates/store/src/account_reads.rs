//! What accounts have read.

use masthead_access::{ArticleId, Read, Reads};
use masthead_circulation::AccountId;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::{Store, StoreError, accounts::number, records::account_read as row};

/// Rows in one statement; both engines have a limit on parameters.
const BATCH: usize = 500;

impl Store {
    /// What an account has read since the second `opens`.
    pub async fn reads_of(&self, account: AccountId, opens: i64) -> Result<Reads, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(number(account)))
            .filter(row::Column::At.gte(opens))
            .all(&self.database)
            .await?;
        let read = |row: row::Model| Read {
            article: ArticleId(row.article.unsigned_abs()),
            at: u32::try_from(row.at).unwrap_or(u32::MAX),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Forgets what accounts have read before the second `before`.
    pub async fn forget_reads(&self, before: i64) -> Result<(), StoreError> {
        row::Entity::delete_many().filter(row::Column::At.lt(before)).exec(&self.database).await?;
        Ok(())
    }

    /// Keeps reads, those of many accounts at once. Of two reads of one article the later stands.
    pub async fn keep_reads(&self, reads: &[(AccountId, Read)]) -> Result<(), StoreError> {
        // One statement must not name a row twice. In order, they touch fewest pages of the index.
        let mut latest = std::collections::BTreeMap::new();
        for (account, read) in reads {
            let at = latest.entry((number(*account), read.article)).or_insert(read.at);
            *at = read.at.max(*at);
        }
        let rows: Vec<row::ActiveModel> = latest
            .into_iter()
            .map(|((account, article), at)| row::ActiveModel {
                account: Set(account),
                article: Set(i32::try_from(article.0).unwrap_or(i32::MAX)),
                at: Set(i64::from(at)),
            })
            .collect();
        for batch in rows.chunks(BATCH) {
            let later = OnConflict::columns([row::Column::Account, row::Column::Article])
                .update_column(row::Column::At)
                .to_owned();
            row::Entity::insert_many(batch.to_vec())
                .on_conflict(later)
                .exec_without_returning(&self.database)
                .await?;
        }
        Ok(())
    }
}

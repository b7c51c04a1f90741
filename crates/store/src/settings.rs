//! Settings that are saved at the desk and override the configuration file. Every version is kept.

use jiff::Timestamp;
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::{Expr, Query},
};

use crate::{Store, StoreError, ids::Key, records::setting, stories::Written, time};

/// A version of a part of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its number, counted from 1.
    pub version: i32,
    /// When.
    pub at: Timestamp,
    /// Who set it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// The part as TOML. Empty if the configuration file is in force again.
    pub text: String,
}

impl Store {
    /// Returns the versions of a part, the latest first.
    pub async fn settings(&self, part: &str, most: u64) -> Result<Vec<Setting>, StoreError> {
        let rows = setting::Entity::find()
            .filter(setting::Column::Part.eq(part))
            .order_by_desc(setting::Column::Version)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Returns the latest version of a part. `None` if it was never saved.
    pub async fn setting(&self, part: &str) -> Result<Option<Setting>, StoreError> {
        Ok(self.settings(part, 1).await?.pop())
    }

    /// Returns the name and the latest text of every part that was ever saved.
    pub async fn steered(&self) -> Result<Vec<(String, String)>, StoreError> {
        let latest = Query::select()
            .column(setting::Column::Part)
            .expr(Expr::col(setting::Column::Version).max())
            .from(setting::Entity)
            .group_by_col(setting::Column::Part)
            .to_owned();
        let key = [setting::Column::Part, setting::Column::Version].map(Expr::col);
        let rows = setting::Entity::find()
            .filter(Expr::tuple(key).in_subquery(latest))
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|row| (row.part, row.setting)).collect())
    }

    /// Saves a part for somebody who knew its latest `version`: 0 if it was never saved. Returns
    /// [`Written::Behind`] if somebody else has saved it since.
    pub async fn set(
        &self,
        part: &str,
        version: i32,
        text: &str,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        let known = self.setting(part).await?.map_or(0, |setting| setting.version);
        if known != version {
            return Ok(Written::Behind);
        }
        let row = setting::ActiveModel {
            part: Set(part.to_owned()),
            version: Set(version + 1),
            at: Set(now.as_second()),
            done_by: Set(Some(Key(by))),
            setting: Set(text.to_owned()),
        };
        match setting::Entity::insert(row).exec_without_returning(&self.database).await {
            Ok(_) => Ok(Written::Done(i64::from(version) + 1)),
            // Somebody was quicker by less than that.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Ok(Written::Behind)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn read(row: setting::Model) -> Setting {
    Setting {
        version: row.version,
        at: time(row.at),
        by: row.done_by.map(|key| key.0),
        text: row.setting,
    }
}

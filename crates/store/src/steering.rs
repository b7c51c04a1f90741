//! What is set at the desk in place of the configuration file. Every version stays, with who set it.

use jiff::Timestamp;
use masthead_circulation::AccountId;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::{Expr, Query},
};

use crate::{Store, StoreError, accounts::number, records::steering, stories::Written, time};

/// A part of the configuration, as it was set once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Counts how often it was set.
    pub version: i32,
    /// When.
    pub at: Timestamp,
    /// Who set it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// It, in the words of the configuration file; empty where that itself is to be heard again.
    pub text: String,
}

impl Store {
    /// The versions of a part, the latest first.
    pub async fn settings(&self, part: &str, most: u64) -> Result<Vec<Setting>, StoreError> {
        let rows = steering::Entity::find()
            .filter(steering::Column::Part.eq(part))
            .order_by_desc(steering::Column::Version)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// How a part is set now; none where it never was.
    pub async fn setting(&self, part: &str) -> Result<Option<Setting>, StoreError> {
        Ok(self.settings(part, 1).await?.pop())
    }

    /// What every part that was ever set is set to now: its name, and its text.
    pub async fn steered(&self) -> Result<Vec<(String, String)>, StoreError> {
        let latest = Query::select()
            .column(steering::Column::Part)
            .expr(Expr::col(steering::Column::Version).max())
            .from(steering::Entity)
            .group_by_col(steering::Column::Part)
            .to_owned();
        let key = [steering::Column::Part, steering::Column::Version].map(Expr::col);
        let rows = steering::Entity::find()
            .filter(Expr::tuple(key).in_subquery(latest))
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|row| (row.part, row.setting)).collect())
    }

    /// Sets a part, for somebody who knew its `version`; 0 where it never was set.
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
        let row = steering::ActiveModel {
            part: Set(part.to_owned()),
            version: Set(version + 1),
            at: Set(now.as_second()),
            done_by: Set(Some(number(by))),
            setting: Set(text.to_owned()),
        };
        match steering::Entity::insert(row).exec_without_returning(&self.database).await {
            Ok(_) => Ok(Written::Done(i64::from(version) + 1)),
            // Somebody was quicker by less than that.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Ok(Written::Behind)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn read(row: steering::Model) -> Setting {
    Setting {
        version: row.version,
        at: time(row.at),
        by: row.done_by.map(|id| AccountId(id.unsigned_abs())),
        text: row.setting,
    }
}

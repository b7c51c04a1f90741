//! Settings that are saved at the desk and override the configuration file. Every version is kept.
//!
//! Parts refer to each other, so a part is saved only if every part is still what it was when they were checked together:
//! each save takes the next revision, which counts across all parts and is unique in the table.

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
    QueryOrder, QuerySelect, SqlErr,
    sea_query::{Expr, LockType, Query},
};

use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    ids::Key,
    records::{edition, setting},
    time,
};

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

/// The latest version of every part that was ever saved.
///
/// The numbers may be older than the parts, but never newer: then nothing can be saved against them, and the next
/// comparison finds a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSettings {
    /// The highest revision; 0 if nothing was ever saved.
    pub revision: i64,
    /// How many versions of all parts were saved.
    pub saves: i64,
    /// The parts, in no order.
    pub parts: Vec<StoredPart>,
}

/// The latest version of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPart {
    /// The part's name.
    pub name: String,
    /// Its version, counted from 1.
    pub version: i32,
    /// The part as TOML. Empty if the configuration file is in force again.
    pub text: String,
}

/// Who saves a version of a part, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingAuthor {
    /// The member of staff.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

/// The outcome of saving a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingWrite {
    /// It was saved.
    Done,
    /// Nothing was saved: the part has another version than its writer knew.
    Behind,
    /// Nothing was saved: some part was saved since the settings were read. Read them again, and check them again.
    Outdated,
}

impl StoredSettings {
    /// Returns the latest version of a part; 0 if it was never saved.
    pub fn version(&self, part: &str) -> i32 {
        self.parts.iter().find(|stored| stored.name == part).map_or(0, |stored| stored.version)
    }
}

impl Store {
    /// Returns the versions of a part, the latest first.
    #[tracing::instrument(skip_all)]
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
    #[tracing::instrument(skip_all)]
    pub async fn setting(&self, part: &str) -> Result<Option<Setting>, StoreError> {
        Ok(self.settings(part, 1).await?.pop())
    }

    /// Returns this version of a part, if there is one.
    #[tracing::instrument(skip_all)]
    pub async fn setting_version(
        &self,
        part: &str,
        version: i32,
    ) -> Result<Option<Setting>, StoreError> {
        let row = setting::Entity::find_by_id((part.to_owned(), version));
        Ok(row.one(&self.database).await?.map(read))
    }

    /// Returns the latest version of every part that was ever saved.
    #[tracing::instrument(skip_all)]
    pub async fn stored_settings(&self) -> Result<StoredSettings, StoreError> {
        let latest = Query::select()
            .column(setting::Column::Part)
            .expr(Expr::col(setting::Column::Version).max())
            .from(setting::Entity)
            .group_by_col(setting::Column::Part)
            .to_owned();
        let (revision, saves) = self.revision_and_saves().await?;
        let key = [setting::Column::Part, setting::Column::Version].map(Expr::col);
        let rows = setting::Entity::find()
            .filter(Expr::tuple(key).in_subquery(latest))
            .all(&self.database)
            .await?;
        let part = |row: setting::Model| StoredPart {
            name: row.part,
            version: row.version,
            text: row.setting,
        };
        Ok(StoredSettings { revision, saves, parts: rows.into_iter().map(part).collect() })
    }

    /// Returns the highest revision of all parts; 0 if nothing was ever saved.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn settings_revision(&self) -> Result<i64, StoreError> {
        Ok(self.revision_and_saves().await?.0)
    }

    /// Returns how many versions of all parts were saved. It changes with every save, also of a server of an earlier
    /// version, which knows no revisions.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn settings_saves(&self) -> Result<i64, StoreError> {
        Ok(self.revision_and_saves().await?.1)
    }

    /// Superseded versions count too: their revisions are taken.
    async fn revision_and_saves(&self) -> Result<(i64, i64), StoreError> {
        revision_and_saves(&self.database).await
    }

    /// Saves a part, if it has this `version` (0 if it was never saved) and no part was saved since the settings were
    /// read that it was checked against. `changes` go to the audit log.
    #[tracing::instrument(skip_all)]
    pub async fn set(
        &self,
        checked: &StoredSettings,
        part: &str,
        version: i32,
        text: &str,
        author: SettingAuthor,
        changes: &[AuditChange],
    ) -> Result<SettingWrite, StoreError> {
        if checked.version(part) != version {
            return Ok(SettingWrite::Behind);
        }
        let row = setting::ActiveModel {
            part: Set(part.to_owned()),
            version: Set(version + 1),
            at: Set(author.at.as_second()),
            done_by: Set(Some(Key(author.by))),
            setting: Set(text.to_owned()),
            revision: Set(Some(checked.revision + 1)),
        };
        let transaction = self.begin().await?;
        // One after another with what looks whether a setting names what it changes (`write_unless_set`).
        edition::Entity::find().lock(LockType::Update).one(&transaction).await?;
        match setting::Entity::insert(row).exec_without_returning(&transaction).await {
            Ok(_) => {
                record(&transaction, entry(part, version + 1, text, author, changes)).await?;
                transaction.commit().await?;
                Ok(SettingWrite::Done)
            }
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Ok(SettingWrite::Outdated)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Store {
    /// Begins a write that depends on the settings: `known` is how many saves were in force when they were read. Returns `None` if
    /// there has been another one since. None can happen before the end of the transaction.
    pub(crate) async fn write_unless_set(
        &self,
        known: Option<i64>,
    ) -> Result<Option<(DatabaseTransaction, i64)>, StoreError> {
        let (transaction, revision) = self.write().await?;
        let is_current = match known {
            Some(known) => revision_and_saves(&transaction).await?.1 == known,
            None => true,
        };
        Ok(is_current.then_some((transaction, revision)))
    }
}

async fn revision_and_saves(from: &impl ConnectionTrait) -> Result<(i64, i64), StoreError> {
    let (revision, saves) = setting::Entity::find()
        .select_only()
        .expr(setting::Column::Revision.max())
        .expr(setting::Column::Part.count())
        .into_tuple::<(Option<i64>, i64)>()
        .one(from)
        .await?
        .unwrap_or_default();
    Ok((revision.unwrap_or_default(), saves))
}

/// What the audit log says of a save.
fn entry<'a>(
    part: &'a str,
    version: i32,
    text: &str,
    author: SettingAuthor,
    changes: &[AuditChange],
) -> AuditRecord<'a> {
    let action = if text.is_empty() {
        AuditAction::LeftSettingsToFile
    } else {
        AuditAction::ChangedSettings
    };
    let version = AuditChange::fact("version", version);
    let changes = std::iter::once(version).chain(changes.iter().cloned()).collect();
    AuditRecord { about: part, changes, ..AuditRecord::new(Some(author.by), author.at, action) }
}

fn read(row: setting::Model) -> Setting {
    Setting {
        version: row.version,
        at: time(row.at),
        by: row.done_by.map(|key| key.0),
        text: row.setting,
    }
}

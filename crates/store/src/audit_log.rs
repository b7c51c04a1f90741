//! The audit log: every change that staff make, or somebody on the command line. It is written in the transaction of the
//! change wherever that is one.

mod changes;
mod deletion;
mod queries;

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, AuditAction, AuditChange, DeskAuditEntry,
    staff::{DoneBy, Role},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait, EntityTrait, QueryOrder, QuerySelect,
};

pub use self::{
    changes::changes_between,
    queries::{AuditPerson, AuditQuery, AuditRelation},
};
pub(crate) use self::{changes::merge, deletion::forget_account};
use crate::{
    Store, StoreError,
    ids::{Key, PieceKey},
    parse_stored,
    records::{account, audit_entry, staff},
    time,
};

/// An entry to be written.
pub(crate) struct AuditRecord<'a> {
    /// Who did it, or `None` for the command line.
    pub by: Option<AccountId>,
    pub at: Timestamp,
    pub action: AuditAction,
    pub role: Option<Role>,
    /// The address of the person, or the article or part concerned. May be empty.
    pub about: &'a str,
    pub account: Option<AccountId>,
    pub piece: Option<PieceKey>,
    /// May be empty.
    pub reason: &'a str,
    pub changes: Vec<AuditChange>,
}

impl AuditRecord<'_> {
    pub fn new(by: Option<AccountId>, at: Timestamp, action: AuditAction) -> Self {
        Self {
            by,
            at,
            action,
            role: None,
            about: "",
            account: None,
            piece: None,
            reason: "",
            changes: Vec::new(),
        }
    }
}

impl Store {
    /// Records what was done outside the database, such as an export. `by` is `None` for the command line.
    #[tracing::instrument(skip_all)]
    pub async fn record_action(
        &self,
        action: AuditAction,
        about: &str,
        changes: Vec<AuditChange>,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = AuditRecord { about, changes, ..AuditRecord::new(by, now, action) };
        record(&self.database, entry).await
    }
}

impl Store {
    /// Returns the number of the latest entry; 0 if there is none.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn latest_audit_entry(&self) -> Result<i32, StoreError> {
        let latest = audit_entry::Entity::find()
            .select_only()
            .column(audit_entry::Column::Id)
            .order_by_desc(audit_entry::Column::Id)
            .into_tuple()
            .one(&self.database)
            .await?;
        Ok(latest.unwrap_or_default())
    }
}

/// Writes an entry.
pub(crate) async fn record(
    database: &impl ConnectionTrait,
    entry: AuditRecord<'_>,
) -> Result<(), StoreError> {
    let AuditRecord { by, at, action, role, about, account, piece, reason, changes } = entry;
    let name = match by {
        Some(by) => name_of(database, by).await?,
        None => String::new(),
    };
    let row = audit_entry::ActiveModel {
        id: NotSet,
        at: Set(at.as_second()),
        done_by: Set(by.map(Key)),
        action: Set(action.name().to_owned()),
        role: Set(role.map_or("", Role::name).to_owned()),
        about: Set(about.to_owned()),
        reason: Set(reason.to_owned()),
        on_server: Set(by.is_none()),
        concerned_account: Set(account.map(Key)),
        piece: Set(piece),
        words: Set(words(&[&name, about, reason], &changes)),
        changes: Set(write_changes(&changes)?),
        by_name: Set(name),
    };
    audit_entry::Entity::insert(row).exec_without_returning(database).await?;
    Ok(())
}

/// Writes an entry about what somebody does with their own account, if they are staff.
pub(crate) async fn record_of_staff(
    database: &impl ConnectionTrait,
    account: AccountId,
    now: Timestamp,
    action: AuditAction,
    changes: Vec<AuditChange>,
) -> Result<(), StoreError> {
    if staff::Entity::find_by_id(Key(account)).one(database).await?.is_none() {
        return Ok(());
    }
    let own = account::Entity::find_by_id(Key(account)).one(database).await?;
    let about = own.map(|own| own.email).unwrap_or_default();
    let entry = AuditRecord {
        about: &about,
        account: Some(account),
        changes,
        ..AuditRecord::new(Some(account), now, action)
    };
    record(database, entry).await
}

/// The name of an account, or its address if it has none.
pub(crate) async fn name_of(
    database: &impl ConnectionTrait,
    id: AccountId,
) -> Result<String, StoreError> {
    let found: Option<(String, String)> = account::Entity::find_by_id(Key(id))
        .select_only()
        .columns([account::Column::Name, account::Column::Email])
        .into_tuple()
        .one(database)
        .await?;
    let (name, email) = found.unwrap_or_default();
    Ok(if name.is_empty() { email } else { name })
}

/// The text that searches for words look through.
pub(crate) fn words(parts: &[&str], changes: &[AuditChange]) -> String {
    let values = changes.iter().flat_map(|change| {
        let values = [&change.before, &change.after].into_iter().flatten().map(String::as_str);
        std::iter::once(change.key.as_str()).chain(values)
    });
    let parts = parts.iter().copied().chain(values);
    parts.map(str::to_lowercase).collect::<Vec<_>>().join("\n")
}

pub(crate) fn write_changes(changes: &[AuditChange]) -> Result<String, StoreError> {
    Ok(if changes.is_empty() { String::new() } else { serde_json::to_string(changes)? })
}

pub(crate) fn read_changes(stored: &str) -> Result<Vec<AuditChange>, StoreError> {
    Ok(if stored.is_empty() { Vec::new() } else { serde_json::from_str(stored)? })
}

fn read_entry(row: audit_entry::Model) -> Result<DeskAuditEntry, StoreError> {
    let role = (!row.role.is_empty()).then(|| parse_stored("the role", &row.role)).transpose()?;
    Ok(DeskAuditEntry {
        number: row.id,
        at: time(row.at),
        by: match row.done_by {
            Some(by) => DoneBy::Account(by.0),
            None if row.on_server => DoneBy::Server,
            None => DoneBy::Deleted,
        },
        name: row.by_name,
        action: parse_stored("the action", &row.action)?,
        role,
        about: row.about,
        account: row.concerned_account.map(|key| key.0),
        article: row.piece.map(|key| key.0),
        reason: row.reason,
        changes: read_changes(&row.changes)?,
    })
}

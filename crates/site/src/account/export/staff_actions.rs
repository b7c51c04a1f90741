//! The end of the download: what staff did for the reader, and what the reader did as staff. There may be any number of entries, so
//! they are read and written in parts.

use std::fmt::Write as _;

use masthead_circulation::{Account, DeskAuditEntry};
use masthead_store::{AuditRelation, Store, StoreError};
use serde_json::{Value, json};

/// Entries that are read at once.
const BATCH: usize = 500;
/// The lists, by key.
const LISTS: [(&str, AuditRelation); 2] =
    [("helped", AuditRelation::Concerned), ("desk_actions", AuditRelation::Done)];

/// Everything that is stored about a reader, as JSON. The parts of its text follow one another.
pub struct AccountData {
    store: Store,
    account: Account,
    /// The first part, until it is taken.
    begin: Option<String>,
    /// The list that is being written. The text is complete after the last one, and its end.
    list: usize,
    /// The number of the entry of the list that was written last.
    before: Option<i32>,
}

impl AccountData {
    /// Begins with an object, whose text is continued by the lists.
    pub(super) fn new(object: &Value, store: Store, account: Account) -> Self {
        let text = format!("{object:#}");
        let begin = text.trim_end_matches('}').trim_end().to_owned();
        Self { store, account, begin: Some(begin), list: 0, before: None }
    }

    /// Returns the next part of the text, or `None` if it is complete.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn next_part(&mut self) -> Result<Option<String>, StoreError> {
        if let Some(begin) = self.begin.take() {
            return Ok(Some(begin));
        }
        let Some((name, relation)) = LISTS.get(self.list) else {
            let is_complete = self.list > LISTS.len();
            self.list = LISTS.len() + 1;
            return Ok((!is_complete).then(|| "\n}\n".to_owned()));
        };
        let (account, before) = (&self.account, self.before);
        let entries = self.store.audit_log_of(account, *relation, before, BATCH as u64).await?;
        let mut part = match before {
            None => format!(",\n  \"{name}\": ["),
            Some(_) => String::new(),
        };
        write_entries(&mut part, &entries, *relation, before.is_none());
        self.before = entries.last().map(|last| last.number);
        if entries.len() < BATCH {
            part.push_str("\n  ]");
            (self.list, self.before) = (self.list + 1, None);
        }
        Ok(Some(part))
    }
}

/// Writes entries of a list, one a line.
fn write_entries(
    to: &mut String,
    entries: &[DeskAuditEntry],
    relation: AuditRelation,
    is_first: bool,
) {
    for (number, entry) in entries.iter().enumerate() {
        let comma = if is_first && number == 0 { "" } else { "," };
        let _ = write!(to, "{comma}\n    {}", action(entry, relation));
    }
}

/// An entry without the person concerned, and without the reason for what the reader did as staff: it may name another reader.
fn action(entry: &DeskAuditEntry, relation: AuditRelation) -> Value {
    let reason = matches!(relation, AuditRelation::Concerned).then_some(&entry.reason);
    json!({
        "at": entry.at.to_string(),
        "what": entry.action.name(),
        "article": entry.article.map(|article| article.0),
        "why": reason,
    })
}

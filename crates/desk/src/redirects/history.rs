//! The latest changes of single redirects, each of which can be undone while the redirect is as the change has left it.

use masthead_circulation::{AuditChange, DeskAuditEntry};
use masthead_editorial::{Redirect, RedirectStatus};
use masthead_store::{RedirectWrite, StoreError};
use serde::Serialize;

use crate::{audit::changes::change_line, staff::CurrentStaff, state::DeskState, words::DeskWords};

/// Changes that are listed.
const CHANGES: u64 = 20;

/// A change on the page.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct RedirectChange {
    /// Who made it, and when.
    said: String,
    /// Each value before and after.
    changes: Vec<String>,
    /// Its number if it can be undone, or else 0.
    number: i32,
}

/// What undoing a change does.
#[derive(Debug, PartialEq, Eq)]
struct Undo {
    /// The address whose redirect is changed or deleted; empty if it was deleted.
    from: String,
    /// The redirect to store; `None` if it was new.
    to: Option<Redirect>,
}

/// The latest changes.
pub(super) async fn changes(
    desk: &DeskState,
    words: DeskWords,
) -> Result<Vec<RedirectChange>, StoreError> {
    let log = desk.store.audit_log_of_redirects(CHANGES).await?;
    let (snapshot, zone) = (desk.snapshot(), desk.publication().zone);
    let line = |entry: &DeskAuditEntry| {
        let known = snapshot.edition.redirect(&entry.about);
        let time = words.date_time(entry.at, &zone);
        let gaps: [(&str, &dyn std::fmt::Display); 3] =
            [("path", &entry.about), ("name", &entry.name), ("time", &time)];
        RedirectChange {
            said: words.fill("redirects_changed", &gaps),
            changes: entry.changes.iter().map(|c| change_line(c, &zone, words)).collect(),
            number: undo(entry, known).map_or(0, |_| entry.number),
        }
    };
    Ok(log.iter().map(line).collect())
}

/// Undoes the change with this number, if the redirect is as it has left it.
pub(super) async fn undo_change(
    desk: &DeskState,
    staff: &CurrentStaff,
    number: &str,
) -> Result<RedirectWrite, StoreError> {
    let log = desk.store.audit_log_of_redirects(CHANGES).await?;
    let entry = log.iter().find(|entry| entry.number.to_string() == number);
    let Some(entry) = entry else { return Ok(RedirectWrite::Behind) };
    let known = desk.store.redirect(&entry.about).await?;
    let attribution = desk.attribution(staff);
    let version = known.as_ref().map(|known| known.version).unwrap_or_default();
    match undo(entry, known.as_ref().map(|known| &known.redirect)) {
        Some(Undo { from, to: None }) => {
            desk.store.delete_redirect(&from, version, attribution).await
        }
        Some(Undo { from, to: Some(to) }) => {
            let known = (!from.is_empty()).then_some((from.as_str(), version));
            desk.store.change_redirect(known, &to, attribution).await
        }
        None => Ok(RedirectWrite::Behind),
    }
}

/// What undoing an entry does, if the redirect at its address is as the entry has left it.
fn undo(entry: &DeskAuditEntry, known: Option<&Redirect>) -> Option<Undo> {
    let change = |key: &str| entry.changes.iter().find(|change| change.key == key);
    let status = |code: &str| RedirectStatus::of_code(code.parse().ok()?);
    let former =
        |from: &str, to: &str, response: &str| Redirect::new(from, to, status(response)?).ok();
    let before = |key: &str| change(key)?.before.clone();
    let is_gone = change("from").is_some_and(|change| change.after.is_none());
    if is_gone {
        let redirect = former(&before("from")?, &before("to")?, &before("response")?)?;
        return known.is_none().then(|| Undo { from: String::new(), to: Some(redirect) });
    }
    let known = known?;
    let code = known.status.code().to_string();
    let is_as_left = |key: &str, value: &str| {
        change(key).is_none_or(|AuditChange { after, .. }| after.as_deref() == Some(value))
    };
    if !is_as_left("to", &known.target) || !is_as_left("response", &code) {
        return None;
    }
    let from = known.path.clone();
    if change("from").is_some_and(|change| change.before.is_none()) {
        return Some(Undo { from, to: None });
    }
    let path = before("from").unwrap_or_else(|| known.path.clone());
    let target = before("to").unwrap_or_else(|| known.target.clone());
    let to = former(&path, &target, &before("response").unwrap_or(code))?;
    Some(Undo { from, to: Some(to) })
}

#[cfg(test)]
impl RedirectChange {
    pub(super) fn sample() -> Self {
        Self { changes: vec!["To: /a → /b".into()], number: 7, ..Self::default() }
    }
}

//! The people in the values of an assignment, who are stored by the numbers of their accounts.

use masthead_circulation::{Account, AccountId, AuditAction, AuditChange, DeskAuditEntry};

use crate::{format::display_name, words::DeskWords};

/// The values of an assignment that are people.
const PEOPLE: [&str; 2] = ["writers", "editor"];

fn is_of_people(entry: &DeskAuditEntry, change: &AuditChange) -> bool {
    entry.action == AuditAction::AssignedArticle && PEOPLE.contains(&change.key.as_str())
}

/// The accounts that are named in entries.
pub(super) fn accounts_in(entries: &[DeskAuditEntry]) -> Vec<AccountId> {
    let mut found: Vec<AccountId> = Vec::new();
    for entry in entries {
        for change in entry.changes.iter().filter(|change| is_of_people(entry, change)) {
            let values = change.before.iter().chain(&change.after);
            found.extend(values.flat_map(|value| numbers(value)).flatten().map(AccountId));
        }
    }
    found.sort_unstable_by_key(|id| id.0);
    found.dedup();
    found
}

/// Puts the names of people in place of the numbers of their accounts.
pub(super) fn name_people(
    entry: &DeskAuditEntry,
    accounts: &[Account],
    words: DeskWords,
) -> Vec<AuditChange> {
    let named = |value: &str| {
        let name = |number: Option<u32>, text: &str| match number {
            Some(number) => name_of(AccountId(number), accounts, words),
            None => text.to_owned(),
        };
        let texts = value.split(", ");
        let names: Vec<String> = numbers(value)
            .into_iter()
            .zip(texts)
            .map(|(number, text)| name(number, text))
            .collect();
        names.join(", ")
    };
    let change = |change: &AuditChange| {
        if !is_of_people(entry, change) {
            return change.clone();
        }
        AuditChange {
            key: change.key.clone(),
            before: change.before.as_deref().map(named),
            after: change.after.as_deref().map(named),
        }
    };
    entry.changes.iter().map(change).collect()
}

fn numbers(value: &str) -> Vec<Option<u32>> {
    value.split(", ").map(|text| text.parse().ok()).collect()
}

fn name_of(id: AccountId, accounts: &[Account], words: DeskWords) -> String {
    let known = accounts.iter().find(|account| account.id == id);
    known.map_or_else(|| words.text("former_colleague").to_owned(), display_name)
}

//! Keys that were renamed. Their former names are accepted as well, as serde aliases, so that a publication whose file has
//! them starts after an upgrade.

use std::fmt;

use toml::{Table, Value};

/// A key with its former name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenamedKey {
    /// The table, such as `fronts`.
    pub table: &'static str,
    /// The former name.
    pub old: &'static str,
    /// The present name.
    pub new: &'static str,
}

pub(crate) const RENAMED: [RenamedKey; 2] = [
    RenamedKey { table: "fronts", old: "shelves", new: "lists" },
    RenamedKey { table: "meter", old: "fresh_per_network", new: "first_reads_per_network" },
];

/// Returns the keys of a `masthead.toml` that have their former names.
pub fn renamed_keys(text: &str) -> Vec<RenamedKey> {
    let file: Table = toml::from_str(text).unwrap_or_default();
    RENAMED
        .into_iter()
        .filter(|key| file.get(key.table).is_some_and(|at| has(at, key.old)))
        .collect()
}

/// Whether a table, or one of a list of tables, has a key.
fn has(tables: &Value, key: &str) -> bool {
    match tables {
        Value::Table(table) => table.contains_key(key),
        Value::Array(entries) => entries.iter().any(|entry| has(entry, key)),
        _ => false,
    }
}

impl fmt::Display for RenamedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, old, new } = self;
        write!(
            f,
            "the key \"{old}\" of \"{table}\" was renamed; write \"{new}\" in its place before the next upgrade"
        )
    }
}

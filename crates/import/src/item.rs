//! What came of each entry of an archive, or would.

use std::collections::BTreeMap;

use masthead_editorial::{
    import::{ImportEntry, KeptPiece},
    text::shorten,
};
use masthead_store::Saved;
use serde::{Deserialize, Serialize};

/// The maximum number of characters of a headline, a reason or a change: a damaged archive has some of any length.
const MAX_CHARACTERS: usize = 300;
/// The maximum number of bytes of an address. A longer one is not shown: a part of it leads nowhere.
const MAX_ADDRESS: usize = 2_000;
/// The maximum number of different changes of an entry.
const MAX_CHANGES: usize = 100;

/// An entry, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ImportedItem {
    /// Its headline or, if it was left out, how the other system names it.
    pub what: String,
    /// Where it is in the other system; empty if the archive names no address that a browser opens.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// What came of it.
    pub outcome: ItemOutcome,
    /// What was changed in it, and how often; empty unless it was imported.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, usize>,
}

/// What came of an entry. Articles are named by their numbers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemOutcome {
    /// It is a new article, which has no number yet if nothing was imported.
    New(Option<u32>),
    /// It has replaced the text of an article.
    Changed(u32),
    /// The article is as it was.
    Unchanged(u32),
    /// The article that it was imported to before stays as it is here.
    Kept(KeptPiece),
    /// It was left out, for this reason.
    LeftOut(String),
}

/// Returns what came of each entry of a batch. `saved` has what has become of those that have a piece, in the same order. `is_check` says
/// that nothing was imported.
pub fn imported_items(
    batch: &[ImportEntry],
    saved: &[Result<Saved, KeptPiece>],
    is_check: bool,
) -> Vec<ImportedItem> {
    let mut saved = saved.iter();
    let item = |entry: &ImportEntry| {
        let (what, outcome) = match &entry.result {
            Err(skipped) => (&skipped.what, ItemOutcome::LeftOut(short(&skipped.why))),
            // There is one for each piece.
            Ok(piece) => (&piece.headline, outcome(*saved.next()?, is_check)),
        };
        let is_imported = !matches!(outcome, ItemOutcome::Kept(_) | ItemOutcome::LeftOut(_));
        let changes = if is_imported { changes(entry) } else { BTreeMap::new() };
        let address = web_address(&entry.address).to_owned();
        Some(ImportedItem { what: short(what), address, outcome, changes })
    };
    batch.iter().filter_map(item).collect()
}

/// What was changed in an entry. Changes after the first [`MAX_CHANGES`] different ones are counted together.
fn changes(entry: &ImportEntry) -> BTreeMap<String, usize> {
    let mut changes = BTreeMap::new();
    for (number, (what, times)) in entry.changes.iter().enumerate() {
        let what = if number < MAX_CHANGES { short(what) } else { "further changes".to_owned() };
        *changes.entry(what).or_default() += times;
    }
    changes
}

fn short(text: &str) -> String {
    shorten(text, MAX_CHARACTERS).into_owned()
}

fn outcome(saved: Result<Saved, KeptPiece>, is_check: bool) -> ItemOutcome {
    match saved {
        Ok(Saved::Created(id)) => ItemOutcome::New((!is_check).then_some(id.0)),
        Ok(Saved::Changed(id)) => ItemOutcome::Changed(id.0),
        Ok(Saved::Unchanged(id)) => ItemOutcome::Unchanged(id.0),
        Err(why) => ItemOutcome::Kept(why),
    }
}

/// The address if a browser opens it: an archive may name others, such as those of scripts.
fn web_address(address: &str) -> &str {
    let address = address.trim();
    let is_web = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
    if is_web && address.len() <= MAX_ADDRESS { address } else { "" }
}

impl ImportedItem {
    /// The number of its article, if it has one.
    pub fn article(&self) -> Option<u32> {
        match self.outcome {
            ItemOutcome::New(article) => article,
            ItemOutcome::Changed(article) | ItemOutcome::Unchanged(article) => Some(article),
            ItemOutcome::Kept(_) | ItemOutcome::LeftOut(_) => None,
        }
    }

    /// What was changed in it, in one line.
    pub fn changes_in_line(&self) -> String {
        let changes = self.changes.iter().map(|(what, times)| format!("{times} × {what}"));
        changes.collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use masthead_editorial::import::{Changes, SkippedEntry};

    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_links() {
        assert_eq!(web_address(" https://example.org/?p=7 "), "https://example.org/?p=7");
        for other in ["javascript:alert(1)", "//example.org", "/a", "data:text/html,x", ""] {
            assert_eq!(web_address(other), "", "{other}");
        }
    }

    #[test]
    fn what_is_said_of_an_entry_is_short() {
        let long = "word ".repeat(1_000_000);
        let entry = ImportEntry {
            origin: "test:1".into(),
            address: format!("https://a.example/{}", "a".repeat(2_000)),
            result: Err(SkippedEntry { what: long.clone(), why: long.clone() }),
            changes: Changes::default(),
        };
        let [item] = &imported_items(&[entry], &[], false)[..] else { panic!("one item") };
        assert_eq!((item.what.len(), item.address.as_str()), (302, ""));
        assert_eq!(item.outcome, ItemOutcome::LeftOut(item.what.clone()));

        let mut all = Changes::default();
        (0..250).for_each(|number| all.count(format!("{number:03} {long}")));
        let entry = ImportEntry {
            origin: "test:1".into(),
            address: String::new(),
            result: Err(SkippedEntry { what: String::new(), why: String::new() }),
            changes: all,
        };
        let changes = changes(&entry);
        assert_eq!((changes.len(), changes["further changes"]), (101, 150));
        assert_eq!(changes.values().sum::<usize>(), 250);
        assert!(changes.keys().all(|what| what.chars().count() <= 301));
    }

    #[test]
    fn items_are_stored_and_read_as_they_are() {
        let items = [
            ItemOutcome::New(None),
            ItemOutcome::Changed(7),
            ItemOutcome::Kept(KeptPiece::ChangedHere),
            ItemOutcome::LeftOut("It is in the bin".into()),
        ]
        .map(|outcome| ImportedItem {
            what: "Ferry".into(),
            address: String::new(),
            outcome,
            changes: BTreeMap::from([("lead picture not at hand".into(), 1)]),
        });
        let stored = serde_json::to_string(&items).expect("JSON");
        let read: Vec<ImportedItem> = serde_json::from_str(&stored).expect("items");
        assert_eq!(read, items);
    }
}

//! What came of all entries of an archive, or of those until now.

use std::collections::BTreeMap;

use masthead_editorial::import::KeptPiece;
use serde::{Deserialize, Serialize};

use crate::{ImportedItem, ItemOutcome};

/// What came of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ImportSummary {
    /// Entries that were looked at.
    pub seen: u64,
    /// New articles.
    pub new: u64,
    /// Articles whose text was replaced.
    pub changed: u64,
    /// Articles that are as they were.
    pub unchanged: u64,
    /// What was changed in texts.
    pub changes: BTreeMap<String, Reason>,
    /// Why articles stay as they are here, by the word of [`kind_of`].
    pub kept: BTreeMap<String, Reason>,
    /// Why entries were left out.
    pub left_out: BTreeMap<String, Reason>,
    /// Changes and reasons that are counted nowhere, because there are too many of them.
    pub uncounted: u64,
    /// Lines with bytes in a wrong encoding, which were read as Windows-1252.
    pub repaired_lines: u64,
}

/// How often something was so, and for which entry first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Reason {
    /// How often.
    pub times: u64,
    /// The first of these entries.
    pub example: ItemReference,
}

/// Where an entry can be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct ItemReference {
    /// Its name.
    pub what: String,
    /// Its address in the other system; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// The number of its article, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<u32>,
}

impl ImportSummary {
    /// Adds what came of an entry. There are `most` different changes and reasons of each kind at most: some name the entry, so that a
    /// long archive has many.
    pub fn add(&mut self, item: &ImportedItem, most: usize) {
        self.seen += 1;
        match &item.outcome {
            ItemOutcome::New(_) => self.new += 1,
            ItemOutcome::Changed(_) => self.changed += 1,
            ItemOutcome::Unchanged(_) => self.unchanged += 1,
            ItemOutcome::Kept(why) => {
                self.uncounted += note(&mut self.kept, kind_of(*why), (1, item), most);
            }
            ItemOutcome::LeftOut(why) => {
                self.uncounted += note(&mut self.left_out, why, (1, item), most);
            }
        }
        for (what, times) in &item.changes {
            let times = *times as u64;
            self.uncounted += note(&mut self.changes, what, (times, item), most);
        }
    }

    /// Entries whose articles stay as they are here.
    pub fn all_kept(&self) -> u64 {
        self.kept.values().map(|reason| reason.times).sum()
    }

    /// Entries that were left out.
    pub fn all_left_out(&self) -> u64 {
        let came_in = self.new + self.changed + self.unchanged + self.all_kept();
        self.seen.saturating_sub(came_in)
    }
}

/// A word for why an article stays as it is.
pub fn kind_of(why: KeptPiece) -> &'static str {
    match why {
        KeptPiece::ChangedHere => "changed-here",
        KeptPiece::HasMorePictures => "has-more-pictures",
        KeptPiece::Embargoed(_) => "embargoed",
    }
}

/// Counts a reason. Returns how often it is not counted.
fn note(
    reasons: &mut BTreeMap<String, Reason>,
    why: &str,
    (times, item): (u64, &ImportedItem),
    most: usize,
) -> u64 {
    if let Some(known) = reasons.get_mut(why) {
        known.times += times;
        return 0;
    }
    if reasons.len() >= most {
        return times;
    }
    let (what, address, article) = (item.what.clone(), item.address.clone(), item.article());
    let example = ItemReference { what, address, article };
    reasons.insert(why.to_owned(), Reason { times, example });
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(what: &str, outcome: ItemOutcome, changes: &[(&str, usize)]) -> ImportedItem {
        let changes = changes.iter().map(|(what, times)| ((*what).to_owned(), *times)).collect();
        ImportedItem { what: what.into(), address: "https://a.example/".into(), outcome, changes }
    }

    #[test]
    fn each_reason_is_counted_with_its_first_entry() {
        let mut summary = ImportSummary::default();
        for item in [
            item("A", ItemOutcome::New(Some(1)), &[("shortcode", 2)]),
            item("B", ItemOutcome::Changed(2), &[("shortcode", 3)]),
            item("C", ItemOutcome::LeftOut("bin".into()), &[]),
            item("D", ItemOutcome::LeftOut("bin".into()), &[]),
            item("E", ItemOutcome::Kept(KeptPiece::ChangedHere), &[]),
        ] {
            summary.add(&item, 9);
        }
        assert_eq!((summary.seen, summary.new, summary.changed, summary.unchanged), (5, 1, 1, 0));
        assert_eq!((summary.all_left_out(), summary.all_kept()), (2, 1));
        let shortcode = &summary.changes["shortcode"];
        assert_eq!((shortcode.times, shortcode.example.article), (5, Some(1)));
        assert_eq!(summary.left_out["bin"].example.what, "C");
    }

    #[test]
    fn reasons_beyond_the_limit_are_counted_together() {
        let mut summary = ImportSummary::default();
        for number in 0..5 {
            let why = format!("line {number}");
            summary.add(&item("A", ItemOutcome::LeftOut(why), &[]), 2);
        }
        assert_eq!((summary.left_out.len(), summary.uncounted), (2, 3));
        assert_eq!(summary.all_left_out(), 5);
    }
}

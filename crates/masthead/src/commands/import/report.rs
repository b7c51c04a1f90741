//! What came of an import.

use std::collections::BTreeMap;

use masthead_editorial::{
    draft::Embargoed,
    import::{Changes, ImportEntry, KeptPiece, SkippedEntry},
};
use masthead_store::Saved;

/// How many lines are named that had wrong bytes.
const LINES: usize = 20;

/// The result of the import.
#[derive(Default)]
pub(super) struct Report {
    pub(super) seen: usize,
    new: usize,
    changed: usize,
    unchanged: usize,
    changes: Changes,
    /// The headline of one piece for each change.
    examples: BTreeMap<String, String>,
    skipped: Vec<SkippedEntry>,
    kept: Vec<SkippedEntry>,
}

impl Report {
    pub(super) fn add(&mut self, batch: Vec<ImportEntry>, saved: Vec<Result<Saved, KeptPiece>>) {
        self.seen += batch.len();
        let mut saved = saved.into_iter();
        for ImportEntry { result, changes, .. } in batch {
            let piece = match result {
                Ok(piece) => piece,
                Err(skipped) => {
                    self.skipped.push(skipped);
                    continue;
                }
            };
            match saved.next() {
                Some(Ok(Saved::Created(_))) => self.new += 1,
                Some(Ok(Saved::Changed(_))) => self.changed += 1,
                Some(Ok(Saved::Unchanged(_))) => self.unchanged += 1,
                Some(Err(why)) => {
                    self.kept.push(SkippedEntry { what: piece.headline, why: in_words(why) });
                    continue;
                }
                // There is one for each piece.
                None => {}
            }
            for (what, _) in changes.iter() {
                self.examples.entry(what.to_owned()).or_insert_with(|| piece.headline.clone());
            }
            self.changes.add(&changes);
        }
    }

    pub(super) fn print(&self, repaired_lines: &[usize]) {
        let Self { seen, new, changed, unchanged, changes, examples, skipped, kept } = self;
        outln!("Read {seen} items.");
        outln!("Came in: {new} new, {changed} changed, {unchanged} as they were.");
        if changes.total() > 0 {
            outln!("Changes:");
            for (what, times) in changes.iter() {
                let example =
                    examples.get(what).map(|headline| format!(" (such as \"{headline}\")"));
                outln!("  {times:>5} × {what}{}", example.unwrap_or_default());
            }
        }
        if !repaired_lines.is_empty() {
            let lines: Vec<String> =
                repaired_lines.iter().take(LINES).map(usize::to_string).collect();
            let more = if repaired_lines.len() > LINES { ", …" } else { "" };
            outln!(
                "Bytes that are not UTF-8, read as Windows-1252: line {}{more}",
                lines.join(", ")
            );
        }
        if !kept.is_empty() {
            outln!("Kept as they are here: {}", kept.len());
            for SkippedEntry { what, why } in kept {
                outln!("  {what}: {why}");
            }
        }
        if !skipped.is_empty() {
            outln!("Left out: {}", skipped.len());
            for SkippedEntry { what, why } in skipped {
                outln!("  {what}: {why}");
            }
        }
    }
}

/// Why a piece stays as it is here, and what can be done.
fn in_words(why: KeptPiece) -> String {
    match why {
        KeptPiece::ChangedHere => {
            "it was changed or withdrawn here since it was imported; change it at the desk"
                .to_owned()
        }
        KeptPiece::HasMorePictures => {
            "pictures that it has were not found this time; name their folder with --media"
                .to_owned()
        }
        KeptPiece::Embargoed(Embargoed { until }) => format!(
            "its draft at the desk is under embargo until {until}; run the same command again after that, or end the embargo"
        ),
    }
}

//! What came of an import.

use std::collections::BTreeMap;

use masthead_editorial::{
    draft::Embargoed,
    import::{Changes, ImportEntry, KeptPiece, SkippedEntry},
};
use masthead_media::RejectedFile;
use masthead_store::Saved;

use super::left_out::LeftOut;

/// How many lines are named that had wrong bytes.
const LINES: usize = 20;
/// How many different changes are named.
const MAX_CHANGES: usize = 1000;
/// What the others are counted as.
const OTHER_CHANGES: &str = "other change; all are in the file that --report writes";

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
    skipped: LeftOut,
    kept: LeftOut,
    /// Files of pictures that were found, and cannot be stored.
    pub(super) rejected: Vec<RejectedFile>,
}

/// What came of one item, or would.
pub(super) enum ItemOutcome {
    /// It was imported, with what was changed in it.
    Imported { headline: String, saved: Saved, changes: Changes },
    /// The article that it was imported to before stays as it is here.
    Kept(SkippedEntry),
    /// It was left out.
    Skipped(SkippedEntry),
}

impl Report {
    /// Adds a batch, and what has become of those of its items that have a piece, in the same order. Returns what came of each item.
    pub(super) fn add(
        &mut self,
        batch: Vec<ImportEntry>,
        saved: Vec<Result<Saved, KeptPiece>>,
    ) -> Vec<ItemOutcome> {
        self.seen += batch.len();
        let mut saved = saved.into_iter();
        let outcomes: Vec<ItemOutcome> =
            batch.into_iter().filter_map(|entry| outcome(entry, &mut saved)).collect();
        for outcome in &outcomes {
            self.count(outcome);
        }
        outcomes
    }

    fn count(&mut self, outcome: &ItemOutcome) {
        match outcome {
            ItemOutcome::Skipped(skipped) => self.skipped.add(skipped),
            ItemOutcome::Kept(kept) => self.kept.add(kept),
            ItemOutcome::Imported { headline, saved, changes } => {
                match saved {
                    Saved::Created(_) => self.new += 1,
                    Saved::Changed(_) => self.changed += 1,
                    Saved::Unchanged(_) => self.unchanged += 1,
                }
                for (what, times) in changes.iter() {
                    let is_known = self.examples.contains_key(what);
                    let what = if is_known || self.examples.len() < MAX_CHANGES {
                        what
                    } else {
                        OTHER_CHANGES
                    };
                    if !self.examples.contains_key(what) {
                        self.examples.insert(what.to_owned(), headline.clone());
                    }
                    self.changes.count_times(what, times);
                }
            }
        }
    }

    pub(super) fn print(&self, repaired_lines: &[usize], is_dry_run: bool) {
        let Self { seen, new, changed, unchanged, changes, examples, skipped, kept, rejected } =
            self;
        outln!("Read {seen} items.");
        let came_in = if is_dry_run { "Nothing was imported. Would come in" } else { "Came in" };
        outln!("{came_in}: {new} new, {changed} changed, {unchanged} as they were.");
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
            outln!("Kept as they are here: {}", kept.number());
            for line in kept.lines() {
                outln!("  {line}");
            }
        }
        if !rejected.is_empty() {
            outln!("Pictures that cannot be stored: {}", rejected.len());
            for RejectedFile { path, why } in rejected {
                outln!("  {}: {why}", path.display());
            }
        }
        if !skipped.is_empty() {
            outln!("Left out: {}", skipped.number());
            for line in skipped.lines() {
                outln!("  {line}");
            }
        }
    }
}

/// What came of an entry, whose result is the next of `saved` if it has a piece.
fn outcome(
    ImportEntry { result, changes, .. }: ImportEntry,
    saved: &mut impl Iterator<Item = Result<Saved, KeptPiece>>,
) -> Option<ItemOutcome> {
    let headline = match result {
        Ok(piece) => piece.headline,
        Err(skipped) => return Some(ItemOutcome::Skipped(skipped)),
    };
    // There is one for each piece.
    Some(match saved.next()? {
        Ok(saved) => ItemOutcome::Imported { headline, saved, changes },
        Err(why) => ItemOutcome::Kept(SkippedEntry { what: headline, why: in_words(why) }),
    })
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

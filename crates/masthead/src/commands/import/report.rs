//! What came of an import.

use masthead_editorial::{
    draft::Embargoed,
    import::{Changes, ImportEntry, SkippedEntry},
};
use masthead_store::Saved;

/// The result of the import.
#[derive(Default)]
pub(super) struct Report {
    pub(super) seen: usize,
    new: usize,
    changed: usize,
    unchanged: usize,
    changes: Changes,
    skipped: Vec<SkippedEntry>,
}

/// What came of one item.
pub(super) enum ItemOutcome {
    /// It was imported, with what was changed in it.
    Imported { headline: String, saved: Saved, changes: Changes },
    /// It was left out.
    Skipped(SkippedEntry),
}

impl Report {
    /// Adds a batch, and what has become of those of its items that have a piece, in the same order. Returns what came of each item.
    pub(super) fn add(
        &mut self,
        batch: Vec<ImportEntry>,
        saved: Vec<Result<Saved, Embargoed>>,
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
            ItemOutcome::Skipped(skipped) => self.skipped.push(skipped.clone()),
            ItemOutcome::Imported { saved, changes, .. } => {
                match saved {
                    Saved::Created(_) => self.new += 1,
                    Saved::Changed(_) => self.changed += 1,
                    Saved::Unchanged(_) => self.unchanged += 1,
                }
                self.changes.add(changes);
            }
        }
    }

    pub(super) fn print(&self, is_dry_run: bool) {
        let Self { seen, new, changed, unchanged, changes, skipped } = self;
        outln!("Read {seen} items.");
        if is_dry_run {
            outln!(
                "Nothing was imported. Would come in: {new} new, {changed} changed, {unchanged} as they were."
            );
        } else {
            outln!("Came in: {new} new, {changed} changed, {unchanged} as they were.");
        }
        if changes.total() > 0 {
            outln!("Changes:");
            for (what, times) in changes.iter() {
                outln!("  {times:>5} × {what}");
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

/// What came of an entry, whose result is the next of `saved` if it has a piece.
fn outcome(
    ImportEntry { result, changes, .. }: ImportEntry,
    saved: &mut impl Iterator<Item = Result<Saved, Embargoed>>,
) -> Option<ItemOutcome> {
    let headline = match result {
        Ok(piece) => piece.headline,
        Err(skipped) => return Some(ItemOutcome::Skipped(skipped)),
    };
    // There is one for each piece.
    Some(match saved.next()? {
        Ok(saved) => ItemOutcome::Imported { headline, saved, changes },
        Err(embargoed) => ItemOutcome::Skipped(under_embargo(headline, embargoed)),
    })
}

/// Why a piece is left out whose draft at the desk is under embargo.
fn under_embargo(headline: String, Embargoed { until }: Embargoed) -> SkippedEntry {
    let why = format!(
        "its draft at the desk is under embargo until {until}; run the same command again after that, or end the embargo"
    );
    SkippedEntry { what: headline, why }
}

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

impl Report {
    pub(super) fn add(&mut self, batch: Vec<ImportEntry>, saved: Vec<Result<Saved, Embargoed>>) {
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
                Some(Err(embargoed)) => {
                    self.skipped.push(under_embargo(piece.headline, embargoed));
                    continue;
                }
                // There is one for each piece.
                None => {}
            }
            self.changes.add(&changes);
        }
    }

    pub(super) fn print(&self) {
        let Self { seen, new, changed, unchanged, changes, skipped } = self;
        outln!("Read {seen} items.");
        outln!("Came in: {new} new, {changed} changed, {unchanged} as they were.");
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

/// Why a piece is left out whose draft at the desk is under embargo.
fn under_embargo(headline: String, Embargoed { until }: Embargoed) -> SkippedEntry {
    let why = format!(
        "its draft at the desk is under embargo until {until}; run the same command again after that, or end the embargo"
    );
    SkippedEntry { what: headline, why }
}

//! What came of an import, as it is printed.

use masthead_editorial::{draft::Embargoed, import::KeptPiece};
use masthead_import::{ImportSummary, ImportedItem, ItemOutcome};
use masthead_media::RejectedFile;

/// How many lines are named that had wrong bytes.
const LINES: usize = 20;

/// The result of the import.
#[derive(Default)]
pub(super) struct Report {
    summary: ImportSummary,
    /// Entries that were left out, and why.
    left_out: Vec<(String, String)>,
    /// Articles that stay as they are here, and why.
    kept: Vec<(String, String)>,
    /// Files of pictures that were found, and cannot be stored.
    pub(super) rejected: Vec<RejectedFile>,
}

impl Report {
    /// Adds what came of entries.
    pub(super) fn add(&mut self, items: Vec<ImportedItem>) {
        for item in items {
            self.summary.add(&item, usize::MAX);
            match item.outcome {
                ItemOutcome::LeftOut(why) => self.left_out.push((item.what, why)),
                ItemOutcome::Kept(why) => self.kept.push((item.what, in_words(why))),
                ItemOutcome::New(_) | ItemOutcome::Changed(_) | ItemOutcome::Unchanged(_) => {}
            }
        }
    }

    pub(super) fn print(&self, repaired_lines: &[usize], is_dry_run: bool) {
        let Self { summary, left_out, kept, rejected } = self;
        let ImportSummary { seen, new, changed, unchanged, changes, .. } = summary;
        outln!("Read {seen} items.");
        let came_in = if is_dry_run { "Nothing was imported. Would come in" } else { "Came in" };
        outln!("{came_in}: {new} new, {changed} changed, {unchanged} as they were.");
        if !changes.is_empty() {
            outln!("Changes:");
            for (what, reason) in changes {
                outln!("  {:>5} × {what} (such as \"{}\")", reason.times, reason.example.what);
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
        print_list("Kept as they are here", kept);
        if !rejected.is_empty() {
            outln!("Pictures that cannot be stored: {}", rejected.len());
            for RejectedFile { path, why } in rejected {
                outln!("  {}: {why}", path.display());
            }
        }
        print_list("Left out", left_out);
    }
}

fn print_list(title: &str, entries: &[(String, String)]) {
    if entries.is_empty() {
        return;
    }
    outln!("{title}: {}", entries.len());
    for (what, why) in entries {
        outln!("  {what}: {why}");
    }
}

/// Why a piece stays as it is here, and what can be done.
pub(super) fn in_words(why: KeptPiece) -> String {
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

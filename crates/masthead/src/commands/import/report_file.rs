//! What came of each item of an import, as CSV.

use std::{
    io::BufWriter,
    path::{Path, PathBuf},
};

use masthead_backup::unfinished;
use masthead_store::Saved;
use masthead_web::csv::escape_formula;
use tempfile::NamedTempFile;

use super::report::ItemOutcome;
use crate::{error::CliError, ownership::refuse_root};

/// A report that is being written. The file gets its name when it is complete.
pub(super) struct ReportFile {
    path: PathBuf,
    writer: csv::Writer<BufWriter<NamedTempFile>>,
    /// Whether articles that are new get no number yet.
    is_dry_run: bool,
}

impl ReportFile {
    /// Begins a report beside the file that it replaces.
    pub(super) fn create(path: &Path, is_dry_run: bool) -> Result<Self, CliError> {
        refuse_root(unfinished::folder_of(path))?;
        let file = unfinished::create(path).map_err(|error| unwritable(path, error))?;
        let mut report = Self {
            path: path.to_path_buf(),
            writer: csv::Writer::from_writer(BufWriter::new(file)),
            is_dry_run,
        };
        report.row(["result", "article", "item", "changes", "reason"])?;
        Ok(report)
    }

    /// Adds a row for each item.
    pub(super) fn add(&mut self, outcomes: &[ItemOutcome]) -> Result<(), CliError> {
        for outcome in outcomes {
            match outcome {
                ItemOutcome::Kept(kept) => self.row(["kept", "", &kept.what, "", &kept.why])?,
                ItemOutcome::Skipped(skipped) => {
                    self.row(["left out", "", &skipped.what, "", &skipped.why])?;
                }
                ItemOutcome::Imported { headline, saved, changes } => {
                    let (result, number) = match saved {
                        Saved::Created(_) if self.is_dry_run => ("new", String::new()),
                        Saved::Created(id) => ("new", id.0.to_string()),
                        Saved::Changed(id) => ("changed", id.0.to_string()),
                        Saved::Unchanged(id) => ("unchanged", id.0.to_string()),
                    };
                    let changes: Vec<String> =
                        changes.iter().map(|(what, times)| format!("{times} × {what}")).collect();
                    self.row([result, &number, headline, &changes.join("; "), ""])?;
                }
            }
        }
        Ok(())
    }

    fn row(&mut self, cells: [&str; 5]) -> Result<(), CliError> {
        let cells = cells.map(|cell| escape_formula(cell).into_owned());
        self.writer.write_record(cells).map_err(|error| unwritable(&self.path, error))
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<(), CliError> {
        let Self { path, writer, .. } = self;
        let written = writer.into_inner().map_err(|error| unwritable(&path, error))?;
        let file = written.into_inner().map_err(|error| unwritable(&path, error))?;
        file.persist(&path).map_err(|error| unwritable(&path, error.error))?;
        outln!("What came of each item is in {}.", path.display());
        Ok(())
    }
}

fn unwritable(path: &Path, error: impl std::error::Error + 'static) -> CliError {
    CliError::unwritable(path.display(), &error)
}

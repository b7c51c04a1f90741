//! What came of each item of an import, as CSV.

use std::{
    io::BufWriter,
    path::{Path, PathBuf},
};

use masthead_backup::unfinished;
use masthead_import::{ImportedItem, ItemOutcome};
use masthead_web::csv::escape_formula;
use tempfile::NamedTempFile;

use super::report::in_words;
use crate::{error::CliError, ownership::refuse_root};

/// A report that is being written. The file gets its name when it is complete.
pub(super) struct ReportFile {
    path: PathBuf,
    writer: csv::Writer<BufWriter<NamedTempFile>>,
}

impl ReportFile {
    /// Begins a report beside the file that it replaces.
    pub(super) fn create(path: &Path) -> Result<Self, CliError> {
        refuse_root(unfinished::folder_of(path))?;
        let file = unfinished::create(path).map_err(|error| unwritable(path, error))?;
        let mut report = Self {
            path: path.to_path_buf(),
            writer: csv::Writer::from_writer(BufWriter::new(file)),
        };
        report.row(["result", "article", "item", "changes", "reason"])?;
        Ok(report)
    }

    /// Adds a row for each item.
    pub(super) fn add(&mut self, items: &[ImportedItem]) -> Result<(), CliError> {
        for item in items {
            let (result, reason) = match &item.outcome {
                ItemOutcome::New(_) => ("new", String::new()),
                ItemOutcome::Changed(_) => ("changed", String::new()),
                ItemOutcome::Unchanged(_) => ("unchanged", String::new()),
                ItemOutcome::Kept(why) => ("kept", in_words(*why)),
                ItemOutcome::LeftOut(why) => ("left out", why.clone()),
            };
            let article = item.article().map(|number| number.to_string()).unwrap_or_default();
            self.row([result, &article, &item.what, &item.changes_in_line(), &reason])?;
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

//! `masthead export`: readers, subscriptions and payments as CSV.

use std::{
    io,
    path::{Path, PathBuf},
};

use masthead_backup::unfinished;
use masthead_circulation::AuditAction;
use masthead_desk::ExportTable;
use masthead_store::Store;
use masthead_web::csv::escape_formula;

use super::{Newsroom, serve::Place};
use crate::{error::CliError, output, ownership::refuse_root, signals::unless_stopped};

#[derive(clap::Args)]
pub struct Export {
    /// The data to export.
    what: ExportKind,
    /// The file to write. Without it, or with -, the data is written to standard output.
    file: Option<PathBuf>,
    /// Overwrite the file if there is one.
    #[arg(long, requires = "file")]
    force: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ExportKind {
    /// All accounts.
    Readers,
    /// Their subscriptions and states.
    Subscriptions,
    /// Their payments.
    Payments,
}

impl Export {
    pub async fn run(mut self, dir: &Path, place: &Place) -> Result<(), CliError> {
        self.file = self.file.filter(|file| file != Path::new("-"));
        if let Some(path) = self.file.as_deref().filter(|path| !self.force && path.exists()) {
            return Err(CliError::new(format!(
                "{} exists; name another file, or overwrite it with --force",
                path.display()
            )));
        }
        if let Some(path) = &self.file {
            refuse_root(unfinished::folder_of(path))?;
        }
        let newsroom = Newsroom::open_existing(dir, place).await?;
        let (action, now) = (AuditAction::Exported, (newsroom.clock)());
        newsroom
            .store
            .record_action(action, self.what.table().audit_name(), Vec::new(), None, now)
            .await?;
        match &self.file {
            None => self.write(&newsroom.store, io::stdout().lock()).await?,
            Some(path) => {
                let rows = self.write_file(&newsroom.store, path).await?;
                outln!("{rows} rows are in {}.", path.display());
                return Ok(());
            }
        };
        Ok(())
    }

    /// Writes to a temporary file first, so that an incomplete file is never mistaken for the export. It is deleted on failure and
    /// when the command is stopped; what one that was killed has left, the next export or backup in this folder deletes.
    async fn write_file(&self, store: &Store, path: &Path) -> Result<u64, CliError> {
        let unwritable = |error: io::Error| CliError::unwritable(path.display(), &error);
        output::clean_up_beside(path);
        let file = unfinished::create(path).map_err(unwritable)?;
        let rows = unless_stopped(self.write(store, file.as_file())).await?;
        file.as_file().sync_all().map_err(unwritable)?;
        let placed = if self.force { file.persist(path) } else { file.persist_noclobber(path) };
        placed.map_err(|error| unwritable(error.error))?;
        Ok(rows)
    }

    /// Writes all rows as CSV (RFC 4180), ordered by number, and returns how many there are.
    async fn write(&self, store: &Store, to: impl io::Write) -> Result<u64, CliError> {
        let unwritable = |error: csv::Error| CliError::unwritable("the export", &error);
        let table = self.what.table();
        let mut writer = csv::Writer::from_writer(to);
        writer.write_record(table.columns()).map_err(unwritable)?;
        let (mut after, mut written) = (0, 0);
        loop {
            let rows = table.rows_after(store, after).await?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            for (_, row) in &rows {
                let cells = row.iter().map(|cell| escape_formula(cell).into_owned());
                writer.write_record(cells).map_err(unwritable)?;
                written += 1;
            }
        }
        writer.flush().map_err(|error| unwritable(error.into()))?;
        Ok(written)
    }
}

impl ExportKind {
    fn table(self) -> ExportTable {
        match self {
            Self::Readers => ExportTable::Readers,
            Self::Subscriptions => ExportTable::Subscriptions,
            Self::Payments => ExportTable::Payments,
        }
    }
}

//! `masthead import`: imports the archive of another system.

use std::{
    fs,
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressStyle};
use masthead_editorial::draft::Embargoed;
use masthead_editorial::{
    clean::StoredPicture,
    import::{Changes, ImportEntry, SkippedEntry},
    wordpress::WxrExport,
};
use masthead_media::Incoming;
use masthead_store::Saved;

use super::{Newsroom, serve::Place, store_pictures};
use crate::error::CliError;

/// The number of entries imported in one transaction.
const BATCH: usize = 100;

#[derive(clap::Subcommand)]
pub enum Import {
    /// Import a WordPress export (WXR).
    Wordpress(Wordpress),
}

#[derive(clap::Args)]
pub struct Wordpress {
    /// The export file, from WordPress under Tools, Export.
    file: PathBuf,
    /// A copy of WordPress's folder wp-content/uploads, for the pictures.
    #[arg(long)]
    media: Option<PathBuf>,
}

impl Import {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open(dir, place).await?;
        match self {
            Self::Wordpress(wordpress) => wordpress.run(&newsroom).await,
        }
    }
}

impl Wordpress {
    async fn run(self, newsroom: &Newsroom) -> Result<(), CliError> {
        let file = self.file.display();
        let text = fs::read_to_string(&self.file)
            .map_err(|error| CliError::new(format!("{file} cannot be read: {error}")))?;
        let export =
            WxrExport::open(&text).map_err(|error| CliError::new(format!("{file}: {error}")))?;
        if let Some(media) = self.media.as_deref().filter(|media| !media.is_dir()) {
            return Err(CliError::new(format!(
                "--media {}: there is no such folder; name a copy of WordPress's wp-content/uploads",
                media.display()
            )));
        }
        let media_library = newsroom.folder.media_library(&newsroom.config)?;
        let incoming = Incoming::default();
        let uploads = self.media.as_deref();
        let find_picture = |address: &str| upload(address, uploads, &incoming);
        let zone = &newsroom.config.publication.policy.zone;
        let bar = progress_bar(export.len());
        let mut report = Report::default();
        let mut entries = export.entries(zone, &find_picture);
        loop {
            let batch: Vec<ImportEntry> = entries.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                break;
            }
            let stored = match store_pictures(&media_library, &incoming).await {
                Ok(()) => newsroom
                    .store
                    .import_pieces(&batch, jiff::Timestamp::now())
                    .await
                    .map_err(CliError::from),
                Err(fault) => Err(fault),
            };
            let saved = stored.map_err(|error| {
                CliError::new(format!(
                    "{error}\n{} of {} items have been imported; run the same command again to continue",
                    report.seen,
                    export.len()
                ))
            })?;
            bar.inc(batch.len() as u64);
            report.add(batch, saved);
        }
        bar.finish_and_clear();
        report.print();
        Ok(())
    }
}

/// Returns the stored picture for an address below `wp-content/uploads`.
fn upload(address: &str, uploads: Option<&Path>, incoming: &Incoming) -> Option<StoredPicture> {
    let (_, below) = address.split_once("/uploads/")?;
    let below = below.split(['?', '#']).next()?;
    let stays_inside =
        Path::new(below).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    stays_inside.then(|| incoming.file(&uploads?.join(below))).flatten()
}

/// Why a piece is left out whose draft at the desk is under embargo.
fn under_embargo(headline: String, Embargoed { until }: Embargoed) -> SkippedEntry {
    let why = format!(
        "its draft at the desk is under embargo until {until}; run the same command again after that, or end the embargo"
    );
    SkippedEntry { what: headline, why }
}

fn progress_bar(items: usize) -> ProgressBar {
    let bar = ProgressBar::new(items as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} items, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// The result of the import.
#[derive(Default)]
struct Report {
    seen: usize,
    new: usize,
    changed: usize,
    unchanged: usize,
    changes: Changes,
    skipped: Vec<SkippedEntry>,
}

impl Report {
    fn add(&mut self, batch: Vec<ImportEntry>, saved: Vec<Result<Saved, Embargoed>>) {
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

    fn print(&self) {
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

//! `masthead publish`: publishes manuscripts as articles, pages and authors.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use masthead_editorial::{
    Author, Piece, Status, draft,
    manuscript::{self, Manuscript},
};
use masthead_media::{Incoming, RejectedFile};
use masthead_store::{FIND_PICTURES, Saved};

use super::{Newsroom, incoming_pictures, serve::Place, store_pictures};
use crate::error::CliError;

#[derive(clap::Args)]
pub struct Publish {
    /// Markdown files with front matter.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Publish {
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open(dir, place).await?;
        let now = (newsroom.clock)();
        // All files are read before any is saved, so that an error leaves everything unchanged.
        let incoming = incoming_pictures(&newsroom.store).await?;
        let read = self.files.iter().map(|file| newsroom.read(file, &incoming, now));
        let manuscripts = read.collect::<Result<Vec<_>, _>>()?;
        let media_library = newsroom.folder.media_library(&newsroom.config)?;
        store_pictures(&media_library, &incoming).await?;
        newsroom.store.request_task_run(FIND_PICTURES).await?;
        for manuscript in manuscripts {
            match manuscript {
                Manuscript::Author(author) => newsroom.save_author(&author).await?,
                Manuscript::Piece(piece) => newsroom.publish(*piece, now).await?,
            }
        }
        Ok(())
    }
}

impl Newsroom {
    fn read(
        &self,
        file: &Path,
        incoming: &Incoming,
        now: Timestamp,
    ) -> Result<Manuscript, CliError> {
        let text = fs::read_to_string(file).map_err(|error| {
            CliError::new(format!("{} cannot be read: {error}", file.display()))
        })?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let beside = file.parent().unwrap_or(Path::new("."));
        let context = manuscript::ManuscriptContext {
            zone: &self.config.publication.policy.zone,
            sections: &self.config.sections(),
            find_picture: &|picture| incoming.file(&beside.join(picture)),
            now,
            slugs: self.config.publication.slugs,
        };
        manuscript::read(&text, &name, &context).map_err(|error| {
            let rejected = incoming.take_rejected().into_iter();
            let why: String = rejected
                .map(|RejectedFile { path, why }| format!("\n  {}: {why}", path.display()))
                .collect();
            CliError::new(format!("{}, {error}; nothing was changed{why}", file.display()))
        })
    }

    async fn save_author(&self, author: &Author) -> Result<(), CliError> {
        match self.store.save_author(author).await? {
            None => outln!("Kept: {}", author.name),
            Some(into) => outln!(
                "Left as it is: {}. The newsroom has given the articles of \"{}\" to \"{into}\"; change that author at \
                 /desk/authors/{into}, or delete this file.",
                author.name,
                author.slug
            ),
        }
        Ok(())
    }

    async fn publish(&self, mut piece: Piece, now: Timestamp) -> Result<(), CliError> {
        if let Some(known) = self.store.piece(&piece.slug).await? {
            keep_times(&mut piece, &known, now);
        }
        let saved = self.store.save(&piece, Timestamp::now()).await?;
        let address = format!("{}{}", self.config.publication.address, piece.address());
        let Piece { headline, status, published, .. } = &piece;
        let scheduled = published.filter(|published| *published > now);
        let what = match (status, scheduled, saved) {
            (_, _, Saved::Unchanged(_)) => "Unchanged".to_owned(),
            (Status::Draft, _, _) => "Kept as a draft".to_owned(),
            (Status::Withdrawn, _, _) => "Withdrawn".to_owned(),
            (Status::Published, Some(when), _) => {
                let zone = self.config.publication.policy.zone.clone();
                let local = when.to_zoned_datetime(zone);
                format!("Scheduled for {}", local.strftime("%Y-%m-%d %H:%M %Z"))
            }
            (Status::Published, None, Saved::Created(_)) => "Published".to_owned(),
            (Status::Published, None, Saved::Changed(_)) => "Corrected".to_owned(),
        };
        outln!("{what}: {headline}");
        let is_new = !matches!(saved, Saved::Unchanged(_));
        if *status == Status::Published && scheduled.is_none() && is_new {
            outln!("  Readers have it within five seconds, if the server runs:");
        }
        outln!("  {address}");
        Ok(())
    }
}

/// Keeps the publication time of a piece that is published again, and sets its update time if the
/// text changed.
fn keep_times(piece: &mut Piece, known: &Piece, now: Timestamp) {
    // A manuscript without a publication time got the current time.
    let names_no_time = piece.published == Some(now);
    if names_no_time && known.published.is_some() && known.status == Status::Published {
        piece.published = known.published;
    }
    if piece.updated.is_none() {
        piece.updated = draft::updated(piece, known, now);
    }
}

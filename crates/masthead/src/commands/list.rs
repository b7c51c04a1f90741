//! `masthead list`: lists articles and pages with their status.

use std::path::Path;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_editorial::{Piece, Status, paths::readable};
use masthead_store::StoredPiece;
use serde_json::{Value, json};

use super::{Newsroom, serve::Place};
use crate::error::CliError;

/// The word for what is published later.
const SCHEDULED: &str = "scheduled";

#[derive(clap::Args)]
pub struct List {
    /// Print one JSON object per line.
    #[arg(long)]
    json: bool,
    /// List only what has this status.
    #[arg(long)]
    status: Option<ListedStatus>,
    /// List only what was or will be published on this day or later, such as 2026-11-24.
    #[arg(long, value_name = "DAY")]
    since: Option<Date>,
    /// List only what was or will be published on this day or earlier.
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ListedStatus {
    /// Readers have it.
    Published,
    /// It has a time of publication that is still to come.
    Scheduled,
    /// It was not published yet.
    Draft,
    /// It was published, and withdrawn.
    Withdrawn,
}

impl List {
    /// Lists all articles and pages, in the order in which they were last written.
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open_existing(dir, place).await?;
        let now = (newsroom.clock)();
        let zone = &newsroom.config.publication.policy.zone;
        let (mut revision, mut after) = (0, None);
        loop {
            let batch = newsroom.store.changes_since(revision, after, 500).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            (revision, after) = (last.revision, Some(last.id));
            for listed in batch.iter().filter(|listed| self.includes(&listed.piece, zone, now)) {
                let piece = &listed.piece;
                if self.json {
                    outln!("{}", as_json(listed, now));
                } else {
                    outln!(
                        "{:<10} {:<50} {}",
                        state(piece, now),
                        readable(&piece.address()),
                        piece.headline
                    );
                }
            }
        }
    }
}

impl List {
    fn includes(&self, piece: &Piece, zone: &TimeZone, now: Timestamp) -> bool {
        let day = piece.published.map(|at| at.to_zoned_datetime(zone.clone()).date());
        self.status.is_none_or(|status| status.name() == state(piece, now))
            && self.since.is_none_or(|since| day.is_some_and(|day| day >= since))
            && self.until.is_none_or(|until| day.is_some_and(|day| day <= until))
    }
}

impl ListedStatus {
    fn name(self) -> &'static str {
        match self {
            Self::Published => Status::Published.name(),
            Self::Scheduled => SCHEDULED,
            Self::Draft => Status::Draft.name(),
            Self::Withdrawn => Status::Withdrawn.name(),
        }
    }
}

fn as_json(StoredPiece { id, piece, .. }: &StoredPiece, now: Timestamp) -> Value {
    json!({
        "id": id.0,
        "state": state(piece, now),
        "address": piece.address(),
        "headline": piece.headline,
        "published": piece.published.map(|at| at.to_string()),
        "updated": piece.updated.map(|at| at.to_string()),
    })
}

fn state(piece: &Piece, now: Timestamp) -> &'static str {
    match (piece.status, piece.published) {
        (Status::Published, Some(at)) if at > now => SCHEDULED,
        (status, _) => status.name(),
    }
}

//! `masthead list`: lists articles and pages with their status.

use std::path::Path;

use jiff::Timestamp;
use masthead_editorial::{Piece, Status};
use masthead_store::StoredPiece;
use serde_json::{Value, json};

use super::{Newsroom, serve::Place};
use crate::error::CliError;

#[derive(clap::Args)]
pub struct List {
    /// Print one JSON object per line.
    #[arg(long)]
    json: bool,
}

impl List {
    /// Lists all articles and pages, in the order in which they were last written.
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let newsroom = Newsroom::open_existing(dir, place).await?;
        let now = (newsroom.clock)();
        let (mut revision, mut after) = (0, None);
        loop {
            let batch = newsroom.store.changes_since(revision, after, 500).await?;
            let Some(last) = batch.last() else { return Ok(()) };
            (revision, after) = (last.revision, Some(last.id));
            for listed in &batch {
                let piece = &listed.piece;
                if self.json {
                    outln!("{}", as_json(listed, now));
                } else {
                    outln!("{:<10} {:<50} {}", state(piece, now), piece.address(), piece.headline);
                }
            }
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
        (Status::Published, Some(at)) if at > now => "scheduled",
        (status, _) => status.name(),
    }
}

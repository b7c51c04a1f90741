//! `masthead list`: lists articles and pages with their status.

use std::path::Path;

use jiff::Timestamp;
use masthead_editorial::{Piece, Status};

use super::{Newsroom, serve::Place};
use crate::error::CliError;

/// Lists all articles and pages, in the order in which they were last written.
pub async fn run(dir: &Path, place: &Place) -> Result<(), CliError> {
    let newsroom = Newsroom::open(dir, place).await?;
    let now = (newsroom.clock)();
    let (mut revision, mut after) = (0, None);
    loop {
        let batch = newsroom.store.changes_since(revision, after, 500).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        (revision, after) = (last.revision, Some(last.id));
        for listed in &batch {
            let piece = &listed.piece;
            outln!("{:<10} {:<50} {}", state(piece, now), piece.address(), piece.headline);
        }
    }
}

fn state(piece: &Piece, now: Timestamp) -> &'static str {
    match (piece.status, piece.published) {
        (Status::Published, Some(at)) if at > now => "scheduled",
        (status, _) => status.name(),
    }
}

//! `/desk/imports/{key}/progress`: how far an archive is, for the page that shows it.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    response::IntoResponse,
};
use masthead_store::{ArticleImport, ArticleImportStage};
use serde::Serialize;

use super::{page::find, upload};
use crate::{
    error::{DeskError, Handled},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// What is being done with an archive, and how far that is.
#[derive(Default, Serialize)]
pub(super) struct ArchiveProgress {
    /// `checking`, `check-stopped`, `ready`, `importing`, `stopped`, `done` or `failed`.
    pub state: &'static str,
    /// Entries that were looked at, of how many, how fast, and how long it takes.
    pub text: String,
    pub done: u64,
    pub all: u64,
}

/// `GET /desk/imports/{key}/progress`
pub(crate) async fn progress(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(key): Path<String>,
) -> Handled {
    let Some(import) = find(&desk, &key).await? else { return Ok(upload::away()) };
    Ok(Json(ArchiveProgress::load(&desk, &import, staff.words).await?).into_response())
}

impl ArchiveProgress {
    pub async fn load(
        desk: &DeskState,
        import: &ArticleImport,
        words: DeskWords,
    ) -> Result<Self, DeskError> {
        let (done, all) = (import.position, import.entries);
        let mut text = if all == 0 {
            words.text("archive_opening").to_owned()
        } else {
            let (done, all) = (words.number(done), words.number(all));
            words.fill("archive_progress", &[("done", &done), ("all", &all)])
        };
        let goes_on = import.stage.has_job() && !import.is_stopped;
        if goes_on && let Some(pace) = desk.store.article_import_pace(import.id).await? {
            text = format!("{text} · {}", in_words(pace, all.saturating_sub(done), words));
        }
        Ok(Self { state: state(import), text, done, all })
    }
}

/// The state of an archive, as the page knows it.
pub(super) fn state(import: &ArticleImport) -> &'static str {
    match import.stage {
        ArticleImportStage::Uploading | ArticleImportStage::Checking if !import.is_stopped => {
            "checking"
        }
        ArticleImportStage::Uploading | ArticleImportStage::Checking => "check-stopped",
        ArticleImportStage::Ready => "ready",
        ArticleImportStage::Importing if import.is_stopped => "stopped",
        ArticleImportStage::Importing => "importing",
        ArticleImportStage::Done => "done",
        ArticleImportStage::Failed => "failed",
    }
}

/// How fast it goes, from entries and seconds, and how long the rest takes.
fn in_words((entries, seconds): (u64, u64), rest: u64, words: DeskWords) -> String {
    let pace = words.number((entries * 60).div_ceil(seconds.max(1)));
    let pace = words.fill("archive_pace", &[("number", &pace)]);
    let minutes = (rest * seconds / entries.max(1)).div_ceil(60);
    let left = if minutes <= 1 {
        words.text("archive_left_soon").to_owned()
    } else {
        words.count("archive_left", minutes)
    };
    format!("{pace} · {left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_is_left_is_rounded_up() {
        let words = |pace, rest| in_words(pace, rest, DeskWords::default());
        assert_eq!(words((1_000, 10), 20_000), "6,000 a minute · about 4 minutes left");
        assert_eq!(words((100, 60), 100), "100 a minute · less than a minute left");
        assert_eq!(words((100, 60), 0), "100 a minute · less than a minute left");
    }
}

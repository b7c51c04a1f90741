//! What the list of readers shows of long work with them.

use jiff::SignedDuration;
use masthead_store::{DeskJob, StoreError};
use serde::Serialize;

use crate::{jobs::JobKind, state::DeskState};

/// How long the list shows what came of a job.
const SHOWN: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Jobs of each kind that the list shows.
const MAX_SHOWN: u64 = 3;

/// A job, as the list shows it.
#[derive(Default, Serialize)]
pub(super) struct ReaderJobRow {
    pub text: String,
    /// Whether it goes on.
    pub is_running: bool,
}

/// The jobs of a kind in the last days, the latest first.
pub(super) async fn recent_jobs(
    desk: &DeskState,
    kind: JobKind,
) -> Result<Vec<DeskJob>, StoreError> {
    desk.store.jobs(kind.name(), desk.now() - SHOWN, MAX_SHOWN).await
}

//! Deleting what was kept long enough.

use std::sync::{Arc, Mutex, PoisonError};

use masthead_publication::{LiveSettings, publication::RetentionSettings, retention};
use masthead_site::Site;
use masthead_telemetry::Supervisor;

use super::{MINUTE, of};
use crate::{database_clock::DatabaseClock, wall_clock::WallClock};

/// Starts to delete what was kept long enough, by the settings that are in force at each run. While this server has not
/// everything in force that is set, it deletes nothing: a period may be longer by now. A shorter period deletes only at the second run:
/// a file that was saved without its periods for a moment deletes nothing.
pub(super) fn start(
    supervisor: &mut Supervisor,
    site: &Arc<Site>,
    settings: &Arc<LiveSettings>,
    (wall_clock, database_clock): (&WallClock, &DatabaseClock),
) {
    let (settings, wall_clock) = (Arc::clone(settings), wall_clock.clone());
    let database_clock = database_clock.clone();
    let last: Arc<Mutex<Option<RetentionSettings>>> = Arc::default();
    let prune = move |site: Arc<Site>| {
        let (settings, last) = (Arc::clone(&settings), Arc::clone(&last));
        let is_right = wall_clock.check().is_ok() && database_clock.agrees();
        async move {
            // It is tried again in an hour.
            if !is_right {
                return Ok(());
            }
            site.forget_account_changes().await?;
            site.prune_reads().await?;
            // What was set on another server a moment ago counts as well.
            if settings.poll().await.is_err() || settings.reload_error().is_some() {
                return Ok(());
            }
            let now = site.live.peek().publication.retention;
            let before = last.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
            let Some(before) = before else { return Ok(()) };
            site.prune(retention(now.longer(before))).await
        }
    };
    supervisor.start(of(site, "retention", 60 * MINUTE, prune));
}

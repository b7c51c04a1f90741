//! The tasks for what readers see and for what is counted about their visits.

use std::{convert::Infallible, sync::Arc, time::Duration};

use masthead_site::Site;
use masthead_store::{ChangeFeed, Topic};
use masthead_telemetry::{Service, Supervisor};

use super::{MINUTE, RELAXED, SECOND, of, relaxed};

/// How soon readers see published changes.
const REFRESH: Duration = Duration::from_millis(250);
/// The interval after which a killed server loses its counts.
const COUNTERS: Duration = Duration::from_secs(5);

/// Starts to listen to what is written by others.
fn start_changes(supervisor: &mut Supervisor, changes: &ChangeFeed) {
    let changes = changes.clone();
    supervisor.start_service(Service::new("changes", move |stop| {
        let changes = changes.clone();
        async move {
            tokio::select! {
                () = stop.cancelled() => Ok(()),
                lost = changes.listen() => lost.map(|_| ()),
            }
        }
    }));
}

/// The tasks for what readers see and for what is stored about their visits.
pub(super) fn start(supervisor: &mut Supervisor, site: &Arc<Site>, changes: &ChangeFeed) {
    start_changes(supervisor, changes);
    let refresh =
        of(site, "refresh", REFRESH, |site| async move { site.refresh().await.map(|_| ()) });
    let topics = [Topic::Accounts, Topic::Content];
    supervisor.start(relaxed(refresh.vital(), RELAXED, changes, &topics));
    let clock = of(site, "clock", REFRESH, |site| async move {
        site.live.advance().await;
        Ok::<_, Infallible>(())
    });
    supervisor.start(clock.vital());
    let reads =
        of(site, "account-reads", SECOND, |site| async move { site.accounts.write_reads().await });
    supervisor.start(reads.woken_by(site.accounts.reads_wakeup()));
    let counters =
        of(site, "counters", COUNTERS, |site| async move { site.counters.write().await });
    supervisor.start(counters);
    let most_read =
        |site: Arc<Site>| async move { site.live.refresh_most_read().await.map(|_| ()) };
    supervisor.start(of(site, "most-read", 5 * MINUTE, most_read));
    let index =
        of(site, "search-index", SECOND, |site| async move { site.search_index.refresh().await });
    let (wakeup, changed, searched) =
        (changes.subscribe(&[Topic::Content, Topic::Settings]), changes.clone(), Arc::clone(site));
    let index = index
        .relaxed(RELAXED, wakeup, move || changed.is_live() && searched.search_index.is_current());
    // The first run reads the whole archive.
    supervisor.start(index.stale_after(10 * MINUTE));
    let sold_out = of(site, "sold-out", SECOND, |site| async move { site.mark_sold_out().await });
    // Settings say how often an offer may be taken.
    supervisor.start(relaxed(sold_out, RELAXED, changes, &[Topic::Offers, Topic::Settings]));
}

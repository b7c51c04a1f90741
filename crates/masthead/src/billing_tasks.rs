//! Background work about money. Each task has a period of its own, so that none waits for another.

use std::{fmt::Display, future::Future, sync::Arc, time::Duration};

use masthead_site::Site;
use tokio::task::JoinSet;

/// How often everything that is due is done.
const RENEWALS: Duration = Duration::from_secs(1);
/// How often interrupted orders, and checkouts that nobody came back from, are asked about.
const SWEEPS: Duration = Duration::from_secs(60);
/// How often it is checked whether the daily comparison is due.
const RECONCILIATION: Duration = Duration::from_secs(60 * 60);
/// How often offers that have reached their limit are taken off the pages.
const SOLD_OUT: Duration = Duration::from_secs(1);
/// How often what is no longer needed is deleted.
const CLEANUP: Duration = Duration::from_secs(60 * 60);

/// Starts the tasks. Dropping the set ends them.
pub fn start(site: &Arc<Site>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let task = || Arc::clone(site);
    repeat(&mut tasks, "renewals", RENEWALS, task(), |site| async move {
        site.billing.renew_due().await.map(|_| ())
    });
    repeat(&mut tasks, "orders", SWEEPS, task(), |site| async move {
        site.billing.sweep_orders().await
    });
    repeat(&mut tasks, "checkouts", SWEEPS, task(), |site| async move {
        site.billing.sweep_checkouts().await
    });
    repeat(&mut tasks, "reconciliation", RECONCILIATION, task(), |site| async move {
        site.billing.reconcile_daily().await
    });
    repeat(&mut tasks, "sold-out offers", SOLD_OUT, task(), |site| async move {
        site.mark_sold_out().await
    });
    repeat(&mut tasks, "cleanup", CLEANUP, task(), |site| async move {
        site.forget_account_changes().await?;
        site.forget_reads().await
    });
    tasks
}

/// Runs `tick` again and again. A failure is logged once per outage.
fn repeat<F, E>(
    tasks: &mut JoinSet<()>,
    name: &'static str,
    period: Duration,
    site: Arc<Site>,
    tick: impl Fn(Arc<Site>) -> F + Send + Sync + 'static,
) where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + Send,
{
    tasks.spawn(async move {
        let mut interval = tokio::time::interval(period);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            interval.tick().await;
            match tick(Arc::clone(&site)).await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(task = name, %error, "background: task failed, trying again");
                }
                Err(_) => {}
            }
        }
    });
}

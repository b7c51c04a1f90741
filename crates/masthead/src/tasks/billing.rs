//! The tasks for subscriptions and payments.

use std::{sync::Arc, time::Duration};

use masthead_site::Site;
use masthead_store::{ChangeFeed, Topic};
use masthead_telemetry::Supervisor;

use super::{MINUTE, SECOND, of, relaxed};

/// The longest time until something is done about a subscription that is due by the clock, while notifications of changed
/// subscriptions arrive.
const RENEWALS: Duration = Duration::from_secs(5);

/// Starts the tasks for subscriptions, which a restored copy does not run. Each has its own period, so that none waits for another.
/// Billing orders nothing for a while after the clock has jumped, which the task `system-clock` says.
pub fn start_billing(supervisor: &mut Supervisor, site: &Arc<Site>, changes: &ChangeFeed) {
    let renewals = |site: Arc<Site>| async move { site.billing.renew_due().await.map(drop) };
    let renewals = of(site, "renewals", SECOND, renewals);
    let renewals = relaxed(renewals, RENEWALS, changes, &[Topic::Accounts]);
    // A run collects everything that is due, and each collection waits for the processor.
    supervisor.start(renewals.vital().stale_after(5 * MINUTE));
    let requested = |site: Arc<Site>| async move { site.write_requested_emails().await };
    supervisor.start(of(site, "requested-emails", MINUTE, requested));
    let orders =
        of(site, "orders", MINUTE, |site| async move { site.billing.sweep_orders().await });
    supervisor.start(orders.stale_after(30 * MINUTE));
    let payments =
        of(site, "payments", MINUTE, |site| async move { site.billing.sweep_payments().await });
    supervisor.start(payments.stale_after(30 * MINUTE));
    let checkouts =
        of(site, "checkouts", MINUTE, |site| async move { site.billing.sweep_checkouts().await });
    supervisor.start(checkouts.stale_after(30 * MINUTE));
    let refunds =
        of(site, "refunds", MINUTE, |site| async move { site.billing.sweep_refunds().await });
    supervisor.start(refunds.stale_after(30 * MINUTE));
    let reconciliation = |site: Arc<Site>| async move { site.billing.reconcile_daily().await };
    supervisor.start(of(site, "reconciliation", 60 * MINUTE, reconciliation));
}

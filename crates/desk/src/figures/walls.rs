//! What came of walls, by type.

use masthead_access::WallReason;
use masthead_audience::{CountedEvent, Counts, FunnelStep};

use super::{
    chart::ranks::{Ranks, ranks},
    conversions::{COMPARED, Conversions, chart_row},
    table::Table,
};
use crate::words::DeskWords;

/// The headings: names of words.
const HEADS: [&str; 6] = [
    "figures_type",
    "figures_walls",
    "figures_offer_views",
    "figures_registrations",
    "figures_trials",
    "figures_subscriptions",
];

/// The types: names of words.
const TYPES: [(&str, Option<WallReason>); 8] = [
    ("figures_wall_meter", Some(WallReason::Meter)),
    ("figures_wall_register", Some(WallReason::Register)),
    ("figures_wall_subscribers", Some(WallReason::Subscribers)),
    ("figures_wall_product", Some(WallReason::Product)),
    ("figures_wall_trial_ended", Some(WallReason::TrialEnded)),
    ("figures_wall_subscription_ended", Some(WallReason::SubscriptionEnded)),
    ("figures_wall_subscription_paused", Some(WallReason::SubscriptionPaused)),
    ("figures_wall_none", None),
];

fn conversions(counts: &Counts, reason: Option<WallReason>) -> Conversions {
    Conversions {
        walls: reason.map(|reason| counts.of(CountedEvent::Wall(reason))),
        registered: counts.of(CountedEvent::After(reason, FunnelStep::Registered)),
        trials: counts.of(CountedEvent::After(reason, FunnelStep::TrialBegun)),
        paid: counts.of(CountedEvent::After(reason, FunnelStep::Bought)),
    }
}

/// The types, as a chart and a table.
pub(super) fn walls(now: &Counts, before: &Counts, words: DeskWords) -> (Ranks, Table) {
    let heads = [&HEADS[..], &COMPARED].concat();
    let mut table = Table::new("walls", "figures_walls_by_type", &heads, words);
    let mut lines = Vec::new();
    for (name, reason) in TYPES {
        let name = words.text(name);
        let offers_seen = now.of(CountedEvent::After(reason, FunnelStep::OffersSeen));
        let (of, earlier) = (conversions(now, reason), conversions(before, reason));
        let row = table.row(name);
        match of.walls {
            Some(walls) => row.counts(&[walls]),
            None => row.text("–".to_owned(), String::new()),
        };
        row.counts(&[offers_seen, of.registered, of.trials, of.paid]);
        of.compare(earlier, row);
        if !(of.is_empty() && earlier.is_empty()) {
            lines.push(chart_row((name, ""), of, earlier, words));
        }
    }
    (ranks(lines), table)
}

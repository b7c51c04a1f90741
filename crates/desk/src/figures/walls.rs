//! What came of walls, by reason.

use masthead_access::WallReason;
use masthead_audience::{CountedEvent, Counts, FunnelStep};

use super::{
    chart::ranks::{Ranks, ranks},
    conversions::{COMPARED, Conversions, chart_row},
    table::Table,
};

const HEADS: [&str; 6] =
    ["Reason", "Walls", "Offers seen", "Registrations", "Trials", "Subscriptions"];

const REASONS: [(&str, Option<WallReason>); 8] = [
    ("The meter had run out", Some(WallReason::Meter)),
    ("An account would have opened it", Some(WallReason::Register)),
    ("For subscribers", Some(WallReason::Subscribers)),
    ("For holders of a product", Some(WallReason::Product)),
    ("The trial had ended", Some(WallReason::TrialEnded)),
    ("The subscription had ended", Some(WallReason::SubscriptionEnded)),
    ("The subscription was paused", Some(WallReason::SubscriptionPaused)),
    ("No wall stood before them", None),
];

fn conversions(counts: &Counts, reason: Option<WallReason>) -> Conversions {
    Conversions {
        walls: reason.map(|reason| counts.of(CountedEvent::Wall(reason))),
        registered: counts.of(CountedEvent::After(reason, FunnelStep::Registered)),
        trials: counts.of(CountedEvent::After(reason, FunnelStep::TrialBegun)),
        paid: counts.of(CountedEvent::After(reason, FunnelStep::Bought)),
    }
}

/// The reasons, as a chart and a table.
pub(super) fn walls(now: &Counts, before: &Counts) -> (Ranks, Table) {
    let heads = [&HEADS[..], &COMPARED].concat();
    let mut table = Table::new("walls", "Walls, by their reason, and what came of them", &heads);
    let mut lines = Vec::new();
    for (name, reason) in REASONS {
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
            lines.push(chart_row(name.to_owned(), String::new(), of, earlier));
        }
    }
    (ranks(lines), table)
}

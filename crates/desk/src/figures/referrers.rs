//! Where readers come from.

use masthead_audience::{CountedEvent, Counts, Referrer, percent};

use super::{
    chart::ranks::{Ranked, Ranks, ranks},
    rates::per_hundred,
    table::Table,
};
use crate::format::grouped;

const HEADS: [&str; 6] =
    ["From", "Reads", "Walls", "Walls, of 100 visits", "Reads before", "Walls before"];

fn name(referrer: Referrer) -> &'static str {
    match referrer {
        Referrer::Unknown => "Not said: typed, kept, or from a mail or an app",
        Referrer::Internal => "Your own pages",
        Referrer::Search => "Search engines",
        Referrer::Social => "Social networks",
        Referrer::Assistant => "Assistants that answer questions",
        Referrer::Other => "Other sites",
    }
}

/// The kinds of referrers, as a chart and a table.
pub(super) fn referrers(now: &Counts, before: &Counts) -> (Ranks, Table) {
    let visits = |counts: &Counts, from| {
        [CountedEvent::ReadFrom(from), CountedEvent::WallFrom(from)]
            .map(|counted| counts.of(counted))
    };
    let mut all = Referrer::ALL.map(|from| (from, visits(now, from), visits(before, from)));
    all.sort_by_key(|(_, now, _)| std::cmp::Reverse(now.iter().sum::<u64>()));
    let mut table = Table::new("referrers", "Where readers come from", &HEADS);
    let mut lines = Vec::new();
    for (from, [reads, walls], earlier) in all {
        let share = percent(walls, reads + walls);
        table.row(name(from)).counts(&[reads, walls]).rate(share, "").counts(&earlier);
        let before = earlier.iter().sum();
        if reads + walls + before == 0 {
            continue;
        }
        let words = format!(
            "{} reads, {} walls: {} of 100; {} together in the period before",
            grouped(reads),
            grouped(walls),
            per_hundred(share),
            grouped(before)
        );
        let parts = vec![("reads", reads), ("walls", walls)];
        lines.push(Ranked { name: name(from).to_owned(), to: String::new(), words, parts, before });
    }
    (ranks(lines), table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_referrers_come_first() {
        let mut now = Counts::default();
        now.add(CountedEvent::ReadFrom(Referrer::Internal), 3);
        now.add(CountedEvent::ReadFrom(Referrer::Search), 30);
        now.add(CountedEvent::WallFrom(Referrer::Search), 10);
        let mut before = Counts::default();
        before.add(CountedEvent::ReadFrom(Referrer::Social), 7);
        let (_, table) = referrers(&now, &before);
        let csv = String::from_utf8(table.csv()).expect("text");
        let first: Vec<&str> = csv.lines().skip(1).take(2).collect();
        assert_eq!(first, ["Search engines,30,10,25.000,0,0", "Your own pages,3,0,0.000,0,0"]);
        assert!(csv.contains("\nSocial networks,0,0,,7,0\n"), "{csv}");
    }
}

//! Where readers come from.

use masthead_audience::{CountedEvent, Counts, Referrer};

use super::{
    chart::ranks::{Ranked, Ranks, ranks},
    rates::percent,
    table::Table,
};
use crate::words::DeskWords;

/// The headings: names of words.
const HEADS: [&str; 6] = [
    "figures_source",
    "figures_reads",
    "figures_walls",
    "figures_wall_rate",
    "figures_reads_before",
    "figures_walls_before",
];

fn name(referrer: Referrer, words: DeskWords) -> &'static str {
    words.text(match referrer {
        Referrer::Unknown => "figures_source_unknown",
        Referrer::Internal => "figures_source_internal",
        Referrer::Search => "figures_source_search",
        Referrer::Social => "figures_source_social",
        Referrer::Assistant => "figures_source_assistant",
        Referrer::Other => "figures_source_other",
    })
}

/// The kinds of referrers, as a chart and a table.
pub(super) fn referrers(now: &Counts, before: &Counts, words: DeskWords) -> (Ranks, Table) {
    let visits = |counts: &Counts, from| {
        [CountedEvent::ReadFrom(from), CountedEvent::WallFrom(from)]
            .map(|counted| counts.of(counted))
    };
    let mut all = Referrer::ALL.map(|from| (from, visits(now, from), visits(before, from)));
    all.sort_by_key(|(_, now, _)| std::cmp::Reverse(now.iter().sum::<u64>()));
    let mut table = Table::new("referrers", "figures_sources", &HEADS, words);
    let mut lines = Vec::new();
    for (from, [reads, walls], earlier) in all {
        let share = masthead_audience::percent(walls, reads + walls);
        let name = name(from, words);
        table.row(name).counts(&[reads, walls]).rate(share).counts(&earlier);
        let before: u64 = earlier.iter().sum();
        if reads + walls + before == 0 {
            continue;
        }
        let numbers = [reads, walls, before].map(|number| words.number(number));
        let text = words.fill(
            "figures_source_numbers",
            &[
                ("reads", &numbers[0]),
                ("walls", &numbers[1]),
                ("rate", &percent(share, words)),
                ("before", &numbers[2]),
            ],
        );
        let parts = vec![("reads", reads), ("walls", walls)];
        lines.push(Ranked { name: name.to_owned(), to: String::new(), text, parts, before });
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
        let (_, table) = referrers(&now, &before, DeskWords::default());
        let csv = String::from_utf8(table.csv()).expect("text");
        let first: Vec<&str> = csv.lines().skip(1).take(2).collect();
        assert_eq!(first, ["Search engines,30,10,25.000,0,0", "Own pages,3,0,0.000,0,0"]);
        assert!(csv.contains("\nSocial networks,0,0,,7,0\n"), "{csv}");
    }
}

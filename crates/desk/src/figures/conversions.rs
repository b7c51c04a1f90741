//! What came of walls: registrations, trials and subscriptions.

use masthead_audience::{CountedEvent, Counts};

use super::{
    chart::ranks::{Ranked, Ranks, ranks},
    rates::per_hundred,
    table::{Table, TableRow},
    totals::TotalsRows,
};
use crate::format::grouped;

/// The headings of what is counted of an article, section or author.
pub(super) const COUNTS: [&str; 6] =
    ["Reads", "Walls", "Registrations", "Offers seen", "Trials", "Subscriptions"];
/// The headings of rates per hundred walls, and of the period before.
pub(super) const COMPARED: [&str; 4] =
    ["Registered, of 100", "Tried or paid, of 100", "Registered before", "Tried or paid before"];

/// Rows in the chart; the table has more.
const MAX_CHARTED: usize = 10;

/// The values of [`COUNTS`].
pub(super) fn counted(counts: &Counts) -> [u64; 6] {
    let step = |step| counts.of(step);
    [
        counts.reads(),
        counts.walls(),
        step(CountedEvent::Registered),
        step(CountedEvent::OffersSeen),
        step(CountedEvent::TrialBegun),
        step(CountedEvent::Bought),
    ]
}

/// What came of the walls of one thing in a period.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Conversions {
    /// `None` if walls do not apply.
    pub walls: Option<u64>,
    pub registered: u64,
    pub trials: u64,
    pub paid: u64,
}

impl Conversions {
    pub fn of(counts: &Counts) -> Self {
        Self {
            walls: Some(counts.walls()),
            registered: counts.of(CountedEvent::Registered),
            trials: counts.of(CountedEvent::TrialBegun),
            paid: counts.of(CountedEvent::Bought),
        }
    }

    /// Whether nothing happened.
    pub fn is_empty(self) -> bool {
        self.walls.unwrap_or_default() + self.all() == 0
    }

    fn all(self) -> u64 {
        self.registered + self.trials + self.paid
    }

    /// Adds the cells of [`COMPARED`] to a row.
    pub fn compare(self, before: Self, row: &mut TableRow) {
        for step in [self.registered, self.trials + self.paid] {
            let rate = self.walls.and_then(|walls| masthead_audience::percent(step, walls));
            row.rate(rate, "");
        }
        row.counts(&[before.registered, before.trials + before.paid]);
    }
}

/// The titles of a table.
#[derive(Clone, Copy)]
pub(super) struct TableTitles {
    /// Its name in addresses.
    pub slug: &'static str,
    pub name: &'static str,
    /// The heading of the first column.
    pub head: &'static str,
}

/// What came of the walls of articles, sections or authors, as a chart and a table.
pub(super) fn conversions(
    TableTitles { slug, name, head }: TableTitles,
    all: &TotalsRows,
) -> (Ranks, Table) {
    let mut table = Table::new(slug, name, &[&[head][..], &COUNTS, &COMPARED].concat());
    let mut lines = Vec::new();
    for of in &all.rows {
        let (now, before) = (Conversions::of(&of.counts), Conversions::of(&of.before));
        let row = table.row(&of.name).link(&of.to).counts(&counted(&of.counts));
        now.compare(before, row);
        if lines.len() < MAX_CHARTED {
            lines.push(chart_row(of.name.clone(), of.to.clone(), now, before));
        }
    }
    table.cut = all.cut;
    (ranks(lines), table)
}

/// The chart's row of one thing.
pub(super) fn chart_row(name: String, to: String, now: Conversions, before: Conversions) -> Ranked {
    let parts = vec![("paid", now.paid), ("trials", now.trials), ("registered", now.registered)];
    Ranked { name, to, words: in_words(now, before), parts, before: before.all() }
}

fn in_words(now: Conversions, before: Conversions) -> String {
    let mut words = format!(
        "{} paid, {} tried, {} registered",
        grouped(now.paid),
        grouped(now.trials),
        grouped(now.registered)
    );
    if let Some(walls) = now.walls {
        let of = masthead_audience::percent(now.all(), walls);
        let walls = format!("{} {}", grouped(walls), if walls == 1 { "wall" } else { "walls" });
        words.push_str(&match of {
            Some(_) => format!(", of {walls}: {} of 100", per_hundred(of)),
            None => format!(", of {walls}"),
        });
    }
    words.push_str(&format!("; {} in the period before", grouped(before.all())));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_described_in_words() {
        let now = Conversions { walls: Some(40), registered: 2, trials: 1, paid: 1 };
        let before = Conversions { walls: Some(9), registered: 8, trials: 0, paid: 0 };
        let row = chart_row("One".to_owned(), "/one".to_owned(), now, before);
        assert_eq!(row.parts, [("paid", 1), ("trials", 1), ("registered", 2)]);
        assert_eq!(
            row.words,
            "1 paid, 1 tried, 2 registered, of 40 walls: 10.0 of 100; 8 in the period before"
        );
        let none = Conversions { walls: None, ..Conversions::default() };
        assert!(none.is_empty());
        assert_eq!(in_words(none, none), "0 paid, 0 tried, 0 registered; 0 in the period before");
    }
}

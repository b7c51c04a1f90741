//! What came of walls: registrations, trials and subscriptions.

use std::fmt::Display;

use masthead_audience::{CountedEvent, Counts};

use super::{
    chart::ranks::{Ranked, Ranks, ranks},
    rates::percent,
    table::{Table, TableRow},
    totals::TotalsRows,
};
use crate::words::DeskWords;

/// The headings of what is counted of an article, section or author: names of words.
pub(super) const COUNTS: [&str; 6] = [
    "figures_reads",
    "figures_walls",
    "figures_registrations",
    "figures_offer_views",
    "figures_trials",
    "figures_subscriptions",
];
/// The headings of rates per hundred walls, and of the period before: names of words.
pub(super) const COMPARED: [&str; 4] = [
    "figures_registration_rate",
    "figures_conversion_rate",
    "figures_registrations_before",
    "figures_conversions_before",
];

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
            row.rate(rate);
        }
        row.counts(&[before.registered, before.trials + before.paid]);
    }
}

/// The titles of a table.
#[derive(Clone, Copy)]
pub(super) struct TableTitles {
    /// Its name in addresses.
    pub slug: &'static str,
    /// The name of the word that is its title.
    pub name: &'static str,
    /// That of the heading of the first column.
    pub head: &'static str,
}

/// What came of the walls of articles, sections or authors, as a chart and a table.
pub(super) fn conversions(
    TableTitles { slug, name, head }: TableTitles,
    all: &TotalsRows,
    words: DeskWords,
) -> (Ranks, Table) {
    let mut table = Table::new(slug, name, &[&[head][..], &COUNTS, &COMPARED].concat(), words);
    let mut lines = Vec::new();
    for of in &all.rows {
        let (now, before) = (Conversions::of(&of.counts), Conversions::of(&of.before));
        let row = table.row(&of.name).link(&of.to).counts(&counted(&of.counts));
        now.compare(before, row);
        if lines.len() < MAX_CHARTED {
            lines.push(chart_row((&of.name, &of.to), now, before, words));
        }
    }
    table.cut = all.cut;
    (ranks(lines), table)
}

/// The chart's row of one thing, with its name and where that links to.
pub(super) fn chart_row(
    (name, to): (&str, &str),
    now: Conversions,
    before: Conversions,
    words: DeskWords,
) -> Ranked {
    Ranked {
        name: name.to_owned(),
        to: to.to_owned(),
        text: in_words(now, before, words),
        parts: vec![("paid", now.paid), ("trials", now.trials), ("registered", now.registered)],
        before: before.all(),
    }
}

fn in_words(now: Conversions, before: Conversions, words: DeskWords) -> String {
    let [paid, trials, registered, earlier] =
        [now.paid, now.trials, now.registered, before.all()].map(|number| words.number(number));
    let mut gaps: Vec<(&str, &dyn Display)> = vec![
        ("paid", &paid),
        ("trials", &trials),
        ("registrations", &registered),
        ("before", &earlier),
    ];
    let Some(walls) = now.walls else { return words.fill("figures_results", &gaps) };
    let rate = percent(masthead_audience::percent(now.all(), walls), words);
    let walls = words.number(walls);
    gaps.extend([("walls", &walls as &dyn Display), ("rate", &rate)]);
    words.fill("figures_results_of_walls", &gaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_described_in_words() {
        let now = Conversions { walls: Some(40), registered: 2, trials: 1, paid: 1 };
        let before = Conversions { walls: Some(9), registered: 8, trials: 0, paid: 0 };
        let words = DeskWords::default();
        let row = chart_row(("One", "/one"), now, before, words);
        assert_eq!(row.parts, [("paid", 1), ("trials", 1), ("registered", 2)]);
        assert_eq!(
            row.text,
            "Paid: 1, trials: 1, registrations: 2. Paywall views: 40 (10.0% converted). Previous period: 8."
        );
        let none = Conversions { walls: None, ..Conversions::default() };
        assert!(none.is_empty());
        assert_eq!(
            in_words(none, none, words),
            "Paid: 0, trials: 0, registrations: 0. Previous period: 0."
        );
    }
}

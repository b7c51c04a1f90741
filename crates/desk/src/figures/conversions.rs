//! What came of walls, one under another: who registered, who tried, and who paid.

use super::{
    chart::{Ranked, Ranks, ranks},
    rate,
    table::{Row, Table},
    totals::Rows,
};
use crate::format::whole;
use masthead_audience::{CountedEvent, Counts};

/// What is counted of an article, and of what it stands in.
pub(super) const COUNTS: [&str; 6] =
    ["Reads", "Walls", "Registrations", "Offers seen", "Trials", "Subscriptions"];
/// How much came of a hundred walls, and how much came in the period before.
pub(super) const COMPARED: [&str; 4] =
    ["Registered, of 100", "Tried or paid, of 100", "Registered before", "Tried or paid before"];

/// How many are seen at one glance; the table has more.
const MOST: usize = 10;

/// [`COUNTS`], as they are.
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

/// What came of something in a period.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// None where there was none to come from.
    pub walls: Option<u64>,
    pub registered: u64,
    pub tried: u64,
    pub paid: u64,
}

impl Outcome {
    pub fn of(counts: &Counts) -> Self {
        Self {
            walls: Some(counts.walls()),
            registered: counts.of(CountedEvent::Registered),
            tried: counts.of(CountedEvent::TrialBegun),
            paid: counts.of(CountedEvent::Bought),
        }
    }

    /// Whether there is nothing to say of it.
    pub fn is_empty(self) -> bool {
        self.walls.unwrap_or_default() + self.all() == 0
    }

    fn all(self) -> u64 {
        self.registered + self.tried + self.paid
    }

    /// Writes [`COMPARED`] into a row.
    pub fn compare(self, before: Self, row: &mut Row) {
        for step in [self.registered, self.tried + self.paid] {
            let rate = self.walls.and_then(|walls| masthead_audience::percent(step, walls));
            row.rate(rate, "");
        }
        row.counts(&[before.registered, before.tried + before.paid]);
    }
}

/// A table of articles, or of what they stand in: its word in addresses, its name, and what its rows are.
pub(super) type Titles = (&'static str, &'static str, &'static str);

/// What came of articles, or of what they stand in, in a picture and in a table.
pub(super) fn of_rows((slug, name, head): Titles, all: &Rows) -> (Ranks, Table) {
    let mut table = Table::new(slug, name, &[&[head][..], &COUNTS, &COMPARED].concat());
    let mut lines = Vec::new();
    for of in &all.rows {
        let (now, before) = (Outcome::of(&of.counts), Outcome::of(&of.before));
        let row = table.row(&of.name).leads(&of.to).counts(&counted(&of.counts));
        now.compare(before, row);
        if lines.len() < MOST {
            lines.push(ranked(of.name.clone(), of.to.clone(), now, before));
        }
    }
    table.cut = all.cut;
    (ranks(lines), table)
}

/// What is drawn of something.
pub(super) fn ranked(name: String, to: String, now: Outcome, before: Outcome) -> Ranked {
    let parts = vec![("paid", now.paid), ("tried", now.tried), ("registered", now.registered)];
    Ranked { name, to, words: words(now, before), parts, before: before.all() }
}

fn words(now: Outcome, before: Outcome) -> String {
    let mut words = format!(
        "{} paid, {} tried, {} registered",
        whole(now.paid),
        whole(now.tried),
        whole(now.registered)
    );
    if let Some(walls) = now.walls {
        let of = masthead_audience::percent(now.all(), walls);
        let walls = format!("{} {}", whole(walls), if walls == 1 { "wall" } else { "walls" });
        words.push_str(&match of {
            Some(_) => format!(", of {walls}: {} of 100", rate(of)),
            None => format!(", of {walls}"),
        });
    }
    words.push_str(&format!("; {} in the period before", whole(before.all())));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_walls_is_said_in_words() {
        let now = Outcome { walls: Some(40), registered: 2, tried: 1, paid: 1 };
        let before = Outcome { walls: Some(9), registered: 8, tried: 0, paid: 0 };
        let ranked = ranked("One".to_owned(), "/one".to_owned(), now, before);
        assert_eq!(ranked.parts, [("paid", 1), ("tried", 1), ("registered", 2)]);
        assert_eq!(
            ranked.words,
            "1 paid, 1 tried, 2 registered, of 40 walls: 10.0 of 100; 8 in the period before"
        );
        let none = Outcome { walls: None, ..Outcome::default() };
        assert!(none.is_empty());
        assert_eq!(words(none, none), "0 paid, 0 tried, 0 registered; 0 in the period before");
    }
}

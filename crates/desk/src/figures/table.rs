//! The tables behind the pictures, as HTML and CSV have them.

use jiff::civil::Date;
use masthead_audience::{Counted, Counts, percent};
use serde::Serialize;

use crate::words::whole;

/// A table, its first column a name and the others numbers.
#[derive(Serialize)]
pub(super) struct Table {
    /// What it is called in addresses.
    pub slug: &'static str,
    name: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
    /// Whether there are more than these.
    cut: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    /// Where the name leads; empty where nowhere.
    to: String,
    cells: Vec<String>,
    /// The same for machines.
    #[serde(skip)]
    plain: Vec<String>,
}

const STEPS: [Counted; 4] =
    [Counted::Registered, Counted::OffersSeen, Counted::TrialBegun, Counted::Bought];
const HEADS: [&str; 6] =
    ["Reads", "Walls", "Registrations", "Offers seen", "Trials", "Subscriptions"];
/// How much came of a hundred walls.
const RATES: [&str; 2] = ["Registered, of 100", "Tried or paid, of 100"];
/// The same days of the period before.
const BEFORE: [&str; 2] = ["Reads before", "Walls before"];

const WALL_HEADS: [&str; 6] =
    ["Reason", "Walls", "Offers seen", "Registrations", "Trials", "Subscriptions"];
const PRODUCT_HEADS: [&str; 13] = [
    "Product",
    "Active",
    "Active before",
    "New",
    "Won back",
    "Lapsed",
    "Trials begun",
    "Trials converted",
    "Trials lost",
    "In trial now",
    "Given now",
    "Churn",
    "A month now",
];

impl Table {
    /// Some days, each beside its like in the period before.
    pub fn of_days(days: &[(Date, Counts)], before: &[(Date, Counts)]) -> Self {
        let row = |(index, (date, counts)): (usize, &(Date, Counts))| {
            let mut row = Row::new(date.to_string(), String::new(), counts);
            let before = before.get(index).map(|(_, counts)| counts);
            row.add(&[before.map_or(0, Counts::reads), before.map_or(0, Counts::walls)]);
            row
        };
        Self {
            slug: "days",
            name: "Days",
            heads: [&["Day"][..], &HEADS, &BEFORE].concat(),
            rows: days.iter().enumerate().rev().map(row).collect(),
            cut: false,
        }
    }

    /// Walls by their reason, with how many there were and the steps that readers took from before them.
    pub fn of_walls(walls: &[(&str, Option<u64>, [u64; 4])]) -> Self {
        let row = |(name, walls, steps): &(&str, Option<u64>, [u64; 4])| {
            let numbers: Vec<u64> = walls.iter().chain(steps).copied().collect();
            let mut row = Row::with((*name).to_owned(), String::new(), &numbers);
            if walls.is_none() {
                row.cells.insert(0, "–".to_owned());
                row.plain.insert(0, String::new());
            }
            let [_, registered, trials, bought] = *steps;
            row.add_rates(*walls, [registered, trials + bought]);
            row
        };
        Self {
            slug: "walls",
            name: "Walls, by their reason, and what came of them",
            heads: [&WALL_HEADS[..], &RATES].concat(),
            rows: walls.iter().map(row).collect(),
            cut: false,
        }
    }

    /// The first of some rows.
    pub fn of_articles(
        slug: &'static str,
        name: &'static str,
        head: &'static str,
        all: &[(String, String, Counts)],
        most: usize,
    ) -> Self {
        let rows = all.iter().take(most);
        let rows = rows.map(|(name, to, counts)| {
            let mut row = Row::new(name.clone(), to.clone(), counts);
            let sold = counts.of(Counted::TrialBegun) + counts.of(Counted::Bought);
            row.add_rates(Some(counts.walls()), [counts.of(Counted::Registered), sold]);
            row
        });
        let heads = [&[head][..], &HEADS, &RATES].concat();
        Self { slug, name, heads, rows: rows.collect(), cut: all.len() > most }
    }

    /// Products: a name, numbers, and what is no number.
    pub fn of_products(rows: impl Iterator<Item = (String, Vec<u64>, Vec<String>)>) -> Self {
        let row = |(name, numbers, last): (String, Vec<u64>, Vec<String>)| {
            let mut row = Row::with(name, String::new(), &numbers);
            row.cells.extend(last.iter().cloned());
            row.plain.extend(last);
            row
        };
        Self {
            slug: "products",
            name: "Subscriptions, by product",
            heads: PRODUCT_HEADS.to_vec(),
            rows: rows.map(row).collect(),
            cut: false,
        }
    }

    /// It as CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe
    /// (<https://owasp.org/www-community/attacks/CSV_Injection>).
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Memory does not fail.
        let _ = writer.write_record(&self.heads);
        for row in &self.rows {
            let is_formula = row.name.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let name = format!("{}{}", if is_formula { "'" } else { "" }, row.name);
            let _ = writer.write_record(std::iter::once(&name).chain(&row.plain));
        }
        writer.into_inner().unwrap_or_default()
    }
}

/// What sells most comes first, and then what stops most.
pub(super) fn sort(rows: &mut [(String, String, Counts)]) {
    rows.sort_by_cached_key(|(name, _, counts)| {
        let sold = counts.of(Counted::Bought) + counts.of(Counted::TrialBegun);
        let weight = (sold, counts.of(Counted::Registered), counts.walls(), counts.reads());
        (std::cmp::Reverse(weight), name.clone())
    });
}

impl Row {
    fn new(name: String, to: String, counts: &Counts) -> Self {
        let steps = STEPS.into_iter().map(|step| counts.of(step));
        let numbers = [counts.reads(), counts.walls()].into_iter().chain(steps);
        Self::with(name, to, &numbers.collect::<Vec<_>>())
    }

    fn with(name: String, to: String, numbers: &[u64]) -> Self {
        let mut row = Self { name, to, cells: Vec::new(), plain: Vec::new() };
        row.add(numbers);
        row
    }

    fn add(&mut self, numbers: &[u64]) {
        self.cells.extend(numbers.iter().map(|number| whole(*number)));
        self.plain.extend(numbers.iter().map(ToString::to_string));
    }

    /// How many of a hundred walls led to each of these steps.
    fn add_rates(&mut self, walls: Option<u64>, steps: [u64; 2]) {
        for step in steps {
            let rate = walls.and_then(|walls| percent(step, walls));
            self.cells.push(rate.map_or("–".to_owned(), |rate| format!("{rate:.1}")));
            self.plain.push(rate.map_or(String::new(), |rate| format!("{rate:.3}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sells_comes_first_and_csv_is_no_formula() {
        let counts = |bought, reads| {
            let mut counts = Counts::default();
            counts.add(Counted::Bought, bought);
            counts.add(Counted::OpenRead, reads);
            counts
        };
        let mut all = vec![
            ("Read, \"much\"".to_owned(), String::new(), counts(0, 9000)),
            ("=SUM(1)".to_owned(), String::new(), counts(2, 1)),
        ];
        sort(&mut all);
        let table = Table::of_articles("articles", "Articles", "Article", &all, 1);
        assert!(table.cut && table.rows[0].name == "=SUM(1)");
        let all = vec![("=SUM(1)".to_owned(), String::new(), counts(2, 9000))];
        let csv = Table::of_articles("articles", "Articles", "Article", &all, 9).csv();
        assert_eq!(
            String::from_utf8(csv).expect("text"),
            "Article,Reads,Walls,Registrations,Offers seen,Trials,Subscriptions,\"Registered, of 100\",\"Tried or paid, of 100\"\n\
             '=SUM(1),9000,0,0,0,0,2,,\n"
        );
    }
}

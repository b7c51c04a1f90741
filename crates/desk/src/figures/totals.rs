//! Totals by article, section, author and product, and the cache that holds them. Computing them takes too long for a
//! page, so `refresh` does it in the background.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::civil::Date;
use masthead_audience::{CountedEvent, Counts};
use masthead_circulation::figures::ProductFigures;
use masthead_store::{PaidSpans, PriceChanges};
use parking_lot::Mutex;

/// How long totals are used.
const MAX_AGE: Duration = Duration::from_mins(10);

/// What was counted of one thing in a period and in the one before.
#[derive(Debug)]
pub(super) struct TotalsRow {
    pub name: String,
    /// Where the name links to; empty if it does not.
    pub to: String,
    pub counts: Counts,
    pub before: Counts,
}

/// Rows, those that sell most first.
#[derive(Debug, Default)]
pub(super) struct TotalsRows {
    pub rows: Vec<TotalsRow>,
    /// Whether there are more.
    pub cut: bool,
}

/// The totals of one period.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub articles: TotalsRows,
    pub sections: TotalsRows,
    pub authors: TotalsRows,
    /// The figures of every product in the period, in the one before, and in each part of both.
    pub products: Vec<ProductFigures>,
    /// When subscriptions were paid, by these months.
    pub spans: Vec<PaidSpans>,
    /// When their prices changed, by the same months.
    pub price_changes: Vec<PriceChanges>,
    /// The first days of the months.
    pub months: Vec<Date>,
}

/// The totals of each period, by its number of days.
#[derive(Default)]
pub(crate) struct TotalsCache(Mutex<HashMap<u16, (Instant, Arc<Totals>)>>);

impl TotalsCache {
    /// The totals of a period. Returns `None` if there are none, or they are too old.
    pub(super) fn get(&self, days: u16) -> Option<Arc<Totals>> {
        let cache = self.0.lock();
        let (computed, totals) = cache.get(&days)?;
        (computed.elapsed() < MAX_AGE).then(|| Arc::clone(totals))
    }

    pub(super) fn insert(&self, days: u16, totals: &Arc<Totals>) {
        self.0.lock().insert(days, (Instant::now(), Arc::clone(totals)));
    }
}

/// Rows by name: sections or authors.
#[derive(Default)]
pub(super) struct TotalsGroups(HashMap<String, TotalsRow>);

impl TotalsGroups {
    /// Adds counts to `which` side of each of these names. An empty name is ignored.
    pub fn add(
        &mut self,
        names: impl IntoIterator<Item = String>,
        which: fn(&mut TotalsRow) -> &mut Counts,
        counts: &Counts,
    ) {
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            let row = self.0.entry(name).or_insert_with_key(|name| TotalsRow {
                name: name.clone(),
                to: String::new(),
                counts: Counts::default(),
                before: Counts::default(),
            });
            which(row).add_all(counts);
        }
    }

    /// The rows, those that sell most first.
    pub fn rows(self) -> TotalsRows {
        let mut rows: Vec<TotalsRow> = self.0.into_values().collect();
        rows.sort_by(|a, b| {
            let weights = (Reverse(weight(&a.counts)), Reverse(weight(&b.counts)));
            weights.0.cmp(&weights.1).then_with(|| a.name.cmp(&b.name))
        });
        TotalsRows { rows, cut: false }
    }
}

/// The order of rows: by subscriptions and trials, then by registrations, walls and reads.
pub(super) fn weight(counts: &Counts) -> (u64, u64, u64, u64) {
    let sold = counts.of(CountedEvent::Bought) + counts.of(CountedEvent::TrialBegun);
    (sold, counts.of(CountedEvent::Registered), counts.walls(), counts.reads())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sells_most_comes_first() {
        let counts = |counted, times| {
            let mut counts = Counts::default();
            counts.add(counted, times);
            counts
        };
        let mut groups = TotalsGroups::default();
        groups.add(Some(String::new()), |row| &mut row.counts, &counts(CountedEvent::Bought, 9));
        let read = ["Read".to_owned(), "Again".to_owned()];
        groups.add(read, |row| &mut row.counts, &counts(CountedEvent::OpenRead, 9000));
        groups.add(["Sold".to_owned()], |row| &mut row.counts, &counts(CountedEvent::Bought, 1));
        groups.add(["Sold".to_owned()], |row| &mut row.before, &counts(CountedEvent::Bought, 7));
        let rows = groups.rows().rows;
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["Sold", "Again", "Read"]);
        assert_eq!((weight(&rows[0].counts).0, weight(&rows[0].before).0), (1, 7));
    }
}

//! Reads, walls and stop rates by day.

use jiff::civil::Date;
use masthead_audience::Counts;

use super::{
    conversions::{COUNTS, counted},
    table::Table,
};
use crate::words::DeskWords;

/// Some days, each compared with the same day of the period before.
pub(super) fn by_day(
    days: &[(Date, Counts)],
    before: &[(Date, Counts)],
    words: DeskWords,
) -> Table {
    let heads =
        [&["figures_day"][..], &COUNTS, &["figures_reads_before", "figures_walls_before"]].concat();
    let mut table = Table::new("days", "figures_reads_and_walls", &heads, words);
    for (index, (date, counts)) in days.iter().enumerate().rev() {
        let before = before.get(index).map(|(_, counts)| counts);
        let before = [before.map_or(0, Counts::reads), before.map_or(0, Counts::walls)];
        table.row(date.to_string()).counts(&counted(counts)).counts(&before);
    }
    table
}

/// The stop rates of days or weeks that begin on these days, compared with the period before.
pub(super) fn stops(
    days: &[Date],
    now: &[Option<f64>],
    before: &[Option<f64>],
    words: DeskWords,
) -> Table {
    let heads = ["figures_from", "figures_stop_rate_percent", "figures_stop_rate_before"];
    let mut table = Table::new("stops", "figures_stop_rate", &heads, words);
    for (index, date) in days.iter().enumerate().rev() {
        let of = |all: &[Option<f64>]| all.get(index).copied().flatten();
        table.row(date.to_string()).rate(of(now)).rate(of(before));
    }
    table
}

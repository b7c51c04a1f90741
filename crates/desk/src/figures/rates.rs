//! How rates are written.

use crate::words::DeskWords;

/// A percentage: "6.0%", or a dash if it is unknown.
pub(super) fn percent(rate: Option<f64>, words: DeskWords) -> String {
    let write = |rate| words.fill("figures_percent", &[("number", &words.decimal(rate, 1))]);
    rate.map_or("–".to_owned(), write)
}

//! How rates are written.

/// A percentage: "6.0 %", or a dash if it is unknown.
pub(super) fn percent(rate: Option<f64>) -> String {
    rate.map_or("–".to_owned(), |rate| format!("{rate:.1} %"))
}

/// A rate per hundred: "6.0", or a dash if it is unknown.
pub(super) fn per_hundred(rate: Option<f64>) -> String {
    rate.map_or("–".to_owned(), |rate| format!("{rate:.1}"))
}

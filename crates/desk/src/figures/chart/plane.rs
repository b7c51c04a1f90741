//! The plane on which charts are drawn, and its axes.

use jiff::civil::Date;
use serde::Serialize;

use crate::words::DeskWords;

/// The width of the plane.
pub(super) const WIDTH: f64 = 720.0;
/// The height of the plane.
pub(super) const HEIGHT: f64 = 200.0;

/// The labels of a chart.
#[derive(Default, Serialize)]
pub(crate) struct Axes {
    /// The values at the top, in the middle and at the bottom.
    pub(super) scale: [String; 3],
    /// The first and the last day.
    pub(super) first: String,
    last: String,
    /// Whether each part is a week rather than a day.
    pub(super) weekly: bool,
    /// What the chart shows, for screen readers.
    pub(super) text: String,
}

impl Axes {
    pub(super) fn new(days: &[Date], scale: [String; 3], text: String, words: DeskWords) -> Self {
        let end = |end: Option<&Date>| end.map(|date| day(*date, words)).unwrap_or_default();
        let weekly = matches!(days, [first, second, ..] if first.tomorrow().ok() != Some(*second));
        Self { scale, first: end(days.first()), last: end(days.last()), weekly, text }
    }
}

/// The left edge and the width of one of `count` parts.
pub(super) fn place(index: usize, parts: usize) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss)] // a chart is not that exact
    let (index, parts) = (index as f64, parts.max(1) as f64);
    (WIDTH * index / parts, WIDTH / parts)
}

/// The part of `height` that a number takes, if `top` takes all of it.
pub(super) fn high(number: u64, top: u64, height: f64) -> f64 {
    #[allow(clippy::cast_precision_loss)] // a chart is not that exact
    let (number, top) = (number as f64, top.max(1) as f64);
    height * number / top
}

/// The next number that is a good end of a scale: 2, 4, 6, 8 or 10 times a power of ten.
pub(super) fn round_up(highest: u64) -> u64 {
    let mut ten = 1_u64;
    loop {
        for steps in [2, 4, 6, 8, 10] {
            if ten.saturating_mul(steps) >= highest {
                return ten.saturating_mul(steps);
            }
        }
        ten = ten.saturating_mul(10);
    }
}

/// A day on an axis: "24 Nov".
pub(super) fn day(day: Date, words: DeskWords) -> String {
    words.locale().map_or_else(|| day.to_string(), |locale| locale.short_day(day))
}

/// A coordinate.
pub(super) fn unit(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_with_round_numbers() {
        assert_eq!(
            [1, 2, 3, 5, 11, 21, 40, 41, 999].map(round_up),
            [2, 2, 4, 6, 20, 40, 40, 60, 1000]
        );
    }
}

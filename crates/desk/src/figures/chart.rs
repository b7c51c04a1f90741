//! Pictures of numbers over time. Each is drawn on a plane of its own units, which is stretched to the room that there
//! is; what is written beside it is HTML, so that it keeps its size on a phone.

mod bars;
mod flow;
mod ranks;
mod trend;

use jiff::civil::Date;
use serde::Serialize;

pub(super) use self::{
    bars::{Bars, bars},
    flow::{Flow, flow},
    ranks::{Ranked, Ranks, ranks},
    trend::{Trend, trend},
};

/// The size of the plane.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 200.0;

/// What is written beside a picture.
#[derive(Serialize)]
struct Axes {
    /// What the top, the middle and the bottom mean.
    scale: [String; 3],
    first: String,
    last: String,
    /// Whether each part is a week, and not a day.
    weekly: bool,
    /// What it shows, for those who do not see it.
    words: String,
}

impl Axes {
    fn new(days: &[Date], scale: [String; 3], words: String) -> Self {
        let end = |end: Option<&Date>| end.map(|date| day(*date)).unwrap_or_default();
        let weekly = matches!(days, [first, second, ..] if first.tomorrow().ok() != Some(*second));
        Self { scale, first: end(days.first()), last: end(days.last()), weekly, words }
    }
}

/// Where a part begins, of so many, and how wide it is.
fn place(index: usize, parts: usize) -> (f64, f64) {
    #[allow(clippy::cast_precision_loss)] // a picture is not that exact
    let (index, parts) = (index as f64, parts.max(1) as f64);
    (WIDTH * index / parts, WIDTH / parts)
}

/// How much of `height` a number takes, where `top` takes all of it.
fn high(number: u64, top: u64, height: f64) -> f64 {
    #[allow(clippy::cast_precision_loss)] // a picture is not that exact
    let (number, top) = (number as f64, top.max(1) as f64);
    height * number / top
}

/// The next number that is good to read heights from: an even one, with noughts.
fn round_up(highest: u64) -> u64 {
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

/// A day, as it is written beside a picture.
fn day(day: Date) -> String {
    day.strftime("%-d %b").to_string()
}

/// A place on the plane.
fn unit(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_are_read_from_round_numbers() {
        assert_eq!(
            [1, 2, 3, 5, 11, 21, 40, 41, 999].map(round_up),
            [2, 2, 4, 6, 20, 40, 40, 60, 1000]
        );
    }
}

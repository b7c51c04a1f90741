//! A line of a number over time, and another for the period before.

use std::fmt::Display;

use jiff::civil::Date;
use serde::Serialize;

use super::plane::{Axes, HEIGHT, WIDTH, day, place, round_up, unit};
use crate::words::DeskWords;

/// The chart.
#[derive(Default, Serialize)]
pub(in crate::figures) struct Trend {
    pub(in crate::figures) axes: Axes,
    /// SVG paths, with gaps where a number is unknown.
    now: String,
    before: String,
    points: Vec<Point>,
}

/// The label of one day or week.
#[derive(Default, Serialize)]
struct Point {
    x: String,
    width: String,
    label: String,
}

/// The chart of numbers that begin on these days, compared with those of the period before. `write` formats them.
pub(in crate::figures) fn trend(
    days: &[Date],
    now: &[Option<f64>],
    before: &[Option<f64>],
    words: DeskWords,
    write: fn(Option<f64>, DeskWords) -> String,
) -> Trend {
    let write = |number| write(number, words);
    let known = now.iter().chain(before).flatten().copied();
    let highest = known.fold(1.0, f64::max);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
    let whole = round_up(highest.ceil() as u64);
    #[allow(clippy::cast_precision_loss)] // a chart is not that exact
    let top = whole as f64;
    let y = |number: f64| HEIGHT - HEIGHT * number / top;
    let point = |(index, date): (usize, &Date)| {
        let (x, width) = place(index, days.len());
        let of = |all: &[Option<f64>]| write(all.get(index).copied().flatten());
        let (day, now, before) = (day(*date, words), of(now), of(before));
        let gaps: [(&str, &dyn Display); 3] = [("day", &day), ("now", &now), ("before", &before)];
        Point { x: unit(x), width: unit(width), label: words.fill("figures_point", &gaps) }
    };
    let last = now.last().copied().flatten();
    let (last, highest) = (write(last), write(Some(top)));
    let text = words.fill("figures_trend", &[("last", &last), ("top", &highest)]);
    Trend {
        axes: Axes::new(days, [top, top / 2.0, 0.0].map(|at| write(Some(at))), text, words),
        now: path(now, y),
        before: path(before, y),
        points: days.iter().enumerate().map(point).collect(),
    }
}

/// A line through the middle of each part. A number between two gaps becomes a dot.
fn path(numbers: &[Option<f64>], y: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    let mut pen_is_down = false;
    for (index, number) in numbers.iter().enumerate() {
        let Some(number) = number else {
            pen_is_down = false;
            continue;
        };
        let (x, width) = place(index, numbers.len());
        let (x, y) = (unit((x + width / 2.0).min(WIDTH)), unit(y(*number)));
        let step = if pen_is_down { "L" } else { "M" };
        path.push_str(&format!("{step}{x} {y}"));
        if !pen_is_down {
            path.push_str("h0");
        }
        pen_is_down = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn write(number: Option<f64>, _: DeskWords) -> String {
        number.map_or("–".to_owned(), |number| format!("{number:.1}"))
    }

    #[test]
    fn a_line_has_gaps_where_numbers_are_unknown() {
        let days: Vec<Date> = (1..=4).map(|day| date(2026, 11, day)).collect();
        let now = [Some(5.0), None, Some(10.0), Some(0.0)];
        let seen = trend(&days, &now, &[Some(2.5)], DeskWords::default(), write);
        assert_eq!(seen.now, "M90.0 100.0h0M450.0 0.0h0L630.0 200.0");
        assert_eq!(seen.before, "M360.0 150.0h0");
        assert_eq!(seen.axes.scale, ["10.0", "5.0", "0.0"]);
        assert_eq!(seen.points[0].label, "1\u{a0}Nov: 5.0; previous period: 2.5");
        assert_eq!(seen.points[1].label, "2\u{a0}Nov: –; previous period: –");
        assert!(seen.axes.text.starts_with("Latest value: 0.0."));
        let nothing = trend(&[], &[], &[], DeskWords::default(), write);
        assert!(nothing.now.is_empty() && nothing.axes.first.is_empty());
    }
}

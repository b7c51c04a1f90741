//! A picture of days: how much was read, and how often a wall stood before it.

use jiff::civil::Date;
use masthead_audience::Counts;
use serde::Serialize;

use crate::words::whole;

/// The size of the picture, in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 200.0;
/// More bars than this cannot be told apart: then each is a week.
const MOST: usize = 100;

/// The picture, bar by bar.
#[derive(Serialize)]
pub(super) struct Bars {
    each: Vec<Bar>,
    lines: Vec<Line>,
    /// What it shows, for those who do not see it.
    words: String,
    first: String,
    last: String,
    weekly: bool,
}

/// One day or week.
#[derive(Serialize)]
struct Bar {
    x: String,
    width: String,
    /// Reads, from the ground up.
    y: String,
    height: String,
    /// Walls, on top of them.
    wall_y: String,
    wall_height: String,
    /// Both together, in the period before.
    before_y: String,
    label: String,
}

/// A line to read heights from.
#[derive(Serialize)]
struct Line {
    y: String,
    label: String,
}

/// Days or weeks: each with its first day, reads, and walls.
fn groups(days: &[(Date, Counts)], weekly: bool) -> Vec<(Date, u64, u64)> {
    let chunks = days.chunks(if weekly { 7 } else { 1 });
    let sum = |some: &[(Date, Counts)]| {
        let reads = some.iter().map(|(_, counts)| counts.reads()).sum();
        let walls = some.iter().map(|(_, counts)| counts.walls()).sum();
        some.first().map(|(day, _)| (*day, reads, walls))
    };
    chunks.filter_map(sum).collect()
}

/// The picture of some days, and of as many before them.
pub(super) fn bars(days: &[(Date, Counts)], before: &[(Date, Counts)]) -> Bars {
    let weekly = days.len() > MOST;
    let (groups, earlier) = (groups(days, weekly), groups(before, weekly));
    let both = groups.iter().chain(&earlier);
    let highest = both.map(|(_, reads, walls)| reads + walls).max().unwrap_or_default();
    let top = round_up(highest.max(1));
    #[allow(clippy::cast_precision_loss)] // a picture is not that exact
    let high = |times: u64| HEIGHT * times as f64 / top as f64;
    #[allow(clippy::cast_precision_loss)]
    let step = WIDTH / groups.len().max(1) as f64;
    let day = |day: Date| day.strftime("%-d %b").to_string();
    let bar = |(index, (date, reads, walls)): (usize, &(Date, u64, u64))| {
        #[allow(clippy::cast_precision_loss)]
        let x = step * index as f64;
        let (read, walled) = (high(*reads), high(*walls));
        let before = earlier.get(index).map_or(0, |(_, reads, walls)| reads + walls);
        Bar {
            x: number(x + step * 0.1),
            width: number(step * 0.8),
            y: number(HEIGHT - read),
            height: number(read),
            wall_y: number(HEIGHT - read - walled),
            wall_height: number(walled),
            before_y: number(HEIGHT - high(before)),
            label: format!(
                "{}: {} reads, {} walls; in the period before {} together",
                day(*date),
                whole(*reads),
                whole(*walls),
                whole(before)
            ),
        }
    };
    let line = |times: u64| Line { y: number(HEIGHT - high(times)), label: whole(times) };
    let most = groups.iter().max_by_key(|(_, reads, walls)| reads + walls);
    Bars {
        lines: vec![line(top), line(top / 2)],
        words: most.map_or(String::new(), |(date, reads, walls)| {
            format!(
                "Reads and walls by {}. The most were from {}: {} reads and {} walls. The table has each.",
                if weekly { "week" } else { "day" },
                day(*date),
                whole(*reads),
                whole(*walls)
            )
        }),
        first: groups.first().map(|(date, ..)| day(*date)).unwrap_or_default(),
        last: groups.last().map(|(date, ..)| day(*date)).unwrap_or_default(),
        each: groups.iter().enumerate().map(bar).collect(),
        weekly,
    }
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

fn number(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use masthead_audience::Counted;

    use super::*;

    #[test]
    fn heights_are_read_from_round_numbers() {
        assert_eq!(
            [1, 2, 3, 5, 11, 21, 40, 41, 999].map(round_up),
            [2, 2, 4, 6, 20, 40, 40, 60, 1000]
        );
    }

    #[test]
    fn a_year_is_shown_by_weeks() {
        let mut day = date(2026, 1, 1);
        let mut days = Vec::new();
        for _ in 0..365 {
            let mut counts = Counts::default();
            counts.add(Counted::OpenRead, 3);
            days.push((day, counts));
            day = day.tomorrow().expect("a day");
        }
        let year = bars(&days, &days[..7]);
        assert!(year.weekly && year.each.len() == 53);
        assert_eq!(
            year.each[0].label,
            "1 Jan: 21 reads, 0 walls; in the period before 21 together"
        );
        assert!(year.each[1].label.ends_with("in the period before 0 together"));
        assert_eq!(year.each[0].before_y, year.each[0].y);
        assert_eq!(bars(&days[..30], &[]).each.len(), 30);
        assert!(bars(&[], &days[..3]).each.is_empty());
    }
}

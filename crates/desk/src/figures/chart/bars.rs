//! Bars of reads and walls.

use jiff::civil::Date;
use masthead_audience::Counts;
use serde::Serialize;

use super::plane::{Axes, HEIGHT, day, high, place, round_up, unit};
use crate::{figures::period::days_of_part, words::DeskWords};

/// The chart.
#[derive(Default, Serialize)]
pub(in crate::figures) struct Bars {
    pub(in crate::figures) axes: Axes,
    each: Vec<Bar>,
}

/// One day or week.
#[derive(Default, Serialize)]
struct Bar {
    x: String,
    width: String,
    /// Reads, from the bottom up.
    y: String,
    height: String,
    /// Walls, on top of them.
    wall_y: String,
    wall_height: String,
    /// Both together, in the period before.
    before_y: String,
    label: String,
}

/// Days or weeks: the first day, reads and walls of each.
fn groups(days: &[(Date, Counts)], each: usize) -> Vec<(Date, u64, u64)> {
    let chunks = days.chunks(each);
    let sum = |some: &[(Date, Counts)]| {
        let reads = some.iter().map(|(_, counts)| counts.reads()).sum();
        let walls = some.iter().map(|(_, counts)| counts.walls()).sum();
        some.first().map(|(day, _)| (*day, reads, walls))
    };
    chunks.filter_map(sum).collect()
}

/// The chart of some days, compared with as many before them.
pub(in crate::figures) fn bars(
    days: &[(Date, Counts)],
    before: &[(Date, Counts)],
    words: DeskWords,
) -> Bars {
    let each = days_of_part(days.len());
    let (groups, earlier) = (groups(days, each), groups(before, each));
    let both = groups.iter().chain(&earlier);
    let highest = both.map(|(_, reads, walls)| reads + walls).max().unwrap_or_default();
    let top = round_up(highest);
    let high = |times: u64| high(times, top, HEIGHT);
    let bar = |(index, (date, reads, walls)): (usize, &(Date, u64, u64))| {
        let (x, step) = place(index, groups.len());
        let (read, walled) = (high(*reads), high(*walls));
        let before = earlier.get(index).map_or(0, |(_, reads, walls)| reads + walls);
        Bar {
            x: unit(x + step * 0.1),
            width: unit(step * 0.8),
            y: unit(HEIGHT - read),
            height: unit(read),
            wall_y: unit(HEIGHT - read - walled),
            wall_height: unit(walled),
            before_y: unit(HEIGHT - high(before)),
            label: words.fill(
                "figures_bar",
                &[
                    ("day", &day(*date, words)),
                    ("reads", &words.number(*reads)),
                    ("walls", &words.number(*walls)),
                    ("before", &words.number(before)),
                ],
            ),
        }
    };
    let most = groups.iter().max_by_key(|(_, reads, walls)| reads + walls);
    let text = most.map_or(String::new(), |(date, reads, walls)| {
        words.fill(
            if each == 1 { "figures_bars_by_day" } else { "figures_bars_by_week" },
            &[
                ("day", &day(*date, words)),
                ("reads", &words.number(*reads)),
                ("walls", &words.number(*walls)),
            ],
        )
    });
    let days: Vec<Date> = groups.iter().map(|(date, ..)| *date).collect();
    Bars {
        axes: Axes::new(&days, [top, top / 2, 0].map(|at| words.number(at)), text, words),
        each: groups.iter().enumerate().map(bar).collect(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use masthead_audience::CountedEvent;

    use super::*;

    #[test]
    fn a_year_is_shown_by_weeks() {
        let mut day = date(2026, 1, 1);
        let mut days = Vec::new();
        for _ in 0..365 {
            let mut counts = Counts::default();
            counts.add(CountedEvent::OpenRead, 3);
            days.push((day, counts));
            day = day.tomorrow().expect("a day");
        }
        let year = bars(&days, &days[..7], DeskWords::default());
        assert!(year.axes.weekly && year.each.len() == 53);
        assert_eq!(
            year.each[0].label,
            "1\u{a0}Jan. Reads: 21, paywall views: 0; both in the previous period: 21"
        );
        assert!(year.each[1].label.ends_with("both in the previous period: 0"));
        assert_eq!(year.each[0].before_y, year.each[0].y);
        let month = bars(&days[..30], &[], DeskWords::default());
        assert!(!month.axes.weekly && month.each.len() == 30);
        assert!(bars(&[], &days[..3], DeskWords::default()).each.is_empty());
    }
}

//! Subscriptions that began and ended: bars up and down from the middle.

use jiff::civil::Date;
use serde::Serialize;

use super::plane::{Axes, HEIGHT, day, high, place, round_up, unit};
use crate::words::DeskWords;

/// The chart.
#[derive(Default, Serialize)]
pub(in crate::figures) struct Flow {
    axes: Axes,
    each: Vec<FlowBar>,
}

/// One day or week.
#[derive(Default, Serialize)]
struct FlowBar {
    x: String,
    width: String,
    /// New ones, from the middle up.
    new_y: String,
    new_height: String,
    /// Those reactivated, on top of them.
    back_y: String,
    back_height: String,
    /// Those that lapsed, from the middle down.
    gone_height: String,
    label: String,
}

/// The chart of some days or weeks, with how many on each were new, reactivated, and lapsed.
pub(in crate::figures) fn flow(days: &[Date], numbers: &[[u64; 3]], words: DeskWords) -> Flow {
    let highest = numbers.iter().map(|[new, back, gone]| (new + back).max(*gone)).max();
    let top = round_up(highest.unwrap_or_default());
    let middle = HEIGHT / 2.0;
    let high = |number: u64| high(number, top, middle);
    let bar = |(index, (date, [new, back, gone])): (usize, (&Date, &[u64; 3]))| {
        let (x, step) = place(index, days.len());
        FlowBar {
            x: unit(x + step * 0.1),
            width: unit(step * 0.8),
            new_y: unit(middle - high(*new)),
            new_height: unit(high(*new)),
            back_y: unit(middle - high(new + back)),
            back_height: unit(high(*back)),
            gone_height: unit(high(*gone)),
            label: words.fill(
                "figures_flow_bar",
                &[
                    ("day", &day(*date, words)),
                    ("new", &words.number(*new)),
                    ("reactivated", &words.number(*back)),
                    ("lapsed", &words.number(*gone)),
                ],
            ),
        }
    };
    let sum = |which: usize| words.number(numbers.iter().map(|number| number[which]).sum());
    let text = words
        .fill("figures_flow", &[("new", &sum(0)), ("reactivated", &sum(1)), ("lapsed", &sum(2))]);
    Flow {
        axes: Axes::new(days, [top, 0, top].map(|at| words.number(at)), text, words),
        each: days.iter().zip(numbers).enumerate().map(bar).collect(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn new_ones_are_above_and_lapsed_ones_below() {
        let days = [date(2026, 11, 1), date(2026, 11, 2)];
        let seen = flow(&days, &[[1, 1, 0], [0, 0, 2]], DeskWords::default());
        assert_eq!(seen.axes.scale, ["2", "0", "2"]);
        let first = &seen.each[0];
        assert_eq!([&first.new_y, &first.back_y, &first.gone_height], ["50.0", "0.0", "0.0"]);
        assert_eq!(seen.each[1].gone_height, "100.0");
        assert_eq!(seen.each[1].label, "2\u{a0}Nov. New: 0, reactivated: 0, lapsed: 2");
        assert_eq!(
            seen.axes.text,
            "Total. New: 1, reactivated: 1, lapsed: 2. The table has all values."
        );
    }
}

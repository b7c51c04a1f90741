//! The steps from an article to a payment, and how many readers take each.

use masthead_audience::{CountedEvent, Counts};
use serde::Serialize;

use super::{rates::percent, table::Table};
use crate::words::DeskWords;

/// One step.
#[derive(Default, Serialize)]
pub(super) struct FunnelStage {
    name: &'static str,
    times: String,
    /// The percentage of those who took the first step; empty for that itself.
    share: String,
    /// The same in the period before.
    before: String,
    /// The length of its bar in percent.
    length: u8,
}

/// The steps: the names of their words, and how often each was taken.
fn steps(counts: &Counts) -> [(&'static str, u64); 5] {
    let ends = counts.of(CountedEvent::Bought) + counts.of(CountedEvent::TrialBegun);
    [
        ("figures_step_opened", counts.reads() + counts.walls()),
        ("figures_step_wall", counts.walls()),
        ("figures_step_offers", counts.of(CountedEvent::OffersSeen)),
        ("figures_step_checkout", counts.of(CountedEvent::CheckoutBegun)),
        ("figures_step_paid", ends),
    ]
}

/// The steps.
pub(super) fn stages(now: &Counts, before: &Counts, words: DeskWords) -> Vec<FunnelStage> {
    let (steps, earlier) = (steps(now), steps(before));
    let share = |steps: &[(_, u64); 5], index: usize| {
        masthead_audience::percent(steps[index].1, steps[0].1)
    };
    let stage = |(index, (name, times)): (usize, &(&'static str, u64))| {
        let of = share(&steps, index);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
        let length = of.map_or(0, |of| of.round().clamp(0.0, 100.0) as u8);
        let is_first = index == 0;
        FunnelStage {
            name: words.text(name),
            times: words.number(*times),
            share: if is_first { String::new() } else { percent(of, words) },
            before: if is_first {
                words.number(earlier[0].1)
            } else {
                percent(share(&earlier, index), words)
            },
            length: if is_first && *times > 0 { 100 } else { length },
        }
    };
    steps.iter().enumerate().map(stage).collect()
}

/// The steps as a table.
pub(super) fn table(now: &Counts, before: &Counts, words: DeskWords) -> Table {
    let heads = ["figures_step", "figures_times", "figures_share_of_first", "figures_times_before"];
    let mut table = Table::new("steps", "figures_funnel", &heads, words);
    let first = steps(now)[0].1;
    for ((name, times), (_, before)) in steps(now).into_iter().zip(steps(before)) {
        let share = masthead_audience::percent(times, first);
        table.row(words.text(name)).counts(&[times]).rate(share).counts(&[before]);
    }
    table
}

#[cfg(test)]
mod tests {
    use masthead_access::WallReason;

    use super::*;

    #[test]
    fn each_step_is_a_share_of_the_first() {
        let counts = |walls, offers| {
            let mut counts = Counts::default();
            counts.add(CountedEvent::MeteredRead, 60);
            counts.add(CountedEvent::Wall(WallReason::Meter), walls);
            counts.add(CountedEvent::OffersSeen, offers);
            counts
        };
        let stages = stages(&counts(40, 10), &counts(20, 0), DeskWords::default());
        let seen: Vec<_> = stages
            .iter()
            .map(|stage| (stage.times.as_str(), stage.share.as_str(), stage.before.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("100", "", "80"),
                ("40", "40.0%", "25.0%"),
                ("10", "10.0%", "0.0%"),
                ("0", "0.0%", "0.0%"),
                ("0", "0.0%", "0.0%"),
            ]
        );
        assert_eq!(
            stages.iter().map(|stage| stage.length).collect::<Vec<_>>(),
            [100, 40, 10, 0, 0]
        );
    }
}

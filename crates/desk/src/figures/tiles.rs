//! The most important figures, each with the period before and what other publishers report.

use masthead_audience::{BENCHMARKS, CountedEvent, Figures, ReaderGroup};
use serde::Serialize;

use super::rates::{per_hundred, percent};
use crate::format::grouped;

/// One figure.
#[derive(Default, Serialize)]
pub(super) struct Tile {
    pub name: &'static str,
    pub value: String,
    /// Its value in the period before.
    pub before: String,
    /// What exactly it means.
    pub definition: &'static str,
    /// What other publishers report.
    pub bands: Vec<String>,
}

/// The figures of the audience.
pub(super) fn tiles(now: &Figures, before: &Figures) -> Vec<Tile> {
    let bands = |of: &str| {
        let all = BENCHMARKS.iter().filter(|band| band.of == of);
        all.map(|band| format!("{} ({})", band.words, band.source)).collect()
    };
    let tile = |name, of: fn(&Figures) -> String, definition, band: &str| Tile {
        name,
        value: of(now),
        before: of(before),
        definition,
        bands: bands(band),
    };
    vec![
        tile(
            "Readers",
            |figures| grouped(figures.uniques.count(ReaderGroup::Readers)),
            "Different devices, or accounts where somebody is signed in, that came to an article. Robots that say what \
             they are and your own people are left out. Counted by a sketch that keeps nobody's number, to about 1 %.",
            "",
        ),
        tile(
            "Reads",
            |figures| grouped(figures.counts.reads()),
            "Times that a whole text was delivered, whether or not the meter counted it.",
            "",
        ),
        tile(
            "Stop rate",
            |figures| percent(figures.stop_rate()),
            "Of a hundred readers, how many met a wall at least once in the period.",
            "stop rate",
        ),
        tile(
            "Conversion",
            |figures| percent(figures.conversion()),
            "Subscriptions that were paid for, of a hundred readers who met a wall.",
            "conversion",
        ),
        tile(
            "Registrations per 100 walls",
            |figures| per_hundred(figures.counts.per_hundred_walls(CountedEvent::Registered)),
            "New accounts, of a hundred times that a wall was shown.",
            "",
        ),
        tile(
            "Subscriptions per 100 walls",
            |figures| per_hundred(figures.counts.per_hundred_walls(CountedEvent::Bought)),
            "Subscriptions that were paid for, of a hundred times that a wall was shown. Trials without a payment are not \
             in it.",
            "",
        ),
    ]
}

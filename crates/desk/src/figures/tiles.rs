//! The most important figures, each with the period before and what other publishers report.

use masthead_audience::{
    BENCHMARKS, Benchmark, BenchmarkKind, BenchmarkMetric, CountedEvent, Figures, ReaderGroup,
};
use serde::Serialize;

use super::rates::percent;
use crate::words::DeskWords;

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
pub(super) fn tiles(now: &Figures, before: &Figures, words: DeskWords) -> Vec<Tile> {
    let tile = |name, definition, of: &dyn Fn(&Figures) -> String| Tile {
        name: words.text(name),
        value: of(now),
        before: of(before),
        definition: words.text(definition),
        bands: Vec::new(),
    };
    let per_wall = |event| move |of: &Figures| percent(of.counts.per_hundred_walls(event), words);
    vec![
        tile("figures_readers", "figures_readers_text", &|of| {
            words.number(of.uniques.count(ReaderGroup::Readers))
        }),
        tile("figures_reads", "figures_reads_text", &|of| words.number(of.counts.reads())),
        Tile {
            bands: bands(BenchmarkMetric::StopRate, words),
            ..tile("figures_stop_rate", "figures_stop_rate_text", &|of| {
                percent(of.stop_rate(), words)
            })
        },
        Tile {
            bands: bands(BenchmarkMetric::Conversion, words),
            ..tile("figures_conversion", "figures_conversion_text", &|of| {
                percent(of.conversion(), words)
            })
        },
        tile(
            "figures_registrations_per_wall",
            "figures_registrations_per_wall_text",
            &per_wall(CountedEvent::Registered),
        ),
        tile(
            "figures_subscriptions_per_wall",
            "figures_subscriptions_per_wall_text",
            &per_wall(CountedEvent::Bought),
        ),
    ]
}

/// What other publishers report of a metric.
fn bands(metric: BenchmarkMetric, words: DeskWords) -> Vec<String> {
    BENCHMARKS
        .iter()
        .filter(|band| band.metric == metric)
        .map(|band| in_words(band, words))
        .collect()
}

fn in_words(Benchmark { kind, from, to, source, .. }: &Benchmark, words: DeskWords) -> String {
    let number = |number: f64| words.decimal(number, usize::from(number.fract() != 0.0));
    let range = if from < to {
        let (from, to) = (number(*from), number(*to));
        words.fill("figures_percent_range", &[("from", &from), ("to", &to)])
    } else {
        words.fill("figures_percent", &[("number", &number(*from))])
    };
    let word = match kind {
        BenchmarkKind::Goal => "figures_benchmark_goal",
        BenchmarkKind::Typical => "figures_benchmark_typical",
    };
    words.fill(word, &[("range", &range), ("source", source)])
}

//! Published benchmarks of other publications' meters.

/// The metric of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchmarkMetric {
    /// Readers who meet a wall, of all readers.
    StopRate,
    /// Readers who pay, of those who meet a wall.
    Conversion,
}

/// What a benchmark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BenchmarkKind {
    /// What publications should reach.
    Goal,
    /// What publications reach.
    Typical,
}

/// A benchmark, as a range in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Benchmark {
    /// The metric.
    pub metric: BenchmarkMetric,
    /// What it says.
    pub kind: BenchmarkKind,
    /// The lower bound, in percent.
    pub from: f64,
    /// The upper bound, in percent.
    pub to: f64,
    /// Who published it.
    pub source: &'static str,
}

/// All benchmarks.
pub const BENCHMARKS: [Benchmark; 4] = [
    Benchmark {
        metric: BenchmarkMetric::StopRate,
        kind: BenchmarkKind::Goal,
        from: 5.0,
        to: 7.0,
        source: "Local Media Association",
    },
    Benchmark {
        metric: BenchmarkMetric::StopRate,
        kind: BenchmarkKind::Typical,
        from: 3.0,
        to: 4.0,
        source: "Press+",
    },
    Benchmark {
        metric: BenchmarkMetric::Conversion,
        kind: BenchmarkKind::Goal,
        from: 0.5,
        to: 0.5,
        source: "Local Media Association",
    },
    Benchmark {
        metric: BenchmarkMetric::Conversion,
        kind: BenchmarkKind::Typical,
        from: 0.5,
        to: 2.0,
        source: "Press+",
    },
];

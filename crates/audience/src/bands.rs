//! Published benchmarks of other publications' meters.

/// A benchmark, as a range in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Benchmark {
    /// The metric.
    pub of: &'static str,
    /// The lower bound, in percent.
    pub from: f64,
    /// The upper bound, in percent.
    pub to: f64,
    /// The benchmark in a sentence.
    pub words: &'static str,
    /// Who published it.
    pub source: &'static str,
}

/// All benchmarks.
pub const BENCHMARKS: [Benchmark; 4] = [
    Benchmark {
        of: "stop rate",
        from: 5.0,
        to: 7.0,
        words: "5 to 7 % of readers should meet the wall",
        source: "Local Media Association",
    },
    Benchmark {
        of: "stop rate",
        from: 3.0,
        to: 4.0,
        words: "3 to 4 % of visitors usually meet the wall",
        source: "Press+",
    },
    Benchmark {
        of: "conversion",
        from: 0.5,
        to: 0.5,
        words: "0.5 % of those stopped should pay",
        source: "Local Media Association",
    },
    Benchmark {
        of: "conversion",
        from: 0.5,
        to: 2.0,
        words: "0.5 % of those stopped usually pay, 1 to 2 % at the best",
        source: "Press+",
    },
];

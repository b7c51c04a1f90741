//! What others have published of their meters, to hold one's own figures against.

/// A figure that was published, as a range in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// What it is of.
    pub of: &'static str,
    /// From, in percent.
    pub from: f64,
    /// To, in percent.
    pub to: f64,
    /// What it is, in words.
    pub words: &'static str,
    /// Who published it.
    pub source: &'static str,
}

/// Those that there are.
pub const BANDS: [Band; 4] = [
    Band {
        of: "stop rate",
        from: 5.0,
        to: 7.0,
        words: "5 to 7 % of readers should meet the wall",
        source: "Local Media Association",
    },
    Band {
        of: "stop rate",
        from: 3.0,
        to: 4.0,
        words: "3 to 4 % of visitors usually meet the wall",
        source: "Press+",
    },
    Band {
        of: "conversion",
        from: 0.5,
        to: 0.5,
        words: "0.5 % of those stopped should pay",
        source: "Local Media Association",
    },
    Band {
        of: "conversion",
        from: 0.5,
        to: 2.0,
        words: "0.5 % of those stopped usually pay, 1 to 2 % at the best",
        source: "Press+",
    },
];

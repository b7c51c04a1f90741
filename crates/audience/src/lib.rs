//! Audience statistics: counts of events, and sketches of distinct readers.
//!
//! Readers are not tracked. A count says how often something happened to an article on a day. A
//! [`Sketch`] estimates the number of distinct readers: it keeps the longest run of leading zeros
//! per register, from which no reader can be identified. A reader has the same effect on the
//! sketches of different days, so that sketches can be merged (Flajolet and others, "HyperLogLog",
//! 2007).
//!
//! To count another event: add it with a new number to [`CountedEvent`], count it in [`Counters`] where
//! it happens, and show it at the desk.

#![warn(missing_docs)]

mod bands;
mod counted;
mod counters;
mod evidence;
mod figures;
mod referrer;
mod sites;
mod uniques;

pub use bands::{BENCHMARKS, Benchmark, BenchmarkKind, BenchmarkMetric};
pub use counted::{CountedEvent, FunnelStep, Goal};
pub use counters::{CountedReader, CounterBatch, Counters, EventTime, Subject};
pub use evidence::{Successes, Verdict};
pub use figures::{Counts, Figures, UniqueReaders, WhatIf, percent};
pub use referrer::Referrer;
pub use sites::{SiteCounts, SiteVisits, TopSites, TrafficSource};
pub use uniques::{MAX_REACHED, ParseSketchError, ReaderGroup, Sketch};

//! What is counted of an audience, and what it means: reads and walls as numbers, readers as sketches.
//!
//! Nobody is followed. A count says how often something happened to an article on a day. A [`Sketch`] says how many
//! different readers there were, and forgets who: it keeps the longest runs of noughts among hashes, from which no
//! reader can be told, and the same reader leaves the same traces on two days, so that sketches unite
//! (Flajolet and others, "HyperLogLog", 2007).
//!
//! To count one more thing: give it a name and a number in [`Counted`], note it in the [`Counters`] where it happens, and
//! say what it means where the desk shows it.

#![warn(missing_docs)]

mod bands;
mod counted;
mod counters;
mod evidence;
mod figures;
mod referrer;
mod uniques;

pub use bands::{BANDS, Band};
pub use counted::{Counted, FunnelStep, Goal};
pub use counters::{CounterBatch, Counters, Reader, Subject, When};
pub use evidence::{Successes, Verdict};
pub use figures::{Counts, Figures, UniquesByDay, WhatIf, percent};
pub use referrer::Referrer;
pub use uniques::{MOST_REACHED, Sketch, Uniques, UnreadableSketch};

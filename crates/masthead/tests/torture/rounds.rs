//! How long a test goes on, and what it reports.

use std::{env, fmt, thread, time::Duration};

use rand::RngExt;

/// Returns how often a test is repeated: so often, or as `MASTHEAD_TORTURE` says.
pub fn rounds(short: u32) -> u32 {
    env::var("MASTHEAD_TORTURE").ok().and_then(|count| count.parse().ok()).unwrap_or(short)
}

/// Waits for a while, of at most so many milliseconds.
pub fn pause(most: u64) {
    thread::sleep(Duration::from_millis(rand::rng().random_range(0..most)));
}

/// What a test has seen, in numbers; printed at its end.
#[derive(Default)]
pub struct Tally {
    pub name: &'static str,
    counts: Vec<(&'static str, u64)>,
}

impl Tally {
    pub fn new(name: &'static str) -> Self {
        Self { name, counts: Vec::new() }
    }

    pub fn add(&mut self, what: &'static str, count: usize) {
        match self.counts.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum += count as u64,
            None => self.counts.push((what, count as u64)),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.name)?;
        self.counts.iter().try_for_each(|(what, count)| write!(f, " {count} {what};"))
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        eprintln!("{self}");
    }
}

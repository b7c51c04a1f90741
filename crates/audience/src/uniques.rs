//! Approximate numbers of distinct readers, without storing who they are.

use std::fmt;

use datasketches::hll::{HllSketch, HllType, HllUnion};
use masthead_access::Arm;

/// The base-2 logarithm of the number of registers: a standard error of 0.6 % (1.04 / √2¹⁵) in at
/// most 16 KiB.
const PRECISION: u8 = 15;
const FORM: HllType = HllType::Hll4;

/// The maximum number of articles that [`ReaderGroup::Reached`] distinguishes.
pub const MAX_REACHED: u8 = 20;

/// A group of readers who have something in common on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReaderGroup {
    /// Requested an article.
    Readers,
    /// Got a wall.
    Walled,
    /// Tried to read this many metered articles in the meter's window, including one behind the
    /// wall.
    Reached {
        /// Whether they have an account.
        registered: bool,
        /// The number of articles, from 1 to [`MAX_REACHED`].
        articles: u8,
    },
    /// Were in this arm of an experiment, and saw what is tried.
    Treatment {
        /// The arm.
        arm: Arm,
        /// The last two digits of the experiment's number.
        experiment: u8,
    },
}

impl ReaderGroup {
    /// The readers in an arm of an experiment.
    pub fn treatment(arm: Arm, experiment: u32) -> Self {
        Self::Treatment { arm, experiment: u8::try_from(experiment % 100).unwrap_or_default() }
    }

    /// All groups except those of experiments.
    pub fn all() -> Vec<Self> {
        let reached = |registered| {
            (1..=MAX_REACHED).map(move |articles| Self::Reached { registered, articles })
        };
        [Self::Readers, Self::Walled]
            .into_iter()
            .chain(reached(false))
            .chain(reached(true))
            .collect()
    }

    /// The number as stored in the database. It must never change.
    pub fn number(self) -> i16 {
        match self {
            Self::Readers => 1,
            Self::Walled => 2,
            Self::Reached { registered: false, articles } => 100 + i16::from(articles),
            Self::Reached { registered: true, articles } => 200 + i16::from(articles),
            Self::Treatment { arm: Arm::A, experiment } => 300 + i16::from(experiment),
            Self::Treatment { arm: Arm::B, experiment } => 400 + i16::from(experiment),
        }
    }

    /// Returns the group with this number, or `None` if there is none.
    pub fn from_number(number: i16) -> Option<Self> {
        let articles = u8::try_from(number % 100).ok().filter(|n| (1..=MAX_REACHED).contains(n));
        match (number / 100, number) {
            (_, 1) => Some(Self::Readers),
            (_, 2) => Some(Self::Walled),
            (1, _) => Some(Self::Reached { registered: false, articles: articles? }),
            (2, _) => Some(Self::Reached { registered: true, articles: articles? }),
            (3, _) => Some(Self::treatment(Arm::A, u32::from(number.unsigned_abs() % 100))),
            (4, _) => Some(Self::treatment(Arm::B, u32::from(number.unsigned_abs() % 100))),
            (_, _) => None,
        }
    }
}

/// An approximate set of readers, whose size can be estimated and which can be merged with others.
#[derive(Clone)]
pub struct Sketch(HllUnion);

/// The error for bytes that are not a sketch.
#[derive(Debug, thiserror::Error)]
#[error("the count of readers cannot be read: {0}")]
pub struct ParseSketchError(String);

impl Default for Sketch {
    fn default() -> Self {
        #[allow(clippy::expect_used)] // the precision is one that the library knows
        Self(HllUnion::new(PRECISION).expect("a known precision"))
    }
}

impl fmt::Debug for Sketch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sketch({})", self.count())
    }
}

impl Sketch {
    /// Adds a reader by their unique number.
    pub fn add(&mut self, reader: u128) {
        self.0.update_value(reader);
    }

    /// Adds all readers of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.0.update(&other.0.to_sketch(HllType::Hll8));
    }

    /// Returns the approximate number of distinct readers.
    pub fn count(&self) -> u64 {
        let estimate = self.0.estimate().round().max(0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
        {
            estimate as u64
        }
    }

    /// Serializes the sketch.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_sketch(FORM).serialize()
    }

    /// Deserializes a sketch.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseSketchError> {
        let read = HllSketch::deserialize(bytes);
        let read = read.map_err(|error| ParseSketchError(error.to_string()))?;
        let mut sketch = Self::default();
        sketch.0.update(&read);
        Ok(sketch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(readers: impl Iterator<Item = u128>) -> Sketch {
        let mut sketch = Sketch::default();
        readers.for_each(|reader| sketch.add(reader));
        sketch
    }

    #[test]
    fn numbers_round_trip() {
        let treatment = Arm::ALL.into_iter().map(|arm| ReaderGroup::treatment(arm, 107));
        for group in ReaderGroup::all().into_iter().chain(treatment) {
            assert_eq!(ReaderGroup::from_number(group.number()), Some(group));
        }
        for none in [0, 3, 100, 121, 221, 500] {
            assert_eq!(ReaderGroup::from_number(none), None, "{none}");
        }
    }

    #[test]
    fn invalid_bytes_are_refused() {
        assert!(Sketch::from_bytes(b"").is_err());
        assert!(Sketch::from_bytes(&[7; 40]).is_err());
    }

    proptest! {
        #[test]
        fn small_sets_are_exact_and_merging_loses_nobody(
            one in proptest::collection::hash_set(any::<u128>(), 0..60),
            other in proptest::collection::hash_set(any::<u128>(), 0..60),
        ) {
            let mut merged = of(one.iter().copied());
            merged.merge(&of(other.iter().copied()));
            prop_assert_eq!(merged.count(), one.union(&other).count() as u64);
            let read = Sketch::from_bytes(&merged.to_bytes()).expect("its own bytes");
            prop_assert_eq!(read.count(), merged.count());
        }
    }
}

//! How many different readers there were, without knowing who.

use std::fmt;

use datasketches::hll::{HllSketch, HllType, HllUnion};
use masthead_access::Arm;

/// The base-2 logarithm of the number of registers: a standard error of 0.6 % (1.04 / √2¹⁵), in 16 KiB at most.
const PRECISION: u8 = 15;
const FORM: HllType = HllType::Hll4;

/// Numbers of articles that are told apart in [`Uniques::Reached`].
pub const MOST_REACHED: u8 = 20;

/// Readers of one day who have something in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Uniques {
    /// They came to an article.
    Readers,
    /// They met a wall.
    Walled,
    /// They went for so many metered articles in the meter's window, the last of them perhaps in vain.
    Reached {
        /// Whether they have an account.
        registered: bool,
        /// How many, from 1 to [`MOST_REACHED`].
        articles: u8,
    },
    /// They were on this side of an experiment, and met what is tried.
    Treatment {
        /// The side.
        arm: Arm,
        /// The last two digits of the experiment's number.
        experiment: u8,
    },
}

impl Uniques {
    /// Those on a side of an experiment.
    pub fn tried(arm: Arm, experiment: u32) -> Self {
        Self::Treatment { arm, experiment: u8::try_from(experiment % 100).unwrap_or_default() }
    }

    /// All that there are, but for experiments.
    pub fn all() -> Vec<Self> {
        let reached = |registered| {
            (1..=MOST_REACHED).map(move |articles| Self::Reached { registered, articles })
        };
        [Self::Readers, Self::Walled]
            .into_iter()
            .chain(reached(false))
            .chain(reached(true))
            .collect()
    }

    /// Its number, as it is stored; it stays the same for good.
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

    /// The one with this number.
    pub fn numbered(number: i16) -> Option<Self> {
        let articles = u8::try_from(number % 100).ok().filter(|n| (1..=MOST_REACHED).contains(n));
        match (number / 100, number) {
            (_, 1) => Some(Self::Readers),
            (_, 2) => Some(Self::Walled),
            (1, _) => Some(Self::Reached { registered: false, articles: articles? }),
            (2, _) => Some(Self::Reached { registered: true, articles: articles? }),
            (3, _) => Some(Self::tried(Arm::A, u32::from(number.unsigned_abs() % 100))),
            (4, _) => Some(Self::tried(Arm::B, u32::from(number.unsigned_abs() % 100))),
            (_, _) => None,
        }
    }
}

/// A number of different readers, which unites with others.
#[derive(Clone)]
pub struct Sketch(HllUnion);

/// Bytes that are no sketch.
#[derive(Debug, thiserror::Error)]
#[error("the count of readers cannot be read: {0}")]
pub struct UnreadableSketch(String);

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
    /// Adds a reader, by a number that nobody else has.
    pub fn add(&mut self, reader: u128) {
        self.0.update_value(reader);
    }

    /// Adds everybody who is in another.
    pub fn unite(&mut self, other: &Self) {
        self.0.update(&other.0.to_sketch(HllType::Hll8));
    }

    /// How many different readers were added, about.
    pub fn count(&self) -> u64 {
        let estimate = self.0.estimate().round().max(0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
        {
            estimate as u64
        }
    }

    /// It as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_sketch(FORM).serialize()
    }

    /// Reads it from bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnreadableSketch> {
        let read = HllSketch::deserialize(bytes);
        let read = read.map_err(|error| UnreadableSketch(error.to_string()))?;
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
    fn every_number_names_one_crowd() {
        let tried = Arm::ALL.into_iter().map(|arm| Uniques::tried(arm, 107));
        for crowd in Uniques::all().into_iter().chain(tried) {
            assert_eq!(Uniques::numbered(crowd.number()), Some(crowd));
        }
        for none in [0, 3, 100, 121, 221, 500] {
            assert_eq!(Uniques::numbered(none), None, "{none}");
        }
    }

    #[test]
    fn bytes_that_are_none_are_refused() {
        assert!(Sketch::from_bytes(b"").is_err());
        assert!(Sketch::from_bytes(&[7; 40]).is_err());
    }

    proptest! {
        #[test]
        fn a_few_are_counted_exactly_and_uniting_forgets_nobody(
            one in proptest::collection::hash_set(any::<u128>(), 0..60),
            other in proptest::collection::hash_set(any::<u128>(), 0..60),
        ) {
            let mut united = of(one.iter().copied());
            united.unite(&of(other.iter().copied()));
            prop_assert_eq!(united.count(), one.union(&other).count() as u64);
            let read = Sketch::from_bytes(&united.to_bytes()).expect("its own bytes");
            prop_assert_eq!(read.count(), united.count());
        }
    }
}

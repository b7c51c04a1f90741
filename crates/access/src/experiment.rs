//! A/B experiments on messages and allowances.
//!
//! A reader's arm is derived from the random number of their device and the number of the
//! experiment. It stays the same while the experiment runs, needs no storage, and is independent of
//! the arms in other experiments.

use strum::EnumCount as _;

use crate::{allowance::Allowance, message::Message};

/// An arm of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum_macros::EnumCount)]
pub enum Arm {
    /// The control: readers get what is configured.
    A,
    /// The treatment: readers get what is being tried.
    B,
}

/// What readers in arm B get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Another message for its moment and placement.
    Message(Box<Message>),
    /// Another allowance for readers without an account.
    Anonymous(Allowance),
}

/// A running experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experiment {
    /// The experiment's number, unique within the publication.
    pub number: u32,
    /// What arm B gets.
    pub treatment: Treatment,
}

/// The arm of an experiment that a reader is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The experiment's number.
    pub experiment: u32,
    /// The arm.
    pub arm: Arm,
}

impl Arm {
    /// Both arms.
    pub const ALL: [Self; Self::COUNT] = [Self::A, Self::B];

    /// Returns the arm of the reader with this device number.
    pub fn of(reader: u128, experiment: u32) -> Self {
        #[allow(clippy::cast_possible_truncation)] // both halves are used
        let folded = (reader >> 64) as u64 ^ reader as u64;
        let mut bits = folded ^ u64::from(experiment).rotate_left(40);
        // The finalizer of SplitMix64 (Steele, Lea and Flood 2014): every output bit depends on
        // every input bit.
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        if (bits ^ (bits >> 31)) & 1 == 0 { Self::A } else { Self::B }
    }

    /// The letter of the arm.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    /// Returns the arm with this letter, or `None` if there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|arm| arm.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_split_evenly_and_stay_in_their_arm() {
        // Consecutive numbers are the worst case: the numbers of devices are random.
        let side = |experiment| (0..10_000_u128).map(move |reader| Arm::of(reader, experiment));
        let in_b = side(1).filter(|arm| *arm == Arm::B).count();
        assert!((4_800..5_200).contains(&in_b), "{in_b}");
        assert!(side(1).eq(side(1)));
        // The arms of one experiment are independent of those of the next.
        let alike = side(1).zip(side(2)).filter(|(one, other)| one == other).count();
        assert!((4_800..5_200).contains(&alike), "{alike}");
        for arm in Arm::ALL {
            assert_eq!(Arm::named(arm.name()), Some(arm));
        }
    }
}

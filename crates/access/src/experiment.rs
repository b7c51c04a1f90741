//! Trying something on half of the readers, to see which half it serves better.
//!
//! Readers are split by the number of their device, which is random and nobody's secret, and by the number of the
//! experiment: a reader stays on the same side for as long as it runs, nobody is written down, and the sides of one
//! experiment say nothing about those of another.

use crate::{allowance::Allowance, message::Message};

/// A side of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Arm {
    /// As it is.
    A,
    /// As it might be.
    B,
}

/// What is tried on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Another message in its moment and placement.
    Message(Box<Message>),
    /// Another allowance for those without an account.
    Anonymous(Allowance),
}

/// An experiment that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experiment {
    /// Its number; no two have the same.
    pub number: u32,
    /// What is tried.
    pub tried: Treatment,
}

impl Arm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// The side of the reader whose device has this number.
    pub fn of(reader: u128, experiment: u32) -> Self {
        #[allow(clippy::cast_possible_truncation)] // both halves are taken
        let folded = (reader >> 64) as u64 ^ reader as u64;
        let mut bits = folded ^ u64::from(experiment).rotate_left(40);
        // SplitMix64's finisher (Steele, Lea and Flood 2014): every bit of what comes out hangs on all that went in.
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        if (bits ^ (bits >> 31)) & 1 == 0 { Self::A } else { Self::B }
    }

    /// The letter by which it goes.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    /// The one with this letter.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|arm| arm.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_split_in_halves_that_stay() {
        // Numbers that follow one another are the worst case: a device's are random.
        let side = |experiment| (0..10_000_u128).map(move |reader| Arm::of(reader, experiment));
        let in_b = side(1).filter(|arm| *arm == Arm::B).count();
        assert!((4_800..5_200).contains(&in_b), "{in_b}");
        assert!(side(1).eq(side(1)));
        // The sides of one experiment say nothing about those of the next.
        let alike = side(1).zip(side(2)).filter(|(one, other)| one == other).count();
        assert!((4_800..5_200).contains(&alike), "{alike}");
        for arm in Arm::ALL {
            assert_eq!(Arm::named(arm.name()), Some(arm));
        }
    }
}

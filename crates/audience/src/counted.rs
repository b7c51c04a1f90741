//! What is counted for each article and day.

use masthead_access::{Arm, Decision, OpenReason, Outcome, WallReason};

use crate::Referrer;

/// What one hopes for in an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// A reader registers.
    Registered,
    /// A reader pays, or begins a trial.
    Subscribed,
}

impl Goal {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Registered, Self::Subscribed];
}

/// A step on the way from a wall to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunnelStep {
    /// The offers were looked at.
    OffersSeen,
    /// Somebody registered.
    Registered,
    /// A trial began for which nothing was paid.
    TrialBegun,
    /// Something was paid.
    Bought,
}

impl FunnelStep {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::OffersSeen, Self::Registered, Self::TrialBegun, Self::Bought];

    /// It, as it is counted for the article that its reader came from.
    pub fn counted(self) -> Counted {
        match self {
            Self::OffersSeen => Counted::OffersSeen,
            Self::Registered => Counted::Registered,
            Self::TrialBegun => Counted::TrialBegun,
            Self::Bought => Counted::Bought,
        }
    }
}

/// Every reason for a wall, in the order of their numbers.
const WALLS: [WallReason; 6] = [
    WallReason::Meter,
    WallReason::Register,
    WallReason::Subscribers,
    WallReason::Product,
    WallReason::TrialEnded,
    WallReason::SubscriptionEnded,
];

/// Something that happens to an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// It was read for one read of a meter.
    MeteredRead,
    /// It was read without one: free, again, or by somebody who has paid.
    OpenRead,
    /// A wall stood before it, for this reason.
    Wall(WallReason),
    /// A reader who came from it registered.
    Registered,
    /// A reader who came from it looked at what is offered.
    OffersSeen,
    /// A reader who came from it went to pay.
    CheckoutBegun,
    /// A reader who came from it began a trial for which nothing was paid.
    TrialBegun,
    /// A reader who came from it paid.
    Bought,
    /// A reader on this side of an experiment reaches its goal.
    Treatment(Arm, Goal),
    /// A reader before this wall, or before none, takes a step. Of no article.
    After(Option<WallReason>, FunnelStep),
    /// A reader came from there to a text. Of no article.
    ReadFrom(Referrer),
    /// A reader came from there to a wall. Of no article.
    WallFrom(Referrer),
}

impl Counted {
    /// All that are of an article or an experiment.
    pub const ALL: [Self; 17] = [
        Self::MeteredRead,
        Self::OpenRead,
        Self::Wall(WallReason::Meter),
        Self::Wall(WallReason::Register),
        Self::Wall(WallReason::Subscribers),
        Self::Wall(WallReason::Product),
        Self::Wall(WallReason::TrialEnded),
        Self::Wall(WallReason::SubscriptionEnded),
        Self::Registered,
        Self::OffersSeen,
        Self::CheckoutBegun,
        Self::TrialBegun,
        Self::Bought,
        Self::Treatment(Arm::A, Goal::Registered),
        Self::Treatment(Arm::B, Goal::Registered),
        Self::Treatment(Arm::A, Goal::Subscribed),
        Self::Treatment(Arm::B, Goal::Subscribed),
    ];

    /// Its number, as it is stored; it stays the same for good.
    pub fn number(self) -> i16 {
        match self {
            Self::MeteredRead => 1,
            Self::OpenRead => 2,
            Self::Wall(WallReason::Meter) => 3,
            Self::Wall(WallReason::Register) => 4,
            Self::Wall(WallReason::Subscribers) => 5,
            Self::Wall(WallReason::Product) => 6,
            Self::Wall(WallReason::TrialEnded) => 7,
            Self::Wall(WallReason::SubscriptionEnded) => 8,
            Self::Registered => 9,
            Self::OffersSeen => 10,
            Self::CheckoutBegun => 11,
            Self::TrialBegun => 12,
            Self::Bought => 13,
            Self::Treatment(Arm::A, Goal::Registered) => 14,
            Self::Treatment(Arm::B, Goal::Registered) => 15,
            Self::Treatment(Arm::A, Goal::Subscribed) => 16,
            Self::Treatment(Arm::B, Goal::Subscribed) => 17,
            Self::After(wall, step) => {
                let wall = wall.map_or(0, |wall| 1 + place(&WALLS, &wall));
                100 + 10 * wall + place(&FunnelStep::ALL, &step)
            }
            Self::ReadFrom(referrer) => 200 + place(&Referrer::ALL, &referrer),
            Self::WallFrom(referrer) => 300 + place(&Referrer::ALL, &referrer),
        }
    }

    /// The one with this number.
    pub fn numbered(number: i16) -> Option<Self> {
        let (tens, ones) = (number / 10, usize::try_from(number % 10).ok()?);
        match tens {
            10 => FunnelStep::ALL.get(ones).map(|step| Self::After(None, *step)),
            11..=16 => {
                let wall = *WALLS.get(usize::try_from(tens - 11).ok()?)?;
                FunnelStep::ALL.get(ones).map(|step| Self::After(Some(wall), *step))
            }
            20 => Referrer::ALL.get(ones).map(|referrer| Self::ReadFrom(*referrer)),
            30 => Referrer::ALL.get(ones).map(|referrer| Self::WallFrom(*referrer)),
            _ => Self::ALL.into_iter().find(|counted| counted.number() == number),
        }
    }

    /// What a decision counts as; none for robots, and for the publication's own people.
    pub fn of(decision: &Decision) -> Option<Self> {
        match decision.outcome {
            Outcome::Metered { .. } => Some(Self::MeteredRead),
            Outcome::Wall(reason) => Some(Self::Wall(reason)),
            Outcome::Open(OpenReason::Crawler | OpenReason::Staff) => None,
            Outcome::Open(_) => Some(Self::OpenRead),
        }
    }

    /// Whether somebody read the whole text.
    pub fn is_read(self) -> bool {
        matches!(self, Self::MeteredRead | Self::OpenRead)
    }

    /// Whether somebody met a wall.
    pub fn is_wall(self) -> bool {
        matches!(self, Self::Wall(_))
    }
}

/// The place of one among all of its kind.
fn place<T: PartialEq>(all: &[T], one: &T) -> i16 {
    let place = all.iter().position(|known| known == one);
    place.and_then(|place| i16::try_from(place).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_names_one() {
        for counted in Counted::ALL {
            assert_eq!(Counted::numbered(counted.number()), Some(counted));
        }
        for wall in WALLS.map(Some).into_iter().chain([None]) {
            for step in FunnelStep::ALL {
                let counted = Counted::After(wall, step);
                assert_eq!(Counted::numbered(counted.number()), Some(counted));
            }
        }
        for referrer in Referrer::ALL {
            for counted in [Counted::ReadFrom(referrer), Counted::WallFrom(referrer)] {
                assert_eq!(Counted::numbered(counted.number()), Some(counted));
            }
        }
        for none in [-1, 0, 18, 99, 104, 170, 206, 306, 310, i16::MAX] {
            assert_eq!(Counted::numbered(none), None, "{none}");
        }
    }
}

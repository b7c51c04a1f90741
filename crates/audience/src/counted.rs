//! The events that are counted per article and day.

use masthead_access::{Arm, Decision, OpenReason, Outcome, WallReason};
use strum::EnumCount as _;

use crate::Referrer;

/// The goal of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumCount)]
pub enum Goal {
    /// The reader registers.
    Registered,
    /// The reader pays or starts a trial.
    Subscribed,
}

impl Goal {
    /// Both goals.
    pub const ALL: [Self; Self::COUNT] = [Self::Registered, Self::Subscribed];
}

/// A step in the funnel from a wall to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumCount)]
pub enum FunnelStep {
    /// The reader saw the offers.
    OffersSeen,
    /// The reader registered.
    Registered,
    /// The reader started a free trial.
    TrialBegun,
    /// The reader paid.
    Bought,
}

impl FunnelStep {
    /// All steps, in order.
    pub const ALL: [Self; Self::COUNT] =
        [Self::OffersSeen, Self::Registered, Self::TrialBegun, Self::Bought];

    /// Returns the event that is counted for the article from which the reader came.
    pub fn counted(self) -> CountedEvent {
        match self {
            Self::OffersSeen => CountedEvent::OffersSeen,
            Self::Registered => CountedEvent::Registered,
            Self::TrialBegun => CountedEvent::TrialBegun,
            Self::Bought => CountedEvent::Bought,
        }
    }
}

/// All reasons for a wall, in the order of their stored numbers.
const WALLS: [WallReason; WallReason::COUNT] = [
    WallReason::Meter,
    WallReason::Register,
    WallReason::Subscribers,
    WallReason::Product,
    WallReason::TrialEnded,
    WallReason::SubscriptionEnded,
    WallReason::SubscriptionPaused,
];

/// A counted event. Events are counted per article unless noted otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::EnumCount)]
pub enum CountedEvent {
    /// The article was read for one read of a meter.
    MeteredRead,
    /// The article was read without one: free, again, or by a subscriber.
    OpenRead,
    /// The reader got a wall for this reason.
    Wall(WallReason),
    /// A reader who came from the article registered.
    Registered,
    /// A reader who came from the article saw the offers.
    OffersSeen,
    /// A reader who came from the article started a checkout.
    CheckoutBegun,
    /// A reader who came from the article started a free trial.
    TrialBegun,
    /// A reader who came from the article paid.
    Bought,
    /// A reader in this arm reached the goal. Counted per experiment.
    Treatment(Arm, Goal),
    /// A reader took a step after this wall, or without a wall. Not counted per article.
    After(Option<WallReason>, FunnelStep),
    /// A reader came from there to a full text. Not one of [`CountedEvent::ALL`].
    ReadFrom(Referrer),
    /// A reader came from there to a wall. Not one of [`CountedEvent::ALL`].
    WallFrom(Referrer),
}

impl CountedEvent {
    /// How many variants carry data: those with a wall or an arm are in [`CountedEvent::ALL`] once for each, the others are
    /// not counted per article.
    const WITH_DATA: usize = 5;

    /// All events that are counted per article or experiment.
    pub const ALL: [Self;
        Self::COUNT - Self::WITH_DATA + WallReason::COUNT + Arm::COUNT * Goal::COUNT] = [
        Self::MeteredRead,
        Self::OpenRead,
        Self::Wall(WallReason::Meter),
        Self::Wall(WallReason::Register),
        Self::Wall(WallReason::Subscribers),
        Self::Wall(WallReason::Product),
        Self::Wall(WallReason::TrialEnded),
        Self::Wall(WallReason::SubscriptionEnded),
        Self::Wall(WallReason::SubscriptionPaused),
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

    /// The number as stored in the database. It must never change.
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
            Self::Wall(WallReason::SubscriptionPaused) => 18,
            Self::After(wall, step) => {
                let wall = wall.map_or(0, |wall| 1 + index_of(&WALLS, &wall));
                100 + 10 * wall + index_of(&FunnelStep::ALL, &step)
            }
            Self::ReadFrom(referrer) => 200 + index_of(&Referrer::ALL, &referrer),
            Self::WallFrom(referrer) => 300 + index_of(&Referrer::ALL, &referrer),
        }
    }

    /// Returns the event with this number, or `None` if there is none.
    pub fn from_number(number: i16) -> Option<Self> {
        let (tens, ones) = (number / 10, usize::try_from(number % 10).ok()?);
        match tens {
            10 => FunnelStep::ALL.get(ones).map(|step| Self::After(None, *step)),
            11..=17 => {
                let wall = *WALLS.get(usize::try_from(tens - 11).ok()?)?;
                FunnelStep::ALL.get(ones).map(|step| Self::After(Some(wall), *step))
            }
            20 => Referrer::ALL.get(ones).map(|referrer| Self::ReadFrom(*referrer)),
            30 => Referrer::ALL.get(ones).map(|referrer| Self::WallFrom(*referrer)),
            _ => Self::ALL.into_iter().find(|counted| counted.number() == number),
        }
    }

    /// Returns the reason of the wall that it counts, or `None` if it counts none.
    pub fn wall(self) -> Option<WallReason> {
        match self {
            Self::Wall(reason) => Some(reason),
            _ => None,
        }
    }

    /// Returns the event for a decision, or `None` for crawlers and staff, which are not counted.
    pub fn of(decision: &Decision) -> Option<Self> {
        match decision.outcome {
            Outcome::Metered { .. } => Some(Self::MeteredRead),
            Outcome::Wall(reason) => Some(Self::Wall(reason)),
            Outcome::Open(OpenReason::Crawler | OpenReason::Staff) => None,
            Outcome::Open(_) => Some(Self::OpenRead),
        }
    }

    /// Returns `true` if a full text was read.
    pub fn is_read(self) -> bool {
        matches!(self, Self::MeteredRead | Self::OpenRead)
    }

    /// Returns `true` if a reader got a wall.
    pub fn is_wall(self) -> bool {
        matches!(self, Self::Wall(_))
    }
}

/// Returns the index of `one` in `all`.
fn index_of<T: PartialEq>(all: &[T], one: &T) -> i16 {
    let index = all.iter().position(|known| known == one);
    index.and_then(|index| i16::try_from(index).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip() {
        for counted in CountedEvent::ALL {
            assert_eq!(CountedEvent::from_number(counted.number()), Some(counted));
        }
        for wall in WALLS.map(Some).into_iter().chain([None]) {
            for step in FunnelStep::ALL {
                let counted = CountedEvent::After(wall, step);
                assert_eq!(CountedEvent::from_number(counted.number()), Some(counted));
            }
        }
        for referrer in Referrer::ALL {
            for counted in [CountedEvent::ReadFrom(referrer), CountedEvent::WallFrom(referrer)] {
                assert_eq!(CountedEvent::from_number(counted.number()), Some(counted));
            }
        }
        for none in [-1, 0, 19, 99, 104, 174, 180, 206, 306, 310, i16::MAX] {
            assert_eq!(CountedEvent::from_number(none), None, "{none}");
        }
    }
}

//! When something is said, and where it stands.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use super::Variable;
use crate::{
    decision::{Decision, Outcome, WallReason},
    policy::Policy,
    standing::Standing,
};

/// The occasion for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// A read was spent and some remain.
    MeterLeft,
    /// A read was spent and none remain.
    MeterLast,
    /// The wall: the meter has run out.
    WallMeter,
    /// The wall: an account would open it.
    WallRegister,
    /// The wall: for subscribers.
    WallSubscribers,
    /// The wall: for holders of a product.
    WallProduct,
    /// The wall: the trial has ended.
    WallTrialEnded,
    /// The wall: the subscription has ended.
    WallSubscriptionEnded,
    /// Beside an open article: the trial ends soon.
    NoticeTrialEnding,
    /// Beside an open article: the trial has ended.
    NoticeTrialEnded,
    /// Beside an open article: the cancelled subscription ends soon.
    NoticeSubscriptionEnding,
    /// Beside an open article: the subscription has ended.
    NoticeSubscriptionEnded,
    /// Beside an open article: the renewal payment failed.
    NoticePaymentFailed,
    /// Beside an open article: an offer runs that the reader may take.
    NoticeOffer,
}

/// A text that names no moment or placement.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no {what} \"{name}\"; there are {known}")]
pub struct Unknown {
    what: &'static str,
    name: String,
    known: String,
}

impl Moment {
    /// Every moment there is.
    pub const ALL: [Self; 14] = [
        Self::MeterLeft,
        Self::MeterLast,
        Self::WallMeter,
        Self::WallRegister,
        Self::WallSubscribers,
        Self::WallProduct,
        Self::WallTrialEnded,
        Self::WallSubscriptionEnded,
        Self::NoticeTrialEnding,
        Self::NoticeTrialEnded,
        Self::NoticeSubscriptionEnding,
        Self::NoticeSubscriptionEnded,
        Self::NoticePaymentFailed,
        Self::NoticeOffer,
    ];

    /// The name by which publishers write of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MeterLeft => "meter.left",
            Self::MeterLast => "meter.last",
            Self::WallMeter => "wall.meter",
            Self::WallRegister => "wall.register",
            Self::WallSubscribers => "wall.subscribers",
            Self::WallProduct => "wall.product",
            Self::WallTrialEnded => "wall.trial-ended",
            Self::WallSubscriptionEnded => "wall.subscription-ended",
            Self::NoticeTrialEnding => "notice.trial-ending",
            Self::NoticeTrialEnded => "notice.trial-ended",
            Self::NoticeSubscriptionEnding => "notice.subscription-ending",
            Self::NoticeSubscriptionEnded => "notice.subscription-ended",
            Self::NoticePaymentFailed => "notice.payment-failed",
            Self::NoticeOffer => "notice.offer",
        }
    }

    /// Whether it comes with a wall.
    pub fn is_wall(self) -> bool {
        self.name().starts_with("wall.")
    }

    /// The variables that may be used in its messages.
    pub fn variables(self) -> &'static [Variable] {
        use Variable as V;
        match self {
            Self::MeterLeft | Self::MeterLast => &[
                V::NumberArticlesLeft,
                V::Allowance,
                V::Publication,
                V::ResetsOn,
                V::ReaderName,
                V::Price,
                V::OfferEnds,
            ],
            Self::WallMeter | Self::WallRegister => &[
                V::Allowance,
                V::RegisteredAllowance,
                V::Publication,
                V::ResetsOn,
                V::ReaderName,
                V::Price,
                V::OfferEnds,
            ],
            Self::WallSubscribers
            | Self::WallProduct
            | Self::NoticeOffer
            | Self::NoticePaymentFailed => &[V::Publication, V::ReaderName, V::Price, V::OfferEnds],
            Self::WallTrialEnded
            | Self::WallSubscriptionEnded
            | Self::NoticeTrialEnding
            | Self::NoticeTrialEnded
            | Self::NoticeSubscriptionEnding
            | Self::NoticeSubscriptionEnded => {
                &[V::EndedOn, V::Publication, V::ReaderName, V::Price, V::OfferEnds]
            }
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Moment {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|moment| moment.name() == text);
        named.ok_or_else(|| Unknown {
            what: "moment",
            name: text.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// Where a message stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Placement {
    /// Slim and dismissible, at the foot of the window.
    Banner,
    /// After the text.
    Inline,
    /// Under the teaser.
    Wall,
}

impl Placement {
    /// Every placement there is.
    pub const ALL: [Self; 3] = [Self::Banner, Self::Inline, Self::Wall];

    /// The name by which publishers and templates write of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Inline => "inline",
            Self::Wall => "wall",
        }
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Placement {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|placement| placement.name() == text);
        named.ok_or_else(|| Unknown {
            what: "placement",
            name: text.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// What there is to say with one decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Moments {
    /// About the meter or the wall.
    pub main: Option<Moment>,
    /// About how the signed-in reader stands.
    pub notice: Option<Moment>,
    /// About a running offer.
    pub offer: Option<Moment>,
}

impl Moments {
    /// The moments that `decision` brings. `offer_runs` says whether an offer runs that the reader
    /// may take.
    pub fn of(decision: &Decision, policy: &Policy, now: Timestamp, offer_runs: bool) -> Self {
        let main = match decision.outcome {
            Outcome::Metered { left: 0 } => Some(Moment::MeterLast),
            Outcome::Metered { .. } => Some(Moment::MeterLeft),
            Outcome::Open(_) => None,
            Outcome::Wall(reason) => Some(match reason {
                WallReason::Meter => Moment::WallMeter,
                WallReason::Register => Moment::WallRegister,
                WallReason::Subscribers => Moment::WallSubscribers,
                WallReason::Product => Moment::WallProduct,
                WallReason::TrialEnded => Moment::WallTrialEnded,
                WallReason::SubscriptionEnded => Moment::WallSubscriptionEnded,
            }),
        };
        let open = decision.delivers_full_text();
        let standing = decision.trace.standing;
        Self {
            main,
            notice: open.then(|| notice(standing, policy, now)).flatten(),
            offer: (open && offer_runs && may_buy(standing)).then_some(Moment::NoticeOffer),
        }
    }

    /// The moments, the most pressing first.
    pub fn iter(self) -> impl Iterator<Item = Moment> {
        [self.main, self.notice, self.offer].into_iter().flatten()
    }
}

fn notice(standing: Standing, policy: &Policy, now: Timestamp) -> Option<Moment> {
    let soon = |ends: Timestamp| ends.duration_since(now) <= policy.notice_before;
    match standing {
        Standing::Trial { ends } => soon(ends).then_some(Moment::NoticeTrialEnding),
        Standing::Subscribed { ends: Some(ends) } => {
            soon(ends).then_some(Moment::NoticeSubscriptionEnding)
        }
        Standing::Grace => Some(Moment::NoticePaymentFailed),
        Standing::TrialEnded { .. } => Some(Moment::NoticeTrialEnded),
        Standing::SubscriptionEnded { .. } => Some(Moment::NoticeSubscriptionEnded),
        Standing::Anonymous
        | Standing::Registered
        | Standing::Subscribed { ends: None }
        | Standing::Member
        | Standing::Staff => None,
    }
}

fn may_buy(standing: Standing) -> bool {
    match standing {
        Standing::Anonymous
        | Standing::Registered
        | Standing::Trial { .. }
        | Standing::TrialEnded { .. }
        | Standing::SubscriptionEnded { .. } => true,
        Standing::Subscribed { .. } | Standing::Grace | Standing::Member | Standing::Staff => false,
    }
}

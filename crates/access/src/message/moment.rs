//! When a message is shown, and where on the page.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use strum::EnumCount as _;

use super::Variable;
use crate::{
    decision::{Decision, Outcome, WallReason},
    policy::Policy,
    standing::Standing,
};

/// The occasion on which a message is shown.
///
/// To add one: add a variant, which the compiler asks for the rest, its built-in words in every language of
/// `defaults`, and a row in the guide's chapter on messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum_macros::EnumCount)]
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
    /// The wall: the reader has paused their subscription.
    WallSubscriptionPaused,
    /// Next to an open article: the trial ends soon.
    NoticeTrialEnding,
    /// Next to an open article: the trial has ended.
    NoticeTrialEnded,
    /// Next to an open article: the cancelled subscription ends soon.
    NoticeSubscriptionEnding,
    /// Next to an open article: the subscription has ended.
    NoticeSubscriptionEnded,
    /// Next to an open article: the renewal payment failed.
    NoticePaymentFailed,
    /// Next to an open article: there is a current offer that the reader is eligible for.
    NoticeOffer,
}

/// The error for a text that is not a moment or placement.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no {what} \"{name}\"; there are {known}")]
pub struct ParseNameError {
    what: &'static str,
    name: String,
    known: String,
}

impl Moment {
    /// All moments.
    pub const ALL: [Self; Self::COUNT] = [
        Self::MeterLeft,
        Self::MeterLast,
        Self::WallMeter,
        Self::WallRegister,
        Self::WallSubscribers,
        Self::WallProduct,
        Self::WallTrialEnded,
        Self::WallSubscriptionEnded,
        Self::WallSubscriptionPaused,
        Self::NoticeTrialEnding,
        Self::NoticeTrialEnded,
        Self::NoticeSubscriptionEnding,
        Self::NoticeSubscriptionEnded,
        Self::NoticePaymentFailed,
        Self::NoticeOffer,
    ];

    /// The name in configuration files and templates.
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
            Self::WallSubscriptionPaused => "wall.subscription-paused",
            Self::NoticeTrialEnding => "notice.trial-ending",
            Self::NoticeTrialEnded => "notice.trial-ended",
            Self::NoticeSubscriptionEnding => "notice.subscription-ending",
            Self::NoticeSubscriptionEnded => "notice.subscription-ended",
            Self::NoticePaymentFailed => "notice.payment-failed",
            Self::NoticeOffer => "notice.offer",
        }
    }

    /// Returns `true` if the message is shown on a wall.
    pub fn is_wall(self) -> bool {
        self.name().starts_with("wall.")
    }

    /// The variables that have a value at this moment.
    pub fn variables(self) -> &'static [Variable] {
        use Variable as V;
        match self {
            Self::MeterLeft | Self::MeterLast => &[
                V::NumberArticlesLeft,
                V::Allowance,
                V::RegisteredMore,
                V::Publication,
                V::ResetsOn,
                V::ReaderName,
                V::Price,
                V::OfferEnds,
            ],
            Self::WallMeter | Self::WallRegister => &[
                V::Allowance,
                V::RegisteredAllowance,
                V::RegisteredMore,
                V::Publication,
                V::ResetsOn,
                V::ReaderName,
                V::Price,
                V::OfferEnds,
            ],
            Self::WallSubscribers | Self::WallProduct | Self::NoticeOffer => {
                &[V::Publication, V::ReaderName, V::Price, V::OfferEnds]
            }
            Self::WallSubscriptionPaused => {
                &[V::PausedUntil, V::Publication, V::ReaderName, V::Price, V::OfferEnds]
            }
            Self::WallTrialEnded
            | Self::WallSubscriptionEnded
            | Self::NoticePaymentFailed
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
    type Err = ParseNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|moment| moment.name() == text);
        named.ok_or_else(|| ParseNameError {
            what: "moment",
            name: text.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// Where on the page a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, strum_macros::EnumCount)]
pub enum Placement {
    /// A slim, dismissible bar at the bottom of the window.
    Banner,
    /// After the article text.
    Inline,
    /// Below the teaser.
    Wall,
}

impl Placement {
    /// All placements.
    pub const ALL: [Self; Self::COUNT] = [Self::Banner, Self::Inline, Self::Wall];

    /// The name in configuration files and templates.
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
    type Err = ParseNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|placement| placement.name() == text);
        named.ok_or_else(|| ParseNameError {
            what: "placement",
            name: text.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// The moments that apply to one decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Moments {
    /// About the meter or the wall.
    pub main: Option<Moment>,
    /// About the standing of the signed-in reader.
    pub notice: Option<Moment>,
    /// About a running offer.
    pub offer: Option<Moment>,
}

impl Moments {
    /// Returns the moments for `decision`. `offer_runs` says whether there is a current offer that
    /// the reader is eligible for.
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
                WallReason::SubscriptionPaused => Moment::WallSubscriptionPaused,
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

    /// Iterates over the moments, most important first.
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
        Standing::Grace { .. } => Some(Moment::NoticePaymentFailed),
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
        Standing::Subscribed { .. }
        | Standing::Grace { .. }
        | Standing::Member
        | Standing::Staff => false,
    }
}

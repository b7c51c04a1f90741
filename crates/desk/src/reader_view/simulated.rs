//! Simulated readers, for previews.

use jiff::{SignedDuration, Timestamp};
use masthead_access::{RequestContext, Standing};
use masthead_circulation::History;
use masthead_publication::preview::SimulatedReader;

use crate::words::DeskWords;

/// More than any meter counts.
pub(crate) const MAX_READ: u32 = 1000;
/// How long the trial of a simulated reader lasts, and how long ago what has ended did.
const THREE_DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The readers that can be simulated: the name in addresses, and that of the word for it.
pub(crate) const STANDINGS: [(&str, &str); 11] = [
    ("anonymous", "reader_anonymous"),
    ("registered", "reader_registered"),
    ("trial", "reader_trial"),
    ("subscribed", "reader_subscribed"),
    ("cancelled", "reader_cancelled"),
    ("grace", "reader_grace"),
    ("paused", "reader_paused"),
    ("trial-ended", "reader_trial_ended"),
    ("subscription-ended", "reader_subscription_ended"),
    ("crawler", "reader_crawler"),
    ("preview", "reader_link_preview"),
];

/// The readers to choose from: the name in addresses, and the label.
pub(crate) fn standings(words: DeskWords) -> Vec<(&'static str, &'static str)> {
    STANDINGS.map(|(name, label)| (name, words.text(label))).into()
}

/// A simulated reader who has read this many other articles. Returns `None` if `name` is not in [`STANDINGS`].
pub(crate) fn simulate(name: &str, read: u32, now: Timestamp) -> Option<SimulatedReader> {
    let (soon, past) = (now + THREE_DAYS, now - THREE_DAYS);
    let plain = RequestContext::Plain;
    let (context, standing) = match name {
        "anonymous" => (plain, Standing::Anonymous),
        "registered" | "paused" => (plain, Standing::Registered),
        "trial" => (plain, Standing::Trial { ends: soon }),
        "subscribed" => (plain, Standing::Subscribed { ends: None }),
        "cancelled" => (plain, Standing::Subscribed { ends: Some(soon) }),
        "grace" => (plain, Standing::Grace { ends: soon }),
        "trial-ended" => (plain, Standing::TrialEnded { at: past }),
        "subscription-ended" => (plain, Standing::SubscriptionEnded { at: past }),
        "crawler" => (RequestContext::VerifiedCrawler, Standing::Anonymous),
        "preview" => (RequestContext::LinkPreview, Standing::Anonymous),
        _ => return None,
    };
    let pause = (name == "paused").then_some(soon);
    let history = match standing {
        Standing::Registered if pause.is_some() => History::Live,
        Standing::Anonymous | Standing::Registered | Standing::Member | Standing::Staff => {
            History::New
        }
        Standing::Trial { .. } => History::InTrial,
        Standing::Subscribed { .. } | Standing::Grace { .. } => History::Live,
        Standing::TrialEnded { .. } | Standing::SubscriptionEnded { .. } => History::Lapsed,
    };
    Some(SimulatedReader {
        standing,
        products: Vec::new(),
        paused_until: pause,
        read,
        has_read_this: false,
        context,
        history,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_can_be_simulated() {
        for (name, _) in STANDINGS {
            assert!(simulate(name, 0, Timestamp::UNIX_EPOCH).is_some(), "{name}");
        }
        assert!(simulate("king", 0, Timestamp::UNIX_EPOCH).is_none());
    }
}

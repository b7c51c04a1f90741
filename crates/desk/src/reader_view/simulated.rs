//! Simulated readers, for previews.

use jiff::{SignedDuration, Timestamp};
use masthead_access::{RequestContext, Standing};
use masthead_circulation::History;
use masthead_publication::preview::SimulatedReader;

/// More than any meter counts.
pub(crate) const MAX_READ: u32 = 1000;
/// How long the trial of a simulated reader lasts, and how long ago what has ended did.
const THREE_DAYS: SignedDuration = SignedDuration::from_hours(3 * 24);

/// The readers that can be simulated: the name in addresses, and a description.
pub(crate) const STANDINGS: [(&str, &str); 11] = [
    ("anonymous", "A reader without an account"),
    ("registered", "A registered reader"),
    ("trial", "In a trial that ends in three days"),
    ("subscribed", "A subscriber"),
    ("cancelled", "A subscriber who has cancelled, until three days ahead"),
    ("grace", "A subscriber whose payment failed"),
    ("paused", "A subscriber who has paused, until three days ahead"),
    ("trial-ended", "Whose trial ended three days ago"),
    ("subscription-ended", "Whose subscription ended three days ago"),
    ("crawler", "A search engine that has proved itself"),
    ("preview", "A robot that draws a card for a shared link"),
];

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

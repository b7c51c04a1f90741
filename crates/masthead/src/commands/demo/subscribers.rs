//! Simulated subscribers of the demonstration, so that the desk has something to show. They are not
//! renewed and get no emails.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::{
    Catalogue, EmailAddress, Ending, Mandate, State, Subscription, SubscriptionId,
};
use masthead_store::Store;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::error::CliError;

/// The number of simulated subscribers.
const SUBSCRIBERS: u32 = 160;
/// How many days ago the first of them subscribed.
const DAYS: i64 = 420;

/// Adds subscribers to the products in the catalogue.
pub async fn simulate(
    store: &Store,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<(), CliError> {
    let day = |days: i64| SignedDuration::from_hours(24 * days);
    // The same in every demonstration.
    let mut chance = StdRng::seed_from_u64(11);
    let mut subscriptions = Vec::new();
    for number in 1..=SUBSCRIBERS {
        let Some(price) =
            catalogue.prices().get(chance.random_range(0..3) % catalogue.prices().len().max(1))
        else {
            break;
        };
        let Some(terms) = catalogue.terms(price.into()) else { break };
        let came = DAYS - DAYS * i64::from(number) / i64::from(SUBSCRIBERS);
        let begun = now - day(came) - SignedDuration::from_mins(chance.random_range(0..1440));
        let stayed = chance.random_range(40..900);
        let state = if stayed < came {
            State::Ended { at: begun + day(stayed), why: Ending::Cancelled }
        } else if stayed - came < 20 {
            State::Cancelling { ends: now + day(stayed - came + 1), trial: false }
        } else {
            State::Active { through: now + day(chance.random_range(1..30)) }
        };
        let address = format!("reader-{number}@example.org");
        let Ok(email) = address.parse::<EmailAddress>() else { continue };
        let (account, _) = store.register(&email, begun).await?;
        let id = SubscriptionId::UNSTORED;
        let subscription = Subscription::start(
            id,
            account.id,
            terms,
            Mandate::manual(),
            begun,
            &jiff::tz::TimeZone::UTC,
        );
        subscriptions.push((Subscription { state, ..subscription }, None));
    }
    if subscriptions.is_empty() {
        return Ok(());
    }
    Ok(store.import_subscriptions(&subscriptions).await?)
}

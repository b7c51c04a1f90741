//! How often forms may be sent, codes tried, searches made, feeds guessed, checkouts begun, and data downloaded: by network and
//! account. Each server counts for itself, in memory; emails are counted in `email_limits`.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use masthead_access::network;
use masthead_circulation::AccountId;
use moka::{policy::EvictionPolicy, sync::Cache};

/// Forms sent from one network: the burst, and the time in which one more is allowed.
const FORMS: (u32, Duration) = (60, Duration::from_secs(10));
/// Codes of offers tried from one network, which may be a whole university's.
const CODES: (u32, Duration) = (300, Duration::from_secs(2));
/// Searches from one network, which may be a whole university's.
const SEARCHES: (u32, Duration) = (200, Duration::from_secs(1));
/// Requests from one network for all posts of an article's live coverage.
const LIVE_POSTS: (u32, Duration) = (200, Duration::from_secs(1));
/// Checkouts of one account.
const CHECKOUTS: (u32, Duration) = (20, Duration::from_mins(1));
/// Downloads of everything about one account.
const EXPORTS: (u32, Duration) = (5, Duration::from_mins(10));
/// How often one account has what was read written at once, so that a page shows it.
const FLUSHES: (u32, Duration) = (10, Duration::from_secs(10));
/// Requests from one network for personal feeds that do not exist. A network that has used them up is told to wait.
const FEED_GUESSES: (u32, Duration) = (60, Duration::from_secs(10));
/// How long that is.
const FEEDS_REFUSED: Duration = Duration::from_mins(10);
/// Requests of one app for its token; it should wait five seconds between two.
const POLLS: (u32, Duration) = (2, Duration::from_secs(4));
/// Keys of one limit in memory. Beyond that, those that were used least recently are forgotten.
const MAX_KEYS: u64 = 100_000;

/// The maximum number of messages to webhooks that arrive at the same time. Together with their maximum size it bounds the
/// memory that they take. Anybody can send some, slowly, so one network has only a part.
pub(crate) const WEBHOOKS_ARRIVING: usize = 256;
/// That part.
pub(crate) const WEBHOOKS_ARRIVING_FROM_ONE_NETWORK: usize = 16;
/// The maximum number of signed messages that are handled at the same time.
pub(crate) const WEBHOOKS_HANDLED_AT_ONCE: usize = 64;
/// The maximum number of invoices that are made into PDF files at the same time. Others wait.
pub(crate) const INVOICES_PRINTED_AT_ONCE: usize = 2;

/// See the module's documentation.
pub struct Limits {
    exempts_internal: bool,
    forms: KeyedLimit<IpAddr>,
    codes: KeyedLimit<IpAddr>,
    searches: KeyedLimit<IpAddr>,
    live_posts: KeyedLimit<IpAddr>,
    checkouts: KeyedLimit<AccountId>,
    exports: KeyedLimit<AccountId>,
    flushes: KeyedLimit<AccountId>,
    polls: KeyedLimit<String>,
    feed_guesses: KeyedLimit<IpAddr>,
    /// The networks that are told to wait.
    guessing: Cache<IpAddr, ()>,
}

impl Limits {
    /// Creates the limits. Those on networks do not apply to internal addresses in the demonstration.
    pub fn new(is_demo: bool) -> Self {
        Self {
            exempts_internal: is_demo,
            forms: KeyedLimit::new(quota(FORMS), MAX_KEYS),
            codes: KeyedLimit::new(quota(CODES), MAX_KEYS),
            searches: KeyedLimit::new(quota(SEARCHES), MAX_KEYS),
            live_posts: KeyedLimit::new(quota(LIVE_POSTS), MAX_KEYS),
            checkouts: KeyedLimit::new(quota(CHECKOUTS), MAX_KEYS),
            exports: KeyedLimit::new(quota(EXPORTS), MAX_KEYS),
            flushes: KeyedLimit::new(quota(FLUSHES), MAX_KEYS),
            polls: KeyedLimit::new(quota(POLLS), MAX_KEYS),
            feed_guesses: KeyedLimit::new(quota(FEED_GUESSES), MAX_KEYS),
            guessing: Cache::builder()
                .max_capacity(MAX_KEYS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(FEEDS_REFUSED)
                .build(),
        }
    }

    /// Whether one more form may come from this address's network.
    pub fn admit_form(&self, from: IpAddr) -> bool {
        self.is_exempt(from) || self.forms.admit(network::prefix(from))
    }

    /// Whether one more code of an offer may be tried from this address's network.
    pub fn admit_code(&self, from: IpAddr) -> bool {
        self.is_exempt(from) || self.codes.admit(network::prefix(from))
    }

    fn is_exempt(&self, address: IpAddr) -> bool {
        self.exempts_internal && network::is_internal(address)
    }

    /// Whether one more search may come from this address's network.
    pub fn admit_search(&self, from: IpAddr) -> bool {
        self.is_exempt(from) || self.searches.admit(network::prefix(from))
    }

    /// Whether the posts of live coverage may be read once more for this address's network.
    pub fn admit_live_posts(&self, from: IpAddr) -> bool {
        self.is_exempt(from) || self.live_posts.admit(network::prefix(from))
    }

    /// Whether an account may begin one more checkout.
    pub fn admit_checkout(&self, account: AccountId) -> bool {
        self.checkouts.admit(account)
    }

    /// Whether an account may download everything about it once more.
    pub fn admit_export(&self, account: AccountId) -> bool {
        self.exports.admit(account)
    }

    /// Whether what was read may be written at once for a page of an account.
    pub fn admit_flush(&self, account: AccountId) -> bool {
        self.flushes.admit(account)
    }

    /// Whether a personal feed that does not exist may be asked for from this address's network.
    pub fn admit_feed(&self, from: IpAddr) -> bool {
        self.is_exempt(from) || !self.guessing.contains_key(&network::prefix(from))
    }

    /// Counts a personal feed that does not exist. Returns `false` if it was one too many for this address's network.
    pub fn admit_feed_guess(&self, from: IpAddr) -> bool {
        let network = network::prefix(from);
        if self.is_exempt(from) || self.feed_guesses.admit(network) {
            return true;
        }
        self.guessing.insert(network, ());
        false
    }

    /// Whether an app may ask for its token once more.
    pub fn admit_poll(&self, app: &str) -> bool {
        self.polls.admit(app.to_owned())
    }
}

/// A limit on each key separately.
struct KeyedLimit<K> {
    quota: Quota,
    limiters: Cache<K, Arc<DefaultDirectRateLimiter>>,
}

impl<K: Eq + Hash + Send + Sync + 'static> KeyedLimit<K> {
    fn new(quota: Quota, max_keys: u64) -> Self {
        let limiters = Cache::builder()
            .max_capacity(max_keys)
            // The default policy would refuse new keys when there are many.
            .eviction_policy(EvictionPolicy::lru())
            // A key that was idle for so long has its whole quota again.
            .time_to_idle(quota.burst_size_replenished_in())
            .build();
        Self { quota, limiters }
    }

    /// Returns `true` if one more is within this key's quota. The cache evicts a few keys at a time, so no
    /// call takes long.
    fn admit(&self, key: K) -> bool {
        let limiter = self.limiters.get_with(key, || Arc::new(RateLimiter::direct(self.quota)));
        limiter.check().is_ok()
    }
}

fn quota((burst, period): (u32, Duration)) -> Quota {
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    // A period of zero is refused; there is none above.
    Quota::with_period(period).unwrap_or(Quota::per_minute(burst)).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_in_memory_are_bounded_and_an_exhausted_key_stays_exhausted() {
        const KEYS: u64 = 1000;
        let limit = KeyedLimit::new(quota(FORMS), KEYS);
        let exhaust = |key| (0..FORMS.0).all(|_| limit.admit(key));
        assert!(exhaust(u64::MAX));
        for key in 0..20 * KEYS {
            limit.admit(key);
            if key % 100 == 0 {
                assert!(!limit.admit(u64::MAX), "after {key} other keys");
            }
        }
        limit.limiters.run_pending_tasks();
        assert!(limit.limiters.entry_count() <= KEYS);
    }

    #[test]
    fn a_network_is_one_and_an_account_is_one() {
        let limits = Limits::new(false);
        for host in 0..60 {
            assert!(limits.admit_form([203, 0, 113, host].into()));
        }
        assert!(!limits.admit_form([203, 0, 113, 200].into()));
        assert!(limits.admit_form([203, 0, 114, 1].into()));
        assert!((0..20).all(|_| limits.admit_checkout(AccountId(1))));
        assert!(!limits.admit_checkout(AccountId(1)) && limits.admit_checkout(AccountId(2)));
    }

    #[test]
    fn only_the_demonstration_exempts_this_machine() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        let admitted = |limits: &Limits| (0..70).filter(|_| limits.admit_form(loopback)).count();
        assert_eq!(admitted(&Limits::new(false)), 60);
        assert_eq!(admitted(&Limits::new(true)), 70);
    }
}

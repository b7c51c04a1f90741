//! How often letters may be asked for, codes tried, and checkouts begun: by network, address and account.

use std::{hash::Hash, net::IpAddr, num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use masthead_access::network;
use masthead_circulation::AccountId;

/// Letters to one address: so many at once, and one more every so often.
const LETTERS: (u32, Duration) = (5, Duration::from_mins(3));
/// Forms sent from one network.
const FORMS: (u32, Duration) = (60, Duration::from_secs(10));
/// Codes of offers tried from one network, which may be a whole university's.
const CODES: (u32, Duration) = (300, Duration::from_secs(2));
/// Checkouts of one account.
const CHECKOUTS: (u32, Duration) = (20, Duration::from_mins(1));
/// Questions of one app whether it has been let in; it should wait five seconds between two.
const QUESTIONS: (u32, Duration) = (2, Duration::from_secs(4));
/// Keys that are kept before those at rest are forgotten.
const MOST: usize = 100_000;

/// See the module's documentation.
pub struct Limits {
    letters: DefaultKeyedRateLimiter<String>,
    forms: DefaultKeyedRateLimiter<IpAddr>,
    codes: DefaultKeyedRateLimiter<IpAddr>,
    checkouts: DefaultKeyedRateLimiter<AccountId>,
    questions: DefaultKeyedRateLimiter<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            letters: RateLimiter::keyed(quota(LETTERS)),
            forms: RateLimiter::keyed(quota(FORMS)),
            codes: RateLimiter::keyed(quota(CODES)),
            checkouts: RateLimiter::keyed(quota(CHECKOUTS)),
            questions: RateLimiter::keyed(quota(QUESTIONS)),
        }
    }
}

impl Limits {
    /// Whether one more form may come from this address's network.
    pub fn admit_form(&self, from: IpAddr) -> bool {
        network::prefix(from).is_none_or(|network| admit(&self.forms, &network))
    }

    /// Whether one more code of an offer may be tried from this address's network.
    pub fn admit_code(&self, from: IpAddr) -> bool {
        network::prefix(from).is_none_or(|network| admit(&self.codes, &network))
    }

    /// Whether an account may begin one more checkout.
    pub fn admit_checkout(&self, account: AccountId) -> bool {
        admit(&self.checkouts, &account)
    }

    /// Whether an app may ask once more.
    pub fn admit_question(&self, app: &str) -> bool {
        admit(&self.questions, &app.to_owned())
    }

    /// Whether one more letter may go to an address.
    pub fn admit_letter(&self, to: &str) -> bool {
        admit(&self.letters, &to.to_owned())
    }
}

/// Whether a limiter lets this key through once more. Where it knows too many, those at rest are
/// forgotten.
fn admit<K: Clone + Eq + Hash>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> bool {
    if limiter.len() > MOST {
        limiter.retain_recent();
    }
    limiter.check_key(key).is_ok()
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
    fn a_network_is_one_and_an_address_is_one() {
        let limits = Limits::default();
        for host in 0..60 {
            assert!(limits.admit_form([203, 0, 113, host].into()));
        }
        assert!(!limits.admit_form([203, 0, 113, 200].into()));
        assert!(limits.admit_form([203, 0, 114, 1].into()));
        assert!((0..5).all(|_| limits.admit_letter("ada@example.org")));
        assert!(!limits.admit_letter("ada@example.org"));
        assert!(limits.admit_letter("bob@example.org"));
        assert!((0..20).all(|_| limits.admit_checkout(AccountId(1))));
        assert!(!limits.admit_checkout(AccountId(1)) && limits.admit_checkout(AccountId(2)));
    }
}

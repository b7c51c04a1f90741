//! Links that cancel subscriptions without signing in. Everything that they say is sealed in the link itself, so that
//! nothing is stored about what nobody has confirmed. A link is used up by the first cancellation after it was asked for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use masthead_access::sealed_box::{SealError, SealedBox};
use rand::Rng;

use crate::AccountId;

/// Binds what is sealed to its purpose.
const PURPOSE: &[u8] = b"masthead cancellation link 3";

/// A wish to cancel what an account subscribes to, which its reader confirms by a link in an email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancellationRequest {
    /// The account.
    pub account: AccountId,
    /// How often subscriptions of the account had been cancelled, or its sessions ended, when it was asked for.
    pub cancelled_before: u64,
    /// When it was asked for.
    pub asked: Timestamp,
    /// The reason that the reader gave; may be empty.
    pub reason: String,
}

impl CancellationRequest {
    /// How long a link can be used.
    pub const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
    /// The maximum length of a reason, in characters, so that links stay short.
    pub const MAX_REASON: usize = 200;

    /// Returns the request with this reason, which is cut if it is too long.
    pub fn new(account: AccountId, cancelled_before: u64, reason: &str, asked: Timestamp) -> Self {
        let reason = reason.trim().chars().take(Self::MAX_REASON).collect();
        Self { account, cancelled_before, asked, reason }
    }

    /// Seals the request for a link.
    ///
    /// # Errors
    ///
    /// Fails if there is no key.
    pub fn seal(&self, keys: &SealedBox, rng: &mut impl Rng) -> Result<String, SealError> {
        let Self { account, cancelled_before, asked, reason } = self;
        let message = format!("{} {cancelled_before} {} {reason}", account.0, asked.as_second());
        Ok(URL_SAFE_NO_PAD.encode(keys.seal(message.as_bytes(), PURPOSE, rng)?))
    }

    /// Opens a link at `now`. Returns `None` if it is not genuine or has expired.
    pub fn open(link: &str, keys: &SealedBox, now: Timestamp) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(link).ok()?;
        let message = String::from_utf8(keys.open(&sealed, PURPOSE).ok()?.message).ok()?;
        let mut parts = message.splitn(4, ' ');
        let account = AccountId(parts.next()?.parse().ok()?);
        let cancelled_before = parts.next()?.parse().ok()?;
        let asked = Timestamp::from_second(parts.next()?.parse().ok()?).ok()?;
        let reason = parts.next()?.to_owned();
        let is_current = asked <= now && now < asked + Self::LIFETIME;
        is_current.then_some(Self { account, cancelled_before, asked, reason })
    }
}

#[cfg(test)]
mod tests {
    use masthead_access::token::Keyring;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn keys(seed: u64) -> SealedBox {
        SealedBox::new(&Keyring::generate(&mut StdRng::seed_from_u64(seed)))
    }

    #[test]
    fn a_link_opens_for_a_day_and_with_its_own_keys_only() {
        let asked = Timestamp::from_second(1_800_000_000).expect("a time");
        let request = CancellationRequest::new(AccountId(7), 2, " Too dear, and too long ", asked);
        assert_eq!(request.reason, "Too dear, and too long");
        let link = request.seal(&keys(1), &mut StdRng::seed_from_u64(2)).expect("sealed");
        let open = |keys, now| CancellationRequest::open(&link, &keys, now);
        let last = asked + CancellationRequest::LIFETIME - SignedDuration::from_secs(1);
        assert_eq!(open(keys(1), asked), Some(request.clone()));
        assert_eq!(open(keys(1), last), Some(request));
        assert_eq!(open(keys(1), asked + CancellationRequest::LIFETIME), None);
        assert_eq!(open(keys(2), asked), None, "another publication");
        assert_eq!(CancellationRequest::open("x", &keys(1), asked), None);
    }

    #[test]
    fn a_long_reason_is_cut() {
        let request =
            CancellationRequest::new(AccountId(1), 0, &"ä".repeat(900), Timestamp::UNIX_EPOCH);
        assert_eq!(request.reason.chars().count(), CancellationRequest::MAX_REASON);
        let link = request.seal(&keys(1), &mut StdRng::seed_from_u64(2)).expect("sealed");
        assert!(link.len() < 700, "{}", link.len());
    }
}

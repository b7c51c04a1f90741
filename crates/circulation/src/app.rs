//! Signing in on an app without a browser: the app shows a short code, which the reader enters on
//! the site, where they are signed in (RFC 8628).

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};

use crate::{AccountId, Digest};

/// The lifetime of a code.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// The minimum time between two polls by an app.
pub const INTERVAL: SignedDuration = SignedDuration::from_secs(5);
/// The letters of codes. Without vowels, so that codes do not spell words (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// An app's request to be signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRequest {
    /// The digest of the device code, which the app keeps.
    pub app: Digest,
    /// The digest of the user code, which the reader enters.
    pub code: Digest,
    /// The name that the app gave itself.
    pub name: String,
    /// When it was requested.
    pub asked: Timestamp,
    /// The reader's decision.
    pub answer: AppAnswer,
}

/// A reader's decision about an app's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppAnswer {
    /// Not decided yet.
    None,
    /// The app may act for this account.
    Yes(AccountId),
    /// The app was denied.
    No,
}

impl AppRequest {
    /// Returns `true` if the request has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked) >= LIFETIME
    }
}

/// Generates a user code such as `BCDF-GHJK`.
pub fn generate_code(rng: &mut impl Rng) -> String {
    let mut letter = || char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
    let mut four = || (0..4).map(|_| letter()).collect::<String>();
    format!("{}-{}", four(), four())
}

/// Returns the digest of a user code. Case, spaces and hyphens are ignored.
pub fn code_digest(code: &str) -> Digest {
    let letters: String =
        code.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
    Digest::of(&[letters.as_bytes()])
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn codes_are_accepted_as_people_type_them() {
        let code = generate_code(&mut StdRng::seed_from_u64(1));
        assert_eq!(code.len(), 9);
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        assert_eq!(code_digest(&typed), code_digest(&code));
        assert_ne!(code_digest("BCDF-GHJK"), code_digest("BCDF-GHJL"));
    }
}

//! An app that has no browser asks to be signed in: it shows a short code, and its reader types that
//! on a page of the site where they are signed in (RFC 8628).

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};

use crate::{AccountId, Digest};

/// How long the code is good.
pub const LASTS: SignedDuration = SignedDuration::from_mins(15);
/// How long an app waits between two questions.
pub const INTERVAL: SignedDuration = SignedDuration::from_secs(5);
/// The letters of a code: none that look like others, and no vowels that would make words (RFC 8628,
/// section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// An app has asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRequest {
    /// What the secret that the app holds digests to.
    pub app: Digest,
    /// What the code that its reader types digests to.
    pub code: Digest,
    /// What the app calls itself.
    pub name: String,
    /// When it asked.
    pub asked: Timestamp,
    /// What its reader has said.
    pub answer: Answer,
}

/// What a reader has said to an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing yet.
    None,
    /// It may act for this account.
    Yes(AccountId),
    /// It may not.
    No,
}

impl AppRequest {
    /// Whether the time is up.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked) >= LASTS
    }
}

/// A code as it is shown: `BCDF-GHJK`.
pub fn fresh_code(rng: &mut impl Rng) -> String {
    let mut letter = || char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
    let mut four = || (0..4).map(|_| letter()).collect::<String>();
    format!("{}-{}", four(), four())
}

/// What is kept of a code. People type it in small letters, and without the stroke.
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
    fn codes_are_read_as_people_type_them() {
        let code = fresh_code(&mut StdRng::seed_from_u64(1));
        assert_eq!(code.len(), 9);
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        assert_eq!(code_digest(&typed), code_digest(&code));
        assert_ne!(code_digest("BCDF-GHJK"), code_digest("BCDF-GHJL"));
    }
}

//! Signing in on an app without a browser: the app shows a short code, which the reader enters on
//! the site, where they are signed in (RFC 8628). The reader is told what the app asks for: its scopes.
//!
//! To add a scope: add a variant to [`Scope`], and its words `app_scope_…` to the theme.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};
use strum::VariantArray as _;

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
    /// What it asks for.
    pub scopes: Scopes,
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

/// A part of what an account opens, which an app may ask for (RFC 6749, section 3.3).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    strum_macros::Display,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Scope {
    /// Reading articles with the account's meter and subscriptions.
    Articles,
    /// Seeing who the reader is and what they have bought.
    Account,
}

impl Scope {
    /// The name in requests and in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The scopes of an app; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

/// The error for a text that does not list scopes.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "\"{0}\" is no list of scopes; write `articles`, `account`, or both with a space between them"
)]
pub struct ParseScopesError(String);

impl Scopes {
    /// What an app gets that names no scope.
    pub const ARTICLES: Self = Self(1 << Scope::Articles as u8);

    /// Returns `true` if this scope is one of them.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// The scopes, in the order of [`Scope`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::VARIANTS.iter().copied().filter(move |scope| self.contains(*scope))
    }
}

impl FromStr for Scopes {
    type Err = ParseScopesError;

    /// Parses names that are separated by spaces. An unknown name is an error, so that no app believes it has more than it was
    /// given.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || ParseScopesError(text.chars().take(80).collect());
        let mut scopes = 0;
        for name in text.split_ascii_whitespace() {
            let scope: Scope = name.parse().map_err(|_| invalid())?;
            scopes |= 1 << scope as u8;
        }
        if scopes == 0 { Err(invalid()) } else { Ok(Self(scopes)) }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
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
    fn scopes_round_trip_and_unknown_ones_are_refused() {
        for text in ["articles", "account", "articles account"] {
            assert_eq!(text.parse::<Scopes>().expect("scopes").to_string(), text);
        }
        let both: Scopes = " account  articles account".parse().expect("scopes");
        assert_eq!(both.to_string(), "articles account");
        for text in ["", " ", "desk", "articles desk", "Articles"] {
            assert!(text.parse::<Scopes>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn codes_are_accepted_as_people_type_them() {
        let code = generate_code(&mut StdRng::seed_from_u64(1));
        assert_eq!(code.len(), 9);
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        assert_eq!(code_digest(&typed), code_digest(&code));
        assert_ne!(code_digest("BCDF-GHJK"), code_digest("BCDF-GHJL"));
    }
}

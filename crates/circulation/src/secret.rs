//! Secrets in links and cookies, and the digests that are stored instead of them.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest as _, Sha256};

/// 256 random bits, for links and cookies. Never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// The SHA-256 digest of a secret. It is stored instead of the secret, so that reading the database
/// does not allow signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

/// The error for a text that is not a secret or digest.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not a valid secret or digest")]
pub struct ParseSecretError;

impl Secret {
    /// Generates a new secret.
    pub fn generate(rng: &mut impl Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Returns the digest of the secret.
    pub fn digest(&self) -> Digest {
        Digest::of(&[&self.0])
    }
}

impl Digest {
    /// Returns the digest of the concatenated `parts`.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part);
        }
        Self(digest.finalize().into())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// Hides the secret.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for Secret {
    type Err = ParseSecretError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes(text).map(Self)
    }
}

impl FromStr for Digest {
    type Err = ParseSecretError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes(text).map(Self)
    }
}

fn bytes(text: &str) -> Result<[u8; 32], ParseSecretError> {
    let decoded = URL_SAFE_NO_PAD.decode(text).map_err(|_| ParseSecretError)?;
    decoded.try_into().map_err(|_| ParseSecretError)
}

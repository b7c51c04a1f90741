//! Secrets that only a reader's device or mail holds, and what is kept of them.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest as _, Sha256};

/// 256 random bits, in links and cookies. It is never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// What is stored in the place of a secret: who reads the database cannot sign in with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

/// A text that is no secret or digest.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not of the right form")]
pub struct Malformed;

impl Secret {
    /// A new one.
    pub fn fresh(rng: &mut impl Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(&[&self.0])
    }
}

impl Digest {
    /// The digest of several texts, one after another.
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

/// A secret is not shown where somebody looks for a fault.
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
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes(text).map(Self)
    }
}

impl FromStr for Digest {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        bytes(text).map(Self)
    }
}

fn bytes(text: &str) -> Result<[u8; 32], Malformed> {
    let decoded = URL_SAFE_NO_PAD.decode(text).map_err(|_| Malformed)?;
    decoded.try_into().map_err(|_| Malformed)
}

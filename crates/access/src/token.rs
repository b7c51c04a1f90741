//! The reader token: an anonymous reader's meter in one sealed cookie.
//!
//! A token carries a random id and the reads of the current window, encrypted and authenticated
//! with XChaCha20-Poly1305, so an anonymous reader needs no database row. The publication's address
//! is part of the authenticated data: a token from another site does not open.
//!
//! Sealed form, in unpadded base64url: key number (1 byte), nonce (24), ciphertext, tag (16).
//! Plaintext: version (1 byte), flags (1), reader id (16), then for each read the article number as
//! a varint of 7-bit groups and the time in seconds since the Unix epoch (4 bytes, little-endian).

mod codec;
mod keys;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;

pub use self::keys::{Key, Keyring, ParseKeyringError};
use crate::{
    reads::Reads,
    sealed_box::{OpenError, SealedBox},
    standing::ReaderId,
};

/// The maximum length of a token. Browsers refuse larger cookies (RFC 6265, section 6.1).
const MAX_LENGTH: usize = 4096;

/// The contents of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The device's random number.
    pub reader: ReaderId,
    /// Whether this device has ever spent a read. A device that has not counts as new for the limit
    /// of its network, even if it already has a token.
    pub has_read: bool,
    /// The reads that the device carries.
    pub reads: Reads,
}

/// The error for a text that is not a token of this publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The text is not base64url or has an impossible length.
    #[error("the reader token is not well formed")]
    Malformed,
    /// The token was sealed with a key that is no longer in the keyring.
    #[error("the reader token was sealed with a key that is no longer in use")]
    UnknownKey,
    /// The token was not sealed by this publication, or was changed.
    #[error("the reader token is not genuine")]
    NotGenuine,
}

impl Token {
    /// Creates a token for a device without one.
    pub fn fresh(rng: &mut impl Rng) -> Self {
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        Self { reader: ReaderId(u128::from_le_bytes(id)), has_read: false, reads: Reads::default() }
    }
}

impl From<OpenError> for TokenError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Malformed => Self::Malformed,
            OpenError::UnknownKey(_) => Self::UnknownKey,
            OpenError::NotGenuine => Self::NotGenuine,
        }
    }
}

/// Seals and opens the tokens of one publication.
pub struct Sealer {
    sealed_box: SealedBox,
    publication: Vec<u8>,
}

impl Sealer {
    /// Creates a sealer with the keys of `ring` for the publication at `address`.
    pub fn new(ring: &Keyring, address: &str) -> Self {
        let publication = format!("masthead reader token 1\n{address}").into_bytes();
        Self { sealed_box: SealedBox::new(ring), publication }
    }

    /// Seals `token` with the newest key.
    pub fn seal(&self, token: &Token, rng: &mut impl Rng) -> String {
        let mut open = Vec::with_capacity(64);
        codec::encode(token, &mut open);
        // Sealing fails only above 256 GiB.
        let sealed = self.sealed_box.seal(&open, &self.publication, rng).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens a sealed token. The second value says whether to seal it again with a newer key.
    pub fn open(&self, text: &str) -> Result<(Token, bool), TokenError> {
        if text.len() > MAX_LENGTH {
            return Err(TokenError::Malformed);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed)?;
        let opened = self.sealed_box.open(&bytes, &self.publication)?;
        let token = codec::decode(&opened.message).ok_or(TokenError::NotGenuine)?;
        Ok((token, !opened.by_newest_key))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{Allowance, ArticleId, reads::Read};

    fn rng(seed: u64) -> StdRng {
        StdRng::seed_from_u64(seed)
    }

    fn any_token() -> impl Strategy<Value = Token> {
        let reads = prop::collection::vec((any::<u32>(), any::<u32>()), 0..40);
        (any::<u128>(), any::<bool>(), reads).prop_map(|(id, has_read, reads)| Token {
            reader: ReaderId(id),
            has_read,
            reads: reads.into_iter().map(|(id, at)| Read { article: ArticleId(id), at }).collect(),
        })
    }

    fn sealer(seed: u64, address: &str) -> Sealer {
        Sealer::new(&Keyring::generate(&mut rng(seed)), address)
    }

    #[test]
    fn the_largest_allowance_fits_into_a_cookie() {
        let mut token = Token::fresh(&mut rng(1));
        for id in 0..Allowance::MAX {
            token.reads.put(Read { article: ArticleId(u32::MAX - id), at: u32::MAX });
        }
        let sealed = sealer(1, "https://example.org").seal(&token, &mut rng(2));
        assert!(sealed.len() < 4096 - 200, "{} bytes", sealed.len());
    }

    #[test]
    fn a_rotated_key_opens_tokens_and_asks_for_a_new_seal() {
        let mut ring = Keyring::generate(&mut rng(1));
        let old = Sealer::new(&ring, "https://example.org");
        let token = Token::fresh(&mut rng(3));
        let sealed = old.seal(&token, &mut rng(4));
        ring.rotate(&mut rng(5));
        let new = Sealer::new(&ring, "https://example.org");
        assert_eq!(new.open(&sealed), Ok((token.clone(), true)));
        assert_eq!(new.open(&new.seal(&token, &mut rng(6))), Ok((token, false)));
        for seed in 7..10 {
            ring.rotate(&mut rng(seed));
        }
        let newest = Sealer::new(&ring, "https://example.org");
        assert_eq!(newest.open(&sealed), Err(TokenError::UnknownKey));
    }

    proptest! {
        #[test]
        fn a_sealed_token_opens(token in any_token(), seed in any::<u64>()) {
            let sealer = sealer(seed, "https://example.org");
            let sealed = sealer.seal(&token, &mut rng(seed ^ 1));
            prop_assert_eq!(sealer.open(&sealed), Ok((token, false)));
        }

        /// A token that is truncated, extended, reordered or has flipped bits does not open.
        #[test]
        fn a_changed_token_never_opens(
            token in any_token(),
            seed in any::<u64>(),
            change in 0..4,
            place in any::<prop::sample::Index>(),
            other in any::<prop::sample::Index>(),
        ) {
            let sealer = sealer(seed, "https://example.org");
            let sealed = sealer.seal(&token, &mut rng(seed ^ 1));
            let mut bytes = URL_SAFE_NO_PAD.decode(&sealed).expect("base64");
            let original = bytes.clone();
            let (i, j) = (place.index(bytes.len()), other.index(bytes.len()));
            match change {
                0 => bytes.truncate(i),
                1 => bytes.push(bytes[i]),
                2 => bytes.swap(i, j),
                _ => bytes[i] ^= 1 << (j % 8),
            }
            prop_assume!(bytes != original);
            prop_assert!(sealer.open(&URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn arbitrary_text_never_opens(text in ".{0,300}") {
            prop_assert!(sealer(1, "https://example.org").open(&text).is_err());
        }

        /// A token of another site or under another key does not open.
        #[test]
        fn a_foreign_token_never_opens(token in any_token(), seed in 2_u64..1000) {
            let ours = sealer(1, "https://example.org");
            let same_keys = sealer(1, "https://example.com");
            let other_keys = sealer(seed, "https://example.org");
            prop_assert!(ours.open(&same_keys.seal(&token, &mut rng(seed))).is_err());
            prop_assert!(ours.open(&other_keys.seal(&token, &mut rng(seed))).is_err());
        }
    }
}

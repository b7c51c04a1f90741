//! Authenticated encryption with the publication's keys.
//!
//! Everything that Masthead hands out or stores but must read again only itself is sealed here: XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha-03) under the newest key of a [`Keyring`], with a random nonce for each message. The
//! sealer names a *purpose* and what the message belongs to as associated data, so that a message cannot be moved to
//! another place: it opens only with the same associated data.
//!
//! Sealed form: key number (1 byte), nonce (24), ciphertext, tag (16).

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, AeadInOut, Payload},
};
use rand::Rng;

use crate::token::Keyring;

const NONCE: usize = 24;
const TAG: usize = 16;

/// Seals and opens messages with the keys of one publication.
pub struct SealedBox {
    ciphers: Vec<(u8, XChaCha20Poly1305)>,
}

/// A message that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The message.
    pub message: Vec<u8>,
    /// Whether the newest key has sealed it. If not, seal it again: its key is dropped by a later rotation.
    pub by_newest_key: bool,
}

/// The message is longer than the cipher allows (256 GiB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is too long to be sealed")]
pub struct SealError;

/// Why a sealed message cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is shorter than any sealed message.
    #[error("the sealed message is cut short")]
    Malformed,
    /// It was sealed with a key that is not in the keyring.
    #[error("key {0}, which sealed the message, is not in the keyring")]
    UnknownKey(u8),
    /// It was not sealed with these keys and this associated data, or was changed since.
    #[error("the sealed message is not genuine")]
    NotGenuine,
}

impl SealedBox {
    /// A box with the keys of `keyring`.
    pub fn new(keyring: &Keyring) -> Self {
        let ciphers = keyring
            .keys()
            .iter()
            .map(|key| (key.number, XChaCha20Poly1305::new(&key.secret.into())))
            .collect();
        Self { ciphers }
    }

    /// Seals `message` with the newest key. It opens only with the same `associated` data.
    ///
    /// # Errors
    ///
    /// Returns [`SealError`] if the message is longer than 256 GiB.
    pub fn seal(
        &self,
        message: &[u8],
        associated: &[u8],
        rng: &mut impl Rng,
    ) -> Result<Vec<u8>, SealError> {
        // A keyring is never empty.
        let (number, cipher) = self.ciphers.first().ok_or(SealError)?;
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let mut sealed = Vec::with_capacity(1 + NONCE + message.len() + TAG);
        sealed.push(*number);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(message);
        let body = &mut sealed[1 + NONCE..];
        let tag = cipher
            .encrypt_inout_detached(&nonce.into(), associated, body.into())
            .map_err(|_| SealError)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] has made.
    ///
    /// # Errors
    ///
    /// Returns [`OpenError`] if the message was not sealed with a key of this keyring and this associated data.
    pub fn open(&self, sealed: &[u8], associated: &[u8]) -> Result<Opened, OpenError> {
        let (number, rest) = sealed.split_first().ok_or(OpenError::Malformed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(OpenError::Malformed)?;
        if body.len() < TAG {
            return Err(OpenError::Malformed);
        }
        let index = self
            .ciphers
            .iter()
            .position(|(known, _)| known == number)
            .ok_or(OpenError::UnknownKey(*number))?;
        let message = self.ciphers[index]
            .1
            .decrypt(&(*nonce).into(), Payload { msg: body, aad: associated })
            .map_err(|_| OpenError::NotGenuine)?;
        Ok(Opened { message, by_newest_key: index == 0 })
    }
}

/// Shows the numbers of the keys, never the keys.
impl fmt::Debug for SealedBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<u8> = self.ciphers.iter().map(|(number, _)| *number).collect();
        f.debug_struct("SealedBox").field("keys", &numbers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn rng(seed: u64) -> StdRng {
        StdRng::seed_from_u64(seed)
    }

    #[test]
    fn a_rotated_key_still_opens_until_it_is_dropped() {
        let mut keyring = Keyring::generate(&mut rng(1));
        let sealed = SealedBox::new(&keyring).seal(b"link", b"email", &mut rng(2)).expect("sealed");
        keyring.rotate(&mut rng(3));
        let opened = SealedBox::new(&keyring).open(&sealed, b"email");
        assert_eq!(opened, Ok(Opened { message: b"link".to_vec(), by_newest_key: false }));
        keyring.rotate(&mut rng(4));
        keyring.rotate(&mut rng(5));
        let dropped = SealedBox::new(&keyring).open(&sealed, b"email");
        assert_eq!(dropped, Err(OpenError::UnknownKey(1)));
    }

    #[test]
    fn debug_output_has_no_keys() {
        let sealed_box = SealedBox::new(&Keyring::generate(&mut rng(1)));
        assert_eq!(format!("{sealed_box:?}"), "SealedBox { keys: [1], .. }");
    }

    proptest! {
        #[test]
        fn a_sealed_message_opens_only_where_it_belongs(
            message in prop::collection::vec(any::<u8>(), 0..300),
            associated in prop::collection::vec(any::<u8>(), 0..40),
            other in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let sealed_box = SealedBox::new(&Keyring::generate(&mut rng(1)));
            let sealed = sealed_box.seal(&message, &associated, &mut rng(2)).expect("sealed");
            let opened = sealed_box.open(&sealed, &associated).expect("opened");
            prop_assert_eq!(opened, Opened { message, by_newest_key: true });
            prop_assume!(other != associated);
            prop_assert_eq!(sealed_box.open(&sealed, &other), Err(OpenError::NotGenuine));
        }

        #[test]
        fn a_changed_message_never_opens(
            message in prop::collection::vec(any::<u8>(), 0..100),
            place in any::<prop::sample::Index>(),
            bit in 0..8_u8,
        ) {
            let sealed_box = SealedBox::new(&Keyring::generate(&mut rng(1)));
            let mut sealed = sealed_box.seal(&message, b"email", &mut rng(2)).expect("sealed");
            let place = place.index(sealed.len());
            prop_assert!(sealed_box.open(&sealed[..place], b"email").is_err());
            sealed[place] ^= 1 << bit;
            prop_assert!(sealed_box.open(&sealed, b"email").is_err());
        }
    }
}

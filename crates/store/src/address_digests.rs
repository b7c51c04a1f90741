//! Digests of addresses under the publication's keys of digests: without a key nobody can tell an address from its digest. A rotation of
//! the keys that seal does not change them.

use std::{fmt, sync::Arc};

use hmac::{Hmac, KeyInit, Mac};
use masthead_access::token::Keyring;
use masthead_circulation::EmailAddress;
use sha2::Sha256;

/// Binds the digests to their purpose.
const PURPOSE: &[u8] = b"masthead former reader 1\n";

/// Makes digests of addresses with the publication's keys of digests, the newest first.
#[derive(Clone, Default)]
pub(crate) struct AddressDigests(Arc<[[u8; 32]]>);

impl AddressDigests {
    pub fn new(keyring: &Keyring) -> Self {
        Self(keyring.digest_keys().into())
    }

    /// The digests of an address under each key, and after them those of its earlier spelling, under which earlier versions have
    /// kept it. The first is the one to write. Without keys there are none, and nothing is kept.
    pub fn of(&self, email: &str) -> Vec<String> {
        let earlier = EmailAddress::with_unicode_domain(email);
        std::iter::once(email)
            .chain(earlier.as_deref())
            .flat_map(|one| self.of_spelling(one))
            .collect()
    }

    fn of_spelling(&self, email: &str) -> Vec<String> {
        let digest = |secret: &[u8; 32]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(PURPOSE);
            mac.update(email.as_bytes());
            Some(mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
        };
        self.0.iter().filter_map(digest).collect()
    }
}

/// Shows no keys.
impl fmt::Debug for AddressDigests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AddressDigests").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn a_digest_depends_on_the_key_and_the_address() {
        let ring = |seed| Keyring::generate(&mut StdRng::seed_from_u64(seed));
        let of = |seed, email| AddressDigests::new(&ring(seed)).of(email);
        assert_eq!(of(1, "ada@example.org"), of(1, "ada@example.org"));
        assert_ne!(of(1, "ada@example.org"), of(1, "bob@example.org"));
        assert_ne!(of(1, "ada@example.org"), of(2, "ada@example.org"));
        let mut rotated = ring(1);
        for seed in 3..8 {
            rotated.rotate(&mut StdRng::seed_from_u64(seed));
        }
        let after = AddressDigests::new(&rotated).of("ada@example.org");
        assert_eq!(after, of(1, "ada@example.org"));
    }

    #[test]
    fn the_digest_of_an_earlier_spelling_is_found() {
        let digests = AddressDigests::new(&Keyring::generate(&mut StdRng::seed_from_u64(1)));
        let both = digests.of("ada@xn--bcher-kva.example");
        assert_eq!(both.len(), 2);
        assert_eq!(both[1..], digests.of("ada@b\u{fc}cher.example"));
    }
}

//! The keys that seal tokens, those of digests, and their rotation.

use std::fmt::{self, Write as _};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use rand::Rng;

/// The number of keys in a keyring: the one that seals and older ones that only open.
const MAX_KEYS: usize = 3;

/// A secret key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The number by which tokens refer to the key, unique within a keyring.
    pub number: u8,
    /// 256 random bits.
    pub secret: [u8; 32],
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("number", &self.number).finish_non_exhaustive()
    }
}

/// The keys of a publication: those that seal, newest first, and those of digests, newest first. There is at least one of each.
///
/// Something that is sealed is soon read, and sealed with a newer key; a digest of what nobody knows any more can never be made
/// with another key. So a rotation drops old keys that seal, and no key of digests.
///
/// The text form has one key per line: its number or the word `digest`, a space, and 32 bytes in base64. Lines that start with `#`
/// are comments. Earlier versions wrote no keys of digests, and made digests with the keys that seal: without any, those are the
/// keys of digests. The file should be readable only by the server's user.
#[derive(Clone, PartialEq, Eq)]
pub struct Keyring {
    keys: Vec<Key>,
    digest_keys: Vec<[u8; 32]>,
}

/// The word in the place of a number that begins the line of a key of digests.
const DIGEST: &str = "digest";

/// Shows no secrets.
impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// The error for a text that is not a keyring.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseKeyringError {
    /// A line is not a number and a secret.
    #[error(
        "line {0} is not a key: expected a number from 0 to 255 or the word digest, and 32 bytes in base64"
    )]
    Line(usize),
    /// Two keys have the same number.
    #[error("line {line} uses key number {number} a second time")]
    DuplicateNumber {
        /// The line of the second key.
        line: usize,
        /// The number that both have.
        number: u8,
    },
    /// There is no key.
    #[error("it holds no key")]
    Empty,
}

/// A line of the text form.
enum Line {
    Key(Key),
    DigestKey([u8; 32]),
}

impl Keyring {
    /// Creates a keyring with one new key of each kind.
    pub fn generate(rng: &mut impl Rng) -> Self {
        let mut ring = Self { keys: Vec::new(), digest_keys: Vec::new() };
        ring.rotate(rng);
        ring.replace_digest_keys(rng);
        ring
    }

    /// Adds a new key for sealing. The two keys before it still open tokens. The keys of digests stay.
    pub fn rotate(&mut self, rng: &mut impl Rng) {
        let secret = secret(rng);
        let number = self.keys.first().map_or(1, |newest| newest.number.wrapping_add(1));
        self.keys.insert(0, Key { number, secret });
        self.keys.truncate(MAX_KEYS);
    }

    /// Replaces the keys of digests by a new one. No digest that was made before is found any more.
    pub fn replace_digest_keys(&mut self, rng: &mut impl Rng) {
        self.digest_keys = vec![secret(rng)];
    }

    /// Returns the keys that seal, newest first.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Returns the keys of digests, newest first: digests are made with the first, and looked for with all.
    pub fn digest_keys(&self) -> &[[u8; 32]] {
        &self.digest_keys
    }

    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, ParseKeyringError> {
        let mut keys: Vec<Key> = Vec::new();
        let mut digest_keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let key = match parse_line(line).ok_or(ParseKeyringError::Line(line_number))? {
                Line::Key(key) => key,
                Line::DigestKey(secret) => {
                    digest_keys.push(secret);
                    continue;
                }
            };
            if keys.iter().any(|known| known.number == key.number) {
                return Err(ParseKeyringError::DuplicateNumber {
                    line: line_number,
                    number: key.number,
                });
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(ParseKeyringError::Empty);
        }
        if digest_keys.is_empty() {
            digest_keys = keys.iter().map(|key| key.secret).collect();
        }
        Ok(Self { keys, digest_keys })
    }

    /// Writes the text form.
    pub fn to_text(&self) -> String {
        let mut text = String::from(
            "# Keys that seal the meter cookies, newest first, and keys of digests of former readers' addresses, which a rotation keeps.\n\
             # Keep them secret and backed up.\n",
        );
        for key in &self.keys {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{} {}", key.number, STANDARD_NO_PAD.encode(key.secret));
        }
        for secret in &self.digest_keys {
            let _ = writeln!(text, "{DIGEST} {}", STANDARD_NO_PAD.encode(secret));
        }
        text
    }
}

fn secret(rng: &mut impl Rng) -> [u8; 32] {
    let mut secret = [0; 32];
    rng.fill_bytes(&mut secret);
    secret
}

fn parse_line(line: &str) -> Option<Line> {
    let (name, secret) = line.trim().split_once(' ')?;
    let secret = STANDARD_NO_PAD.decode(secret.trim().trim_end_matches('=')).ok()?;
    let secret = secret.try_into().ok()?;
    if name == DIGEST {
        return Some(Line::DigestKey(secret));
    }
    Some(Line::Key(Key { number: name.parse().ok()?, secret }))
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    #[test]
    fn a_keyring_round_trips_through_text() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut ring = Keyring::generate(&mut rng);
        ring.rotate(&mut rng);
        assert_eq!(Keyring::parse(&ring.to_text()), Ok(ring));
    }

    #[test]
    fn a_rotation_keeps_the_keys_of_digests() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut ring = Keyring::generate(&mut rng);
        let digests = ring.digest_keys().to_vec();
        assert_ne!(digests, [ring.keys()[0].secret], "each is for one purpose");
        for _ in 0..5 {
            ring.rotate(&mut rng);
            ring = Keyring::parse(&ring.to_text()).expect("a keyring");
            assert_eq!(ring.digest_keys(), digests);
        }
        ring.replace_digest_keys(&mut rng);
        assert_eq!(ring.digest_keys().len(), 1);
        assert_ne!(ring.digest_keys(), digests);
    }

    #[test]
    fn the_keys_of_an_earlier_version_stay_those_of_its_digests() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut ring = Keyring::generate(&mut rng);
        ring.rotate(&mut rng);
        let earlier: Vec<[u8; 32]> = ring.keys().iter().map(|key| key.secret).collect();
        let text = ring.to_text();
        let lines = text.lines().filter(|line| !line.starts_with("digest"));
        let text = lines.collect::<Vec<_>>().join("\n");
        let mut ring = Keyring::parse(&text).expect("a keyring");
        assert_eq!(ring.digest_keys(), earlier);
        for _ in 0..5 {
            ring.rotate(&mut rng);
            ring = Keyring::parse(&ring.to_text()).expect("a keyring");
            assert_eq!(ring.digest_keys(), earlier);
        }
    }

    #[test]
    fn an_error_names_the_line() {
        let good = Keyring::generate(&mut StdRng::seed_from_u64(1)).to_text();
        assert_eq!(Keyring::parse(""), Err(ParseKeyringError::Empty));
        assert_eq!(Keyring::parse("# x\n1 short"), Err(ParseKeyringError::Line(2)));
        let key = good.lines().find(|line| line.starts_with('1')).expect("a key");
        assert_eq!(
            Keyring::parse(&format!("{key}\n{key}")),
            Err(ParseKeyringError::DuplicateNumber { line: 2, number: 1 })
        );
        assert_eq!(Keyring::parse(&format!("{key}\ndigest x")), Err(ParseKeyringError::Line(2)));
        let digest = good.lines().find(|line| line.starts_with("digest")).expect("a key");
        assert_eq!(Keyring::parse(digest), Err(ParseKeyringError::Empty));
    }

    #[test]
    fn debug_output_hides_secrets() {
        let ring = Keyring::generate(&mut StdRng::seed_from_u64(1));
        assert_eq!(format!("{ring:?}"), "Keyring { keys: [Key { number: 1, .. }], .. }");
    }
}

//! The keys that seal tokens, and key rotation.

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

/// The keys of a publication, newest first. Never empty.
///
/// The text form has one key per line: its number, a space, and 32 bytes in base64. Lines that
/// start with `#` are comments. The file should be readable only by the server's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyring(Vec<Key>);

/// The error for a text that is not a keyring.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseKeyringError {
    /// A line is not a number and a secret.
    #[error("line {0} is not a key: expected a number from 0 to 255 and 32 bytes in base64")]
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

impl Keyring {
    /// Creates a keyring with one new key.
    pub fn generate(rng: &mut impl Rng) -> Self {
        let mut ring = Self(Vec::new());
        ring.rotate(rng);
        ring
    }

    /// Adds a new key for sealing. The two keys before it still open tokens.
    pub fn rotate(&mut self, rng: &mut impl Rng) {
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        let number = self.0.first().map_or(1, |newest| newest.number.wrapping_add(1));
        self.0.insert(0, Key { number, secret });
        self.0.truncate(MAX_KEYS);
    }

    /// Returns the keys, newest first.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, ParseKeyringError> {
        let mut keys: Vec<Key> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line_number = index + 1;
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let key = parse_line(line).ok_or(ParseKeyringError::Line(line_number))?;
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
        Ok(Self(keys))
    }

    /// Writes the text form.
    pub fn to_text(&self) -> String {
        let mut text = String::from(
            "# Keys that seal the meter cookies, newest first. Keep them secret and backed up.\n",
        );
        for key in &self.0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{} {}", key.number, STANDARD_NO_PAD.encode(key.secret));
        }
        text
    }
}

fn parse_line(line: &str) -> Option<Key> {
    let (number, secret) = line.trim().split_once(' ')?;
    let secret = STANDARD_NO_PAD.decode(secret.trim().trim_end_matches('=')).ok()?;
    Some(Key { number: number.parse().ok()?, secret: secret.try_into().ok()? })
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
    fn an_error_names_the_line() {
        let good = Keyring::generate(&mut StdRng::seed_from_u64(1)).to_text();
        assert_eq!(Keyring::parse(""), Err(ParseKeyringError::Empty));
        assert_eq!(Keyring::parse("# x\n1 short"), Err(ParseKeyringError::Line(2)));
        let twice = format!("{good}{}", good.lines().last().expect("a key"));
        assert_eq!(
            Keyring::parse(&twice),
            Err(ParseKeyringError::DuplicateNumber { line: 3, number: 1 })
        );
    }

    #[test]
    fn debug_output_hides_secrets() {
        let ring = Keyring::generate(&mut StdRng::seed_from_u64(1));
        assert_eq!(format!("{ring:?}"), "Keyring([Key { number: 1, .. }])");
    }
}

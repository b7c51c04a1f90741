//! Signing in by mail: a link for the device that asked, and a code for when the mail is read on
//! another one.

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};

use crate::{Digest, EmailAddress};

/// How long a link and its code are good.
pub const LASTS: SignedDuration = SignedDuration::from_mins(15);
/// The kind of the letter that they come in, which is of no use afterwards.
pub const LETTER: &str = "sign-in";
/// How often a code may be tried.
pub const TRIES: u32 = 5;

/// Somebody has asked to sign in, and mail is on its way to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What the link's secret digests to.
    pub link: Digest,
    /// What the secret of the device that asked digests to.
    pub device: Digest,
    /// What code and device digest to.
    pub code: Digest,
    /// Who wants to sign in.
    pub email: EmailAddress,
    /// Where on the site they came from, to go back to.
    pub from: String,
    /// When they asked.
    pub asked: Timestamp,
    /// How many wrong codes have been tried.
    pub tries: u32,
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The time is up, it was used, or there never was such a request.
    Over,
    /// The link was opened on another device than the one that asked.
    OtherDevice,
    /// The code is not the one in the mail.
    WrongCode,
}

/// A code of six digits, as people type them.
pub fn fresh_code(rng: &mut impl Rng) -> String {
    format!("{:06}", rng.random_range(0..1_000_000))
}

/// What is stored of a code. People write it with spaces.
pub fn code_digest(code: &str, device: &Digest) -> Digest {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    Digest::of(&[digits.as_bytes(), &device.0])
}

impl Request {
    /// Opens it by its link, which must be followed on the device that asked.
    pub fn by_link(&self, device: Option<&Digest>, now: Timestamp) -> Result<(), Refusal> {
        self.is_good(now)?;
        if device == Some(&self.device) { Ok(()) } else { Err(Refusal::OtherDevice) }
    }

    /// Opens it by its code, on the device that asked.
    pub fn by_code(&self, code: &str, now: Timestamp) -> Result<(), Refusal> {
        self.is_good(now)?;
        if code_digest(code, &self.device) == self.code { Ok(()) } else { Err(Refusal::WrongCode) }
    }

    fn is_good(&self, now: Timestamp) -> Result<(), Refusal> {
        let over = now.duration_since(self.asked) >= LASTS || self.tries >= TRIES;
        if over { Err(Refusal::Over) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::Secret;

    fn request(code: &str) -> (Request, Digest) {
        let mut rng = StdRng::seed_from_u64(1);
        let device = Secret::fresh(&mut rng).digest();
        let request = Request {
            link: Secret::fresh(&mut rng).digest(),
            device,
            code: code_digest(code, &device),
            email: "ada@example.org".parse().expect("an address"),
            from: "/".to_owned(),
            asked: Timestamp::UNIX_EPOCH,
            tries: 0,
        };
        (request, device)
    }

    #[test]
    fn a_link_is_for_its_device_and_a_quarter_of_an_hour() {
        let (request, device) = request("123456");
        let at = |seconds| Timestamp::from_second(seconds).expect("in range");
        assert_eq!(request.by_link(Some(&device), at(899)), Ok(()));
        assert_eq!(request.by_link(Some(&device), at(900)), Err(Refusal::Over));
        assert_eq!(request.by_link(None, at(1)), Err(Refusal::OtherDevice));
        assert_eq!(request.by_link(Some(&Digest([0; 32])), at(1)), Err(Refusal::OtherDevice));
    }

    #[test]
    fn a_code_is_tried_five_times_and_may_have_spaces() {
        let (mut request, _) = request("123456");
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(request.by_code(" 123 456", now), Ok(()));
        assert_eq!(request.by_code("123457", now), Err(Refusal::WrongCode));
        request.tries = TRIES;
        assert_eq!(request.by_code("123456", now), Err(Refusal::Over));
    }

    #[test]
    fn codes_have_six_digits() {
        let mut rng = StdRng::seed_from_u64(2);
        for _ in 0..1000 {
            let code = fresh_code(&mut rng);
            assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()), "{code}");
        }
    }
}

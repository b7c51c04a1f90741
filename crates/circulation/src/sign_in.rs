//! Signing in by email: a link for the device that asked, and a code in case the email is read on
//! another device.

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, RngExt};

use crate::{Digest, EmailAddress};

/// The lifetime of a link and its code.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// The kind of the email in the outbox.
pub const EMAIL_KIND: &str = "sign-in";
/// How many wrong codes may be entered.
pub const MAX_ATTEMPTS: u32 = 5;

/// A request to sign in, for which an email has been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRequest {
    /// The digest of the secret in the link.
    pub link: Digest,
    /// The digest of the secret of the device that asked.
    pub device: Digest,
    /// The digest of code and device.
    pub code: Digest,
    /// The address that wants to sign in.
    pub email: EmailAddress,
    /// The path on the site to return to.
    pub from: String,
    /// When it was requested.
    pub asked: Timestamp,
    /// How many wrong codes have been entered.
    pub tries: u32,
}

/// The reason why a request does not sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefused {
    /// The request has expired, was used, or never existed.
    Over,
    /// The link was opened on another device than the one that asked.
    OtherDevice,
    /// The code is wrong.
    WrongCode,
}

/// Generates a code of six digits.
pub fn generate_code(rng: &mut impl Rng) -> String {
    format!("{:06}", rng.random_range(0..1_000_000))
}

/// Returns the digest of a code, bound to the device that asked. Spaces are ignored.
pub fn code_digest(code: &str, device: &Digest) -> Digest {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    Digest::of(&[digits.as_bytes(), &device.0])
}

impl SignInRequest {
    /// Checks a link, which must be opened on the device that asked.
    pub fn by_link(&self, device: Option<&Digest>, now: Timestamp) -> Result<(), SignInRefused> {
        self.is_good(now)?;
        if device == Some(&self.device) { Ok(()) } else { Err(SignInRefused::OtherDevice) }
    }

    /// Checks a code, which must be entered on the device that asked.
    pub fn by_code(&self, code: &str, now: Timestamp) -> Result<(), SignInRefused> {
        self.is_good(now)?;
        if code_digest(code, &self.device) == self.code {
            Ok(())
        } else {
            Err(SignInRefused::WrongCode)
        }
    }

    fn is_good(&self, now: Timestamp) -> Result<(), SignInRefused> {
        let over = now.duration_since(self.asked) >= LIFETIME || self.tries >= MAX_ATTEMPTS;
        if over { Err(SignInRefused::Over) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::Secret;

    fn request(code: &str) -> (SignInRequest, Digest) {
        let mut rng = StdRng::seed_from_u64(1);
        let device = Secret::generate(&mut rng).digest();
        let request = SignInRequest {
            link: Secret::generate(&mut rng).digest(),
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
    fn a_link_is_valid_for_its_device_and_fifteen_minutes() {
        let (request, device) = request("123456");
        let at = |seconds| Timestamp::from_second(seconds).expect("in range");
        assert_eq!(request.by_link(Some(&device), at(899)), Ok(()));
        assert_eq!(request.by_link(Some(&device), at(900)), Err(SignInRefused::Over));
        assert_eq!(request.by_link(None, at(1)), Err(SignInRefused::OtherDevice));
        assert_eq!(request.by_link(Some(&Digest([0; 32])), at(1)), Err(SignInRefused::OtherDevice));
    }

    #[test]
    fn a_code_may_have_spaces_and_five_attempts() {
        let (mut request, _) = request("123456");
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(request.by_code(" 123 456", now), Ok(()));
        assert_eq!(request.by_code("123457", now), Err(SignInRefused::WrongCode));
        request.tries = MAX_ATTEMPTS;
        assert_eq!(request.by_code("123456", now), Err(SignInRefused::Over));
    }

    #[test]
    fn codes_have_six_digits() {
        let mut rng = StdRng::seed_from_u64(2);
        for _ in 0..1000 {
            let code = generate_code(&mut rng);
            assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()), "{code}");
        }
    }
}

//! Codes of authenticator apps (TOTP, RFC 6238): six digits that change every 30 seconds.

use totp_rs::Builder;

/// How long a code is valid, in seconds.
const STEP: u64 = 30;
/// The length of a secret, in bytes (RFC 4226, section 4, R6).
pub const SECRET_BYTES: usize = 20;

/// An authenticator app and this server, which share a secret.
pub struct Totp {
    totp: totp_rs::Totp,
}

impl Totp {
    /// Returns `None` if the secret is shorter than the 128 bits that RFC 4226 requires.
    pub fn new(secret: &[u8]) -> Option<Self> {
        // With SHA-1: every authenticator app knows it, and many know nothing else. The clocks of server and app may differ by
        // one step (RFC 6238, section 5.2).
        let totp = Builder::new().with_secret(secret).with_step_duration(STEP).with_skew(1);
        totp.build().ok().map(|totp| Self { totp })
    }

    /// Returns the time step that a code belongs to, near the second `now`. The caller must use each step once. Spaces are
    /// ignored.
    pub fn step_of(&self, code: &str, now: i64) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = self.totp.check(&code, u64::try_from(now).ok()?)?;
        i64::try_from(step).ok()
    }

    /// Returns the code of a time step; `None` before 1970.
    pub fn code_at(&self, step: i64) -> Option<String> {
        Some(self.totp.generate(u64::try_from(step).ok()? * STEP).to_string())
    }

    /// The secret as people type it, in Base32.
    pub fn key(&self) -> String {
        self.totp.secret().to_base32()
    }

    /// The address that sets an app up, for a link or a QR code.
    pub fn address(&self, issuer: &str, account: &str) -> String {
        let encode = |text: &str| {
            // Apps do not read a plus as a space.
            url::form_urlencoded::byte_serialize(text.as_bytes())
                .collect::<String>()
                .replace('+', "%20")
        };
        let (issuer, account) = (encode(issuer), encode(account));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn totp() -> Totp {
        Totp::new(b"12345678901234567890").expect("long enough")
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")]
        {
            assert_eq!(totp().step_of(code, second), Some(second / 30), "{second}");
            assert_eq!(totp().code_at(second / 30).as_deref(), Some(code), "{second}");
        }
    }

    #[test]
    fn a_code_is_valid_for_one_step_before_and_after() {
        let at = |second| totp().step_of(" 287 082", second);
        assert_eq!([at(0), at(59), at(89)], [Some(1); 3]);
        assert_eq!([at(90), at(10_000)], [None; 2]);
        for wrong in ["", "28708", "2870820", "nonsense"] {
            assert_eq!(totp().step_of(wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn apps_are_set_up_by_an_address() {
        let address = totp().address("The Paper & Co", "ada@example.org");
        assert_eq!(
            address,
            "otpauth://totp/The%20Paper%20%26%20Co:ada%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=The%20Paper%20%26%20Co"
        );
        assert!(Totp::new(b"short").is_none());
    }
}

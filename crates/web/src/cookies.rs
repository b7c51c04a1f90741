//! The cookies that a device carries: the meter's, the session's, and that of a device that has asked
//! to sign in.

use http::{HeaderMap, header};

/// The names and attributes of a publication's cookies.
#[derive(Clone, Copy, Debug)]
pub struct Cookies {
    /// The reader token.
    pub token: &'static str,
    /// The secret of a session.
    pub session: &'static str,
    /// The secret of a device that has asked to sign in.
    pub device: &'static str,
    attributes: &'static str,
}

impl Cookies {
    /// With https, browsers refuse them from other hosts (RFC 6265bis, section 4.1.3.2).
    pub fn new(secure: bool) -> Self {
        if secure {
            Self {
                token: "__Host-masthead",
                session: "__Host-masthead-session",
                device: "__Host-masthead-device",
                attributes: "; Path=/; HttpOnly; SameSite=Lax; Secure",
            }
        } else {
            Self {
                token: "masthead",
                session: "masthead-session",
                device: "masthead-device",
                attributes: "; Path=/; HttpOnly; SameSite=Lax",
            }
        }
    }

    /// A `Set-Cookie` value that is good for so many seconds; 0 takes the cookie away.
    pub fn set(&self, name: &str, value: &str, seconds: i64) -> String {
        format!("{name}={value}; Max-Age={seconds}{}", self.attributes)
    }
}

/// The value of a cookie that a request carries.
pub fn get<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

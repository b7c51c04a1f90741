//! What a request brings to say who its reader is.

use http::{HeaderMap, header};
use masthead_circulation::{Digest, Secret, SessionKind};
use masthead_web::cookies;

/// The key of a session, with how it was sent. A session opens nothing if it is sent otherwise: an app's token in a
/// cookie would open the reader's pages, and the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// In the session cookie of a browser.
    Cookie(Digest),
    /// As the bearer token of an app (RFC 6750).
    Token(Digest),
}

impl Credential {
    /// The credential of a request that browsers and apps send. A token comes before a cookie.
    pub fn of(headers: &HeaderMap, cookie: &str) -> Option<Self> {
        match bearer(headers) {
            Some(token) => digest(token).map(Self::Token),
            None => Self::of_browser(headers, cookie),
        }
    }

    /// The credential of a request that only browsers send: a token is not looked at.
    pub fn of_browser(headers: &HeaderMap, cookie: &str) -> Option<Self> {
        digest(cookies::get(headers, cookie)?).map(Self::Cookie)
    }

    /// The key of the session.
    pub fn key(self) -> Digest {
        match self {
            Self::Cookie(key) | Self::Token(key) => key,
        }
    }

    /// Returns `true` if sessions of this kind are sent like this.
    pub(super) fn fits(self, kind: SessionKind) -> bool {
        match kind {
            SessionKind::Browser => matches!(self, Self::Cookie(_)),
            SessionKind::App(_) => matches!(self, Self::Token(_)),
        }
    }
}

/// Returns the bearer token of an app.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn digest(secret: &str) -> Option<Digest> {
    secret.parse::<Secret>().ok().map(|secret| secret.digest())
}

#[cfg(test)]
mod tests {
    use masthead_circulation::app::Scopes;

    use super::*;

    #[test]
    fn a_session_is_sent_in_its_own_way_only() {
        let (cookie, token) =
            (Credential::Cookie(Digest([1; 32])), Credential::Token(Digest([1; 32])));
        let app = SessionKind::App(Scopes::ARTICLES);
        assert!(cookie.fits(SessionKind::Browser) && token.fits(app));
        assert!(!cookie.fits(app) && !token.fits(SessionKind::Browser));
    }

    #[test]
    fn pages_of_browsers_do_not_look_at_tokens() {
        let (app, browser) = ("A".repeat(43), format!("{}Q", "B".repeat(42)));
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, format!("Bearer {app}").parse().expect("a value"));
        assert_eq!(Credential::of_browser(&headers, "session"), None);
        headers.insert(header::COOKIE, format!("session={browser}").parse().expect("a value"));
        assert!(matches!(Credential::of(&headers, "session"), Some(Credential::Token(_))));
        assert!(matches!(Credential::of_browser(&headers, "session"), Some(Credential::Cookie(_))));
    }
}

//! Redirects: where readers are led from an address that has no page.

use std::borrow::Cow;

use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};

/// The maximum length of an address, in bytes.
const MAX_LENGTH: usize = 2000;
/// The first parts of addresses that the site answers itself. Pages of authors and topics may have gone.
const OF_THE_SITE: [&str; 18] = [
    "account",
    "api",
    "assets",
    "cancel",
    "checkout",
    "demo",
    "desk",
    "feed",
    "healthz",
    "how-the-meter-works",
    "media",
    "offers",
    "readyz",
    "register",
    "search",
    "sign-in",
    "sign-out",
    "webhooks",
];

/// A redirect that publishers have set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The address that is left: a path, with its query if it has one.
    pub path: String,
    /// A path of this site, or an address of another.
    pub target: String,
    /// The status of the response.
    pub status: RedirectStatus,
}

/// The status of a redirect (RFC 9110, sections 15.4.2 and 15.4.9). Both are permanent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RedirectStatus {
    /// 301, which old clients know.
    MovedPermanently,
    /// 308, with which the method of a request stays.
    #[default]
    PermanentRedirect,
}

/// Why an address cannot be part of a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidRedirect {
    /// The old address does not begin with one slash, has a space, or is too long.
    Path,
    /// The old address is one that the site answers itself.
    OfTheSite,
    /// The target is neither a path of this site nor a whole address with http or https.
    Target,
    /// Both are the same.
    Same,
}

impl RedirectStatus {
    /// The number.
    pub fn code(self) -> u16 {
        match self {
            Self::MovedPermanently => 301,
            Self::PermanentRedirect => 308,
        }
    }

    /// The status with this number.
    pub fn of_code(code: u16) -> Option<Self> {
        [Self::MovedPermanently, Self::PermanentRedirect]
            .into_iter()
            .find(|status| status.code() == code)
    }
}

impl Redirect {
    /// A redirect between two addresses as they are entered.
    ///
    /// # Errors
    ///
    /// If one of them cannot be used.
    pub fn new(path: &str, target: &str, status: RedirectStatus) -> Result<Self, InvalidRedirect> {
        let path = written(path.trim()).ok_or(InvalidRedirect::Path)?;
        let first = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        if path == "/" || OF_THE_SITE.contains(&first.to_lowercase().as_str()) {
            return Err(InvalidRedirect::OfTheSite);
        }
        let target = target.trim();
        if !is_target(target) {
            return Err(InvalidRedirect::Target);
        }
        if written(target).is_some_and(|target| target == path) {
            return Err(InvalidRedirect::Same);
        }
        // Headers have no other letters.
        let target = utf8_percent_encode(target, CONTROLS).to_string();
        Ok(Self { path, target, status })
    }
}

/// An address of this site as redirects have it: decoded, and without a slash at the end. `None` if it is no address.
pub fn written(address: &str) -> Option<String> {
    let address = address.split('#').next().unwrap_or_default();
    if !is_local(address) {
        return None;
    }
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let decoded = percent_decode_str(path).decode_utf8().unwrap_or(Cow::Borrowed(path));
    let plain = decoded.trim_end_matches('/');
    let plain = if plain.is_empty() { "/" } else { plain };
    Some(if query.is_empty() { plain.to_owned() } else { format!("{plain}?{query}") })
}

/// Whether browsers read it as a path of this site.
fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control())
        && address.len() <= MAX_LENGTH
}

fn is_target(target: &str) -> bool {
    let is_clean = !target.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control())
        && target.len() <= MAX_LENGTH;
    let host = ["https://", "http://"].iter().find_map(|scheme| target.strip_prefix(scheme));
    let has_host = host.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !host.contains('@')
    });
    is_clean && (has_host || is_local(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(path: &str, target: &str) -> Result<(String, String), InvalidRedirect> {
        let made = Redirect::new(path, target, RedirectStatus::default())?;
        Ok((made.path, made.target))
    }

    #[test]
    fn addresses_are_written_in_one_way() {
        let expected = Ok(("/alt/möwe".to_owned(), "/town/gull".to_owned()));
        assert_eq!(made(" /alt/m%C3%B6we/ ", "/town/gull"), expected);
        let with_query = Ok(("/index.php?id=5".to_owned(), "https://example.org/a#b".to_owned()));
        assert_eq!(made("/index.php?id=5", "https://example.org/a#b"), with_query);
        assert!(made("/author/ada", "/author/ada-quill").is_ok());
    }

    #[test]
    fn what_leads_nowhere_or_elsewhere_unseen_is_refused() {
        for path in ["", "old", "//evil.example", "/\\evil.example", "/a b", "https://a.example/b"]
        {
            assert_eq!(made(path, "/new"), Err(InvalidRedirect::Path), "{path}");
        }
        for path in ["/", "/desk/articles", "/Account", "/search?q=a", "/feed"] {
            assert_eq!(made(path, "/new"), Err(InvalidRedirect::OfTheSite), "{path}");
        }
        for target in [
            "",
            "new",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "https://",
            "https://good.example@evil.example/",
            "/a\r\nX: y",
        ] {
            assert_eq!(made("/old", target), Err(InvalidRedirect::Target), "{target}");
        }
        assert_eq!(made("/old", "/old/"), Err(InvalidRedirect::Same));
    }
}

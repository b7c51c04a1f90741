//! Redirects: where readers are led from an address that has no page.

use std::borrow::Cow;

use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

/// The maximum length of an address, in bytes.
const MAX_LENGTH: usize = 2000;
/// The first parts of addresses that the site answers itself, with everything below. Pages of authors and topics may have gone.
const FOLDERS: [&str; 18] = [
    "account",
    "api",
    "assets",
    "cancel",
    "checkout",
    "demo",
    "desk",
    "following",
    "media",
    "offers",
    "register",
    "search",
    "sign-in",
    "sign-out",
    "sitemap",
    "webhooks",
    "withdraw",
    "how-the-meter-works",
];
/// Other addresses that the site answers itself.
const FILES: [&str; 9] = [
    "/.well-known/security.txt",
    "/apple-touch-icon.png",
    "/favicon.ico",
    "/feed.xml",
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/site.webmanifest",
    "/sitemap.xml",
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
        if is_of_the_site(&path) {
            return Err(InvalidRedirect::OfTheSite);
        }
        let target = target.trim();
        if !is_target(target) {
            return Err(InvalidRedirect::Target);
        }
        if written(target).is_some_and(|target| target == path || target.to_lowercase() == path) {
            return Err(InvalidRedirect::Same);
        }
        // Headers have no other letters.
        let target = utf8_percent_encode(target, CONTROLS).to_string();
        Ok(Self { path, target, status })
    }
}

/// An address of this site as redirects have it: decoded, with accents on their letters (NFC), and without a slash at the end. `None` if
/// it is no address.
pub fn written(address: &str) -> Option<String> {
    let decoded = decoded(address)?;
    let end = decoded.find('?').unwrap_or(decoded.len());
    let (path, query) = decoded.split_at(end);
    Some(path.nfc().chain(query.chars()).collect())
}

/// An address of this site, decoded and without a slash at the end, with accents as they are.
fn decoded(address: &str) -> Option<String> {
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

/// Whether the site answers an address itself, as [`written`] returns it, so that no redirect from it is ever used.
pub fn is_of_the_site(address: &str) -> bool {
    let lower = address.to_lowercase();
    let path = lower.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let is_feed = matches!(parts[..], [_, "feed.xml"] | ["author" | "topic", _, "feed.xml"]);
    lower == "/"
        || is_feed
        || FILES.contains(&path)
        || parts.first().is_some_and(|first| FOLDERS.contains(first))
}

/// The addresses by which the redirect of an address that is asked for is found, in this order: with its query and without, each as
/// it is written and in small letters. Empty if it is not on this site.
pub fn lookups(asked: &str) -> impl Iterator<Item = String> {
    let path = asked.split('?').next().unwrap_or_default();
    [asked, path].into_iter().flat_map(|asked| {
        let address = written(asked);
        // Earlier versions kept accents that were written apart.
        let as_asked = decoded(asked).filter(|decoded| Some(decoded) != address.as_ref());
        address.into_iter().chain(as_asked).flat_map(|address| {
            let lower = address.to_lowercase();
            [address, lower]
        })
    })
}

/// Returns a target as a path if it is a whole address on one of these hosts of this site, each with its port if it has one. So it is
/// compared like a path, and remains right if the site gets another name.
pub fn local_target<'a>(target: &'a str, hosts: &[&str]) -> Cow<'a, str> {
    let target = target.trim();
    let Some((scheme, rest)) = target.split_once("://") else { return target.into() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let plain = |host: &str| {
        let host = host.to_lowercase();
        let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(&host);
        host.trim_end_matches('.').to_owned()
    };
    let is_http = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    if !is_http || !hosts.iter().any(|own| plain(own) == plain(host)) {
        return target.into();
    }
    if path.starts_with('/') { path.into() } else { format!("/{path}").into() }
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
        assert_eq!(written("/o%CC%88l/?q=o\u{308}").as_deref(), Some("/öl?q=o\u{308}"));
        let with_query = Ok(("/index.php?id=5".to_owned(), "https://example.org/a#b".to_owned()));
        assert_eq!(made("/index.php?id=5", "https://example.org/a#b"), with_query);
        assert!(made("/author/ada", "/author/ada-quill").is_ok());
        // Capital letters are not found by small ones, so this one leads on.
        assert!(made("/Old", "/old").is_ok());
        for path in ["/feed", "/feed/", "/town/feed", "/.well-known/change-password", "/?p=5"] {
            assert!(made(path, "/feed.xml").is_ok(), "{path}");
        }
    }

    #[test]
    fn redirects_are_looked_up_with_and_without_query_and_capitals() {
        let all: Vec<String> = lookups("/Alt/M%C3%B6we/?A=b").collect();
        assert_eq!(all, ["/Alt/Möwe?A=b", "/alt/möwe?a=b", "/Alt/Möwe", "/alt/möwe"]);
        let apart: Vec<String> = lookups("/topic/o%CC%88l").collect();
        assert_eq!(apart[..2], ["/topic/öl", "/topic/öl"]);
        assert!(apart.contains(&"/topic/o\u{308}l".to_owned()));
        assert_eq!(lookups("https://example.org/a").count(), 0);
    }

    #[test]
    fn whole_addresses_of_this_site_become_paths() {
        let hosts = ["paper.example", "www.paper.example:8443"];
        for (target, path) in [
            ("https://paper.example/a?b#c", "/a?b#c"),
            (" http://Paper.Example:80/a", "/a"),
            ("https://paper.example", "/"),
            ("https://paper.example?a=1", "/?a=1"),
            ("https://www.paper.example:8443/a", "/a"),
            ("https://www.paper.example/a", "https://www.paper.example/a"),
            ("https://paper.example.evil.example/a", "https://paper.example.evil.example/a"),
            ("/a", "/a"),
        ] {
            assert_eq!(local_target(target, &hosts), path, "{target}");
        }
    }

    #[test]
    fn what_leads_nowhere_or_elsewhere_unseen_is_refused() {
        for path in ["", "old", "//evil.example", "/\\evil.example", "/a b", "https://a.example/b"]
        {
            assert_eq!(made(path, "/new"), Err(InvalidRedirect::Path), "{path}");
        }
        for path in [
            "/",
            "/desk/articles",
            "/Account",
            "/search?q=a",
            "/feed.xml",
            "/town/feed.xml",
            "/topic/tides/feed.xml",
            "/Robots.txt/",
            "/.well-known/security.txt",
        ] {
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
        assert_eq!(made("/old", "/OLD"), Err(InvalidRedirect::Same));
    }
}

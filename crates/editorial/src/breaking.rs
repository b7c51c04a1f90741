//! Breaking news: a line at the top of every page, until a time that its editor sets.

use jiff::{SignedDuration, Timestamp};
use masthead_access::printable;
use url::Url;

/// A line of breaking news.
///
/// ```
/// use masthead_editorial::BreakingNews;
///
/// let until = "2026-11-27T18:00:00Z".parse().unwrap();
/// let news = BreakingNews::new("The bridge is closed", "/town/bridge", until).unwrap();
/// assert!(news.is_shown("2026-11-27T17:59:59Z".parse().unwrap()));
/// assert!(!news.is_shown(until));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakingNews {
    /// What has happened, as plain text.
    pub text: String,
    /// The path of an article or list of the site, or an address that begins with `https://`; empty without a link.
    pub link: String,
    /// When it disappears.
    pub until: Timestamp,
}

/// The error for breaking news that cannot be shown.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidBreakingNews {
    /// There is no text.
    #[error("there is no text; write in a few words what has happened")]
    NoText,
    /// The text is too long.
    #[error("the text has {0} characters; write one line of at most {max}", max = BreakingNews::MAX_CHARACTERS)]
    LongText(usize),
    /// The text has several lines.
    #[error("the text has several lines; write one")]
    Lines,
    /// The link leads neither to the site nor to an address with https.
    #[error(
        "\"{0}\" is no address that it can link to; use the address of an article, such as /town/the-bridge, or one \
         that begins with https://"
    )]
    Link(String),
    /// The end is not in the future.
    #[error("the end is in the past; choose a later time")]
    Past,
    /// The end is too far away.
    #[error("breaking news ends after {max} hours at most; choose an earlier time", max = BreakingNews::MAX_HOURS)]
    TooLong,
}

impl BreakingNews {
    /// The maximum length of the text, in characters.
    pub const MAX_CHARACTERS: usize = 140;
    /// The maximum time that it is shown, in hours.
    pub const MAX_HOURS: i64 = 48;
    /// The time that it is shown unless its editor chooses another, in hours.
    pub const DEFAULT_HOURS: i64 = 6;

    /// Checks a text and its link.
    pub fn new(text: &str, link: &str, until: Timestamp) -> Result<Self, InvalidBreakingNews> {
        let (text, link) = (text.trim(), link.trim());
        if text.contains(['\n', '\r']) {
            return Err(InvalidBreakingNews::Lines);
        }
        let text = printable(text).into_owned();
        match text.chars().count() {
            0 => return Err(InvalidBreakingNews::NoText),
            length if length > Self::MAX_CHARACTERS => {
                return Err(InvalidBreakingNews::LongText(length));
            }
            _ => {}
        }
        if !is_safe_link(link) {
            return Err(InvalidBreakingNews::Link(link.to_owned()));
        }
        Ok(Self { text, link: link.to_owned(), until })
    }

    /// Checks that it ends in the future, and soon enough, for an editor who sets it now.
    pub fn check_end(&self, now: Timestamp) -> Result<(), InvalidBreakingNews> {
        let shown = self.until.duration_since(now);
        if shown <= SignedDuration::ZERO {
            Err(InvalidBreakingNews::Past)
        } else if shown > SignedDuration::from_hours(Self::MAX_HOURS) {
            Err(InvalidBreakingNews::TooLong)
        } else {
            Ok(())
        }
    }

    /// Whether readers see it.
    pub fn is_shown(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// Whether a link is empty, a path of this site, or an address with https and without a user.
pub(crate) fn is_safe_link(link: &str) -> bool {
    if link.chars().any(|letter| letter.is_whitespace() || letter.is_control() || letter == '\\') {
        return false;
    }
    if link.is_empty() || (link.starts_with('/') && !link.starts_with("//")) {
        return true;
    }
    let is_plain = |url: &Url| url.username().is_empty() && url.password().is_none();
    link.starts_with("https://")
        && Url::parse(link).is_ok_and(|url| url.has_host() && is_plain(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn only_one_short_line_of_text_with_a_safe_link_is_accepted() {
        let new = |text: &str, link: &str| BreakingNews::new(text, link, Timestamp::UNIX_EPOCH);
        for link in ["", "/town/bridge", "/?p=12", "https://example.org/live?x=1#now"] {
            assert!(new("Bridge closed", link).is_ok(), "{link}");
        }
        for link in [
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "http://example.org",
            "https://",
            "https://ada:secret@example.org",
            "https://example.org/a b",
            "town/bridge",
            "data:text/html,x",
        ] {
            assert_eq!(new("Bridge", link), Err(InvalidBreakingNews::Link(link.into())), "{link}");
        }
        assert_eq!(new(" ", ""), Err(InvalidBreakingNews::NoText));
        assert_eq!(new("\u{1f}", ""), Err(InvalidBreakingNews::NoText));
        assert_eq!(new("One\ntwo", ""), Err(InvalidBreakingNews::Lines));
        assert!(new(&"é".repeat(140), "").is_ok());
        assert_eq!(new(&"é".repeat(141), ""), Err(InvalidBreakingNews::LongText(141)));
    }

    #[test]
    fn it_ends_within_two_days() {
        let now = at("2026-11-27T12:00:00Z");
        let ends = |until: &str| {
            BreakingNews::new("Bridge closed", "", at(until)).expect("valid").check_end(now)
        };
        assert_eq!(ends("2026-11-27T12:00:00Z"), Err(InvalidBreakingNews::Past));
        assert_eq!(ends("2026-11-27T12:00:01Z"), Ok(()));
        assert_eq!(ends("2026-11-29T12:00:00Z"), Ok(()));
        assert_eq!(ends("2026-11-29T12:00:01Z"), Err(InvalidBreakingNews::TooLong));
    }
}

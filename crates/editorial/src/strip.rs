//! Data strips: short facts below the name of the home page, such as the tides or the weather, from a file or from
//! another server.

use std::{fmt, str::FromStr};

use jiff::SignedDuration;
use masthead_access::printable;
use url::Url;

use crate::breaking::is_safe_link;

/// A strip as the publisher has set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataStrip {
    /// What the facts are about, such as "Tides today".
    pub label: String,
    /// Where they come from.
    pub source: StripSource,
    /// The time after which they are read again.
    pub every: SignedDuration,
    /// The age from which they are not shown.
    pub stale_after: SignedDuration,
}

/// Where the facts of a strip come from.
///
/// ```
/// use masthead_editorial::strip::StripSource;
///
/// assert!("data/tides.json".parse::<StripSource>().is_ok());
/// assert!("https://tides.example/today.json".parse::<StripSource>().is_ok());
/// assert!("../tides.json".parse::<StripSource>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StripSource {
    /// A file, as its path below the folder of the configuration.
    File(String),
    /// An address that begins with `https://`.
    Url(String),
}

/// The error for a strip that cannot be used.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidDataStrip {
    /// The label is empty or too long.
    #[error("the label must have 1 to {max} characters", max = DataStrip::MAX_CHARACTERS)]
    Label,
    /// The source is neither a file below the configuration's folder nor an address with https.
    #[error(
        "\"{0}\" is no source; write the path of a file below this one's folder, such as tides.json, or an address that \
         begins with https://"
    )]
    Source(String),
    /// It would be read too often.
    #[error("it is read too often; write every = \"5 minutes\" or longer")]
    TooOften,
    /// It would be stale before it is read again.
    #[error(
        "it would be stale before it is read again; stale_after must be at least as long as every"
    )]
    StaleTooSoon,
}

impl DataStrip {
    /// The maximum length of a label and of a value, in characters.
    pub const MAX_CHARACTERS: usize = 40;
    /// The maximum number of strips.
    pub const MAX_STRIPS: usize = 4;
    /// The shortest time after which a source is read again.
    pub const MIN_EVERY: SignedDuration = SignedDuration::from_mins(5);
    /// The time after which a source is read again unless the publisher chooses another.
    pub const DEFAULT_EVERY: SignedDuration = SignedDuration::from_mins(15);
    /// The age from which data are not shown unless the publisher chooses another.
    pub const DEFAULT_STALE_AFTER: SignedDuration = SignedDuration::from_hours(3);

    /// Checks what a publisher has set.
    pub fn check(
        label: &str,
        source: &str,
        every: SignedDuration,
        stale_after: SignedDuration,
    ) -> Result<Self, InvalidDataStrip> {
        let label = label.trim();
        if label.is_empty() || label.chars().count() > Self::MAX_CHARACTERS {
            return Err(InvalidDataStrip::Label);
        }
        let source = source.parse()?;
        if every < Self::MIN_EVERY {
            return Err(InvalidDataStrip::TooOften);
        }
        if stale_after < every {
            return Err(InvalidDataStrip::StaleTooSoon);
        }
        Ok(Self { label: label.to_owned(), source, every, stale_after })
    }
}

impl FromStr for StripSource {
    type Err = InvalidDataStrip;

    fn from_str(text: &str) -> Result<Self, InvalidDataStrip> {
        let text = text.trim();
        let refused = || InvalidDataStrip::Source(text.to_owned());
        if text.contains("://") {
            // The error would repeat a password.
            let is_https = text.starts_with("https://") && is_safe_link(text);
            let without_user = || InvalidDataStrip::Source(without_user(text));
            return if is_https { Ok(Self::Url(text.to_owned())) } else { Err(without_user()) };
        }
        let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']);
        if text.split('/').all(is_plain) { Ok(Self::File(text.to_owned())) } else { Err(refused()) }
    }
}

/// An address without a user and a password.
fn without_user(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return "this address".to_owned() };
    let is_hidden = url.set_username("").is_ok() && url.set_password(None).is_ok();
    if is_hidden { url.to_string() } else { "this address".to_owned() }
}

impl fmt::Display for StripSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(source) | Self::Url(source) => f.write_str(source),
        }
    }
}

/// One fact of a strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripItem {
    /// What it is, such as "High water".
    pub label: String,
    /// How it is, such as "06:12".
    pub value: String,
    /// More about it, such as "4.1 m"; may be empty.
    pub note: String,
    /// A path of the site, or an address with https; empty without a link.
    pub link: String,
}

/// The error for a fact that cannot be shown.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidStripItem {
    /// A text is missing or too long.
    #[error("the {name} must have {min} to {max} characters")]
    Text {
        /// Which.
        name: &'static str,
        /// The minimum length.
        min: usize,
        /// The maximum length.
        max: usize,
    },
    /// The link is not safe.
    #[error("the link must be a path of this site, such as /harbour, or begin with https://")]
    Link,
}

impl StripItem {
    /// The maximum length of a note, in characters.
    pub const MAX_NOTE: usize = 80;
    /// The maximum number of facts in a strip.
    pub const MAX_ITEMS: usize = 8;

    /// Checks a fact.
    pub fn new(label: &str, value: &str, note: &str, link: &str) -> Result<Self, InvalidStripItem> {
        let max = DataStrip::MAX_CHARACTERS;
        let (label, value) = (text("label", label, 1, max)?, text("value", value, 1, max)?);
        let note = text("note", note, 0, Self::MAX_NOTE)?;
        let link = link.trim().to_owned();
        if !is_safe_link(&link) {
            return Err(InvalidStripItem::Link);
        }
        Ok(Self { label, value, note, link })
    }
}

/// A text on one line, within these lengths in characters.
fn text(
    name: &'static str,
    text: &str,
    min: usize,
    max: usize,
) -> Result<String, InvalidStripItem> {
    let text = printable(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if (min..=max).contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(InvalidStripItem::Text { name, min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_files_below_the_folder_or_addresses_with_https() {
        for source in ["tides.json", "data/tides today.json", "https://tides.example/a.json?b=c"] {
            assert_eq!(source.parse::<StripSource>().expect(source).to_string(), source);
        }
        for source in [
            "",
            "/etc/passwd",
            "../tides.json",
            "data/../../tides.json",
            "data//tides.json",
            "C:\\tides.json",
            "http://tides.example",
            "file:///etc/passwd",
            "https://",
        ] {
            assert!(source.parse::<StripSource>().is_err(), "{source}");
        }
        let secret =
            "https://ada:hunter2@tides.example".parse::<StripSource>().expect_err("a user");
        assert!(!secret.to_string().contains("hunter2"), "{secret}");
    }

    #[test]
    fn strips_are_read_seldom_enough_and_stay_fresh_until_then() {
        let check = |every: i64, stale: i64| {
            let (every, stale) =
                (SignedDuration::from_mins(every), SignedDuration::from_mins(stale));
            DataStrip::check("Tides", "tides.json", every, stale).map(|_| ())
        };
        assert_eq!(check(5, 5), Ok(()));
        assert_eq!(check(4, 60), Err(InvalidDataStrip::TooOften));
        assert_eq!(check(30, 29), Err(InvalidDataStrip::StaleTooSoon));
        let (every, stale) = (DataStrip::DEFAULT_EVERY, DataStrip::DEFAULT_STALE_AFTER);
        for label in ["", " ", &"x".repeat(41)] {
            let refused = DataStrip::check(label, "tides.json", every, stale);
            assert_eq!(refused, Err(InvalidDataStrip::Label), "{label}");
        }
    }

    #[test]
    fn facts_are_short_and_link_to_safe_addresses_only() {
        let item = StripItem::new(" High\nwater ", "06:12", "", "/harbour").expect("a fact");
        assert_eq!(item.label, "High water");
        assert!(StripItem::new("", "06:12", "", "").is_err());
        assert!(StripItem::new("High water", &"x".repeat(41), "", "").is_err());
        assert!(StripItem::new("High water", "06:12", &"x".repeat(81), "").is_err());
        for link in ["javascript:alert(1)", "//evil.example", "http://example.org"] {
            let refused = StripItem::new("High water", "06:12", "", link);
            assert_eq!(refused, Err(InvalidStripItem::Link), "{link}");
        }
    }
}

//! How a front is arranged: which article stands in which place, by hand or by rule.
//!
//! An arrangement says what the newsroom wants; what has been withdrawn, or is not there yet, gives its place to the
//! latest article, so that a front is never bare.

use std::{fmt, str::FromStr};

/// What stands in a place of a front.
///
/// Written as an address (`/town/the-bridge`) for an article, or as a rule: `latest`, `most-read`, `section:town`,
/// `topic:tides`.
///
/// ```
/// use masthead_editorial::fronts::Pick;
///
/// let pick: Pick = "section:town".parse().unwrap();
/// assert_eq!(pick, Pick::Section("town".to_owned()));
/// assert_eq!(pick.to_string(), "section:town");
/// assert!("town".parse::<Pick>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The article at this address.
    Article(String),
    /// The latest article that stands nowhere else on the front.
    Latest,
    /// The article that is read most, of those that stand nowhere else.
    MostRead,
    /// The latest of the section with this slug.
    Section(String),
    /// The latest on the topic with this slug.
    Topic(String),
}

/// What is written is no pick.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "\"{0}\" names nothing that can stand on a front; write the address of an article, such as /town/the-bridge, or \
     latest, most-read, section:town or topic:tides"
)]
pub struct PickError(String);

impl FromStr for Pick {
    type Err = PickError;

    fn from_str(text: &str) -> Result<Self, PickError> {
        let text = text.trim();
        if text.starts_with('/') && text.len() > 1 {
            return Ok(Self::Article(text.to_owned()));
        }
        match text.split_once(':') {
            None if text == "latest" => Ok(Self::Latest),
            None if text == "most-read" => Ok(Self::MostRead),
            Some(("section", slug)) if !slug.is_empty() => Ok(Self::Section(slug.to_owned())),
            Some(("topic", slug)) if !slug.is_empty() => Ok(Self::Topic(slug.to_owned())),
            _ => Err(PickError(text.to_owned())),
        }
    }
}

impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Article(address) => f.write_str(address),
            Self::Latest => f.write_str("latest"),
            Self::MostRead => f.write_str("most-read"),
            Self::Section(slug) => write!(f, "section:{slug}"),
            Self::Topic(slug) => write!(f, "topic:{slug}"),
        }
    }
}

/// How the front at an address is arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Front {
    /// Its address: `/`, or a section's, such as `/town`.
    pub page: String,
    /// What stands on top: the lead first. The latest fill what is not named.
    pub top: Vec<Pick>,
    /// What is listed below, in order; for [`Front::HOME`] alone. Empty for every section in the order of the
    /// navigation.
    pub shelves: Vec<Pick>,
}

/// Why an arrangement is refused.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrontError {
    /// The page is none that has a front.
    #[error(
        "\"{0}\" is no front; write / for the home page, or the address of a section, such as /town"
    )]
    Page(String),
    /// Something in it names nothing.
    #[error(transparent)]
    Pick(#[from] PickError),
    /// More than fits.
    #[error("{0} has {places} places on top, and not {1}", places = Front::TOP)]
    Crowded(String, usize),
    /// One article cannot be in two places.
    #[error("{0} stands in two places")]
    Twice(String),
    /// A shelf holds several articles.
    #[error("\"{0}\" is no shelf; write section:town, topic:tides or most-read")]
    NoShelf(String),
    /// Sections have one list.
    #[error("only the home page, /, has shelves")]
    ShelvesElsewhere,
}

impl Front {
    /// The address of the home page.
    pub const HOME: &str = "/";
    /// Places on top: the lead, and those beside it.
    pub const TOP: usize = 4;

    /// The arrangement that is written like this.
    pub fn check<'a>(
        page: &str,
        top: impl IntoIterator<Item = &'a str>,
        shelves: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, FrontError> {
        let slug = page.strip_prefix('/').ok_or_else(|| FrontError::Page(page.to_owned()))?;
        if slug.contains(['/', '?', '#', ' ']) {
            return Err(FrontError::Page(page.to_owned()));
        }
        let top = top.into_iter().map(str::parse).collect::<Result<Vec<Pick>, _>>()?;
        let shelves = shelves.into_iter().map(str::parse).collect::<Result<Vec<Pick>, _>>()?;
        if top.len() > Self::TOP {
            return Err(FrontError::Crowded(page.to_owned(), top.len()));
        }
        let is_article = |pick: &&Pick| matches!(pick, Pick::Article(_));
        for (index, pick) in top.iter().enumerate().filter(|(_, pick)| is_article(pick)) {
            if top.iter().take(index).any(|before| before == pick) {
                return Err(FrontError::Twice(pick.to_string()));
            }
        }
        for (index, shelf) in shelves.iter().enumerate() {
            if matches!(shelf, Pick::Article(_) | Pick::Latest) {
                return Err(FrontError::NoShelf(shelf.to_string()));
            }
            if shelves.iter().take(index).any(|before| before == shelf) {
                return Err(FrontError::Twice(shelf.to_string()));
            }
        }
        if page != Self::HOME && !shelves.is_empty() {
            return Err(FrontError::ShelvesElsewhere);
        }
        Ok(Self { page: page.to_owned(), top, shelves })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for text in ["/town/bridge", "/?p=12", "latest", "most-read", "section:town", "topic:tides"]
        {
            assert_eq!(text.parse::<Pick>().expect(text).to_string(), text);
        }
        for text in ["", "/", "town", "section:", "author:ada", "most read"] {
            assert!(text.parse::<Pick>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_arrangement_that_cannot_be_is_refused() {
        let fault = |page, top: &[&'static str], shelves: &[&'static str]| {
            let top = top.iter().copied();
            Front::check(page, top, shelves.iter().copied()).expect_err("refused").to_string()
        };
        assert!(fault("town", &[], &[]).contains("write / for the home page"));
        assert!(fault("/town/bridge", &[], &[]).contains("is no front"));
        assert!(fault("/", &["latest"; 5], &[]).contains("4 places on top, and not 5"));
        assert_eq!(fault("/", &["/a/b", "latest", "/a/b"], &[]), "/a/b stands in two places");
        assert!(fault("/", &[], &["/a/b"]).contains("is no shelf"));
        assert!(fault("/", &[], &["most-read", "most-read"]).contains("two places"));
        assert!(fault("/town", &[], &["most-read"]).contains("only the home page"));
        assert!(fault("/", &["newest"], &[]).contains("names nothing"));
        assert!(Front::check("/", ["latest", "latest"], ["topic:tides", "most-read"]).is_ok());
    }
}

//! How a front is arranged: which article is in which position, by hand or by rule.
//!
//! An arrangement is a preference: if an article has been withdrawn or is not published yet, the latest
//! article takes its position, so that a front is never empty.

use std::{fmt, str::FromStr};

use strum::VariantArray as _;

use crate::paths::one_spelling;

/// The content of a position on a front.
///
/// Written as the address of an article (`/town/the-bridge`), or as a rule: `latest`, `most-read`,
/// `section:town`, `topic:tides`.
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
    /// The latest article that is not elsewhere on the front.
    Latest,
    /// The most-read article that is not elsewhere on the front.
    MostRead,
    /// The latest article in the section with this slug.
    Section(String),
    /// The latest article on the topic with this slug.
    Topic(String),
}

/// The error for a text that is not a pick.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "\"{0}\" names nothing that can stand on a front; write the address of an article, such as /town/the-bridge, or \
     latest, most-read, section:town or topic:tides"
)]
pub struct ParsePickError(String);

impl FromStr for Pick {
    type Err = ParsePickError;

    fn from_str(text: &str) -> Result<Self, ParsePickError> {
        let text = text.trim();
        if text.starts_with('/') && text.len() > 1 {
            return Ok(Self::Article(text.to_owned()));
        }
        match text.split_once(':') {
            None if text == "latest" => Ok(Self::Latest),
            None if text == "most-read" => Ok(Self::MostRead),
            Some(("section", slug)) if !slug.is_empty() => Ok(Self::Section(slug.to_owned())),
            Some(("topic", slug)) if !slug.is_empty() => Ok(Self::Topic(slug.to_owned())),
            _ => Err(ParsePickError(text.to_owned())),
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

/// The layout of a list on the home page.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
    strum_macros::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum ListLayout {
    /// One large article with the others in a list beside it.
    LeadAndList,
    /// Equal columns with pictures.
    PlainGrid,
    /// Equal columns of text.
    Columns,
    /// One wide article on a tinted band, and the others in text below it.
    Feature,
    /// A row of tall pictures.
    Strip,
    /// Text with the names of the authors, and their portraits if there are any.
    Opinion,
    /// Numbered headlines.
    Numbered,
}

impl ListLayout {
    /// Returns every layout.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// Returns the name that settings and templates use.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A list below the top of the home page.
///
/// Written as its rule, and the layout after `as` if one is chosen: `section:town`, `section:town as columns`.
///
/// ```
/// use masthead_editorial::fronts::{FrontBlock, ListLayout};
///
/// let block: FrontBlock = "section:town as columns".parse().unwrap();
/// assert_eq!(block.layout, Some(ListLayout::Columns));
/// assert_eq!(block.to_string(), "section:town as columns");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontBlock {
    /// What is listed.
    pub pick: Pick,
    /// The chosen layout, or `None` for the theme's layouts in turn.
    pub layout: Option<ListLayout>,
}

impl From<Pick> for FrontBlock {
    fn from(pick: Pick) -> Self {
        Self { pick, layout: None }
    }
}

impl FromStr for FrontBlock {
    type Err = FrontError;

    fn from_str(text: &str) -> Result<Self, FrontError> {
        let Some((pick, layout)) = text.split_once(" as ") else {
            return Ok(Self::from(text.parse::<Pick>()?));
        };
        let layout = layout.trim();
        let layout = layout.parse().map_err(|_| FrontError::Layout(layout.to_owned()))?;
        Ok(Self { pick: pick.parse()?, layout: Some(layout) })
    }
}

impl fmt::Display for FrontBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layout {
            None => self.pick.fmt(f),
            Some(layout) => write!(f, "{} as {}", self.pick, layout.name()),
        }
    }
}

/// The arrangement of one front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Front {
    /// The address of the page, percent-encoded: `/`, or that of a section, such as `/town`.
    pub page: String,
    /// The picks at the top, lead first. Positions without a pick show the latest articles.
    pub top: Vec<Pick>,
    /// The lists below the top, in order. Only allowed for [`Front::HOME`]; empty means every
    /// section in the order of the navigation.
    pub lists: Vec<FrontBlock>,
}

/// The error for an arrangement that is not valid.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrontError {
    /// The page has no front.
    #[error(
        "\"{0}\" is no front; write / for the home page, or the address of a section, such as /town"
    )]
    Page(String),
    /// A pick cannot be parsed.
    #[error(transparent)]
    Pick(#[from] ParsePickError),
    /// A list has no such layout.
    #[error(
        "\"{0}\" is no layout; write lead-and-list, plain-grid, columns, feature, strip, opinion or numbered"
    )]
    Layout(String),
    /// There are more picks than positions at the top.
    #[error("{0} has {places} places on top, and not {1}", places = Front::TOP)]
    TooMany(String, usize),
    /// An article or list appears twice.
    #[error("{0} is in two places")]
    Duplicate(String),
    /// A list must hold several articles.
    #[error("\"{0}\" is no list; write section:town, topic:tides or most-read")]
    NotAList(String),
    /// Only the home page has lists.
    #[error("only the home page, /, has lists")]
    BlocksElsewhere,
}

impl Front {
    /// The address of the home page.
    pub const HOME: &str = "/";
    /// The number of positions at the top, including the lead.
    pub const TOP: usize = 4;

    /// Parses and validates an arrangement.
    pub fn check<'a>(
        page: &str,
        top: impl IntoIterator<Item = &'a str>,
        lists: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, FrontError> {
        let slug = page.strip_prefix('/').ok_or_else(|| FrontError::Page(page.to_owned()))?;
        if slug.contains(['/', '?', '#', ' ']) {
            return Err(FrontError::Page(page.to_owned()));
        }
        let top = top.into_iter().map(str::parse).collect::<Result<Vec<Pick>, _>>()?;
        let lists = lists.into_iter().map(str::parse).collect::<Result<Vec<FrontBlock>, _>>()?;
        if top.len() > Self::TOP {
            return Err(FrontError::TooMany(page.to_owned(), top.len()));
        }
        let is_article = |pick: &&Pick| matches!(pick, Pick::Article(_));
        for (index, pick) in top.iter().enumerate().filter(|(_, pick)| is_article(pick)) {
            if top.iter().take(index).any(|before| before == pick) {
                return Err(FrontError::Duplicate(pick.to_string()));
            }
        }
        for (index, FrontBlock { pick, .. }) in lists.iter().enumerate() {
            if matches!(pick, Pick::Article(_) | Pick::Latest) {
                return Err(FrontError::NotAList(pick.to_string()));
            }
            if lists.iter().take(index).any(|before| before.pick == *pick) {
                return Err(FrontError::Duplicate(pick.to_string()));
            }
        }
        if page != Self::HOME && !lists.is_empty() {
            return Err(FrontError::BlocksElsewhere);
        }
        Ok(Self { page: one_spelling(page).into_owned(), top, lists })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_round_trip_through_text() {
        for text in ["/town/bridge", "/?p=12", "latest", "most-read", "section:town", "topic:tides"]
        {
            assert_eq!(text.parse::<Pick>().expect(text).to_string(), text);
        }
        for text in ["", "/", "town", "section:", "author:ada", "most read"] {
            assert!(text.parse::<Pick>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_names_of_layouts_stay_as_they_are() {
        // They are in publishers' databases, files and themes.
        let names: Vec<&str> = ListLayout::all().map(ListLayout::name).collect();
        let stored =
            ["lead-and-list", "plain-grid", "columns", "feature", "strip", "opinion", "numbered"];
        assert_eq!(names, stored);
        let all = FrontError::Layout("grid".to_owned()).to_string();
        for name in names {
            assert!(all.contains(name), "{all} does not name {name}");
            let block: FrontBlock = format!("topic:tides as {name}").parse().expect(name);
            assert_eq!(block.to_string(), format!("topic:tides as {name}"));
        }
        // A list that was stored before layouts could be chosen.
        let block: FrontBlock = "section:town".parse().expect("a list");
        assert_eq!((block.layout, block.to_string().as_str()), (None, "section:town"));
    }

    #[test]
    fn invalid_arrangements_are_refused() {
        let error = |page, top: &[&'static str], lists: &[&'static str]| {
            let top = top.iter().copied();
            Front::check(page, top, lists.iter().copied()).expect_err("refused").to_string()
        };
        assert!(error("town", &[], &[]).contains("write / for the home page"));
        assert!(error("/town/bridge", &[], &[]).contains("is no front"));
        assert!(error("/", &["latest"; 5], &[]).contains("4 places on top, and not 5"));
        assert_eq!(error("/", &["/a/b", "latest", "/a/b"], &[]), "/a/b is in two places");
        assert!(error("/", &[], &["/a/b"]).contains("is no list"));
        assert!(error("/", &[], &["most-read", "most-read"]).contains("two places"));
        assert!(error("/town", &[], &["most-read"]).contains("only the home page"));
        let twice = ["most-read as strip", "most-read as columns"];
        assert_eq!(error("/", &[], &twice), "most-read is in two places");
        assert!(error("/", &[], &["most-read as grid"]).contains("\"grid\" is no layout"));
        assert!(error("/", &[], &["/a/b as columns"]).contains("is no list"));
        assert!(error("/", &["newest"], &[]).contains("names nothing"));
        assert!(Front::check("/", ["latest", "latest"], ["topic:tides", "most-read"]).is_ok());
    }
}

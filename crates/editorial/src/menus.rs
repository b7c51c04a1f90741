//! The menus of the site: the navigation at the top of every page, and the groups of links in the footer.

use std::{collections::BTreeSet, fmt, str::FromStr};

use masthead_access::printable;
use url::Url;

/// What a publisher has set for the menus. An empty menu is made by the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Menus {
    /// The navigation.
    pub navigation: Vec<MenuLink>,
    /// The footer.
    pub footer: Vec<FooterGroup>,
}

/// Links of the footer below a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FooterGroup {
    /// The heading.
    pub heading: String,
    /// The links, in order.
    pub links: Vec<MenuLink>,
}

/// A link of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLink {
    /// Where it leads.
    pub target: MenuTarget,
    /// Its words; empty for the name of what it leads to.
    pub label: String,
    /// Whether readers do not see it. What it leads to is not among the others of its menu either.
    pub hidden: bool,
}

/// Where a link of a menu leads. Its text is a path of the site, an address with `https:`, `http:` or `mailto:`,
/// `other-sections` or `other-pages`.
///
/// ```
/// use masthead_editorial::menus::MenuTarget;
///
/// assert_eq!("/town".parse(), Ok(MenuTarget::Path("/town".into())));
/// assert!("javascript:alert(1)".parse::<MenuTarget>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MenuTarget {
    /// Each section that the menu does not name.
    OtherSections,
    /// Each of the publication's own pages that the menu does not name.
    OtherPages,
    /// A page of the site.
    Path(String),
    /// Another website, or an email address.
    Outside(String),
}

/// Why menus cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMenu {
    /// A link leads neither to the site nor to an address that browsers open.
    #[error(
        "\"{0}\" is no address that a menu can link to; use a path of the site, such as /about, or an address that begins with \
         https://, http:// or mailto:"
    )]
    Target(String),
    /// An address is too long.
    #[error("the address \"{0}…\" is too long; use one of at most {max} characters", max = MenuTarget::MAX_CHARACTERS)]
    LongTarget(String),
    /// A link to another website has no words.
    #[error("the link to {0} has no label; write one")]
    NoLabel(String),
    /// A label or a heading is too long.
    #[error("\"{0}\" is too long for a menu; use at most {max} characters", max = MenuLink::MAX_CHARACTERS)]
    LongLabel(String),
    /// A group has no heading.
    #[error("a group of the footer has no heading; write one")]
    NoHeading,
    /// A menu has a link twice.
    #[error("{0} is twice in the same menu; leave one out")]
    Twice(String),
    /// There are too many links.
    #[error("a menu has at most {max} links; leave some out", max = Menus::MAX_LINKS)]
    ManyLinks,
    /// There are too many groups.
    #[error("the footer has at most {max} groups; leave one out", max = Menus::MAX_GROUPS)]
    ManyGroups,
}

impl Menus {
    /// The maximum number of links in the navigation, and in the footer.
    pub const MAX_LINKS: usize = 60;
    /// The maximum number of groups in the footer.
    pub const MAX_GROUPS: usize = 8;

    /// Checks menus whose links are valid.
    ///
    /// # Errors
    ///
    /// Returns an error if there are too many links or groups, or if one menu has a link twice.
    pub fn new(navigation: Vec<MenuLink>, footer: Vec<FooterGroup>) -> Result<Self, InvalidMenu> {
        if footer.len() > Self::MAX_GROUPS {
            return Err(InvalidMenu::ManyGroups);
        }
        check(navigation.iter())?;
        check(footer.iter().flat_map(|group| &group.links))?;
        Ok(Self { navigation, footer })
    }
}

fn check<'a>(links: impl Iterator<Item = &'a MenuLink>) -> Result<(), InvalidMenu> {
    let mut known = BTreeSet::new();
    for link in links {
        if !known.insert(&link.target) {
            return Err(InvalidMenu::Twice(link.target.to_string()));
        }
        if known.len() > Menus::MAX_LINKS {
            return Err(InvalidMenu::ManyLinks);
        }
    }
    Ok(())
}

impl FooterGroup {
    /// A group with a heading in one line.
    ///
    /// # Errors
    ///
    /// Returns an error if the heading is empty or too long.
    pub fn new(heading: &str, links: Vec<MenuLink>) -> Result<Self, InvalidMenu> {
        let heading = line(heading)?;
        if heading.is_empty() {
            return Err(InvalidMenu::NoHeading);
        }
        Ok(Self { heading, links })
    }
}

impl MenuLink {
    /// The maximum length of a label or a heading, in characters.
    pub const MAX_CHARACTERS: usize = 60;

    /// A link with words in one line.
    ///
    /// # Errors
    ///
    /// Returns an error if the target is not one, the label is too long, or a link to another website has none.
    pub fn new(target: &str, label: &str, hidden: bool) -> Result<Self, InvalidMenu> {
        let (target, label): (MenuTarget, String) = (target.parse()?, line(label)?);
        match &target {
            MenuTarget::Outside(address) if label.is_empty() => {
                Err(InvalidMenu::NoLabel(address.clone()))
            }
            _ => Ok(Self { target, label, hidden }),
        }
    }

    /// A link that readers see, with the name of what it leads to.
    pub fn to(target: MenuTarget) -> Self {
        Self { target, label: String::new(), hidden: false }
    }
}

fn line(text: &str) -> Result<String, InvalidMenu> {
    let text = printable(text);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MenuLink::MAX_CHARACTERS) {
        Some((end, _)) => Err(InvalidMenu::LongLabel(format!("{}…", &text[..end]))),
        None => Ok(text),
    }
}

impl MenuTarget {
    /// The maximum length of an address, in characters.
    pub const MAX_CHARACTERS: usize = 300;

    const OTHER_SECTIONS: &'static str = "other-sections";
    const OTHER_PAGES: &'static str = "other-pages";
}

impl FromStr for MenuTarget {
    type Err = InvalidMenu;

    fn from_str(text: &str) -> Result<Self, InvalidMenu> {
        let text = text.trim();
        if let Some((end, _)) = text.char_indices().nth(Self::MAX_CHARACTERS) {
            let start = text[..end].chars().take(40).collect();
            return Err(InvalidMenu::LongTarget(start));
        }
        let is_unclean = |letter: char| {
            letter.is_whitespace()
                || letter.is_control()
                || matches!(letter, '\\' | '"' | '<' | '>')
        };
        if printable(text) != text || text.contains(is_unclean) {
            return Err(InvalidMenu::Target(text.to_owned()));
        }
        match text {
            Self::OTHER_SECTIONS => Ok(Self::OtherSections),
            Self::OTHER_PAGES => Ok(Self::OtherPages),
            path if path.starts_with('/') && !path.starts_with("//") => {
                Ok(Self::Path(path.to_owned()))
            }
            address if is_outside(address) => Ok(Self::Outside(address.to_owned())),
            other => Err(InvalidMenu::Target(other.to_owned())),
        }
    }
}

/// Whether it is an address of the web without a user, or an email address with `mailto:`.
fn is_outside(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    match url.scheme() {
        "https" | "http" => {
            let has_slashes =
                address.get(url.scheme().len()..).is_some_and(|a| a.starts_with("://"));
            has_slashes && url.has_host() && url.username().is_empty() && url.password().is_none()
        }
        "mailto" => {
            let parts = url.path().split_once('@');
            parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        }
        _ => false,
    }
}

impl fmt::Display for MenuTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherSections => Self::OTHER_SECTIONS,
            Self::OtherPages => Self::OTHER_PAGES,
            Self::Path(text) | Self::Outside(text) => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_a_reader_can_open_are_targets() {
        for good in [
            "/town",
            "/topic/night-trains",
            "/about#team",
            "/?p=12",
            "https://example.org/a?b=c#d",
            "http://example.org",
            "HTTPS://example.org",
            "mailto:news@paper.example",
            "other-sections",
            "other-pages",
        ] {
            let target: MenuTarget = good.parse().expect(good);
            assert_eq!(target.to_string(), good);
        }
        for bad in [
            "",
            "town",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "ftp://example.org",
            "https:/example.org",
            "https://ada:secret@example.org",
            "https://",
            "mailto:",
            "mailto:nobody",
            "tel:+4912345",
            "/a b",
            "/a\"onclick",
            "/a\u{1f}b",
        ] {
            assert_eq!(bad.parse::<MenuTarget>(), Err(InvalidMenu::Target(bad.into())), "{bad}");
        }
        let long = format!("/{}", "a".repeat(300));
        assert!(matches!(long.parse::<MenuTarget>(), Err(InvalidMenu::LongTarget(_))));
    }

    #[test]
    fn labels_are_one_line_and_links_to_others_need_one() {
        let link = MenuLink::new("/town", "  All of\nthe town ", false).expect("a link");
        assert_eq!(link.label, "All of the town");
        let long = "é".repeat(61);
        assert!(matches!(MenuLink::new("/town", &long, false), Err(InvalidMenu::LongLabel(_))));
        let unnamed = MenuLink::new("https://example.org", " ", false);
        assert_eq!(unnamed, Err(InvalidMenu::NoLabel("https://example.org".into())));
        assert_eq!(FooterGroup::new(" ", Vec::new()), Err(InvalidMenu::NoHeading));
    }

    #[test]
    fn a_menu_has_each_link_once_and_not_too_many() {
        let to = |text: &str| MenuLink::to(text.parse().expect("a target"));
        let group = |links| FooterGroup::new("Help", links).expect("a group");
        let both = Menus::new(vec![to("/a")], vec![group(vec![to("/a")])]);
        assert!(both.is_ok(), "the navigation and the footer may have the same link");
        assert_eq!(
            Menus::new(vec![to("/a"), to("/a")], vec![]),
            Err(InvalidMenu::Twice("/a".into()))
        );
        let groups = vec![group(vec![to("/a")]), group(vec![to("/a")])];
        assert_eq!(Menus::new(vec![], groups), Err(InvalidMenu::Twice("/a".into())));
        let many = (0..61).map(|number| to(&format!("/{number}"))).collect();
        assert_eq!(Menus::new(many, vec![]), Err(InvalidMenu::ManyLinks));
        let groups = (0..9).map(|_| group(vec![])).collect();
        assert_eq!(Menus::new(vec![], groups), Err(InvalidMenu::ManyGroups));
    }
}

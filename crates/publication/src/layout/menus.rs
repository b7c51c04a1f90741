//! The navigation and the footer: as the publisher has set them, or made from the sections and pages.

use std::{borrow::Cow, collections::BTreeSet};

use masthead_access::Tier;
use masthead_editorial::{
    menus::{FooterGroup, MenuLink, MenuTarget},
    paths,
    redirect::lookups,
};

use super::{Layout, page_link};
use crate::{
    contexts::{FooterGroupContext, Link},
    edition::{EditionEntry, Target},
};

/// The pages that the site makes itself and menus can link to: the path, the theme's word for it, and whether there is such a page
/// only while something is sold.
pub const SITE_PAGES: [SitePage; 11] = [
    SitePage { path: METER, word: "meter_page", sells: false },
    SitePage { path: "/search", word: "search", sells: false },
    SitePage { path: "/offers", word: "offers", sells: true },
    SitePage { path: "/sign-in", word: "sign_in", sells: false },
    SitePage { path: "/register", word: "register", sells: false },
    SitePage { path: "/account", word: "account", sells: false },
    SitePage { path: "/account/saved", word: "saved", sells: false },
    SitePage { path: "/account/following", word: "following", sells: false },
    SitePage { path: CANCEL, word: "cancel_page", sells: true },
    SitePage { path: WITHDRAW, word: "withdraw_here", sells: true },
    SitePage { path: FEED, word: "feed", sells: false },
];
const METER: &str = "/how-the-meter-works";
const CANCEL: &str = "/cancel";
const WITHDRAW: &str = "/withdraw";
const FEED: &str = "/feed.xml";

/// A page that the site makes itself.
#[derive(Clone, Copy, Debug)]
pub struct SitePage {
    /// Its path.
    pub path: &'static str,
    /// The theme's word for it.
    pub(crate) word: &'static str,
    sells: bool,
}

/// What a link of a menu leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuDestination {
    /// The current address.
    pub href: String,
    /// What it is called; empty for another website.
    pub name: String,
    /// What it is.
    pub kind: DestinationKind,
}

/// The kind of what a link of a menu leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DestinationKind {
    /// The front of a section.
    Section,
    /// The page of a topic.
    Topic,
    /// The page of an author.
    Author,
    /// A page of the publication.
    Page,
    /// An article.
    Article,
    /// A page that the site makes itself.
    Site,
    /// Another website, or an email address.
    Outside,
}

/// Why a link of a menu is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// Nothing is published at the address.
    Absent,
    /// A section without a published article.
    EmptySection,
    /// An article that not everybody may read.
    Locked,
    /// A page about subscriptions, while nothing is sold.
    NothingSold,
}

impl Layout<'_> {
    /// The links of the navigation on the page at an address.
    pub(super) fn navigation_links(&self, here: &str) -> Vec<Link> {
        let set = &self.publication.menus.navigation;
        if set.is_empty() {
            return self.navigation().iter().map(|s| self.section_link(s, here)).collect();
        }
        self.links(set, &self.named(set), here)
    }

    /// The groups of the footer on the page at an address. The law may require that readers find the pages with which they cancel
    /// and withdraw, so these are always there while something is sold.
    pub(super) fn footer(&self, here: &str) -> Vec<FooterGroupContext> {
        let groups = self.footer_groups();
        let named = self.named(groups.iter().flat_map(|group| &group.links));
        let group = |group: &FooterGroup| FooterGroupContext {
            heading: group.heading.clone(),
            links: self.links(&group.links, &named, here),
        };
        let mut footer: Vec<_> = groups.iter().map(group).collect();
        let shown =
            |path: &str| footer.iter().flat_map(|group| &group.links).any(|l| l.href == path);
        let missing = [CANCEL, WITHDRAW].into_iter().filter(|path| !shown(path));
        let missing: Vec<Link> = missing
            .filter_map(|path| self.menu_link(&MenuLink::to(MenuTarget::Path(path.into())), here))
            .collect();
        if let Some(last) = footer.last_mut() {
            last.links.extend(missing);
        }
        footer.retain(|group| !group.links.is_empty());
        footer
    }

    /// Returns the groups of the footer: those that are set, or else the sections, and the pages of the publication and the site.
    pub fn footer_groups(&self) -> Cow<'_, [FooterGroup]> {
        let set = &self.publication.menus.footer;
        if !set.is_empty() {
            return Cow::Borrowed(set);
        }
        let group = |word: &str, targets: Vec<MenuTarget>| FooterGroup {
            heading: self.theme.word(word).to_owned(),
            links: targets.into_iter().map(MenuLink::to).collect(),
        };
        let pages = [METER, CANCEL, WITHDRAW, FEED].map(|path| MenuTarget::Path(path.into()));
        let help = [MenuTarget::OtherPages].into_iter().chain(pages).collect();
        vec![group("sections", vec![MenuTarget::OtherSections]), group("help", help)].into()
    }

    /// Returns what a target leads to now. A former address, and a redirect, lead to what is there now.
    ///
    /// # Errors
    ///
    /// Returns an error if readers would find nothing there, or what not all of them may read.
    pub fn destination(&self, target: &MenuTarget) -> Result<MenuDestination, Unavailable> {
        match target {
            MenuTarget::OtherSections | MenuTarget::OtherPages => Err(Unavailable::Absent),
            MenuTarget::Outside(address) => Ok(outside(address)),
            MenuTarget::Path(path) => match self.at(path) {
                Err(Unavailable::Absent) => self.redirected(path),
                found => found,
            },
        }
    }

    /// What is at a path, without redirects.
    fn at(&self, path: &str) -> Result<MenuDestination, Unavailable> {
        let path = &*paths::one_spelling(path);
        let (base, rest) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
        let base = match base.trim_end_matches('/') {
            "" => base,
            plain => plain,
        };
        let named = |name: &str, kind| {
            Ok(MenuDestination { href: format!("{base}{rest}"), name: name.to_owned(), kind })
        };
        // Articles of WordPress had addresses that are only a query.
        match self.edition.find(path).or_else(|| self.edition.find_spelled(base)) {
            Some(Target::Piece(entry) | Target::Moved(entry)) => self.piece(entry, rest),
            Some(Target::Section(section)) => {
                named(&self.section_link(section, "").name, DestinationKind::Section)
            }
            Some(Target::Topic(topic)) => named(&topic.name, DestinationKind::Topic),
            Some(Target::Author(author)) => named(&author.name, DestinationKind::Author),
            None if base == "/" => named(&self.publication.name, DestinationKind::Site),
            None => match SITE_PAGES.iter().find(|page| page.path == base) {
                Some(page) if page.sells && !self.publication.sells() => {
                    Err(Unavailable::NothingSold)
                }
                Some(page) => named(self.theme.word(page.word), DestinationKind::Site),
                None if self.is_feed(base) => named(self.theme.word("feed"), DestinationKind::Site),
                None if self.is_empty_section(base) => Err(Unavailable::EmptySection),
                None => Err(Unavailable::Absent),
            },
        }
    }

    /// Whether this is the address of a section that is set and has no article.
    fn is_empty_section(&self, path: &str) -> bool {
        let slug = path.strip_prefix('/').and_then(paths::decoded);
        slug.is_some_and(|slug| self.style(&slug).is_some())
    }

    /// Whether this is the address of the feed of a section, a topic or an author.
    fn is_feed(&self, path: &str) -> bool {
        let list = path.strip_suffix(FEED).and_then(|list| self.edition.find(list));
        matches!(list, Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)))
    }

    fn piece(&self, entry: &EditionEntry, rest: &str) -> Result<MenuDestination, Unavailable> {
        let tier = self.publication.policy.tier(&entry.article(), self.now).tier;
        if !matches!(tier, Tier::Free | Tier::Metered) {
            return Err(Unavailable::Locked);
        }
        let kind = if entry.is_page() { DestinationKind::Page } else { DestinationKind::Article };
        let rest = if rest.starts_with('#') { rest } else { "" };
        let href = format!("{}{rest}", entry.address);
        Ok(MenuDestination { href, name: entry.lines.headline().to_owned(), kind })
    }

    /// What a redirect from a path leads to. A redirect to another one is not followed.
    fn redirected(&self, path: &str) -> Result<MenuDestination, Unavailable> {
        let redirect = lookups(path).find_map(|address| self.edition.redirect(&address));
        let target = &redirect.ok_or(Unavailable::Absent)?.target;
        if target.starts_with('/') { self.at(target) } else { Ok(outside(target)) }
    }

    /// The addresses that the links of a menu lead to, shown or not.
    fn named<'b>(&self, links: impl IntoIterator<Item = &'b MenuLink>) -> BTreeSet<String> {
        let targets = links.into_iter().map(|link| &link.target);
        targets.filter_map(|target| Some(self.destination(target).ok()?.href)).collect()
    }

    fn links(&self, links: &[MenuLink], named: &BTreeSet<String>, here: &str) -> Vec<Link> {
        let shown = links.iter().filter(|link| !link.hidden);
        let of = |link: &MenuLink| -> Vec<Link> {
            let others = match link.target {
                MenuTarget::OtherSections => {
                    let sections = self.navigation();
                    sections.iter().map(|section| self.section_link(section, here)).collect()
                }
                MenuTarget::OtherPages => self.pages().map(|page| page_link(page, here)).collect(),
                MenuTarget::Path(_) | MenuTarget::Outside(_) => {
                    return self.menu_link(link, here).into_iter().collect();
                }
            };
            let others: Vec<Link> = others;
            others.into_iter().filter(|other| !named.contains(&other.href)).collect()
        };
        shown.flat_map(of).collect()
    }

    /// A link to one page. Returns `None` if it is not available, or has no words.
    fn menu_link(&self, link: &MenuLink, here: &str) -> Option<Link> {
        let MenuDestination { href, name, kind } = self.destination(&link.target).ok()?;
        let slug = match kind {
            DestinationKind::Section => slug_of(&href).into_owned(),
            _ => String::new(),
        };
        let name = if link.label.is_empty() { name } else { link.label.clone() };
        if name.is_empty() {
            return None;
        }
        // Pages that only their reader sees have the address of the home page.
        let current = href != "/" && (here == href || here.starts_with(&format!("{href}?")));
        Some(Link { href, name, slug, current })
    }
}

/// The slug of the section at a path, which may have a query.
fn slug_of(path: &str) -> Cow<'_, str> {
    let part = path.trim_start_matches('/');
    paths::decoded(part).unwrap_or(Cow::Borrowed(part))
}

fn outside(address: &str) -> MenuDestination {
    MenuDestination {
        href: address.to_owned(),
        name: String::new(),
        kind: DestinationKind::Outside,
    }
}

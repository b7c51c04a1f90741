//! Lays pages out: converts the edition to the contexts of templates.

mod article;
mod card;
mod coverage;
mod fronts;
mod menus;
mod order;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use masthead_access::{
    Allowance, ArticleId, Tier, Treatment, Window, message::TextDirection, unbroken,
};
use masthead_editorial::{
    Author, Design, Front, Piece, Section, SectionStyle, paths, standard_pages::standard_place,
};
use masthead_store::LivePost;

pub use self::{
    coverage::UPDATES,
    fronts::PER_PAGE,
    menus::{DestinationKind, MenuDestination, SITE_PAGES, Unavailable},
};
use crate::{
    contexts::{BreakingContext, Chrome, ErrorContext, Link, MeterContext},
    edition::{Edition, EditionEntry, Target},
    publication::{Publication, Sales},
    strips::StripReadings,
    theme::Theme,
};

/// The maximum number of sections in the navigation if the publisher has set none.
const MAX_SECTIONS: usize = 8;
/// The number of articles on the page that says that there is no such page.
const STORIES_OF_ERROR: usize = 4;
/// The maximum number of the publication's own pages in the footer.
const MAX_PAGES: usize = 16;

/// The part of an article that is on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// The whole text.
    Full,
    /// The part of a locked article that everybody may read.
    Teaser,
}

/// What a page of an article is made from: what is in the database, or may be soon.
#[derive(Clone, Debug)]
pub struct PieceContent {
    /// The article or page.
    pub piece: Piece,
    /// The posts of its live coverage.
    pub posts: Vec<LivePost>,
}

impl From<Piece> for PieceContent {
    fn from(piece: Piece) -> Self {
        Self { piece, posts: Vec::new() }
    }
}

/// The layout of one day's pages.
pub struct Layout<'a> {
    /// What the publisher has set.
    pub publication: &'a Publication,
    /// The theme, for the names of the site's own pages in menus.
    pub theme: &'a Theme,
    /// What is published.
    pub edition: &'a Edition,
    /// The fronts that the newsroom has arranged.
    pub fronts: &'a [Front],
    /// Articles, the most read first.
    pub most_read: &'a [ArticleId],
    /// What the sources of the strips have said last.
    pub strips: &'a StripReadings,
    /// The time for which it is laid out.
    pub now: Timestamp,
}

impl Layout<'_> {
    /// The page about the meter.
    pub fn meter(&self, title: &str) -> MeterContext {
        let policy = &self.publication.policy;
        let (window, days) = match policy.window {
            Window::Month => ("month", 0),
            Window::Week => ("week", 0),
            Window::Days(days) => ("days", days),
        };
        let title = format!("{title} | {}", self.publication.name);
        MeterContext {
            chrome: self.chrome(&title, "", "/how-the-meter-works", "", None),
            registered: match (policy.allowances.anonymous, policy.allowances.registered) {
                (Allowance::Articles(few), Allowance::Articles(more)) => {
                    (more > few).then_some(more)
                }
                (Allowance::Unlimited, _) | (_, Allowance::Unlimited) => None,
            },
            tried: match self.publication.experiment.as_ref().map(|running| &running.treatment) {
                Some(Treatment::Anonymous(Allowance::Articles(articles))) => Some(*articles),
                Some(Treatment::Anonymous(Allowance::Unlimited) | Treatment::Message(_)) | None => {
                    None
                }
            },
            allowance: match policy.allowances.anonymous {
                Allowance::Articles(articles) => Some(articles),
                Allowance::Unlimited => None,
            },
            window,
            days,
            zone: zone_name(policy.zone.iana_name().unwrap_or("UTC")),
        }
    }

    /// The page of an error.
    pub fn error(&self, status: u16, heading: &str) -> ErrorContext {
        let title = format!("{heading} | {}", self.publication.name);
        let stories = if status == 404 { STORIES_OF_ERROR } else { 0 };
        let articles = self.latest_first(self.edition.articles());
        let articles = articles.filter(|entry| entry.sponsor().is_none());
        let latest = articles.take(stories).map(|entry| self.card(entry)).collect();
        ErrorContext { chrome: self.chrome(&title, "", "/", "", None), status, latest }
    }

    /// The surroundings of a page that only its reader sees.
    pub fn bare_chrome(&self, title: &str) -> Chrome {
        self.chrome(&format!("{title} | {}", self.publication.name), "", "/", "", None)
    }

    fn chrome(
        &self,
        title: &str,
        description: &str,
        address: &str,
        section: &str,
        piece: Option<&Piece>,
    ) -> Chrome {
        let publication = self.publication;
        let own = piece.and_then(|piece| piece.canonical.clone());
        let language = publication.locale.tag().to_owned();
        Chrome {
            publication: publication.name.clone(),
            tagline: publication.tagline.clone(),
            direction: TextDirection::of_tag(&language).name(),
            language,
            title: unbroken(title).into_owned(),
            description: unbroken(description).into_owned(),
            canonical: own.unwrap_or_else(|| format!("{}{address}", publication.address)),
            address: publication.address.clone(),
            today: publication.locale.weekday(self.local_date(self.now)),
            sells: publication.sells(),
            sandbox: publication.sales == Sales::Sandbox && !publication.is_demo,
            demo_day: if publication.is_demo {
                self.local_date(self.now).to_string()
            } else {
                String::new()
            },
            breaking: self.breaking(address),
            section: section.to_owned(),
            feed: self.section_feed(section),
            sections: self.navigation_links(address),
            footer: self.footer(address),
            pages: self.pages().map(|page| page_link(page, address)).collect(),
            year: self.local_date(self.now).year(),
        }
    }

    /// The publication's own pages: first those that only it has, then those that readers and the law expect.
    fn pages(&self) -> impl Iterator<Item = &EditionEntry> {
        let place = |page: &EditionEntry| {
            standard_place(page.address.trim_start_matches('/')).map_or(0, |place| place + 1)
        };
        let mut pages: Vec<&EditionEntry> =
            self.edition.pages().iter().map(|page| &**page).collect();
        pages.sort_by_key(|page| place(page));
        pages.into_iter().take(MAX_PAGES)
    }

    /// The breaking news on the page at an address. It has no link if what it leads to is not published any more.
    fn breaking(&self, here: &str) -> Option<BreakingContext> {
        let news = self.publication.breaking.as_ref().filter(|news| news.is_shown(self.now))?;
        let href = if news.link.starts_with('/') {
            match self.edition.find_spelled(&news.link) {
                Some(Target::Piece(entry) | Target::Moved(entry)) => entry.address.to_string(),
                Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)) => {
                    paths::one_spelling(&news.link).into_owned()
                }
                None => String::new(),
            }
        } else {
            news.link.clone()
        };
        Some(BreakingContext { text: news.text.clone(), current: href == here, href })
    }

    /// The publisher's sections that have articles, or else those with the most articles.
    fn navigation(&self) -> Vec<Section> {
        let configured = &self.publication.sections;
        if configured.is_empty() {
            return self.edition.sections().into_iter().take(MAX_SECTIONS).cloned().collect();
        }
        let written =
            configured.iter().filter(|style| !self.edition.in_section(&style.slug).is_empty());
        written
            .map(|style| Section { slug: style.slug.clone(), name: style.name.clone() })
            .collect()
    }

    fn section_link(&self, section: &Section, here: &str) -> Link {
        let href = paths::section(&section.slug);
        let name = self.style(&section.slug).map_or(&section.name, |style| &style.name);
        let current = here == href || here.starts_with(&format!("{href}?"));
        Link { name: name.clone(), slug: section.slug.clone(), current, href }
    }

    fn section_feed(&self, slug: &str) -> Option<Link> {
        let section = self.edition.in_section(slug).first()?.section.as_deref()?;
        let name = self.style(slug).map_or(&section.name, |style| &style.name);
        Some(self.feed(&paths::section(slug), name))
    }

    /// The feed of the page at an address.
    fn feed(&self, address: &str, name: &str) -> Link {
        Link::to(&format!("{address}/feed.xml"), &format!("{name} | {}", self.publication.name))
    }

    fn style(&self, slug: &str) -> Option<&SectionStyle> {
        self.publication.sections.iter().find(|style| style.slug == slug)
    }

    fn authors<'b>(&'b self, entry: &'b EditionEntry) -> impl Iterator<Item = &'b Author> {
        entry.authors.iter().filter_map(|slug| self.edition.author(slug))
    }

    fn is_free(&self, entry: &EditionEntry) -> bool {
        matches!(self.publication.policy.tier(&entry.article(), self.now).tier, Tier::Free)
    }

    /// The design of an article: its own, or that of its section. Pages have none.
    fn design(&self, entry: &EditionEntry) -> Design {
        let of_section = || {
            let section = entry.section.as_ref()?;
            self.style(&section.slug).map(|style| style.design)
        };
        entry.design().or_else(of_section).unwrap_or_default()
    }

    fn local_date(&self, instant: Timestamp) -> Date {
        self.local_time(instant).date()
    }

    fn local_time(&self, instant: Timestamp) -> DateTime {
        instant.to_zoned_datetime(self.publication.policy.zone.clone()).datetime()
    }

    /// A date as lists have it: the time of what is from today, and no year for what is from this year.
    fn short_date(&self, instant: Timestamp) -> String {
        let (at, today) = (self.local_time(instant), self.local_date(self.now));
        let locale = &self.publication.locale;
        if at.date() == today {
            locale.time(at)
        } else if at.year() == today.year() {
            locale.day(at.date())
        } else {
            locale.date(at.date())
        }
    }
}

/// An instant as HTML and structured data have it (RFC 3339), in whole seconds.
fn machine_time(instant: Timestamp) -> String {
    format!("{instant:.0}")
}

/// The name of a time zone for readers: the city of an identifier such as `Europe/London`, which is its last part.
fn zone_name(identifier: &str) -> String {
    identifier.rsplit('/').next().unwrap_or(identifier).replace('_', " ")
}

fn page_link(page: &EditionEntry, here: &str) -> Link {
    let href = page.address.to_string();
    let slug = page.slug().into_owned();
    Link { name: page.lines.headline().to_owned(), slug, current: href == here, href }
}

fn html_paragraph(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("<p>{}</p>", html_escape::encode_text(text))
    }
}

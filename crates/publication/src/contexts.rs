//! What templates get: one type for each, so that a theme's author can look up every name there is.

mod account;
mod emails;
mod sales;
mod search;

use serde::Serialize;
use utoipa::ToSchema;

pub use self::{account::*, emails::*, sales::*, search::*};

/// What every page has around it.
#[derive(Clone, Debug, Serialize)]
pub struct Chrome {
    /// The publication's name.
    pub publication: String,
    /// The line under its name.
    pub tagline: String,
    /// The language of the page.
    pub language: String,
    /// The title of the page, for the browser's tab and search engines.
    pub title: String,
    /// A sentence about the page, for search engines and link previews.
    pub description: String,
    /// The address that search engines should know the page by.
    pub canonical: String,
    /// The canonical address of the publication, without a slash at the end.
    pub address: String,
    /// Today's date, written out.
    pub today: String,
    /// Whether there is something to subscribe to.
    pub sells: bool,
    /// In the demonstration, today's date as `2026-02-03`, which can be moved; empty elsewhere.
    pub demo_day: String,
    /// The section that the page belongs to, for its accent; may be empty.
    pub section: String,
    /// The navigation.
    pub sections: Vec<Link>,
    /// The publication's own pages, such as "About us".
    pub pages: Vec<Link>,
}

/// A link with its words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// The words.
    pub name: String,
    /// The last word of its address, for the section's accent.
    pub slug: String,
    /// Whether it leads to the page that it stands on.
    pub current: bool,
}

impl Link {
    /// A link to somewhere else than the page that it stands on.
    pub fn to(href: &str, name: &str) -> Self {
        Self { href: href.to_owned(), name: name.to_owned(), slug: String::new(), current: false }
    }
}

/// A picture.
#[derive(Clone, Debug, Serialize)]
pub struct PictureContext {
    /// Its address.
    pub src: String,
    /// What it shows, in words.
    pub alt: String,
    /// The line under it.
    pub caption: String,
    /// Who made it.
    pub credit: String,
    /// In pixels; 0 if unknown.
    pub width: u32,
    /// In pixels; 0 if unknown.
    pub height: u32,
    /// Other formats that it is kept in, the smaller first.
    pub sources: Vec<SourceContext>,
    /// Classes that say what must stay in sight where it is cut.
    pub focus: String,
}

/// A format that a picture is kept in.
#[derive(Clone, Debug, Serialize)]
pub struct SourceContext {
    /// Its media type.
    pub kind: String,
    /// Addresses and widths.
    pub srcset: String,
}

/// An article in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// Its address.
    pub href: String,
    /// The words above the headline.
    pub kicker: String,
    /// The headline.
    pub headline: String,
    /// The sentence under it.
    pub deck: String,
    /// Who wrote it.
    pub authors: Vec<Link>,
    /// Its section.
    pub section: Option<Link>,
    /// When it was published, written out.
    pub date: String,
    /// The same for machines (RFC 3339).
    pub datetime: String,
    /// Its lead picture.
    pub picture: Option<PictureContext>,
    /// Who paid for it; empty for most.
    pub sponsor: String,
    /// Whether it is only for subscribers.
    pub subscribers_only: bool,
}

/// A row of articles on the home page.
#[derive(Clone, Debug, Serialize)]
pub struct Shelf {
    /// The section or topic; none for what is read most.
    pub heading: Option<Link>,
    /// Its latest articles.
    pub cards: Vec<Card>,
}

/// The front page.
#[derive(Debug, Serialize)]
pub struct HomeContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The first story.
    pub lead: Option<Card>,
    /// The next ones.
    pub seconds: Vec<Card>,
    /// The latest, headlines only.
    pub latest: Vec<Card>,
    /// What is listed below.
    pub shelves: Vec<Shelf>,
}

/// A section, topic or author.
#[derive(Debug, Serialize)]
pub struct ListContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What kind of list: `section`, `topic` or `author`.
    pub kind: &'static str,
    /// Its name.
    pub heading: String,
    /// An author's role; empty elsewhere.
    pub role: String,
    /// Words about it, clean HTML; may be empty.
    pub about: String,
    /// The first story, where the newsroom has arranged the list.
    pub lead: Option<Card>,
    /// Those beside it.
    pub seconds: Vec<Card>,
    /// Its other articles on this page.
    pub cards: Vec<Card>,
    /// Which page this is, from 1.
    pub number: usize,
    /// The newer page.
    pub newer: Option<String>,
    /// The older page.
    pub older: Option<String>,
}

/// A mended mistake.
#[derive(Debug, Serialize)]
pub struct CorrectionContext {
    /// When, written out.
    pub date: String,
    /// What was wrong.
    pub text: String,
}

/// An article or page.
#[derive(Debug, Serialize)]
pub struct ArticleContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The article as lists know it.
    pub card: Card,
    /// Where it was written.
    pub dateline: String,
    /// When its text last changed, written out; empty if never.
    pub updated: String,
    /// The same for machines.
    pub updated_datetime: String,
    /// The text, clean HTML: whole, or the teaser where it is locked.
    pub body: String,
    /// Whether only the teaser is here.
    pub locked: bool,
    /// Whether everybody may read it.
    pub free: bool,
    /// What readers are told of the sponsor.
    pub disclosure: String,
    /// Mended mistakes.
    pub corrections: Vec<CorrectionContext>,
    /// Its subjects.
    pub topics: Vec<Link>,
    /// Facts for search engines (schema.org), as JSON.
    pub structured_data: String,
}

/// What to read next.
#[derive(Debug, Serialize)]
pub struct RelatedContext {
    /// Articles on the same topics, or of the same section.
    pub related: Vec<Card>,
}

/// How the meter works.
#[derive(Debug, Serialize)]
pub struct MeterContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// How many articles everybody may read; none without a limit.
    pub allowance: Option<u32>,
    /// How many it is on some devices, while that is tried.
    pub tried: Option<u32>,
    /// How many a registered reader may read, where that is more.
    pub registered: Option<u32>,
    /// `month`, `week` or `days`.
    pub window: &'static str,
    /// How many days the window has, where it is `days`.
    pub days: u16,
    /// The time zone in which months and weeks begin.
    pub zone: String,
}

/// Something went wrong, or is not there.
#[derive(Debug, Serialize)]
pub struct ErrorContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The HTTP status.
    pub status: u16,
}

/// A message in its placement; every text is HTML already.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageContext {
    /// `banner`, `inline` or `wall`.
    pub placement: &'static str,
    /// The headline; may be empty.
    pub title: String,
    /// For wide screens.
    pub text: String,
    /// For narrow screens.
    pub narrow: String,
    /// What the reader would get.
    pub benefits: Vec<String>,
    /// The buttons.
    pub actions: Vec<Link>,
}

/// A page that says one thing and leads on.
#[derive(Debug, Serialize)]
pub struct NoticeContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The headline.
    pub heading: String,
    /// What there is to say.
    pub text: String,
    /// Where to go from here.
    pub link: Link,
}

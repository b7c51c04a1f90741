//! The contexts of templates: one type for each, so that theme authors can look up every name.

mod account;
mod coverage;
mod emails;
mod plans;
mod reading;
mod sales;
mod search;

use masthead_editorial::fronts::ListLayout;
use serde::Serialize;
use utoipa::ToSchema;

pub use self::{account::*, coverage::*, emails::*, plans::*, reading::*, sales::*, search::*};

/// The surroundings of every page.
#[derive(Clone, Debug, Serialize)]
pub struct Chrome {
    /// The publication's name.
    pub publication: String,
    /// The tagline.
    pub tagline: String,
    /// The language of the publication.
    pub language: String,
    /// The direction of its text: `ltr` or `rtl`.
    pub direction: &'static str,
    /// The title of the page, for the browser's tab and search engines.
    pub title: String,
    /// A sentence about the page, for search engines and link previews.
    pub description: String,
    /// The canonical address of the page.
    pub canonical: String,
    /// The canonical address of the publication, without a slash at the end.
    pub address: String,
    /// Today's date with its weekday, written out.
    pub today: String,
    /// Whether there is something to subscribe to.
    pub sells: bool,
    /// Whether readers pay at the sandbox, which collects nothing; false in the demonstration, which says so itself.
    pub sandbox: bool,
    /// In the demonstration, today's date as `2026-02-03`, which can be moved; empty elsewhere.
    pub demo_day: String,
    /// The section that the page belongs to, for its accent; may be empty.
    pub section: String,
    /// The feed of the section, topic or author that the page is about or belongs to.
    pub feed: Option<Link>,
    /// The navigation. Only the sections in it have a `slug`.
    pub sections: Vec<Link>,
    /// The groups of links in the footer, none of them empty.
    pub footer: Vec<FooterGroupContext>,
    /// The breaking news, if there is any now.
    pub breaking: Option<BreakingContext>,
    /// The publication's own pages, such as "About us"; the last are those that readers and the law expect.
    pub pages: Vec<Link>,
    /// The year, for the copyright.
    pub year: i16,
}

/// Links of the footer below a heading.
#[derive(Clone, Debug, Serialize)]
pub struct FooterGroupContext {
    /// The heading.
    pub heading: String,
    /// The links, at least one.
    pub links: Vec<Link>,
}

/// Breaking news.
#[derive(Clone, Debug, Serialize)]
pub struct BreakingContext {
    /// What has happened.
    pub text: String,
    /// Where it leads; empty without a link.
    pub href: String,
    /// Whether it leads to the page on which it is.
    pub current: bool,
}

/// What the links of the header depend on.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(clippy::struct_excessive_bools)] // each shows a part of the page
pub struct ReaderLinksContext {
    /// Whether there is something to subscribe to.
    pub sells: bool,
    /// Whether the reader is signed in.
    pub signed_in: bool,
    /// Whether the reader can read everything.
    pub subscribed: bool,
    /// Whether the reader works in the newsroom.
    pub staff: bool,
}

/// What a reader is told once, on the first page after what it is about.
#[derive(Clone, Debug, Serialize)]
pub struct NoteContext {
    /// The text.
    pub text: String,
    /// Where to go on, at least one.
    pub links: Vec<Link>,
}

/// A link with its words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// The address.
    pub href: String,
    /// The words.
    pub name: String,
    /// The last word of its address, for the section's accent.
    pub slug: String,
    /// Whether it leads to the page on which it is.
    pub current: bool,
}

impl Link {
    /// A link to another page.
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
    /// Other formats in which it is stored, the smaller first.
    pub sources: Vec<SourceContext>,
    /// Formats of the part that is shown where it is square; empty if none was chosen.
    pub square: Vec<SourceContext>,
    /// Classes for the focal point, which stays visible when the picture is cropped; empty for a part that was chosen.
    pub focus: String,
}

/// A format in which a picture is stored.
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
    /// The language of kicker, headline and deck (BCP 47), if it is not the publication's; empty otherwise.
    pub language: String,
    /// The direction of the headline: `ltr` or `rtl`.
    pub headline_direction: &'static str,
    /// The direction of the deck: `ltr` or `rtl`.
    pub deck_direction: &'static str,
    /// Who wrote it.
    pub authors: Vec<Link>,
    /// The portrait of the first of them who has one.
    pub portrait: Option<PictureContext>,
    /// Its section.
    pub section: Option<Link>,
    /// Its design, such as `news` or `long-read`.
    pub design: &'static str,
    /// When it was published, as briefly as can be: the time of today's, and no year for this year's.
    pub date: String,
    /// The same for machines (RFC 3339).
    pub datetime: String,
    /// The minutes that it takes to read; 0 unless it is a long read.
    pub minutes: u16,
    /// Its lead picture.
    pub picture: Option<PictureContext>,
    /// Who paid for it; empty for most.
    pub sponsor: String,
    /// Whether it is only for subscribers.
    pub subscribers_only: bool,
    /// Whether its live coverage is running.
    pub live: bool,
    /// While it is running, when readers last got something new, as briefly as `date`; empty otherwise.
    pub updated: String,
    /// The same for machines (RFC 3339).
    pub updated_datetime: String,
}

/// A row of articles on the home page.
#[derive(Clone, Debug, Serialize)]
pub struct FrontList {
    /// The section or topic, or `None` for the most read.
    pub heading: Option<Link>,
    /// The layout that the newsroom has chosen, such as `columns`; empty if the theme chooses.
    pub layout: &'static str,
    /// Its latest articles.
    pub cards: Vec<Card>,
}

impl FrontList {
    /// Whether it is a numbered list of headlines, which has no pictures.
    pub(crate) fn is_numbered(&self) -> bool {
        self.layout == ListLayout::Numbered.name()
            || (self.layout.is_empty() && self.heading.is_none())
    }
}

/// A strip of short facts.
#[derive(Debug, Serialize)]
pub struct StripContext {
    /// What they are about.
    pub label: String,
    /// The facts.
    pub facts: Vec<StripItemContext>,
}

/// A fact of a strip.
#[derive(Debug, Serialize)]
pub struct StripItemContext {
    /// What it is.
    pub label: String,
    /// How it is.
    pub value: String,
    /// More about it; may be empty.
    pub note: String,
    /// Where it leads; empty without a link.
    pub href: String,
}

/// The front page.
#[derive(Debug, Serialize)]
pub struct HomeContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Short facts, such as the tides, if the publisher has set a source of them.
    pub strips: Vec<StripContext>,
    /// The first story.
    pub lead: Option<Card>,
    /// The next ones.
    pub seconds: Vec<Card>,
    /// The latest, headlines only.
    pub latest: Vec<Card>,
    /// The rows below.
    pub lists: Vec<FrontList>,
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
    /// A description as sanitized HTML; may be empty.
    pub about: String,
    /// An author's public email address; may be empty.
    pub email: String,
    /// An author's portrait.
    pub portrait: Option<PictureContext>,
    /// The lead of the first page.
    pub lead: Option<Card>,
    /// The articles beside the lead.
    pub seconds: Vec<Card>,
    /// Its other articles on this page.
    pub cards: Vec<Card>,
    /// Which page this is, from 1.
    pub number: usize,
    /// The newer page.
    pub newer: Option<String>,
    /// The older page.
    pub older: Option<String>,
    /// What a reader follows here; `None` for a section.
    pub follow: Option<FollowContext>,
}

/// A correction.
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
    /// When it was published, with the time, written out.
    pub published: String,
    /// The minutes that it takes to read; 0 if it has no text.
    pub minutes: u16,
    /// When its text last changed, written out: only the time if that was on the day of its publication; empty if never.
    pub updated: String,
    /// The same for machines.
    pub updated_datetime: String,
    /// The text as sanitized HTML; the teaser if the article is locked.
    pub body: String,
    /// The direction of the text: `ltr` or `rtl`.
    pub text_direction: &'static str,
    /// Whether only the teaser is here.
    pub locked: bool,
    /// Whether everybody may read it.
    pub free: bool,
    /// The disclosure about the sponsor.
    pub disclosure: String,
    /// Corrections.
    pub corrections: Vec<CorrectionContext>,
    /// Its topics.
    pub topics: Vec<Link>,
    /// The title where its link is shared.
    pub share_title: String,
    /// The description where its link is shared.
    pub share_description: String,
    /// The whole address of a picture that social networks can show; empty if it has none.
    pub share_picture: String,
    /// Its width and height in pixels; 0 if they are not known.
    pub share_picture_size: (u32, u32),
    /// What that picture shows; may be empty.
    pub share_picture_alt: String,
    /// Whether search engines are asked not to list it.
    pub noindex: bool,
    /// Facts for search engines (schema.org), as JSON.
    pub structured_data: String,
    /// Its live coverage, if it has any.
    pub coverage: Option<CoverageContext>,
}

/// What to read after an article.
#[derive(Debug, Serialize)]
pub struct RelatedContext {
    /// The first author, if they have written others.
    pub author: Option<Link>,
    /// Their latest other articles.
    pub by_author: Vec<Card>,
    /// Articles on the same topics, or of the same section.
    pub related: Vec<Card>,
}

/// The page about the meter.
#[derive(Debug, Serialize)]
pub struct MeterContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// How many articles everybody may read, or `None` without a limit.
    pub allowance: Option<u32>,
    /// The other allowance of the running experiment, if it tries one.
    pub tried: Option<u32>,
    /// How many a registered reader may read, if that is more.
    pub registered: Option<u32>,
    /// `month`, `week` or `days`.
    pub window: &'static str,
    /// The number of days of the window, if it is `days`.
    pub days: u16,
    /// The time zone in which months and weeks begin.
    pub zone: String,
}

/// The page of an error.
#[derive(Debug, Serialize)]
pub struct ErrorContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The HTTP status.
    pub status: u16,
    /// The latest articles, for readers who did not find what they looked for; empty for other statuses.
    pub latest: Vec<Card>,
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
    /// What a wall has besides; absent in other placements.
    pub wall: Option<WallContext>,
}

/// What a wall has besides its message. Its texts are plain.
#[derive(Debug, Serialize, ToSchema)]
pub struct WallContext {
    /// Whether the first button leads to a free account, so that it comes before what can be bought.
    pub free_first: bool,
    /// Whether the reader can resume a subscription that they have paused.
    pub resume: bool,
    /// What can be bought; absent if nothing.
    pub offer: Option<WallOfferContext>,
    /// The link to a free trial; absent if there is none for this reader.
    pub trial: Option<Link>,
    /// As what a reader who is not signed in may be known: `subscriber`, or `account` if nothing is sold; empty for others.
    pub sign_in: &'static str,
}

/// What can be bought at a wall.
#[derive(Debug, Serialize, ToSchema)]
pub struct WallOfferContext {
    /// What is paid first: "$9 for 3 months"; empty if the message says it.
    pub price: String,
    /// What comes after, in a sentence or two; empty if the message says the price.
    pub then: String,
    /// Until when it can be bought, in a sentence; empty if there is no end, or the message says it.
    pub ends: String,
    /// What the product gives, unless the message has benefits of its own.
    pub benefits: Vec<String>,
}

/// A page with a notice and a link.
#[derive(Debug, Serialize)]
pub struct NoticeContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The headline.
    pub heading: String,
    /// The text.
    pub text: String,
    /// The link.
    pub link: Link,
    /// Leads back to where the reader came from, unless that is not known or the link does.
    pub back: Option<Link>,
}

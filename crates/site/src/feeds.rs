//! Feeds (RFC 4287), the site map (<https://www.sitemaps.org>) and `robots.txt`. They hold headlines, decks and addresses
//! but no article's text, so they cannot reveal locked text.

use std::{borrow::Cow, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::get,
};
use http::StatusCode;
use jiff::Timestamp;
use quick_xml::{Writer, events::BytesText};

use crate::{
    error::{Handled, SiteError},
    extract::UrlPath,
    response,
    state::Site,
};
use masthead_access::{ArticleId, printable};
use masthead_editorial::{
    feed::{Feed, FeedEntry},
    paths,
    redirect::written,
};
use masthead_publication::{
    SiteSnapshot,
    edition::{Edition, EditionEntry, EntryList, Target},
};

/// The number of articles in a feed.
const IN_FEED: usize = 30;
/// The number of addresses in one part of the site map; the protocol allows 50,000.
const IN_PART: usize = 10_000;
/// What failed, for the log.
const WRITE_MAP: &str = "feeds: write site map";
pub(crate) const ATOM: &str = "application/atom+xml; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
/// The year in every id. It must never change.
const TAGGED: u16 = 2026;
const SITEMAP: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// The addresses of feeds and site map.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/feed.xml", get(everything))
        .route("/{section}/feed.xml", get(section))
        .route("/topic/{topic}/feed.xml", get(topic))
        .route("/author/{author}/feed.xml", get(author))
        .route("/sitemap.xml", get(parts))
        .route("/sitemap/{part}", get(part))
        .route("/robots.txt", get(robots))
}

async fn everything(State(site): State<Arc<Site>>, request: Request) -> Response {
    let snapshot = site.snapshot();
    let feed = feed(&snapshot, &snapshot.publication.name, "", snapshot.edition.articles());
    response::public(ATOM, feed, request.headers())
}

async fn section(
    State(site): State<Arc<Site>>,
    UrlPath(slug): UrlPath<String>,
    request: Request,
) -> Handled {
    list(&site.snapshot(), &paths::section(&slug), &request)
}

async fn topic(
    State(site): State<Arc<Site>>,
    UrlPath(slug): UrlPath<String>,
    request: Request,
) -> Handled {
    list(&site.snapshot(), &paths::topic(&slug), &request)
}

async fn author(
    State(site): State<Arc<Site>>,
    UrlPath(slug): UrlPath<String>,
    request: Request,
) -> Handled {
    list(&site.snapshot(), &paths::author(&slug), &request)
}

/// The feed of the section, topic or author at an address. Other spellings of the address lead to it.
fn list(snapshot: &SiteSnapshot, address: &str, request: &Request) -> Handled {
    let edition = &snapshot.edition;
    let address = &*paths::one_spelling(address);
    let own = format!("{address}/feed.xml");
    if edition.find(address).is_some() && request.uri().path() != own {
        return Ok(response::moved(&own));
    }
    let (name, articles) = match edition.find(address) {
        Some(Target::Section(section)) => (&section.name, edition.in_section(&section.slug)),
        Some(Target::Topic(topic)) => (&topic.name, edition.on_topic(&topic.slug)),
        Some(Target::Author(author)) => (&author.name, edition.by_author(&author.slug)),
        Some(Target::Piece(_) | Target::Moved(_)) => return Err(SiteError::NotFound),
        None => {
            let list = redirected_list(edition, address).ok_or(SiteError::NotFound)?;
            return Ok(response::moved(&format!("{list}/feed.xml")));
        }
    };
    let title = format!("{name} | {}", snapshot.publication.name);
    let feed = feed(snapshot, &title, address, articles);
    Ok(response::public(ATOM, feed, request.headers()))
}

/// The list to which a former address leads, such as that of an author who was merged with another.
fn redirected_list<'a>(edition: &'a Edition, address: &str) -> Option<&'a str> {
    let target = edition.redirect(&written(address)?)?.target.as_str();
    match edition.find(target)? {
        Target::Section(_) | Target::Topic(_) | Target::Author(_) => Some(target),
        Target::Piece(_) | Target::Moved(_) => None,
    }
}

/// The latest of these articles, as a feed of the page at `address`.
fn feed(snapshot: &SiteSnapshot, title: &str, address: &str, articles: &EntryList) -> String {
    feed_of(snapshot, title, address, articles.iter().map(AsRef::as_ref))
}

/// The first of these articles, as a feed of the page at `address`.
pub(crate) fn feed_of<'a>(
    snapshot: &'a SiteSnapshot,
    title: &str,
    address: &str,
    articles: impl Iterator<Item = &'a EditionEntry>,
) -> String {
    let publication = &snapshot.publication;
    let latest = articles.take(IN_FEED);
    let feed = Feed {
        title,
        subtitle: &publication.tagline,
        address: &format!("{}{address}", publication.address),
        publication: &publication.name,
        language: publication.locale.tag(),
        entries: latest.map(|entry| feed_entry(snapshot, entry)).collect(),
    };
    feed.to_xml()
}

fn feed_entry<'a>(snapshot: &'a SiteSnapshot, entry: &'a EditionEntry) -> FeedEntry<'a> {
    let authors = entry.authors.iter().filter_map(|slug| snapshot.edition.author(slug));
    let sponsored = entry.sponsor().map(|_| snapshot.theme.word("sponsored"));
    let section = entry.section.as_ref().map(|section| section.name.as_str());
    let headline = entry.lines.headline();
    // Feed readers show no categories.
    let marked = |word| Cow::Owned(format!("{word}{}{headline}", snapshot.theme.word("colon")));
    FeedEntry {
        title: sponsored.map_or(Cow::Borrowed(headline), marked),
        summary: entry.lines.deck(),
        id: id(&snapshot.publication.address, entry.id),
        address: format!("{}{}", snapshot.publication.address, entry.address),
        published: entry.published,
        updated: entry.changed(),
        authors: authors.map(|author| author.name.as_str()).collect(),
        categories: section.into_iter().chain(sponsored).collect(),
    }
}

/// The id of an article (RFC 4151), which stays when it is moved to another section: it has its number, and not its address.
fn id(publication: &str, article: ArticleId) -> String {
    let authority = publication.split_once("://").map_or(publication, |(_, rest)| rest);
    let host = authority.split(['/', ':']).next().unwrap_or(authority);
    format!("tag:{host},{TAGGED}:article/{}", article.0)
}

async fn parts(State(site): State<Arc<Site>>, request: Request) -> Handled {
    let snapshot = site.snapshot();
    let base = &snapshot.publication.address;
    let parts = snapshot.edition.articles().len().div_ceil(IN_PART).max(1);
    let parts = (1..=parts).map(|part| (format!("{base}/sitemap/{part}.xml"), None));
    let index = map("sitemapindex", "sitemap", parts).map_err(SiteError::failed(WRITE_MAP))?;
    Ok(response::public(XML, index, request.headers()))
}

async fn part(
    State(site): State<Arc<Site>>,
    UrlPath(part): UrlPath<String>,
    request: Request,
) -> Handled {
    let snapshot = site.snapshot();
    let base = &snapshot.publication.address;
    let articles = snapshot.edition.articles();
    let number = part.strip_suffix(".xml").and_then(|number| number.parse::<usize>().ok());
    let start = number.and_then(|number| number.checked_sub(1)?.checked_mul(IN_PART));
    let start = start.filter(|start| *start == 0 || *start < articles.len());
    let start = start.ok_or(SiteError::NotFound)?;
    // Addresses that seldom change are in the first part.
    let fronts = if start == 0 { front_addresses(&snapshot) } else { Vec::new() };
    let fronts = fronts.into_iter().map(|address| (format!("{base}{address}"), None));
    let articles = articles.iter().skip(start).take(IN_PART).filter(|entry| !entry.noindex());
    let articles =
        articles.map(|entry| (format!("{base}{}", entry.address), Some(entry.changed())));
    let map = map("urlset", "url", fronts.chain(articles)).map_err(SiteError::failed(WRITE_MAP))?;
    Ok(response::public(XML, map, request.headers()))
}

/// The home page, the sections, and the pages that are not articles.
fn front_addresses(snapshot: &SiteSnapshot) -> Vec<String> {
    let sections = snapshot.edition.sections().into_iter();
    let sections = sections.map(|section| paths::section(&section.slug));
    let pages = snapshot.edition.pages().iter().filter(|page| !page.noindex());
    let pages = pages.map(|page| page.address.to_string());
    std::iter::once("/".to_owned()).chain(sections).chain(pages).collect()
}

/// A site map, or an index of its parts, with these addresses and when they last changed.
fn map(
    root: &str,
    each: &str,
    addresses: impl Iterator<Item = (String, Option<Timestamp>)>,
) -> std::io::Result<Vec<u8>> {
    let mut writer = Writer::new(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_vec());
    writer.create_element(root).with_attribute(("xmlns", SITEMAP)).write_inner_content(
        |writer| {
            for (address, changed) in addresses {
                writer.create_element(each).write_inner_content(|writer| {
                    let address = printable(&address);
                    writer.create_element("loc").write_text_content(BytesText::new(&address))?;
                    if let Some(changed) = changed {
                        let changed = changed.to_string();
                        writer
                            .create_element("lastmod")
                            .write_text_content(BytesText::new(&changed))?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        },
    )?;
    Ok(writer.into_inner())
}

async fn robots(State(site): State<Arc<Site>>) -> Response {
    let base = &site.snapshot().publication.address;
    let closed = ["/account", "/following/", "/sign-in", "/search", "/desk", "/api/", "/demo/"]
        .map(|path| format!("Disallow: {path}\n"));
    let text = format!("User-agent: *\n{}\nSitemap: {base}/sitemap.xml\n", closed.concat());
    response::plain(StatusCode::OK, text)
}

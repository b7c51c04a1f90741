//! Where to go from an address that is written in another way, or was left.
//!
//! Articles and pages have their former addresses. Those of lists and feeds follow from rules: WordPress has sections at
//! `/category/…`, topics at `/tag/…`, authors at `/author/…`, feeds at `/feed/` below any of them, and other forms of an article below its address.

use http::Uri;
use masthead_access::printable;
use masthead_editorial::{paths, slug::SlugScript};
use masthead_publication::edition::{Edition, Target};
use percent_encoding::percent_decode_str;

use super::METER_PAGE;
use crate::extract::input::query_value;

/// Names of parameters with which WordPress has an article.
const NUMBERED: [&str; 2] = ["p", "page_id"];

/// Returns where to go from an address that has no page, with the query of the request.
pub(super) fn former(edition: &Edition, uri: &Uri) -> Option<String> {
    for name in NUMBERED {
        let numbered = query_value(uri, name).map(|id| format!("/?{name}={id}"));
        if let Some(Target::Moved(to)) = numbered.and_then(|address| edition.find(&address)) {
            return Some(with_query(&to.address, uri));
        }
    }
    let decoded = decoded(uri)?;
    let plain = decoded.trim_end_matches('/');
    let lower = plain.to_lowercase();
    if lower == METER_PAGE {
        return Some(with_query(&lower, uri));
    }
    known(edition, plain).map(|to| with_query(&to, uri))
}

/// Returns where to go from an address that WordPress has for a list, a feed, or another form of an article.
pub(super) fn of_wordpress(edition: &Edition, uri: &Uri) -> Option<String> {
    let lower = decoded(uri)?.to_lowercase();
    let mut parts: Vec<&str> = lower.split('/').filter(|part| !part.is_empty()).collect();
    let asked = parts.len();
    if parts.first() == Some(&"index.php") {
        parts.remove(0);
    }
    let is_feed = take_feed(&mut parts);
    take_form(&mut parts);
    let to = match parts[..] {
        [] if is_feed => Some("/feed.xml".to_owned()),
        // With a query it is a page of an older program.
        [] => (asked > 0 && uri.query().is_none()).then(|| "/".to_owned()),
        ["category", .., slug] => list(edition, slug, [paths::section, paths::topic]),
        ["tag", slug] => list(edition, slug, [paths::topic, paths::section]),
        ["author", slug] => list(edition, slug, [paths::author, paths::author]),
        // It was looked up already.
        _ if parts.len() == asked => None,
        _ => known(edition, &format!("/{}", parts.join("/"))),
    }?;
    let is_list = matches!(
        edition.find(&to),
        Some(Target::Section(_) | Target::Topic(_) | Target::Author(_))
    );
    let to = if is_feed && is_list { format!("{to}/feed.xml") } else { to };
    Some(with_query(&to, uri))
}

/// Takes away what an address of a feed ends with. Returns whether it is one.
fn take_feed(parts: &mut Vec<&str>) -> bool {
    let length = match parts[..] {
        [.., "comments", "feed"] | [.., "feed", "rss" | "rss2" | "atom" | "rdf"] => 2,
        [.., "feed" | "rss"] => 1,
        _ => 0,
    };
    parts.truncate(parts.len() - length);
    length > 0
}

/// Takes away the end of the address of another form of a page: for phones, or a further page of it.
fn take_form(parts: &mut Vec<&str>) {
    let is_number = |part: &str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let length = match parts[..] {
        [_, .., "page", number] | ["page", number] if is_number(number) => 2,
        [_, .., "amp"] => 1,
        [_, .., number] if is_number(number) => 1,
        _ => 0,
    };
    parts.truncate(parts.len() - length);
}

/// The first list with this slug, in its own script or in Latin letters, whatever is set now.
fn list(edition: &Edition, slug: &str, paths: [fn(&str) -> String; 2]) -> Option<String> {
    let slugs = [SlugScript::OwnScript, SlugScript::Latin].map(|script| script.slugify(slug));
    let all = paths.into_iter().flat_map(|path| slugs.iter().map(move |slug| path(slug)));
    let mut all = all.filter(|address| {
        let found = edition.find(address);
        matches!(found, Some(Target::Section(_) | Target::Topic(_) | Target::Author(_)))
    });
    all.next()
}

/// The path of an address as people read it, with accents composed.
fn decoded(uri: &Uri) -> Option<String> {
    let decoded = percent_decode_str(uri.path()).decode_utf8().ok()?;
    Some(printable(&decoded).into_owned())
}

/// The address of what is, or was, at an address without a slash at its end.
fn known(edition: &Edition, plain: &str) -> Option<String> {
    let lower = plain.to_lowercase();
    // Former addresses of other systems are decoded; those of this one are spelled like those of pages.
    let all = [
        plain.to_owned(),
        paths::spelled(plain),
        paths::spelled(&lower),
        lower,
        format!("{plain}/"),
    ];
    all.into_iter().find_map(|written| {
        Some(match edition.find(&written)? {
            Target::Moved(to) => to.address.to_string(),
            Target::Piece(_) | Target::Section(_) | Target::Topic(_) | Target::Author(_) => written,
        })
    })
}

/// An address with the query of the request, apart from what has named an article.
pub(super) fn with_query(address: &str, uri: &Uri) -> String {
    let pairs = uri.query().unwrap_or_default().split('&');
    let kept: Vec<&str> = pairs
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !name.is_empty() && !NUMBERED.contains(&name)
        })
        .collect();
    if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }
}

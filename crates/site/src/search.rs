//! Search: the page that finds articles, and the index that it asks.
//!
//! Readers search what everybody may see of an article: headline, deck, names, and the teaser. Locked text is not
//! searched: a search in it would answer, word by word, what it says.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    routing::get,
};
use http::{HeaderValue, StatusCode};
use masthead_publication::{
    SiteSnapshot, Template,
    compression::Encoding,
    contexts::{HitContext, PassageContext, SearchContext},
    page::Page,
};
use masthead_search::{ResultRange, SearchHit, SearchResults};
use serde::Deserialize;

use crate::{
    error::Handled,
    extract::{UrlQuery, client::ClientAddress, limit::admit_search},
    note::{TakenNote, with_note},
    response,
    state::Site,
};

/// The number of articles on one page of results.
const PER_PAGE: usize = 20;
/// The maximum number of pages of results.
const MAX_PAGES: usize = 10;

/// The addresses of search.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/search", get(page))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchQuery {
    q: String,
    page: String,
}

async fn page(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<SearchQuery>,
    client: ClientAddress,
    request: Request,
) -> Handled {
    let (request, _) = request.into_parts();
    let number = query.page.parse().unwrap_or(1).clamp(1, MAX_PAGES);
    let snapshot = site.snapshot();
    let words = query.q.trim();
    admit_search(&site, client, words)?;
    let range = ResultRange { offset: (number - 1) * PER_PAGE, limit: PER_PAGE };
    let found = site.search_index.find_for_readers(words, &snapshot, range).await;
    let is_ready = words.is_empty() || found.is_some();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let context = search_context(&snapshot, words, found, number);
    let html = snapshot.theme.render(Template::Search, &context)?;
    let encoding = Encoding::accepted(&request.headers);
    let links = site.reader_links(&request.headers).await;
    let whole = Page::new(&html, encoding, snapshot.common_parts());
    let note = site.take_note(&request.headers, links, encoding).await;
    let whole = whole.assemble(with_note(note.as_ref(), snapshot.only_links(links, encoding)));
    let cookie = site.anonymous_meter.refresh_cookie(&request.headers);
    let mut answer = response::page(status, whole, encoding, &request.headers, cookie);
    TakenNote::delete_cookie(note, &mut answer);
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(answer)
}

fn search_context(
    snapshot: &SiteSnapshot,
    words: &str,
    found: Option<SearchResults>,
    number: usize,
) -> SearchContext {
    let layout = snapshot.layout();
    let title = snapshot.theme.word("search");
    let title = if words.is_empty() { title.to_owned() } else { format!("{words} | {title}") };
    let summary = summary(snapshot, words, found.as_ref());
    let SearchResults { hits, count, .. } = found.unwrap_or_default();
    let shown = |hit: SearchHit| {
        let entry = snapshot.edition.public_piece(hit.id)?;
        Some(HitContext { card: layout.card(entry), passage: passage(&hit) })
    };
    let pages = count.div_ceil(PER_PAGE).clamp(1, MAX_PAGES);
    let address = |number: usize| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", words)
            .append_pair("page", &number.to_string())
            .finish();
        format!("/search?{query}")
    };
    SearchContext {
        chrome: layout.bare_chrome(&title),
        summary,
        query: words.to_owned(),
        hits: hits.into_iter().filter_map(shown).collect(),
        previous: (number > 1).then(|| address(number - 1)),
        next: (number < pages).then(|| address(number + 1)),
    }
}

/// How much was found; empty if nothing was searched. `found` is `None` while there is no index.
fn summary(snapshot: &SiteSnapshot, words: &str, found: Option<&SearchResults>) -> String {
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    match found {
        _ if words.is_empty() => String::new(),
        None => word("search_later"),
        Some(SearchResults { count: 0, .. }) => word("search_none"),
        Some(SearchResults { fuzzy: true, .. }) => word("search_nearly"),
        Some(found) => {
            let number = u32::try_from(found.count).unwrap_or(u32::MAX);
            let word = snapshot.theme.word_for_count("search_count", number);
            word.replace("{number}", &found.count.to_string())
        }
    }
}

fn passage(hit: &SearchHit) -> Vec<PassageContext> {
    let mut parts = Vec::new();
    let mut at = 0;
    let mut part = |range: std::ops::Range<usize>, marked| {
        let text = hit.passage.get(range).unwrap_or_default().replace('\n', " ");
        if !text.is_empty() {
            parts.push(PassageContext { text, marked });
        }
    };
    for mark in &hit.marks {
        part(at..mark.start, false);
        part(mark.clone(), true);
        at = mark.end;
    }
    part(at..hit.passage.len(), false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_is_cut_at_its_marks() {
        let marks = std::iter::once(4..10).collect();
        let hit = SearchHit {
            id: masthead_access::ArticleId(1),
            passage: "The bridge\nopens".to_owned(),
            marks,
        };
        let parts = passage(&hit);
        let parts: Vec<(&str, bool)> = parts.iter().map(|p| (p.text.as_str(), p.marked)).collect();
        assert_eq!(parts, [("The ", false), ("bridge", true), (" opens", false)]);
    }
}

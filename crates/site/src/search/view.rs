//! The page of search: what was entered, and what was found.

use masthead_publication::{
    ReaderLinks, SiteSnapshot,
    contexts::{ChoiceContext, FilterContext, HitContext, PassageContext, SearchContext},
};
use masthead_search::{SearchHit, SearchResults};

use super::query::{SearchFault, SearchForm, SearchQuery};

/// The number of authors that the form names. Others can be entered.
const AUTHORS: usize = 200;

/// The page for what was entered and found. `found` is `None` while there is no index.
pub(super) fn context(
    snapshot: &SiteSnapshot,
    form: &SearchForm,
    query: &Result<SearchQuery, Vec<SearchFault>>,
    found: Option<SearchResults>,
    links: ReaderLinks,
) -> SearchContext {
    let layout = snapshot.layout();
    let words = form.q.trim();
    let title = snapshot.theme.word("search");
    let title = if words.is_empty() { title.to_owned() } else { format!("{words} | {title}") };
    let is_asked = query.is_ok() && !form.is_blank();
    let is_filtered = form.has_filters();
    let summary =
        if is_asked { summary(snapshot, found.as_ref(), is_filtered) } else { String::new() };
    let SearchResults { hits, count, .. } = found.unwrap_or_default();
    let shown = |hit: SearchHit| {
        let entry = snapshot.edition.public_piece(hit.id)?;
        let (card, is_page) = (layout.card(entry), entry.is_page());
        Some(HitContext { card, is_page, passage: passage(&hit) })
    };
    let number = query.as_ref().map_or(1, |query| query.page);
    SearchContext {
        chrome: layout.bare_chrome(&title),
        summary,
        query: words.to_owned(),
        filters: filters(snapshot, form, query.as_ref().err()),
        latest: is_asked && words.is_empty(),
        tells_of_full_text: !matches!(links, ReaderLinks::Subscriber | ReaderLinks::Staff)
            && snapshot.publication.sells(),
        hits: hits.into_iter().filter_map(shown).collect(),
        previous: (number > 1).then(|| form.address(number - 1)),
        next: (number < SearchQuery::pages(count)).then(|| form.address(number + 1)),
    }
}

fn filters(
    snapshot: &SiteSnapshot,
    form: &SearchForm,
    faults: Option<&Vec<SearchFault>>,
) -> FilterContext {
    let chosen = form.section.trim();
    let mut sections: Vec<ChoiceContext> = snapshot
        .edition
        .sections()
        .into_iter()
        .map(|section| ChoiceContext {
            value: section.slug.clone(),
            name: section.name.clone(),
            current: section.slug == chosen,
        })
        .collect();
    sections.sort_by(|left, right| left.name.cmp(&right.name));
    let word = |fault: &SearchFault| snapshot.theme.word(fault.word()).to_owned();
    FilterContext {
        used: form.has_filters(),
        sections,
        author: form.author.trim().to_owned(),
        authors: snapshot.edition.author_names(AUTHORS),
        from: form.from.trim().to_owned(),
        to: form.to.trim().to_owned(),
        newest: form.order.trim() == "newest",
        faults: faults.into_iter().flatten().map(word).collect(),
        clear: form.address_without_filters(),
    }
}

/// How much was found. Filters apply to similar results as well.
fn summary(snapshot: &SiteSnapshot, found: Option<&SearchResults>, is_filtered: bool) -> String {
    let word = |name: &str| snapshot.theme.word(name).to_owned();
    match found {
        None => word("search_later"),
        Some(SearchResults { count: 0, .. }) if is_filtered => word("search_none_filtered"),
        Some(SearchResults { count: 0, .. }) => word("search_none"),
        Some(SearchResults { fuzzy: true, .. }) if is_filtered => word("search_nearly_filtered"),
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

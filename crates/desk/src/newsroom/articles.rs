//! The list of articles: what is being worked on, and the archive.

mod query;
mod rows;
mod saved;

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_access::ArticleId;
use masthead_circulation::staff::Permission;
use serde::Serialize;

pub(crate) use self::{
    query::{ArticlesQuery, BY_RULES, start_of},
    rows::thumbnail,
    saved::change as change_filters,
};
use self::{
    query::{FILTERS, KINDS, SortColumn, TIERS, sort_columns},
    rows::{ArticleRow, rows},
    saved::FilterLink,
};
use super::selection::{LeftArticle, left_in_words, told_in_words};
use crate::{
    error::Handled, in_force::pairs, staff::CurrentStaff, state::DeskState, templates::Page,
    words::DeskWords,
};

/// Articles that are found by their text: a word that is in more of them is no help.
const MAX_BY_TEXT: usize = 300;

#[derive(Default, Serialize)]
#[allow(clippy::struct_excessive_bools)] // each shows a part of the page
struct ArticlesPage {
    /// Name, label and address.
    lists: Vec<(&'static str, &'static str, String)>,
    /// Slug and name.
    sections: Vec<(String, String)>,
    /// Names and labels of content types.
    kinds: Vec<(String, String)>,
    /// Names and labels of tiers.
    tiers: Vec<(String, String)>,
    /// Authors and topics that were used before.
    authors: Vec<String>,
    topics: Vec<String>,
    /// What is filtered.
    query: ArticlesQuery,
    /// Whether anything is filtered besides by status.
    is_filtered: bool,
    /// Whether there is something to save under a name.
    is_savable: bool,
    /// The filters that they have saved.
    saved: Vec<FilterLink>,
    /// The query of this page, to return to.
    back: String,
    /// The columns to sort by.
    changed: SortColumn,
    published: SortColumn,
    headline: SortColumn,
    stories: Vec<ArticleRow>,
    /// The address of the page before; empty on the first.
    newer: String,
    /// The address of the next page; empty on the last.
    older: String,
    /// Whether only their own are listed.
    own: bool,
    may_edit: bool,
    /// What was done with the articles that were selected; empty if nothing was.
    told: String,
    /// Those that were left as they are.
    left: Vec<LeftArticle>,
    /// What is wrong with the filter.
    fault: String,
}

impl Page for ArticlesPage {
    const TEMPLATE: &'static str = "articles.html";
}

/// `GET /desk/articles`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<ArticlesQuery>,
) -> Handled {
    let (words, zone) = (staff.words, desk.publication().zone);
    let may_edit = staff.may(Permission::Edit);
    let parsed = query.to_story_query(&zone);
    let fault =
        parsed.as_ref().err().map(|text| words.fill("articles_fault_date", &[("text", text)]));
    let mut wanted = parsed.unwrap_or_default();
    wanted.in_text = found_by_text(&desk, &query.q).await;
    wanted.writer = (!may_edit).then_some(staff.account.id);
    let found = desk.store.story_page(&wanted, desk.now()).await?;
    let [changed, published, headline] = sort_columns(&query);
    let snapshot = desk.snapshot();
    let page = ArticlesPage {
        lists: lists(&query, words),
        sections: snapshot.sections().into_iter().map(|own| (own.slug, own.name)).collect(),
        kinds: labels(&KINDS, words),
        tiers: tiers(&desk, words),
        authors: snapshot.author_names(),
        topics: snapshot.topics().into_iter().map(|topic| topic.name).collect(),
        is_filtered: query.is_filtered(),
        is_savable: query.is_filtered() || !query.list.is_empty(),
        saved: saved::links(&desk, &staff, &query).await?,
        back: query.text(),
        newer: query.page_before(&found, wanted.order),
        older: query.page_after(&found, wanted.order),
        stories: rows(&desk, words, &found.entries).await?,
        told: told_in_words(&query.told, words),
        left: left_in_words(&desk, &staff, &query.left).await?,
        fault: fault.unwrap_or_default(),
        own: !may_edit,
        changed,
        published,
        headline,
        may_edit,
        query,
    };
    Ok(desk.page(&staff, &page))
}

/// Name, label and address of each list.
fn lists(query: &ArticlesQuery, words: DeskWords) -> Vec<(&'static str, &'static str, String)> {
    let list = |(name, label, _)| (name, words.text(label), query.with_list(name));
    FILTERS.map(list).into()
}

fn labels(all: &[(&str, &'static str)], words: DeskWords) -> Vec<(String, String)> {
    all.iter().map(|(name, label)| ((*name).to_owned(), words.text(label).to_owned())).collect()
}

/// The tiers to choose from, with one for each product.
fn tiers(desk: &DeskState, words: DeskWords) -> Vec<(String, String)> {
    let product = |(slug, name): (String, String)| {
        (format!("product:{slug}"), words.fill("access_product", &[("product", &name)]))
    };
    let of_products = pairs(desk.snapshot().products()).into_iter().map(product);
    labels(&TIERS, words).into_iter().chain(of_products).collect()
}

async fn found_by_text(desk: &DeskState, text: &str) -> Vec<ArticleId> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    desk.search.find_for_staff(text, MAX_BY_TEXT).await
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ArticlesPage {
        fn samples() -> Vec<Self> {
            let row = ArticleRow::sample();
            let named = |name: &str| vec![(name.to_owned(), name.to_owned())];
            let full = Self {
                lists: vec![("", "All", "/desk/articles".into())],
                sections: named("town"),
                kinds: named("opinion"),
                tiers: named("free"),
                authors: vec!["Ada".into()],
                topics: vec!["Tides".into()],
                stories: vec![row, ArticleRow::default()],
                newer: "/desk/articles".into(),
                older: "/desk/articles?after=3".into(),
                query: ArticlesQuery { list: "archived".into(), ..ArticlesQuery::default() },
                saved: vec![FilterLink::sample()],
                is_savable: true,
                is_filtered: true,
                own: true,
                told: "1 article was archived.".into(),
                left: vec![LeftArticle::sample()],
                fault: "Wrong".into(),
                may_edit: true,
                ..Self::default()
            };
            let searched = ArticlesQuery { q: "bridge".into(), ..ArticlesQuery::default() };
            let none = Self { query: searched, is_filtered: true, ..Self::default() };
            vec![Self::default(), none, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ArticlesPage>();
    }
}

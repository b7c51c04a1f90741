//! `/desk/authors`: every author, with the number of their articles.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_editorial::paths;
use masthead_store::AuthorRecord;
use serde::{Deserialize, Serialize};

use crate::{
    error::Handled, format::display_name, staff::CurrentStaff, state::DeskState, templates::Page,
    words::DeskWords,
};

/// Authors that are listed at once.
const PER_PAGE: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuthorsQuery {
    /// Words to find in names and roles.
    q: String,
    /// The page, from 1; 0 for the first.
    page: usize,
}

#[derive(Default, Serialize)]
struct AuthorsPage {
    q: String,
    authors: Vec<AuthorRow>,
    /// How many were found.
    found: String,
    newer: String,
    older: String,
}

#[derive(Default, Serialize)]
struct AuthorRow {
    to: String,
    name: String,
    role: String,
    /// The address of their portrait; may be empty.
    portrait: String,
    articles: String,
    /// The name of the member of the staff.
    account: String,
    is_desk: bool,
}

impl Page for AuthorsPage {
    const TEMPLATE: &'static str = "authors.html";
}

/// `GET /desk/authors`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<AuthorsQuery>,
) -> Handled {
    let wanted = query.q.trim().to_lowercase();
    let mut records = desk.store.author_records().await?;
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    records.retain(|record| has(&record.author.name) || has(&record.author.role));
    records.sort_by_cached_key(|record| record.author.name.to_lowercase());
    let everybody = desk.store.all_staff().await?;
    let snapshot = desk.snapshot();
    let replaced = snapshot.edition.replaced_pictures();
    let row = |record: &AuthorRecord| {
        let AuthorRecord { author, account, .. } = record;
        let portrait = author.portrait.as_ref();
        let articles = snapshot.edition.by_author(&author.slug).len();
        let account = everybody.iter().find(|(staff, _)| Some(staff.account) == *account);
        AuthorRow {
            to: author_address(&author.slug),
            name: author.name.clone(),
            role: author.role.clone(),
            portrait: portrait.map(|own| replaced.src(&own.src).to_owned()).unwrap_or_default(),
            articles: count(articles, staff.words),
            account: account.map(|(_, account)| display_name(account)).unwrap_or_default(),
            is_desk: author.is_desk,
        }
    };
    let number = query.page.max(1);
    let first = (number - 1).saturating_mul(PER_PAGE);
    let address = |number: usize| {
        let q = serde_urlencoded::to_string([("q", &query.q)]).unwrap_or_default();
        format!("/desk/authors?{q}&page={number}")
    };
    let has_more = first.saturating_add(PER_PAGE) < records.len();
    let page = AuthorsPage {
        authors: records.iter().skip(first).take(PER_PAGE).map(row).collect(),
        found: staff.words.count("authors_found", records.len()),
        newer: if number > 1 { address(number - 1) } else { String::new() },
        older: if has_more { address(number + 1) } else { String::new() },
        q: query.q,
    };
    Ok(desk.page(&staff, &page))
}

/// The page of an author at the desk.
pub(super) fn author_address(slug: &str) -> String {
    format!("/desk/authors/{}", paths::encoded(slug))
}

/// A number of articles in words.
pub(super) fn count(articles: usize, words: DeskWords) -> String {
    words.count("authors_articles", articles)
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for AuthorsPage {
        fn samples() -> Vec<Self> {
            let row = AuthorRow {
                name: "Ada Quill".into(),
                role: "Editor".into(),
                portrait: "/media/1.jpg".into(),
                account: "Ada".into(),
                is_desk: true,
                ..AuthorRow::default()
            };
            let (newer, older) = ("/desk/authors?page=1".into(), "/desk/authors?page=3".into());
            let authors = vec![row, AuthorRow::default()];
            vec![Self::default(), Self { authors, newer, older, ..Self::default() }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<AuthorsPage>();
    }
}

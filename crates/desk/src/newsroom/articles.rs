//! The list of articles: what is being worked on, and the archive.

use std::sync::Arc;

use axum::extract::{Query, State};
use masthead_access::ArticleId;
use masthead_circulation::{
    Account,
    staff::{Permission, Staff},
};
use masthead_editorial::Status;
use masthead_store::{LastSave, StoryEntry, StoryFilter, StoryQuery};
use serde::{Deserialize, Serialize};

use super::{
    selection::told_in_words,
    story::{section_name, status_in_words, story_address},
};
use crate::{
    error::Handled, format::colleague_or_former, http::with_query, staff::CurrentStaff,
    state::DeskState, templates::Page, words::DeskWords,
};

/// Articles on one page.
const PER_PAGE: usize = 50;
/// Articles that are found by their text: a word that is in more of them is no help.
const MAX_BY_TEXT: usize = 300;
/// The last page that can be asked for.
const MAX_PAGE: u64 = 1_000_000;

/// The filters: the name in the address, that of its label, and what it selects.
const FILTERS: [(&str, &str, StoryFilter); 7] = [
    ("", "filter_all", StoryFilter::All),
    ("writing", "filter_writing", StoryFilter::Writing),
    ("review", "filter_review", StoryFilter::Review),
    ("scheduled", "filter_scheduled", StoryFilter::Scheduled),
    ("published", "filter_published", StoryFilter::Published),
    ("withdrawn", "filter_withdrawn", StoryFilter::Withdrawn),
    ("archived", "filter_archived", StoryFilter::Archived),
];

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ArticlesQuery {
    #[serde(skip_serializing_if = "String::is_empty")]
    list: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    section: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    page: String,
    /// What was done with the articles that were selected.
    #[serde(skip_serializing)]
    told: String,
}

impl ArticlesQuery {
    fn page(&self) -> u64 {
        self.page.parse().unwrap_or(1).clamp(1, MAX_PAGE)
    }

    /// The address of a page of a list that is filtered in the same way except for its `list`.
    fn address(&self, list: &str, page: u64) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let query = Self { list: list.to_owned(), page, ..self.clone() };
        let address = with_query("/desk/articles", &query);
        address.trim_end_matches('?').to_owned()
    }
}

#[derive(Default, Serialize)]
struct ArticlesPage {
    /// Name, label and address.
    lists: Vec<(&'static str, &'static str, String)>,
    list: String,
    /// Slug and name.
    sections: Vec<(String, String)>,
    section: String,
    q: String,
    stories: Vec<ArticleRow>,
    /// The address of the page before; empty on the first.
    newer: String,
    /// The address of the next page; empty on the last.
    older: String,
    /// Whether only their own are listed.
    own: bool,
    /// What was done with the articles that were selected; empty if nothing was.
    told: String,
    /// Whether any can be selected.
    is_selectable: bool,
}

impl Page for ArticlesPage {
    const TEMPLATE: &'static str = "articles.html";
}

#[derive(Default, Serialize)]
struct ArticleRow {
    to: String,
    /// Its number and version, if it can be selected; otherwise empty.
    selected: String,
    headline: String,
    section: String,
    byline: String,
    status: String,
    /// The number of open threads of comments in words; empty if there are none.
    comments: String,
    saved: String,
}

/// `GET /desk/articles`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<ArticlesQuery>,
) -> Handled {
    let page = query.page();
    let own = !staff.may(Permission::Edit);
    let filter = FILTERS.iter().find(|(name, ..)| *name == query.list).unwrap_or(&FILTERS[0]);
    let (list, _, selects) = *filter;
    let wanted = StoryQuery {
        filter: selects,
        section: query.section.clone(),
        words: query.q.clone(),
        in_text: found_by_text(&desk, &query.q).await,
        writer: own.then_some(staff.account.id),
        skip: (page - 1) * PER_PAGE as u64,
        most: PER_PAGE as u64 + 1,
        ..StoryQuery::default()
    };
    let found = desk.store.stories(&wanted, desk.now()).await?;
    let sections = desk.snapshot().sections();
    let older = found.len() > PER_PAGE;
    let stories = rows(&desk, staff.words, &found).await?;
    let page = ArticlesPage {
        told: told_in_words(&query.told, staff.words),
        is_selectable: stories.iter().any(|row| !row.selected.is_empty()),
        lists: lists(&query, staff.words),
        newer: if page > 1 { query.address(list, page - 1) } else { String::new() },
        older: if older { query.address(list, page + 1) } else { String::new() },
        stories,
        list: list.to_owned(),
        sections: sections.into_iter().map(|section| (section.slug, section.name)).collect(),
        section: query.section,
        q: query.q,
        own,
    };
    Ok(desk.page(&staff, &page))
}

/// Name, label and address of each filter.
fn lists(query: &ArticlesQuery, words: DeskWords) -> Vec<(&'static str, &'static str, String)> {
    let list = |(name, label, _): (&'static str, &str, StoryFilter)| {
        (name, words.text(label), query.address(name, 1))
    };
    FILTERS.map(list).into()
}

async fn found_by_text(desk: &DeskState, text: &str) -> Vec<ArticleId> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    desk.search.find_for_staff(text, MAX_BY_TEXT).await
}

async fn rows(
    desk: &DeskState,
    words: DeskWords,
    found: &[StoryEntry],
) -> Result<Vec<ArticleRow>, masthead_store::StoreError> {
    let everybody = desk.store.all_staff().await?;
    let (now, zone, sections) = (desk.now(), desk.publication().zone, desk.snapshot().sections());
    let saved = |saved: LastSave| {
        let who = colleague_or_former(&everybody, saved.by, words);
        let time = words.short_time(saved.at, now, &zone);
        words.fill("articles_saved", &[("name", &who), ("time", &time)])
    };
    let shown: Vec<ArticleId> = found.iter().map(|entry| entry.id).collect();
    let open = desk.store.open_threads(&shown).await?;
    let row = |entry: &StoryEntry| ArticleRow {
        comments: open
            .get(&entry.id)
            .map(|open| words.count("comments_open", *open))
            .unwrap_or_default(),
        to: story_address(entry.id),
        selected: match entry.status {
            Status::Draft => format!("{}-{}", entry.id.0, entry.version),
            Status::Published | Status::Withdrawn => String::new(),
        },
        headline: entry.headline.clone(),
        section: section_name(&sections, &entry.section),
        byline: with_editor(entry, &everybody, words),
        status: status_in_words(entry, now, &zone, words),
        saved: entry.saved.map(saved).unwrap_or_default(),
    };
    Ok(found.iter().take(PER_PAGE).map(row).collect())
}

/// The byline, and the responsible editor.
fn with_editor(entry: &StoryEntry, everybody: &[(Staff, Account)], words: DeskWords) -> String {
    let editor = entry.editor.map(|editor| {
        let name = colleague_or_former(everybody, editor, words);
        words.fill("assignment_by", &[("name", &name)])
    });
    let parts = [entry.byline.clone(), editor.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ArticlesPage {
        fn samples() -> Vec<Self> {
            let row = ArticleRow {
                section: "Town".into(),
                selected: "1-1".into(),
                byline: "Ada".into(),
                comments: "1 open comment".into(),
                saved: "Ada, 09:00".into(),
                ..ArticleRow::default()
            };
            let full = Self {
                lists: vec![("", "All", "/desk/articles".into())],
                sections: vec![("town".into(), "Town".into())],
                stories: vec![row, ArticleRow::default()],
                newer: "/desk/articles".into(),
                older: "/desk/articles?page=3".into(),
                list: "review".into(),
                own: true,
                told: "1 article was archived.".into(),
                is_selectable: true,
                ..Self::default()
            };
            vec![Self::default(), Self { q: "bridge".into(), ..Self::default() }, full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ArticlesPage>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_only_what_is_filtered() {
        assert_eq!(ArticlesQuery::default().address("", 1), "/desk/articles");
        let query = ArticlesQuery { q: "a b".into(), page: "3".into(), ..ArticlesQuery::default() };
        assert_eq!(query.address("review", 2), "/desk/articles?list=review&q=a+b&page=2");
    }
}

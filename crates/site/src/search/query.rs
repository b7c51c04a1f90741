//! What a search asks for: the fields of the form and of the API, read and checked.
//!
//! To add a filter: add a field to [`SearchForm`] and its check to [`SearchForm::query`], and a condition to
//! [`ArticleFilter`].

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use masthead_editorial::paths;
use masthead_publication::{
    ArticleFilter, SiteSnapshot,
    edition::{Edition, Target},
};
use masthead_search::{ResultOrder, ResultRange};
use serde::Deserialize;

/// The number of articles on one page of results.
const PER_PAGE: usize = 20;
/// The maximum number of pages of results.
const MAX_PAGES: usize = 10;

/// A search as it was entered. A field that is empty narrows nothing down.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SearchForm {
    pub(crate) q: String,
    pub(crate) section: String,
    pub(crate) author: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) order: String,
    pub(crate) page: String,
}

/// A search that can be made.
#[derive(Clone, Default)]
pub(crate) struct SearchQuery {
    pub(crate) words: String,
    pub(crate) filter: ArticleFilter,
    pub(crate) order: ResultOrder,
    /// The page of results, from 1.
    pub(crate) page: usize,
}

/// What is wrong with a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchFault {
    UnknownSection,
    UnknownAuthor,
    InvalidFirstDay,
    InvalidLastDay,
    DaysReversed,
    UnknownOrder,
}

impl SearchFault {
    /// The name of the words that tell a reader what to do.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::UnknownSection => "search_fault_section",
            Self::UnknownAuthor => "search_fault_author",
            Self::InvalidFirstDay => "search_fault_from",
            Self::InvalidLastDay => "search_fault_to",
            Self::DaysReversed => "search_fault_days",
            Self::UnknownOrder => "search_fault_order",
        }
    }

    /// The same for a client of the API.
    pub(crate) fn detail(self) -> &'static str {
        match self {
            Self::UnknownSection => {
                "No section with articles has this slug; leave out \"section\" for all."
            }
            Self::UnknownAuthor => {
                "No author of articles has this name or slug; leave out \"author\" for all."
            }
            Self::InvalidFirstDay => "\"from\" is not a date such as 2026-11-27.",
            Self::InvalidLastDay => "\"to\" is not a date such as 2026-11-27.",
            Self::DaysReversed => "\"from\" is after \"to\"; exchange them.",
            Self::UnknownOrder => "\"order\" is not \"best\" or \"newest\".",
        }
    }
}

impl SearchForm {
    /// Whether nothing is searched for.
    pub(crate) fn is_blank(&self) -> bool {
        self.q.trim().is_empty() && !self.has_filters()
    }

    /// Whether a filter was entered.
    pub(crate) fn has_filters(&self) -> bool {
        [&self.section, &self.author, &self.from, &self.to]
            .iter()
            .any(|field| !field.trim().is_empty())
    }

    /// Checks every field against what is published.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong.
    pub(crate) fn query(&self, snapshot: &SiteSnapshot) -> Result<SearchQuery, Vec<SearchFault>> {
        let mut faults = Vec::new();
        let mut note = |fault| faults.push(fault);
        let (edition, zone) = (&snapshot.edition, &snapshot.publication.policy.zone);
        let section = section(edition, self.section.trim()).map_err(&mut note).ok();
        let authors = authors(edition, self.author.trim()).map_err(&mut note).ok();
        let from = instant(self.from.trim(), zone, Ok).map_err(|()| SearchFault::InvalidFirstDay);
        let from = from.map_err(&mut note).ok();
        let until = instant(self.to.trim(), zone, Date::tomorrow);
        let until = until.map_err(|()| SearchFault::InvalidLastDay).map_err(&mut note).ok();
        let order = order(self.order.trim()).map_err(&mut note).ok();
        let filter = ArticleFilter {
            section: section.flatten(),
            authors: authors.flatten(),
            from: from.flatten(),
            until: until.flatten(),
        };
        if filter.from.zip(filter.until).is_some_and(|(from, until)| from >= until) {
            faults.push(SearchFault::DaysReversed);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let page = self.page.parse().unwrap_or(1).clamp(1, MAX_PAGES);
        let (words, order) = (self.q.trim().to_owned(), order.unwrap_or_default());
        Ok(SearchQuery { words, filter, order, page })
    }

    /// Returns the address of a page of the same search.
    pub(crate) fn address(&self, page: usize) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let fields = [
            ("q", self.q.trim()),
            ("section", self.section.trim()),
            ("author", self.author.trim()),
            ("from", self.from.trim()),
            ("to", self.to.trim()),
            ("order", self.order.trim()),
            ("page", &page),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        format!("/search?{}", query.finish())
    }

    /// Returns the address of the search for the same words without filters.
    pub(crate) fn address_without_filters(&self) -> String {
        Self { q: self.q.clone(), order: self.order.clone(), ..Self::default() }.address(1)
    }
}

impl SearchQuery {
    /// Returns which results the page has.
    pub(crate) fn range(&self) -> ResultRange {
        ResultRange { offset: (self.page.max(1) - 1) * PER_PAGE, limit: PER_PAGE }
    }

    /// Returns how many pages there are of this many results.
    pub(crate) fn pages(count: usize) -> usize {
        count.div_ceil(PER_PAGE).clamp(1, MAX_PAGES)
    }
}

/// Returns `None` for an empty field.
fn section(edition: &Edition, slug: &str) -> Result<Option<String>, SearchFault> {
    if slug.is_empty() {
        return Ok(None);
    }
    match edition.find(&paths::section(slug)) {
        Some(Target::Section(section)) => Ok(Some(section.slug.clone())),
        Some(_) | None => Err(SearchFault::UnknownSection),
    }
}

fn authors(edition: &Edition, name: &str) -> Result<Option<Vec<String>>, SearchFault> {
    if name.is_empty() {
        return Ok(None);
    }
    let slugs = edition.authors_called(name);
    if slugs.is_empty() { Err(SearchFault::UnknownAuthor) } else { Ok(Some(slugs)) }
}

/// Returns the beginning of a day, or of the one that `shift` makes of it, and `None` for an empty field. It is an error if it
/// is no day.
fn instant(
    day: &str,
    zone: &TimeZone,
    shift: impl FnOnce(Date) -> Result<Date, jiff::Error>,
) -> Result<Option<Timestamp>, ()> {
    if day.is_empty() {
        return Ok(None);
    }
    let day = Date::strptime("%Y-%m-%d", day).and_then(shift);
    let begins = day.and_then(|day| day.to_zoned_datetime(zone.clone()));
    begins.map(|begins| Some(begins.timestamp())).map_err(|_| ())
}

fn order(order: &str) -> Result<ResultOrder, SearchFault> {
    match order {
        "" | "best" => Ok(ResultOrder::BestFirst),
        "newest" => Ok(ResultOrder::NewestFirst),
        _ => Err(SearchFault::UnknownOrder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_what_was_entered_and_nothing_else() {
        let form = SearchForm {
            q: " two words ".to_owned(),
            author: "A & B".to_owned(),
            from: "2026-11-01".to_owned(),
            ..SearchForm::default()
        };
        let kept = "/search?q=two+words&author=A+%26+B&from=2026-11-01";
        assert_eq!(form.address(1), kept);
        assert_eq!(form.address(3), format!("{kept}&page=3"));
        assert_eq!(form.address_without_filters(), "/search?q=two+words");
        assert!(!form.is_blank() && SearchForm::default().is_blank());
    }

    #[test]
    fn days_begin_in_the_zone_of_the_publication() {
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let at = |text: &str| Ok(Some(text.parse().expect("an instant")));
        assert_eq!(instant("2026-11-27", &zone, Ok), at("2026-11-26T15:00:00Z"));
        assert_eq!(instant("2026-11-27", &zone, Date::tomorrow), at("2026-11-27T15:00:00Z"));
        assert_eq!(instant("", &zone, Ok), Ok(None));
        for invalid in ["27.11.2026", "2026-13-01", "2026-02-30", "today", "99999-01-01"] {
            assert_eq!(instant(invalid, &zone, Ok), Err(()), "{invalid}");
        }
    }
}

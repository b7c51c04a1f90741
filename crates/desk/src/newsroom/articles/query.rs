//! What the list of articles is filtered and sorted by, as in its address.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
    tz::TimeZone,
};
use masthead_access::ArticleId;
use masthead_store::{StoryCursor, StoryFilter, StoryOrder, StoryPage, StoryQuery};
use serde::{Deserialize, Serialize};

const LIST: &str = "/desk/articles";
/// Articles on one page.
const PER_PAGE: u64 = 50;

/// The filters by status: the name in the address, that of its label, and what it selects.
pub(super) const FILTERS: [(&str, &str, StoryFilter); 7] = [
    ("", "filter_all", StoryFilter::All),
    ("writing", "filter_writing", StoryFilter::Writing),
    ("review", "filter_review", StoryFilter::Review),
    ("scheduled", "filter_scheduled", StoryFilter::Scheduled),
    ("published", "filter_published", StoryFilter::Published),
    ("withdrawn", "filter_withdrawn", StoryFilter::Withdrawn),
    ("archived", "filter_archived", StoryFilter::Archived),
];

/// The content types to choose from, and the names of their labels.
pub(super) const KINDS: [(&str, &str); 7] = [
    (ARTICLE, "kind_article"),
    ("opinion", "kind_opinion"),
    ("review", "kind_review"),
    ("interview", "kind_interview"),
    ("analysis", "kind_analysis"),
    ("live", "kind_live"),
    ("page", "kind_page"),
];
/// The tiers to choose from, and the names of their labels.
pub(super) const TIERS: [(&str, &str); 5] = [
    (BY_RULES, "access_default"),
    ("free", "access_free"),
    ("metered", "access_metered"),
    ("registered", "access_registered"),
    ("subscribers", "access_subscribers"),
];
/// In the address, the content type of most articles, which is stored as an empty text.
const ARTICLE: &str = "article";
/// In the address, the tier of articles for which rules decide, which is stored as an empty text.
pub(crate) const BY_RULES: &str = "default";

/// The orders: the name in the address, what is sorted by, and whether the lowest comes first. Each column has two, the first of
/// which a click on its heading chooses first.
const ORDERS: [(&str, StoryOrder, bool); 6] = [
    ("", StoryOrder::Changed, false),
    ("oldest", StoryOrder::Changed, true),
    ("published", StoryOrder::Published, false),
    ("published-oldest", StoryOrder::Published, true),
    ("headline", StoryOrder::Headline, true),
    ("headline-reversed", StoryOrder::Headline, false),
];

/// The query of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ArticlesQuery {
    pub list: String,
    pub section: String,
    pub author: String,
    pub kind: String,
    pub access: String,
    pub from: String,
    pub until: String,
    pub q: String,
    pub sort: String,
    /// The article after which the page begins, and what the list is sorted by of it: `12-1800000000`.
    pub after: String,
    /// The article before which the page ends, in the same way.
    pub before: String,
    /// What was done with the articles that were selected, and which were left.
    pub told: String,
    pub left: String,
}

impl ArticlesQuery {
    /// The same filter on its first page, without what was done before.
    pub fn filter_only(&self) -> Self {
        let (after, before, told, left) = Default::default();
        Self { after, before, told, left, ..self.clone() }
    }

    /// The query as in the address, without what was done before.
    pub fn text(&self) -> String {
        let (told, left) = Default::default();
        Self { told, left, ..self.clone() }.encoded()
    }

    /// The address of the list.
    pub fn address(&self) -> String {
        let query = self.encoded();
        if query.is_empty() { LIST.to_owned() } else { format!("{LIST}?{query}") }
    }

    /// The fields that are not empty.
    fn encoded(&self) -> String {
        let fields = [
            ("list", &self.list),
            ("section", &self.section),
            ("author", &self.author),
            ("kind", &self.kind),
            ("access", &self.access),
            ("from", &self.from),
            ("until", &self.until),
            ("q", &self.q),
            ("sort", &self.sort),
            ("after", &self.after),
            ("before", &self.before),
            ("told", &self.told),
            ("left", &self.left),
        ];
        let filled = fields.iter().filter(|(_, value)| !value.is_empty());
        serde_urlencoded::to_string(filled.collect::<Vec<_>>()).unwrap_or_default()
    }

    /// The address of another list that is filtered in the same way.
    pub fn with_list(&self, list: &str) -> String {
        Self { list: list.to_owned(), ..self.filter_only() }.address()
    }

    /// Whether anything is filtered besides by status.
    pub fn is_filtered(&self) -> bool {
        let fields = [
            &self.section,
            &self.author,
            &self.kind,
            &self.access,
            &self.from,
            &self.until,
            &self.q,
        ];
        fields.iter().any(|field| !field.is_empty())
    }

    /// What is asked of the database.
    ///
    /// # Errors
    ///
    /// The text that is not a date.
    pub fn to_story_query(&self, zone: &TimeZone) -> Result<StoryQuery, String> {
        let (_, order, is_ascending) = self.order();
        let filter = FILTERS.iter().find(|(name, ..)| *name == self.list).unwrap_or(&FILTERS[0]);
        let chosen = |value: &str, empty: &str| match value {
            "" => None,
            value if value == empty => Some(String::new()),
            value => Some(value.to_owned()),
        };
        let midnight = |day: Date| start_of(day, zone);
        let until = date(&self.until)?.and_then(|day| day.checked_add(1.day()).ok());
        Ok(StoryQuery {
            filter: filter.2,
            section: self.section.clone(),
            author: self.author.trim().to_owned(),
            kind: chosen(&self.kind, ARTICLE),
            tier: chosen(&self.access, BY_RULES),
            from: date(&self.from)?.and_then(midnight),
            until: until.and_then(midnight),
            words: self.q.clone(),
            cursor: self.cursor(),
            most: PER_PAGE,
            order,
            is_ascending,
            ..StoryQuery::default()
        })
    }

    fn order(&self) -> (&'static str, StoryOrder, bool) {
        *ORDERS.iter().find(|(name, ..)| *name == self.sort).unwrap_or(&ORDERS[0])
    }

    fn cursor(&self) -> Option<StoryCursor> {
        let is_before = self.after.is_empty();
        let text = if is_before { &self.before } else { &self.after };
        let (number, value) = text.split_once('-')?;
        let id = ArticleId(number.parse().ok()?);
        Some(StoryCursor { value: value.to_owned(), id, is_before })
    }

    /// The address of the page before `found`; empty if there is none.
    pub fn page_before(&self, found: &StoryPage, order: StoryOrder) -> String {
        let first = found.entries.first().filter(|_| found.has_earlier);
        let before = first.map(|entry| format!("{}-{}", entry.id.0, entry.sorted_by(order)));
        let page = |before| Self { before, ..self.filter_only() }.address();
        // Where nothing is left after a place, the first page is before it.
        match before {
            Some(before) => page(before),
            None if found.has_earlier => self.filter_only().address(),
            None => String::new(),
        }
    }

    /// The address of the page after `found`; empty if there is none.
    pub fn page_after(&self, found: &StoryPage, order: StoryOrder) -> String {
        let last = found.entries.last().filter(|_| found.has_later);
        let after = last.map(|entry| format!("{}-{}", entry.id.0, entry.sorted_by(order)));
        after.map(|after| Self { after, ..self.filter_only() }.address()).unwrap_or_default()
    }
}

/// The first moment of a day.
pub(crate) fn start_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_zoned_datetime(day.to_datetime(Time::midnight()))
        .compatible()
        .ok()
        .map(|start| start.timestamp())
}

/// A date of the form; `None` if it is empty.
fn date(text: &str) -> Result<Option<Date>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| text.to_owned())
}

/// The heading of a column by which the list can be sorted.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct SortColumn {
    /// Where the heading leads.
    to: String,
    /// The value of `aria-sort`; empty if the list is sorted by another column.
    sorted: &'static str,
}

/// The headings of the columns changed, published and headline.
pub(super) fn sort_columns(query: &ArticlesQuery) -> [SortColumn; 3] {
    let (name, order, is_ascending) = query.order();
    [StoryOrder::Changed, StoryOrder::Published, StoryOrder::Headline].map(|column| {
        let mut own = ORDERS.iter().filter(|(_, of, _)| *of == column).map(|(name, ..)| *name);
        let (first, second) = (own.next().unwrap_or_default(), own.next().unwrap_or_default());
        let sort = if name == first { second } else { first }.to_owned();
        SortColumn {
            to: ArticlesQuery { sort, ..query.filter_only() }.address(),
            sorted: match (order == column, is_ascending) {
                (false, _) => "",
                (true, true) => "ascending",
                (true, false) => "descending",
            },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> ArticlesQuery {
        serde_urlencoded::from_str(text).expect("a query")
    }

    #[test]
    fn addresses_name_only_what_is_filtered() {
        assert_eq!(ArticlesQuery::default().address(), "/desk/articles");
        let filtered = query("q=a+b&after=3-1800000000&told=archived-1");
        assert_eq!(filtered.with_list("review"), "/desk/articles?list=review&q=a+b");
        assert_eq!(filtered.text(), "q=a+b&after=3-1800000000");
        assert!(filtered.is_filtered() && !query("list=review&sort=oldest").is_filtered());
    }

    #[test]
    fn dates_are_days_in_the_zone_of_the_publication() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let of = |text| query(text).to_story_query(&zone);
        // The day on which the clocks go back has 25 hours.
        let day = of("from=2026-10-25&until=2026-10-25").expect("dates");
        assert_eq!(day.from.expect("a time").to_string(), "2026-10-24T22:00:00Z");
        assert_eq!(day.until.expect("a time").to_string(), "2026-10-25T23:00:00Z");
        assert_eq!(of("from=yesterday").expect_err("no date"), "yesterday");
        assert_eq!(of("until=2026-02-30").expect_err("no date"), "2026-02-30");
    }

    #[test]
    fn what_is_stored_as_empty_can_be_chosen() {
        let of = |text| query(text).to_story_query(&TimeZone::UTC).expect("a query");
        assert_eq!((of("").kind, of("").tier), (None, None));
        let plain = of("kind=article&access=default");
        assert_eq!((plain.kind.as_deref(), plain.tier.as_deref()), (Some(""), Some("")));
        assert_eq!(of("access=product:web").tier.as_deref(), Some("product:web"));
    }

    #[test]
    fn a_heading_sorts_and_turns_the_order_around() {
        let to = |text| sort_columns(&query(text)).map(|column| (column.to, column.sorted));
        let [changed, published, headline] = to("q=tides");
        assert_eq!(changed, ("/desk/articles?q=tides&sort=oldest".to_owned(), "descending"));
        assert_eq!(published.0, "/desk/articles?q=tides&sort=published");
        assert_eq!((published.1, headline.1), ("", ""));
        let [changed, _, headline] = to("sort=headline&after=3-a");
        assert_eq!(changed.0, "/desk/articles");
        assert_eq!(headline, ("/desk/articles?sort=headline-reversed".to_owned(), "ascending"));
    }

    #[test]
    fn a_cursor_may_have_any_headline() {
        let cursor = query("sort=headline&before=12-a-b%26c").cursor().expect("a cursor");
        assert_eq!((cursor.id, cursor.value.as_str()), (ArticleId(12), "a-b&c"));
        assert!(cursor.is_before);
        for nonsense in ["after=x", "after=x-1", "before=-1", ""] {
            assert_eq!(query(nonsense).cursor(), None, "{nonsense}");
        }
    }
}

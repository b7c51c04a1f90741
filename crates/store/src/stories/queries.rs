//! Queries for stories. Pages follow each other by the last row that was seen, so that the thousandth costs what the first does.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{Status, draft::WorkflowState};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, Func},
};

use super::listing::{StoryEntry, read_entry, sort_headline, writers_of};
use crate::{
    Store, StoreError,
    ids::Key,
    like::{containing, search_words},
    records::{story, story_writer},
};

/// A filter of the list of stories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoryFilter {
    /// All but archived stories.
    #[default]
    All,
    /// Drafts in progress.
    Writing,
    /// Drafts that wait for an editor.
    Review,
    /// Stories that will be published.
    Scheduled,
    /// Published stories.
    Published,
    /// Withdrawn stories.
    Withdrawn,
    /// Archived stories.
    Archived,
}

/// By what the list of stories is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoryOrder {
    /// The time at which they were last saved or published.
    #[default]
    Changed,
    /// The time at which they are or were published. Those without one count as the oldest.
    Published,
    /// The headline.
    Headline,
}

/// The place in a list at which a page begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryCursor {
    /// What the list is sorted by, of the story there ([`StoryEntry::sorted_by`]).
    pub value: String,
    /// The story there, which is not on the page itself.
    pub id: ArticleId,
    /// Whether the page is the one before it, and not the one after.
    pub is_before: bool,
}

/// A query for stories.
#[derive(Clone, Debug, Default)]
pub struct StoryQuery {
    /// The filter.
    pub filter: StoryFilter,
    /// The slug of a section; empty for all sections.
    pub section: String,
    /// A part of the byline; empty for any.
    pub author: String,
    /// The content type; `None` for any, empty for articles of no particular one.
    pub kind: Option<String>,
    /// The tier that is set on the story, as text; `None` for any, empty if rules decide.
    pub tier: Option<String>,
    /// The time from which on they were published or, if they never were, changed.
    pub from: Option<Timestamp>,
    /// The time before which they were.
    pub until: Option<Timestamp>,
    /// Words that all occur in headline, byline, topics or slug; empty for any.
    pub words: String,
    /// Stories that match as well, because the words occur in their text.
    pub in_text: Vec<ArticleId>,
    /// The account of a writer.
    pub writer: Option<AccountId>,
    /// The account of the responsible editor.
    pub editor: Option<AccountId>,
    /// What they are sorted by.
    pub order: StoryOrder,
    /// Whether the lowest comes first, and not the highest.
    pub is_ascending: bool,
    /// Where the page is; `None` for the first.
    pub cursor: Option<StoryCursor>,
    /// The maximum number of stories.
    pub most: u64,
}

/// A page of the list of stories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoryPage {
    /// The stories, in their order.
    pub entries: Vec<StoryEntry>,
    /// Whether there are more before these.
    pub has_earlier: bool,
    /// Whether there are more after these.
    pub has_later: bool,
}

impl StoryEntry {
    /// What a list is sorted by, of this story, for a [`StoryCursor`].
    pub fn sorted_by(&self, order: StoryOrder) -> String {
        let seconds = |at: Option<Timestamp>| at.map_or(0, Timestamp::as_second).to_string();
        match order {
            StoryOrder::Changed => seconds(Some(self.changed)),
            StoryOrder::Published => seconds(self.published),
            StoryOrder::Headline => sort_headline(&self.headline),
        }
    }
}

impl Store {
    /// Returns the stories that match a query, in its order.
    #[tracing::instrument(skip_all)]
    pub async fn stories(
        &self,
        wanted: &StoryQuery,
        now: Timestamp,
    ) -> Result<Vec<StoryEntry>, StoreError> {
        Ok(self.story_page(wanted, now).await?.entries)
    }

    /// Returns the page of the list of stories that a query asks for.
    #[tracing::instrument(skip_all)]
    pub async fn story_page(
        &self,
        wanted: &StoryQuery,
        now: Timestamp,
    ) -> Result<StoryPage, StoreError> {
        let cursor = wanted.cursor.as_ref();
        let is_before = cursor.is_some_and(|cursor| cursor.is_before);
        // The page before a place is read backwards from there.
        let is_ascending = wanted.is_ascending != is_before;
        let order = if is_ascending { Order::Asc } else { Order::Desc };
        let mut rows = story::Entity::find()
            .filter(condition(wanted, now))
            .filter(after(wanted, is_ascending))
            .order_by(sort_expression(wanted), order.clone())
            .order_by(story::Column::Piece, order)
            .limit(wanted.most + 1)
            .all(&self.database)
            .await?;
        let most = usize::try_from(wanted.most).unwrap_or(usize::MAX);
        let has_more = rows.len() > most;
        rows.truncate(most);
        if is_before {
            rows.reverse();
        }
        let entries = self.entries(rows).await?;
        let (has_earlier, has_later) =
            if is_before { (has_more, true) } else { (cursor.is_some(), has_more) };
        Ok(StoryPage { entries, has_earlier, has_later })
    }

    /// Counts the stories that match a query, on all its pages.
    #[tracing::instrument(skip_all)]
    pub async fn count_stories(
        &self,
        wanted: &StoryQuery,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let found = story::Entity::find().filter(condition(wanted, now));
        Ok(found.count(&self.database).await?)
    }

    /// Returns the entries of these stories, in no particular order.
    #[tracing::instrument(skip_all)]
    pub async fn story_entries(&self, ids: &[ArticleId]) -> Result<Vec<StoryEntry>, StoreError> {
        let rows = story::Entity::find()
            .filter(story::Column::Piece.is_in(ids.iter().copied().map(Key)))
            .all(&self.database)
            .await?;
        self.entries(rows).await
    }

    pub(crate) async fn entries(
        &self,
        rows: Vec<story::Model>,
    ) -> Result<Vec<StoryEntry>, StoreError> {
        let mut writers = writers_of(&self.database, rows.iter().map(|row| row.piece)).await?;
        rows.into_iter()
            .map(|row| {
                let writers = writers.remove(&row.piece).unwrap_or_default();
                read_entry(row, writers)
            })
            .collect()
    }
}

/// What the rows are sorted by. Each is the beginning of an index.
fn sort_expression(wanted: &StoryQuery) -> Expr {
    let is_dated = matches!(wanted.filter, StoryFilter::Published | StoryFilter::Scheduled);
    match wanted.order {
        StoryOrder::Changed => Expr::col(story::Column::Latest),
        StoryOrder::Published if is_dated => Expr::col(story::Column::Published),
        // As the index has it, and so without a parameter.
        StoryOrder::Published => Expr::cust("COALESCE(published, 0)"),
        StoryOrder::Headline => Expr::col(story::Column::SortHeadline),
    }
}

/// The rows on the asked side of the cursor. A cursor that cannot be read selects all.
fn after(wanted: &StoryQuery, is_ascending: bool) -> Condition {
    let all = Condition::all();
    let Some(cursor) = &wanted.cursor else { return all };
    let value: Expr = match wanted.order {
        StoryOrder::Changed | StoryOrder::Published => match cursor.value.parse::<i64>() {
            Ok(seconds) => Expr::value(seconds),
            Err(_) => return all,
        },
        StoryOrder::Headline => Expr::value(cursor.value.as_str()),
    };
    let row = Expr::tuple([sort_expression(wanted), Expr::col(story::Column::Piece)]);
    let last = Expr::tuple([value, Expr::value(Key(cursor.id))]);
    all.add(if is_ascending { row.gt(last) } else { row.lt(last) })
}

fn condition(wanted: &StoryQuery, now: Timestamp) -> Condition {
    let mut all = Condition::all().add(of_filter(wanted.filter, now));
    if !wanted.section.is_empty() {
        all = all.add(story::Column::Section.eq(&wanted.section));
    }
    if let Some(kind) = &wanted.kind {
        all = all.add(is(story::Column::Kind, kind));
    }
    if let Some(tier) = &wanted.tier {
        all = all.add(is(story::Column::Tier, tier));
    }
    if !wanted.author.is_empty() {
        all = all.add(by_author(&wanted.author));
    }
    all = all.add(of_writer(wanted.writer));
    if let Some(editor) = wanted.editor {
        all = all.add(story::Column::EditorAccount.eq(Key(editor)));
    }
    if wanted.from.is_some() || wanted.until.is_some() {
        all = all.add(in_time(wanted));
    }
    all.add(with_words(wanted))
}

/// Most stories have an empty value: the index of the column is for the others, and those are read in the order of the list.
fn is(column: story::Column, value: &str) -> Expr {
    match (value, column) {
        ("", story::Column::Kind) => Expr::cust("(kind || '') = ''"),
        ("", story::Column::Tier) => Expr::cust("(tier || '') = ''"),
        (value, column) => column.eq(value),
    }
}

/// Stories of an account; all if there is none.
pub(super) fn of_writer(writer: Option<AccountId>) -> Condition {
    let Some(writer) = writer else { return Condition::all() };
    let theirs = story_writer::Entity::find()
        .select_only()
        .column(story_writer::Column::Piece)
        .filter(story_writer::Column::Account.eq(Key(writer)))
        .into_query();
    Condition::all().add(story::Column::Piece.in_subquery(theirs))
}

fn of_filter(filter: StoryFilter, now: Timestamp) -> Expr {
    let now = now.as_second();
    let is = |status: Status| story::Column::Status.eq(status.name());
    let does = |work: WorkflowState| story::Column::Work.eq(work.name());
    match filter {
        StoryFilter::All => story::Column::Work.ne(WorkflowState::Archived.name()),
        StoryFilter::Writing => does(WorkflowState::Writing),
        StoryFilter::Review => does(WorkflowState::Review),
        StoryFilter::Scheduled => is(Status::Published).and(story::Column::Published.gt(now)),
        StoryFilter::Published => is(Status::Published).and(story::Column::Published.lte(now)),
        StoryFilter::Withdrawn => is(Status::Withdrawn),
        StoryFilter::Archived => does(WorkflowState::Archived),
    }
}

/// SQLite knows small letters of ASCII only, so a name is also looked for as it was written.
fn by_author(author: &str) -> Condition {
    let lower = Expr::expr(Func::lower(Expr::col(story::Column::Byline)));
    Condition::any()
        .add(story::Column::Byline.like(containing(author)))
        .add(lower.like(containing(&author.to_lowercase())))
}

/// Published in the asked time or, if it never was, changed then.
fn in_time(wanted: &StoryQuery) -> Condition {
    let within = |column: story::Column| {
        let from = wanted.from.map(|at| column.gte(at.as_second()));
        let until = wanted.until.map(|at| column.lt(at.as_second()));
        Condition::all().add_option(from).add_option(until)
    };
    let unpublished = within(story::Column::Latest).add(story::Column::Published.is_null());
    Condition::any().add(within(story::Column::Published)).add(unpublished)
}

fn with_words(wanted: &StoryQuery) -> Condition {
    let mut found = Condition::all();
    for word in search_words(&wanted.words) {
        found = found.add(story::Column::Words.like(containing(&word)));
    }
    if !wanted.in_text.is_empty() {
        let ids = wanted.in_text.iter().copied().map(Key);
        found = Condition::any().add(found).add(story::Column::Piece.is_in(ids));
    }
    found
}

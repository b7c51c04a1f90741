//! Queries for stories.

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{Status, draft::WorkflowState};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::listing::{StoryEntry, read_entry, writers_of};
use crate::{
    Store, StoreError,
    ids::Key,
    like::containing,
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

/// A query for stories.
#[derive(Clone, Debug, Default)]
pub struct StoryQuery {
    /// The filter.
    pub filter: StoryFilter,
    /// The slug of a section; empty for all sections.
    pub section: String,
    /// Words that all occur in headline, byline, topics or slug; empty for any.
    pub words: String,
    /// Stories that match as well, because the words occur in their text.
    pub in_text: Vec<ArticleId>,
    /// The account of a writer.
    pub writer: Option<AccountId>,
    /// The account of the responsible editor.
    pub editor: Option<AccountId>,
    /// The number of stories to skip.
    pub skip: u64,
    /// The maximum number of stories.
    pub most: u64,
}

impl Store {
    /// Returns the stories that match a query, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn stories(
        &self,
        wanted: &StoryQuery,
        now: Timestamp,
    ) -> Result<Vec<StoryEntry>, StoreError> {
        let by_publication =
            matches!(wanted.filter, StoryFilter::Published | StoryFilter::Scheduled);
        let order = if by_publication { story::Column::Published } else { story::Column::Latest };
        let rows = story::Entity::find()
            .filter(condition(wanted, now))
            .order_by_desc(order)
            .order_by_desc(story::Column::Piece)
            .offset(wanted.skip)
            .limit(wanted.most)
            .all(&self.database)
            .await?;
        let mut writers = writers_of(&self.database, rows.iter().map(|row| row.piece)).await?;
        rows.into_iter()
            .map(|row| {
                let writers = writers.remove(&row.piece).unwrap_or_default();
                read_entry(row, writers)
            })
            .collect()
    }
}

fn condition(wanted: &StoryQuery, now: Timestamp) -> Condition {
    let now = now.as_second();
    let is = |status: Status| story::Column::Status.eq(status.name());
    let does = |work: WorkflowState| story::Column::Work.eq(work.name());
    let filter = match wanted.filter {
        StoryFilter::All => story::Column::Work.ne(WorkflowState::Archived.name()),
        StoryFilter::Writing => does(WorkflowState::Writing),
        StoryFilter::Review => does(WorkflowState::Review),
        StoryFilter::Scheduled => is(Status::Published).and(story::Column::Published.gt(now)),
        StoryFilter::Published => is(Status::Published).and(story::Column::Published.lte(now)),
        StoryFilter::Withdrawn => is(Status::Withdrawn),
        StoryFilter::Archived => does(WorkflowState::Archived),
    };
    let mut all = Condition::all().add(filter);
    if !wanted.section.is_empty() {
        all = all.add(story::Column::Section.eq(&wanted.section));
    }
    if let Some(writer) = wanted.writer {
        let theirs = story_writer::Entity::find()
            .select_only()
            .column(story_writer::Column::Piece)
            .filter(story_writer::Column::Account.eq(Key(writer)))
            .into_query();
        all = all.add(story::Column::Piece.in_subquery(theirs));
    }
    if let Some(editor) = wanted.editor {
        all = all.add(story::Column::EditorAccount.eq(Key(editor)));
    }
    let mut found = Condition::all();
    for word in wanted.words.to_lowercase().split_whitespace() {
        found = found.add(story::Column::Words.like(containing(word)));
    }
    if !wanted.in_text.is_empty() {
        let ids = wanted.in_text.iter().copied().map(Key);
        found = Condition::any().add(found).add(story::Column::Piece.is_in(ids));
    }
    all.add(found)
}

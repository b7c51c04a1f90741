//! The list of stories at the desk: one row for each, updated with every write.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{
    Piece, Status,
    draft::{Draft, WorkflowState},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, LikeExpr},
};

use super::{
    read_draft,
    revisions::{Change, note},
};
use crate::{
    Store, StoreError,
    ids::{Key, PieceKey},
    records::{draft, story, story_writer},
    time,
};

/// The last time that a story was saved at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSave {
    /// Who saved it; `None` once their account is deleted.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}

/// An entry in the list of stories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: ArticleId,
    /// The number of its writes.
    pub version: i64,
    /// Its publication status.
    pub status: Status,
    /// Its state of work.
    pub work: WorkflowState,
    /// Its headline; may be empty.
    pub headline: String,
    /// The slug of its section; may be empty.
    pub section: String,
    /// Its byline.
    pub byline: String,
    /// The accounts of its writers, who may edit it.
    pub writers: Vec<AccountId>,
    /// Who wrote last, and when. `None` if nobody wrote at the desk.
    pub saved: Option<LastSave>,
    /// When it is or was published.
    pub published: Option<Timestamp>,
    /// The moment before which it must not be published.
    pub embargo: Option<Timestamp>,
}

/// A filter of the list of stories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoryFilter {
    /// All but spiked stories.
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
    /// Spiked stories.
    Spiked,
}

/// A query for stories.
#[derive(Clone, Debug, Default)]
pub struct StoryQuery {
    /// The filter.
    pub shelf: StoryFilter,
    /// The slug of a section; empty for all sections.
    pub section: String,
    /// Words that all occur in headline, byline, topics or slug; empty for any.
    pub words: String,
    /// Stories that match as well, because the words occur in their text.
    pub in_text: Vec<ArticleId>,
    /// The account of a writer.
    pub writer: Option<AccountId>,
    /// The number of stories to skip.
    pub skip: u64,
    /// The maximum number of stories.
    pub most: u64,
}

impl Store {
    /// Returns the stories that match a query, the latest first.
    pub async fn stories(
        &self,
        wanted: &StoryQuery,
        now: Timestamp,
    ) -> Result<Vec<Line>, StoreError> {
        let by_publication =
            matches!(wanted.shelf, StoryFilter::Published | StoryFilter::Scheduled);
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
                read_line(row, writers)
            })
            .collect()
    }
}

/// Inserts the list entry of a new piece.
pub(crate) async fn list(
    to: &impl ConnectionTrait,
    id: PieceKey,
    piece: &Piece,
) -> Result<(), StoreError> {
    let published = piece.published.map(Timestamp::as_second);
    let work =
        if piece.status == Status::Draft { WorkflowState::Writing } else { WorkflowState::None };
    let row = story::ActiveModel {
        piece: Set(id),
        version: Set(1),
        status: Set(piece.status.name().to_owned()),
        work: Set(work.name().to_owned()),
        headline: Set(piece.headline.clone()),
        section: Set(piece.section.as_ref().map_or("", |section| &section.slug).to_owned()),
        byline: Set(byline(piece.authors.iter().map(|author| &author.name))),
        words: Set(words(&Draft::of(piece))),
        saved_by: Set(None),
        saved_at: Set(0),
        published: Set(published),
        embargo: Set(None),
        latest: Set(published.unwrap_or_default()),
    };
    story::Entity::insert(row).exec_without_returning(to).await?;
    Ok(())
}

/// Updates the list entry of an imported piece that replaces another. An open draft is kept as a revision.
pub(crate) async fn list_again(
    to: &impl ConnectionTrait,
    id: PieceKey,
    piece: &Piece,
) -> Result<(), StoreError> {
    let Some(line) = story::Entity::find_by_id(id).one(to).await? else {
        return list(to, id, piece).await;
    };
    if let Some(row) = draft::Entity::find_by_id(id).one(to).await? {
        let draft = read_draft(&row.facts, row.body)?;
        let by = line.saved_by.map(|key| key.0);
        note(to, id, &draft, (by, time(line.saved_at)), Change::Aside).await?;
        draft::Entity::delete_by_id(id).exec(to).await?;
    }
    relist(to, id, piece, line.version + 1).await
}

/// Updates the list entry of a piece.
pub(super) async fn relist(
    to: &impl ConnectionTrait,
    id: PieceKey,
    piece: &Piece,
    version: i64,
) -> Result<(), StoreError> {
    let section = piece.section.as_ref().map_or("", |section| &section.slug);
    let published = piece.published.map(Timestamp::as_second);
    let work =
        if piece.status == Status::Draft { WorkflowState::Writing } else { WorkflowState::None };
    story::Entity::update_many()
        .col_expr(story::Column::Version, Expr::value(version))
        .col_expr(story::Column::Status, Expr::value(piece.status.name()))
        .col_expr(story::Column::Work, Expr::value(work.name()))
        .col_expr(story::Column::Headline, Expr::value(&piece.headline))
        .col_expr(story::Column::Section, Expr::value(section))
        .col_expr(story::Column::Byline, Expr::value(byline(piece.authors.iter().map(|a| &a.name))))
        .col_expr(story::Column::Words, Expr::value(words(&Draft::of(piece))))
        .col_expr(story::Column::Published, Expr::value(published))
        .col_expr(story::Column::Embargo, Expr::value(None::<i64>))
        .col_expr(story::Column::Latest, Expr::value(published.unwrap_or_default()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

fn condition(wanted: &StoryQuery, now: Timestamp) -> Condition {
    let now = now.as_second();
    let is = |status: Status| story::Column::Status.eq(status.name());
    let does = |work: WorkflowState| story::Column::Work.eq(work.name());
    let shelf = match wanted.shelf {
        StoryFilter::All => story::Column::Work.ne(WorkflowState::Spiked.name()),
        StoryFilter::Writing => does(WorkflowState::Writing),
        StoryFilter::Review => does(WorkflowState::Review),
        StoryFilter::Scheduled => is(Status::Published).and(story::Column::Published.gt(now)),
        StoryFilter::Published => is(Status::Published).and(story::Column::Published.lte(now)),
        StoryFilter::Withdrawn => is(Status::Withdrawn),
        StoryFilter::Spiked => does(WorkflowState::Spiked),
    };
    let mut all = Condition::all().add(shelf);
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
    let mut found = Condition::all();
    for word in wanted.words.to_lowercase().split_whitespace() {
        // The signs that mean something in a pattern are looked for as they stand.
        let word = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        found =
            found.add(story::Column::Words.like(LikeExpr::new(format!("%{word}%")).escape('\\')));
    }
    if !wanted.in_text.is_empty() {
        let ids = wanted.in_text.iter().copied().map(Key);
        found = Condition::any().add(found).add(story::Column::Piece.is_in(ids));
    }
    all.add(found)
}

/// The text that searches for words look through.
pub(super) fn words(written: &Draft) -> String {
    let parts = [&written.headline, &written.kicker, &written.section, &written.slug];
    let names = written.authors.iter().chain(&written.topics);
    parts.into_iter().chain(names).map(|part| part.to_lowercase()).collect::<Vec<_>>().join("\n")
}

/// Joins names to a byline.
pub(super) fn byline<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the writers of each of these pieces.
pub(super) async fn writers_of(
    from: &impl ConnectionTrait,
    pieces: impl IntoIterator<Item = PieceKey>,
) -> Result<HashMap<PieceKey, Vec<AccountId>>, StoreError> {
    let rows = story_writer::Entity::find()
        .filter(story_writer::Column::Piece.is_in(pieces))
        .order_by_asc(story_writer::Column::Account)
        .all(from)
        .await?;
    let mut writers: HashMap<PieceKey, Vec<AccountId>> = HashMap::new();
    for row in rows {
        writers.entry(row.piece).or_default().push(row.account.0);
    }
    Ok(writers)
}

/// Reads a row of the list.
pub(super) fn read_line(row: story::Model, writers: Vec<AccountId>) -> Result<Line, StoreError> {
    let status = [Status::Draft, Status::Published, Status::Withdrawn];
    let status = status.into_iter().find(|status| status.name() == row.status);
    let unreadable = |what: &str| StoreError::unreadable(format_args!("the state \"{what}\""));
    Ok(Line {
        id: row.piece.0,
        version: row.version,
        status: status.ok_or_else(|| unreadable(&row.status))?,
        work: WorkflowState::named(&row.work).ok_or_else(|| unreadable(&row.work))?,
        headline: row.headline,
        section: row.section,
        byline: row.byline,
        writers,
        saved: (row.saved_at > 0)
            .then(|| LastSave { by: row.saved_by.map(|key| key.0), at: time(row.saved_at) }),
        published: row.published.map(time),
        embargo: row.embargo.map(time),
    })
}

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
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, UpdateMany, sea_query::Expr,
};

use super::{
    drafts::{put_work, read_draft},
    review::ReturnNote,
    revisions::{RevisionOrigin, StoryChange, add_revision},
};
use crate::{
    StoreError,
    ids::PieceKey,
    parse_stored,
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
pub struct StoryEntry {
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
    /// The editor who is responsible for it.
    pub editor: Option<AccountId>,
    /// By when it is due.
    pub deadline: Option<Timestamp>,
    /// When it was last saved or published.
    pub changed: Timestamp,
    /// Its content type; empty for articles of no particular one.
    pub kind: String,
    /// The tier that is set on it, as text; empty if rules decide.
    pub tier: String,
    /// The address of its lead picture; empty if it has none.
    pub picture: String,
    /// The editor who has begun to review it.
    pub reviewer: Option<AccountId>,
    /// That it was returned to its writers, until it is submitted or published.
    pub returned: Option<ReturnNote>,
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
    let draft = Draft::of(piece);
    let row = story::ActiveModel {
        piece: Set(id),
        version: Set(1),
        status: Set(piece.status.name().to_owned()),
        work: Set(work.name().to_owned()),
        headline: Set(piece.headline.clone()),
        section: Set(piece.section.as_ref().map_or("", |section| &section.slug).to_owned()),
        byline: Set(byline(piece.authors.iter().map(|author| &author.name))),
        words: Set(words(&draft)),
        saved_by: Set(None),
        saved_at: Set(0),
        published: Set(published),
        embargo: Set(None),
        latest: Set(published.unwrap_or_default()),
        sort_headline: Set(sort_headline(&draft.headline)),
        picture: Set(lead_picture(&draft)),
        kind: Set(draft.kind),
        tier: Set(draft.tier),
        // The migration that makes the first entries has no columns of later ones.
        ..story::ActiveModel::default()
    };
    story::Entity::insert(row).exec_without_returning(to).await?;
    Ok(())
}

/// Updates the list entry of an imported piece that replaces another. An open draft is kept as a revision; one that is saved
/// meanwhile waits, and is then behind.
pub(crate) async fn replace_entry(
    to: &impl ConnectionTrait,
    id: PieceKey,
    piece: &Piece,
) -> Result<(), StoreError> {
    let Some(entry) = lock_entry(to, id).await? else {
        return list(to, id, piece).await;
    };
    if let Some(row) = draft::Entity::find_by_id(id).one(to).await? {
        let draft = read_draft(&row.facts, row.body)?;
        let by = entry.saved_by.map(|key| key.0);
        let origin = RevisionOrigin { by, at: time(entry.saved_at) };
        add_revision(to, id, &draft, StoryChange::Aside, origin).await?;
        draft::Entity::delete_by_id(id).exec(to).await?;
    }
    update_entry(to, id, piece, entry.version + 1).await
}

/// Returns until when the draft of a piece is under embargo. Drafts of the piece cannot be saved before the transaction
/// ends.
pub(crate) async fn lock_embargo(
    transaction: &DatabaseTransaction,
    id: PieceKey,
) -> Result<Option<Timestamp>, StoreError> {
    let entry = lock_entry(transaction, id).await?;
    Ok(entry.and_then(|entry| entry.embargo).map(time))
}

/// Returns the list entry of a piece, and locks it, so that nobody saves a draft of the piece before the transaction ends.
pub(crate) async fn lock_entry(
    transaction: &impl ConnectionTrait,
    id: PieceKey,
) -> Result<Option<story::Model>, StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::Version, Expr::col(story::Column::Version))
        .filter(story::Column::Piece.eq(id))
        .exec(transaction)
        .await?;
    Ok(story::Entity::find_by_id(id).one(transaction).await?)
}

/// Updates the list entry of a piece.
pub(super) async fn update_entry(
    to: &impl ConnectionTrait,
    id: PieceKey,
    piece: &Piece,
    version: i64,
) -> Result<(), StoreError> {
    let section = piece.section.as_ref().map_or("", |section| &section.slug);
    let published = piece.published.map(Timestamp::as_second);
    let work =
        if piece.status == Status::Draft { WorkflowState::Writing } else { WorkflowState::None };
    let draft = Draft::of(piece);
    with_columns_of(&draft)
        .col_expr(story::Column::Version, Expr::value(version))
        .col_expr(story::Column::Status, Expr::value(piece.status.name()))
        .col_expr(story::Column::Section, Expr::value(section))
        .col_expr(story::Column::Byline, Expr::value(byline(piece.authors.iter().map(|a| &a.name))))
        .col_expr(story::Column::Published, Expr::value(published))
        .col_expr(story::Column::Embargo, Expr::value(None::<i64>))
        .col_expr(story::Column::Latest, Expr::value(published.unwrap_or_default()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    put_work(to, id, work).await
}

/// Puts the authors and topics of a piece into the list. A draft has its own.
pub(crate) async fn renew_names(
    to: &impl ConnectionTrait,
    id: PieceKey,
    piece: &Piece,
) -> Result<(), StoreError> {
    if draft::Entity::find_by_id(id).one(to).await?.is_some() {
        return Ok(());
    }
    let names = piece.authors.iter().map(|author| &author.name);
    with_columns_of(&Draft::of(piece))
        .col_expr(story::Column::Byline, Expr::value(byline(names)))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

/// An update of what the list has of a draft and can be read from it alone.
pub(super) fn with_columns_of(written: &Draft) -> UpdateMany<story::Entity> {
    story::Entity::update_many()
        .col_expr(story::Column::Headline, Expr::value(&written.headline))
        .col_expr(story::Column::SortHeadline, Expr::value(sort_headline(&written.headline)))
        .col_expr(story::Column::Words, Expr::value(words(written)))
        .col_expr(story::Column::Kind, Expr::value(&written.kind))
        .col_expr(story::Column::Tier, Expr::value(&written.tier))
        .col_expr(story::Column::Picture, Expr::value(lead_picture(written)))
}

/// Letters of a headline by which lists are sorted.
const SORTED_BY: usize = 60;

/// The beginning of a headline in lower case.
pub(crate) fn sort_headline(headline: &str) -> String {
    headline.trim().to_lowercase().chars().take(SORTED_BY).collect()
}

/// The address of the lead picture of a draft.
pub(crate) fn lead_picture(written: &Draft) -> String {
    written.picture.as_ref().map(|picture| picture.src.clone()).unwrap_or_default()
}

/// The text that searches for words look through.
pub(crate) fn words(written: &Draft) -> String {
    let parts = [&written.headline, &written.kicker, &written.section, &written.slug];
    let names = written.authors.iter().chain(&written.topics);
    parts.into_iter().chain(names).map(|part| part.to_lowercase()).collect::<Vec<_>>().join("\n")
}

/// Joins names to a byline.
pub(crate) fn byline<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the writers of each of these pieces.
pub(crate) async fn writers_of(
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
pub(super) fn read_entry(
    row: story::Model,
    writers: Vec<AccountId>,
) -> Result<StoryEntry, StoreError> {
    Ok(StoryEntry {
        id: row.piece.0,
        version: row.version,
        status: parse_stored("the status", &row.status)?,
        work: parse_stored("the state", &row.work)?,
        headline: row.headline,
        section: row.section,
        byline: row.byline,
        writers,
        saved: (row.saved_at > 0)
            .then(|| LastSave { by: row.saved_by.map(|key| key.0), at: time(row.saved_at) }),
        published: row.published.map(time),
        embargo: row.embargo.map(time),
        editor: row.editor_account.map(|key| key.0),
        deadline: row.deadline.map(time),
        changed: time(row.latest),
        kind: row.kind,
        tier: row.tier,
        picture: row.picture,
        reviewer: row.reviewer_account.map(|key| key.0),
        returned: row.returned_at.map(|at| ReturnNote {
            by: row.returned_by.map(|key| key.0),
            at: time(at),
            reason: row.return_note.unwrap_or_default(),
        }),
    })
}

//! What the newsroom works on. A *story* is a piece with what is being written of it: the draft, which readers
//! do not have, its revisions, and who has it open.
//!
//! Each write to a story counts its version up, and names the version that it knew. So nobody writes over what
//! they have not seen; what they wrote meanwhile is theirs to bring in, or kept aside.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_editorial::{
    Piece, Status,
    draft::{Draft, Work},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait,
    QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
    sea_query::{Expr, LikeExpr, OnConflict},
};

use crate::{
    Store, StoreError,
    accounts::number,
    pieces,
    records::{draft, piece, presence, revision, story},
    time,
};

/// What one person writes within this time is one revision.
const SITTING: SignedDuration = SignedDuration::from_mins(10);
/// Who has not been heard of for so long has left.
const PRESENT: SignedDuration = SignedDuration::from_secs(20);

/// A piece at the desk, with the latest that was written of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The piece as it was last published; a draft without words where it never was.
    pub piece: Piece,
    /// What is written of it now.
    pub draft: Draft,
    /// Where it stands.
    pub line: Line,
}

/// A piece as the desk lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub id: ArticleId,
    /// Counts its writes.
    pub version: i64,
    /// What readers have of it.
    pub status: Status,
    /// What is being done with it.
    pub work: Work,
    /// Its headline; may be empty.
    pub headline: String,
    /// The slug of its section; may be empty.
    pub section: String,
    /// Who wrote it, as the byline says.
    pub byline: String,
    /// Whose piece it is.
    pub writers: Vec<AccountId>,
    /// Who wrote last and when; none where it came from elsewhere.
    pub saved: Option<(AccountId, Timestamp)>,
    /// From when on it is or was for readers.
    pub published: Option<Timestamp>,
    /// The moment before which it may not be.
    pub embargo: Option<Timestamp>,
}

/// What came of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is done, and this is the version now.
    Done(i64),
    /// Somebody has written since; nothing was changed.
    Behind,
}

/// What became of a story with a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was written on.
    Saved,
    /// It was left aside, as somebody else's stood already.
    Aside,
    /// An editor was asked to look at it.
    Sent,
    /// It went back to whoever writes it.
    Returned,
    /// An earlier revision took its place.
    Restored,
    /// Readers got it.
    Published,
    /// Readers got it in place of another.
    Corrected,
    /// Readers get it at its time.
    Scheduled,
    /// Readers have it no longer.
    Withdrawn,
    /// Nobody goes on with it.
    Spiked,
}

impl Change {
    const ALL: [Self; 10] = [
        Self::Saved,
        Self::Aside,
        Self::Sent,
        Self::Returned,
        Self::Restored,
        Self::Published,
        Self::Corrected,
        Self::Scheduled,
        Self::Withdrawn,
        Self::Spiked,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Aside => "aside",
            Self::Sent => "sent",
            Self::Returned => "returned",
            Self::Restored => "restored",
            Self::Published => "published",
            Self::Corrected => "corrected",
            Self::Scheduled => "scheduled",
            Self::Withdrawn => "withdrawn",
            Self::Spiked => "spiked",
        }
    }
}

/// What a story was at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number.
    pub id: i32,
    /// When.
    pub at: Timestamp,
    /// Who wrote it; none where it came from elsewhere.
    pub by: Option<AccountId>,
    /// What was done.
    pub change: Change,
    /// What was written; its body is empty in lists.
    pub draft: Draft,
}

/// Where one looks for stories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    /// Everywhere but on the spike.
    #[default]
    All,
    /// Where somebody writes.
    Writing,
    /// Where an editor is asked for.
    Review,
    /// What readers get at its time.
    Scheduled,
    /// What readers have.
    Published,
    /// What readers have no longer.
    Withdrawn,
    /// On the spike.
    Spiked,
}

/// Which stories are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Where.
    pub shelf: Shelf,
    /// Of one section; empty for all.
    pub section: String,
    /// With all of these words in headline, byline, topics or address; empty for any.
    pub words: String,
    /// Or one of these, which have the words in their text.
    pub in_text: Vec<ArticleId>,
    /// Of one who writes.
    pub writer: Option<AccountId>,
    /// How many to leave out, of the latest.
    pub skip: u64,
    /// How many at most.
    pub most: u64,
}

impl Store {
    /// Begins a story that nothing is written of. `slug` stands in for its own until it is published.
    pub async fn begin_story(
        &self,
        slug: &str,
        draft: &Draft,
        by: AccountId,
        now: Timestamp,
    ) -> Result<ArticleId, StoreError> {
        let transaction = self.database.begin().await?;
        let blank = Piece { status: Status::Draft, published: None, ..blank(slug) };
        // Of no revision: no reader's page changes with it.
        let row = piece::ActiveModel {
            id: NotSet,
            origin: Set(None),
            slug: Set(slug.to_owned()),
            revision: Set(0),
            status: Set(Status::Draft.name().to_owned()),
            facts: Set(serde_json::to_string(&blank)?),
            body: Set(String::new()),
        };
        let id = piece::Entity::insert(row).exec(&transaction).await?.last_insert_id;
        list(&transaction, id, &blank).await?;
        put_draft(&transaction, id, draft, (by, now), 1).await?;
        story::Entity::update_many()
            .col_expr(story::Column::Writers, Expr::value(format!(",{},", by.0)))
            .filter(story::Column::Piece.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(pieces::id(id))
    }

    /// The story of this piece.
    pub async fn story(&self, id: ArticleId) -> Result<Option<Story>, StoreError> {
        let Some(id) = in_rows(id) else { return Ok(None) };
        let line = story::Entity::find_by_id(id).one(&self.database).await?;
        let piece = pieces::find(&self.database, piece::Column::Id.eq(id)).await?;
        let (Some(line), Some(piece)) = (line, piece) else { return Ok(None) };
        let piece = pieces::read(&piece)?;
        let draft = draft::Entity::find_by_id(id).one(&self.database).await?;
        let draft = match draft {
            Some(row) => read_draft(&row.facts, row.body)?,
            None => Draft::of(&piece),
        };
        Ok(Some(Story { piece, draft, line: read_line(line)? }))
    }

    /// The stories that are wanted, the latest first.
    pub async fn stories(&self, wanted: &Wanted, now: Timestamp) -> Result<Vec<Line>, StoreError> {
        let by_publication = matches!(wanted.shelf, Shelf::Published | Shelf::Scheduled);
        let order = if by_publication { story::Column::Published } else { story::Column::Latest };
        let rows = story::Entity::find()
            .filter(condition(wanted, now))
            .order_by_desc(order)
            .order_by_desc(story::Column::Piece)
            .offset(wanted.skip)
            .limit(wanted.most)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read_line).collect()
    }

    /// Keeps what was written of a story by somebody who knew it at `version`.
    pub async fn save_draft(
        &self,
        id: ArticleId,
        version: i64,
        draft: &Draft,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.write_story(id, version, |transaction, row| async move {
            put_draft(&transaction, row, draft, (by, now), version + 1).await?;
            note_saved(&transaction, row, draft, (by, now)).await?;
            Ok(transaction)
        })
        .await
    }

    /// Keeps what somebody wrote beside what stands, so that it is not lost.
    pub async fn keep_aside(
        &self,
        id: ArticleId,
        draft: &Draft,
        (by, now): (AccountId, Timestamp),
    ) -> Result<(), StoreError> {
        let Some(id) = in_rows(id) else { return Ok(()) };
        note(&self.database, id, draft, (Some(by), now), Change::Aside).await
    }

    /// Says what is to be done with a story, and notes it as `change`.
    pub async fn set_work(
        &self,
        id: ArticleId,
        version: i64,
        work: Work,
        (change, by, now): (Change, AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        let draft = self.story(id).await?.map(|story| story.draft).unwrap_or_default();
        let draft = &draft;
        self.write_story(id, version, |transaction, row| async move {
            put_work(&transaction, row, work).await?;
            mark(&transaction, row, (by, now)).await?;
            note(&transaction, row, draft, (Some(by), now), change).await?;
            Ok(transaction)
        })
        .await
    }

    /// Puts an earlier revision in the place of what stands.
    pub async fn restore(
        &self,
        id: ArticleId,
        version: i64,
        draft: &Draft,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.write_story(id, version, |transaction, row| async move {
            put_draft(&transaction, row, draft, (by, now), version + 1).await?;
            note(&transaction, row, draft, (Some(by), now), Change::Restored).await?;
            Ok(transaction)
        })
        .await
    }

    /// Forgets what readers do not have: the story is again what was published. What was written is kept aside.
    pub async fn discard_draft(
        &self,
        id: ArticleId,
        version: i64,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        let Some(story) = self.story(id).await? else { return Ok(Written::Behind) };
        let story = &story;
        self.write_story(id, version, |transaction, row| async move {
            note(&transaction, row, &story.draft, (Some(by), now), Change::Aside).await?;
            draft::Entity::delete_by_id(row).exec(&transaction).await?;
            relist(&transaction, row, &story.piece, version + 1).await?;
            mark(&transaction, row, (by, now)).await?;
            Ok(transaction)
        })
        .await
    }

    /// Gives readers this piece, in place of what they had. A first slug that is taken gets a number behind it.
    pub async fn publish_story(
        &self,
        id: ArticleId,
        version: i64,
        piece: Piece,
        what: (Change, AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        self.issue(id, version, piece, what, None).await
    }

    /// Takes it away from readers. What is being written of it stays.
    pub async fn withdraw_story(
        &self,
        id: ArticleId,
        version: i64,
        (by, now): (AccountId, Timestamp),
    ) -> Result<Written, StoreError> {
        let Some(Story { piece, draft, line }) = self.story(id).await? else {
            return Ok(Written::Behind);
        };
        let piece = Piece { status: Status::Withdrawn, ..piece };
        let open = (line.work != Work::None).then_some((draft, line.work));
        self.issue(id, version, piece, (Change::Withdrawn, by, now), open).await
    }

    /// Puts a piece in the place of what readers had, and leaves `open` to be written on.
    async fn issue(
        &self,
        id: ArticleId,
        version: i64,
        mut piece: Piece,
        (change, by, now): (Change, AccountId, Timestamp),
        open: Option<(Draft, Work)>,
    ) -> Result<Written, StoreError> {
        let Some(row) = in_rows(id) else { return Ok(Written::Behind) };
        let (transaction, revision) = self.write().await?;
        if !count_up(&transaction, row, version).await? {
            return Ok(Written::Behind);
        }
        let known = pieces::find(&transaction, piece::Column::Id.eq(row)).await?;
        if known.as_ref().is_none_or(|known| known.slug != piece.slug) {
            piece.slug = pieces::free_slug(&transaction, &piece.slug).await?;
        }
        draft::Entity::delete_by_id(row).exec(&transaction).await?;
        pieces::put(&transaction, revision, None, known, piece.clone()).await?;
        relist(&transaction, row, &piece, version + 1).await?;
        mark(&transaction, row, (by, now)).await?;
        note(&transaction, row, &Draft::of(&piece), (Some(by), now), change).await?;
        if let Some((draft, work)) = open {
            put_draft(&transaction, row, &draft, (by, now), version + 1).await?;
            put_work(&transaction, row, work).await?;
        }
        transaction.commit().await?;
        Ok(Written::Done(version + 1))
    }

    /// The revisions of a story, the latest first.
    pub async fn revisions(&self, id: ArticleId, most: u64) -> Result<Vec<Revision>, StoreError> {
        let Some(id) = in_rows(id) else { return Ok(Vec::new()) };
        let rows: Vec<(i32, i64, Option<i32>, String, String)> = revision::Entity::find()
            .select_only()
            .columns([
                revision::Column::Id,
                revision::Column::At,
                revision::Column::DoneBy,
                revision::Column::Change,
                revision::Column::Facts,
            ])
            .filter(revision::Column::Piece.eq(id))
            .order_by_desc(revision::Column::Id)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let read = |(id, at, by, change, facts): (i32, i64, Option<i32>, String, String)| {
            read_revision((id, at, by, &change), &facts, String::new())
        };
        rows.into_iter().map(read).collect()
    }

    /// One revision of a story, whole.
    pub async fn revision_of(
        &self,
        id: ArticleId,
        number: i32,
    ) -> Result<Option<Revision>, StoreError> {
        let row = revision::Entity::find_by_id(number).one(&self.database).await?;
        let row = row.filter(|row| pieces::id(row.piece) == id);
        row.map(|row| {
            read_revision((row.id, row.at, row.done_by, &row.change), &row.facts, row.body)
        })
        .transpose()
    }

    /// Notes that somebody has a story open, and says who else has.
    pub async fn look_in(
        &self,
        id: ArticleId,
        who: AccountId,
        now: Timestamp,
    ) -> Result<Vec<AccountId>, StoreError> {
        let Some(id) = in_rows(id) else { return Ok(Vec::new()) };
        let row = presence::ActiveModel {
            piece: Set(id),
            account: Set(number(who)),
            at: Set(now.as_second()),
        };
        let again = OnConflict::columns([presence::Column::Piece, presence::Column::Account])
            .update_column(presence::Column::At)
            .to_owned();
        presence::Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&self.database)
            .await?;
        let since = (now - PRESENT).as_second();
        presence::Entity::delete_many()
            .filter(presence::Column::At.lt(since))
            .exec(&self.database)
            .await?;
        let others = presence::Entity::find()
            .filter(presence::Column::Piece.eq(id))
            .filter(presence::Column::Account.ne(number(who)))
            .all(&self.database)
            .await?;
        Ok(others.into_iter().map(|row| AccountId(row.account.unsigned_abs())).collect())
    }

    /// Counts the version up and does the rest, all or nothing.
    async fn write_story<F>(
        &self,
        id: ArticleId,
        version: i64,
        rest: impl FnOnce(DatabaseTransaction, i32) -> F,
    ) -> Result<Written, StoreError>
    where
        F: Future<Output = Result<DatabaseTransaction, StoreError>>,
    {
        let Some(id) = in_rows(id) else { return Ok(Written::Behind) };
        let transaction = self.database.begin().await?;
        if !count_up(&transaction, id, version).await? {
            return Ok(Written::Behind);
        }
        rest(transaction, id).await?.commit().await?;
        Ok(Written::Done(version + 1))
    }
}

/// Lists a piece that was not listed before.
pub(crate) async fn list(
    to: &impl ConnectionTrait,
    id: i32,
    piece: &Piece,
) -> Result<(), StoreError> {
    let published = piece.published.map(Timestamp::as_second);
    let work = if piece.status == Status::Draft { Work::Writing } else { Work::None };
    let row = story::ActiveModel {
        piece: Set(id),
        version: Set(1),
        status: Set(piece.status.name().to_owned()),
        work: Set(work.name().to_owned()),
        headline: Set(piece.headline.clone()),
        section: Set(piece.section.as_ref().map_or("", |section| &section.slug).to_owned()),
        byline: Set(byline(piece.authors.iter().map(|author| &author.name))),
        words: Set(words(&Draft::of(piece))),
        writers: Set(",".to_owned()),
        saved_by: Set(None),
        saved_at: Set(0),
        published: Set(published),
        embargo: Set(None),
        latest: Set(published.unwrap_or_default()),
    };
    story::Entity::insert(row).exec_without_returning(to).await?;
    Ok(())
}

/// Lists a piece that has come from elsewhere in the place of another. A draft of that is kept aside.
pub(crate) async fn list_again(
    to: &impl ConnectionTrait,
    id: i32,
    piece: &Piece,
) -> Result<(), StoreError> {
    let Some(line) = story::Entity::find_by_id(id).one(to).await? else {
        return list(to, id, piece).await;
    };
    if let Some(row) = draft::Entity::find_by_id(id).one(to).await? {
        let draft = read_draft(&row.facts, row.body)?;
        let by = line.saved_by.map(|by| AccountId(by.unsigned_abs()));
        note(to, id, &draft, (by, time(line.saved_at)), Change::Aside).await?;
        draft::Entity::delete_by_id(id).exec(to).await?;
    }
    relist(to, id, piece, line.version + 1).await
}

async fn relist(
    to: &impl ConnectionTrait,
    id: i32,
    piece: &Piece,
    version: i64,
) -> Result<(), StoreError> {
    let section = piece.section.as_ref().map_or("", |section| &section.slug);
    let published = piece.published.map(Timestamp::as_second);
    let work = if piece.status == Status::Draft { Work::Writing } else { Work::None };
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

/// Counts the version up, if nobody has since.
async fn count_up(to: &impl ConnectionTrait, id: i32, version: i64) -> Result<bool, StoreError> {
    let counted = story::Entity::update_many()
        .col_expr(story::Column::Version, Expr::value(version + 1))
        .filter(story::Column::Piece.eq(id))
        .filter(story::Column::Version.eq(version))
        .exec(to)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Notes who wrote last.
async fn mark(
    to: &impl ConnectionTrait,
    id: i32,
    (by, now): (AccountId, Timestamp),
) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::SavedBy, Expr::value(number(by)))
        .col_expr(story::Column::SavedAt, Expr::value(now.as_second()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

async fn put_work(to: &impl ConnectionTrait, id: i32, work: Work) -> Result<(), StoreError> {
    story::Entity::update_many()
        .col_expr(story::Column::Work, Expr::value(work.name()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

async fn put_draft(
    to: &impl ConnectionTrait,
    id: i32,
    written: &Draft,
    (by, now): (AccountId, Timestamp),
    version: i64,
) -> Result<(), StoreError> {
    let (facts, body) = apart(written)?;
    let row = draft::ActiveModel { piece: Set(id), facts: Set(facts), body: Set(body) };
    let again = OnConflict::column(draft::Column::Piece)
        .update_columns([draft::Column::Facts, draft::Column::Body])
        .to_owned();
    draft::Entity::insert(row).on_conflict(again).exec_without_returning(to).await?;
    story::Entity::update_many()
        .col_expr(story::Column::Version, Expr::value(version))
        // What is with an editor stays there while somebody writes on.
        .col_expr(
            story::Column::Work,
            Expr::case(
                Expr::col(story::Column::Work).eq(Work::Review.name()),
                Expr::value(Work::Review.name()),
            )
            .finally(Expr::value(Work::Writing.name()))
            .into(),
        )
        .col_expr(story::Column::Headline, Expr::value(&written.headline))
        .col_expr(story::Column::Section, Expr::value(&written.section))
        .col_expr(story::Column::Byline, Expr::value(byline(written.authors.iter())))
        .col_expr(story::Column::Words, Expr::value(words(written)))
        .col_expr(story::Column::Embargo, Expr::value(written.embargo.map(Timestamp::as_second)))
        .col_expr(story::Column::Latest, Expr::value(now.as_second()))
        .filter(story::Column::Piece.eq(id))
        .exec(to)
        .await?;
    mark(to, id, (by, now)).await
}

/// Notes a revision for what was written; what one person writes in one sitting is one. The first of a piece that
/// came from elsewhere notes what it was before.
async fn note_saved(
    to: &impl ConnectionTrait,
    id: i32,
    written: &Draft,
    (by, now): (AccountId, Timestamp),
) -> Result<(), StoreError> {
    let last = revision::Entity::find()
        .filter(revision::Column::Piece.eq(id))
        .filter(revision::Column::Change.ne(Change::Aside.name()))
        .order_by_desc(revision::Column::Id)
        .limit(1)
        .one(to)
        .await?;
    let sitting = (now - SITTING).as_second();
    match last {
        Some(last)
            if last.change == Change::Saved.name()
                && last.done_by == Some(number(by))
                && last.at >= sitting =>
        {
            let (facts, body) = apart(written)?;
            revision::Entity::update_many()
                .col_expr(revision::Column::Facts, Expr::value(facts))
                .col_expr(revision::Column::Body, Expr::value(body))
                .filter(revision::Column::Id.eq(last.id))
                .exec(to)
                .await?;
            return Ok(());
        }
        None => {
            let before = pieces::find(to, piece::Column::Id.eq(id)).await?;
            if let Some(before) = before.filter(|before| before.status != Status::Draft.name()) {
                let before = pieces::read(&before)?;
                let at = before.published.unwrap_or_default();
                note(to, id, &Draft::of(&before), (None, at), Change::Published).await?;
            }
        }
        Some(_) => {}
    }
    note(to, id, written, (Some(by), now), Change::Saved).await
}

async fn note(
    to: &impl ConnectionTrait,
    id: i32,
    written: &Draft,
    (by, at): (Option<AccountId>, Timestamp),
    change: Change,
) -> Result<(), StoreError> {
    let (facts, body) = apart(written)?;
    let row = revision::ActiveModel {
        id: NotSet,
        piece: Set(id),
        at: Set(at.as_second()),
        done_by: Set(by.map(number)),
        change: Set(change.name().to_owned()),
        facts: Set(facts),
        body: Set(body),
    };
    revision::Entity::insert(row).exec_without_returning(to).await?;
    Ok(())
}

fn condition(wanted: &Wanted, now: Timestamp) -> Condition {
    let now = now.as_second();
    let is = |status: Status| story::Column::Status.eq(status.name());
    let does = |work: Work| story::Column::Work.eq(work.name());
    let shelf = match wanted.shelf {
        Shelf::All => story::Column::Work.ne(Work::Spiked.name()),
        Shelf::Writing => does(Work::Writing),
        Shelf::Review => does(Work::Review),
        Shelf::Scheduled => is(Status::Published).and(story::Column::Published.gt(now)),
        Shelf::Published => is(Status::Published).and(story::Column::Published.lte(now)),
        Shelf::Withdrawn => is(Status::Withdrawn),
        Shelf::Spiked => does(Work::Spiked),
    };
    let mut all = Condition::all().add(shelf);
    if !wanted.section.is_empty() {
        all = all.add(story::Column::Section.eq(&wanted.section));
    }
    if let Some(writer) = wanted.writer {
        all = all.add(story::Column::Writers.contains(format!(",{},", writer.0)));
    }
    let mut found = Condition::all();
    for word in wanted.words.to_lowercase().split_whitespace() {
        // The signs that mean something in a pattern are looked for as they stand.
        let word = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        found =
            found.add(story::Column::Words.like(LikeExpr::new(format!("%{word}%")).escape('\\')));
    }
    if !wanted.in_text.is_empty() {
        let ids = wanted.in_text.iter().filter_map(|id| in_rows(*id));
        found = Condition::any().add(found).add(story::Column::Piece.is_in(ids));
    }
    all.add(found)
}

fn words(written: &Draft) -> String {
    let parts = [&written.headline, &written.kicker, &written.section, &written.slug];
    let names = written.authors.iter().chain(&written.topics);
    parts.into_iter().chain(names).map(|part| part.to_lowercase()).collect::<Vec<_>>().join("\n")
}

fn byline<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn apart(written: &Draft) -> Result<(String, String), StoreError> {
    let facts = Draft { body: String::new(), ..written.clone() };
    Ok((serde_json::to_string(&facts)?, written.body.clone()))
}

fn read_draft(facts: &str, body: String) -> Result<Draft, StoreError> {
    Ok(Draft { body, ..serde_json::from_str(facts)? })
}

fn read_revision(
    (id, at, by, change): (i32, i64, Option<i32>, &str),
    facts: &str,
    body: String,
) -> Result<Revision, StoreError> {
    let known = Change::ALL.into_iter().find(|known| known.name() == change);
    Ok(Revision {
        id,
        at: time(at),
        by: by.map(|by| AccountId(by.unsigned_abs())),
        change: known
            .ok_or_else(|| StoreError::unreadable(format_args!("the change \"{change}\"")))?,
        draft: read_draft(facts, body)?,
    })
}

fn read_line(row: story::Model) -> Result<Line, StoreError> {
    let status = [Status::Draft, Status::Published, Status::Withdrawn];
    let status = status.into_iter().find(|status| status.name() == row.status);
    let unreadable = |what: &str| StoreError::unreadable(format_args!("the state \"{what}\""));
    Ok(Line {
        id: pieces::id(row.piece),
        version: row.version,
        status: status.ok_or_else(|| unreadable(&row.status))?,
        work: Work::named(&row.work).ok_or_else(|| unreadable(&row.work))?,
        headline: row.headline,
        section: row.section,
        byline: row.byline,
        writers: row.writers.split(',').filter_map(|id| id.parse().ok()).map(AccountId).collect(),
        saved: row.saved_by.map(|by| (AccountId(by.unsigned_abs()), time(row.saved_at))),
        published: row.published.map(time),
        embargo: row.embargo.map(time),
    })
}

fn blank(slug: &str) -> Piece {
    let how = masthead_editorial::draft::Publishing {
        slug: slug.to_owned(),
        published: Timestamp::UNIX_EPOCH,
        correction: None,
    };
    Draft::default().publish(how, &[], None)
}

/// Both engines count up from 1 in 31 bits.
fn in_rows(id: ArticleId) -> Option<i32> {
    i32::try_from(id.0).ok()
}

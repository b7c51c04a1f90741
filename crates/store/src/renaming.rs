//! Authors and topics that are renamed or merged: naming another in their place in articles, with those who follow them and the
//! address of their page.
//!
//! The row of the one who has the articles now is written first, with the redirect, in one transaction. What is saved after that
//! is resolved to it (`resolve`). What was saved before is changed in `parts`: a few articles at once, and many by a job in the
//! background. Until it has come to an article, servers read it with the names of now (`retired`).

mod lock;
mod parts;
mod retired;

use masthead_circulation::reading::FollowKind;
use masthead_editorial::{Author, Piece, Topic};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr,
};

pub(crate) use self::{
    lock::{change_names, keep_names},
    parts::begin,
};
pub use self::{
    parts::{RENAMING, Renaming, RenamingPart},
    retired::{RetiredName, RetiredNames},
};
use crate::{
    Attribution, StoreError, authors, ids::PieceKey, known_names::KnownNames, like::containing,
    records::piece, redirects, topics,
};

/// Pieces that are read at once.
const BATCH: u64 = 200;

/// The slug and the name of an author or a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedAs {
    pub slug: String,
    pub name: String,
}

/// Names the authors and topics of a piece as they are now.
pub(crate) async fn resolve(
    from: &DatabaseTransaction,
    piece: &mut Piece,
    known: &mut KnownNames,
) -> Result<(), StoreError> {
    authors::resolve(from, piece, known).await?;
    topics::resolve(from, piece, known).await
}

/// Who has the articles of an author or a topic now: another if they were merged or have another slug. `None` if nothing is stored.
pub(crate) async fn current(
    from: &impl ConnectionTrait,
    kind: FollowKind,
    slug: &str,
) -> Result<Option<NamedAs>, StoreError> {
    match kind {
        FollowKind::Author => authors::named_now(from, slug).await,
        FollowKind::Topic => topics::named_now(from, slug).await,
    }
}

/// Leads from the page of one to that of the other.
pub(crate) async fn lead(
    to: &DatabaseTransaction,
    kind: FollowKind,
    slug: &str,
    into: &str,
    (revision, attribution): (i64, Attribution),
) -> Result<(), StoreError> {
    // Redirects have addresses as people read them.
    let page = |slug: &str| format!("/{}/{slug}", kind.name());
    redirects::lead(to, (&page(slug), &page(into)), revision, attribution).await
}

/// Whether a piece of any status has this author or topic.
pub(crate) async fn has_articles(
    from: &impl ConnectionTrait,
    kind: FollowKind,
    slug: &str,
) -> Result<bool, StoreError> {
    let mut last = None;
    loop {
        let batch = batch(from, kind, slug, last).await?;
        if !batch.pieces.is_empty() {
            return Ok(true);
        }
        if batch.is_last {
            return Ok(false);
        }
        last = batch.last;
    }
}

/// Names another in a piece in place of the one with this slug.
fn rename(piece: &mut Piece, kind: FollowKind, slug: &str, named: &NamedAs) {
    let (new, name) = (named.slug.clone(), named.name.clone());
    match kind {
        FollowKind::Author => {
            let author = Author { slug: new, name, ..Author::default() };
            replace(&mut piece.authors, |own| own.slug.as_str(), slug, author);
        }
        FollowKind::Topic => {
            replace(&mut piece.topics, |own| own.slug.as_str(), slug, Topic { slug: new, name });
        }
    }
}

/// Puts `new` in place of the one with this slug, and leaves each out that is there before.
fn replace<T: Clone>(all: &mut Vec<T>, slug_of: fn(&T) -> &str, slug: &str, new: T) {
    let mut kept: Vec<T> = Vec::with_capacity(all.len());
    for own in std::mem::take(all) {
        let own = if slug_of(&own) == slug { new.clone() } else { own };
        if kept.iter().all(|other| slug_of(other) != slug_of(&own)) {
            kept.push(own);
        }
    }
    *all = kept;
}

fn names(piece: &Piece, kind: FollowKind, slug: &str) -> bool {
    match kind {
        FollowKind::Author => piece.authors.iter().any(|author| author.slug == slug),
        FollowKind::Topic => piece.topics.iter().any(|topic| topic.slug == slug),
    }
}

/// Some pieces without their bodies that have an author or topic.
struct NamedPieces {
    pieces: Vec<(PieceKey, Piece)>,
    /// The last piece that was looked at.
    last: Option<PieceKey>,
    /// Whether there are no more.
    is_last: bool,
}

/// Returns the next pieces that have this author or topic, in the order of their numbers.
async fn batch(
    from: &impl ConnectionTrait,
    kind: FollowKind,
    slug: &str,
    after: Option<PieceKey>,
) -> Result<NamedPieces, StoreError> {
    let rows: Vec<(PieceKey, String)> = candidates(slug, after)
        .select_only()
        .columns([piece::Column::Id, piece::Column::Facts])
        .order_by_asc(piece::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(from)
        .await?;
    let (last, is_last) = (rows.last().map(|(id, _)| *id), (rows.len() as u64) < BATCH);
    let mut pieces = Vec::new();
    for (id, facts) in rows {
        let piece: Piece = serde_json::from_str(&facts)?;
        if names(&piece, kind, slug) {
            pieces.push((id, piece));
        }
    }
    Ok(NamedPieces { pieces, last: last.or(after), is_last })
}

/// How many pieces after this one name somebody or something with this slug.
async fn count_after(
    from: &impl ConnectionTrait,
    slug: &str,
    after: Option<PieceKey>,
) -> Result<u64, StoreError> {
    let ids = candidates(slug, after).select_only().column(piece::Column::Id);
    Ok(ids.count(from).await?)
}

/// Pieces after one in whose facts a slug is, as facts are written. Another kind may have the same slug, so they are read as well.
fn candidates(slug: &str, after: Option<PieceKey>) -> Select<piece::Entity> {
    let pieces = piece::Entity::find()
        .filter(Expr::col(piece::Column::Facts).like(containing(&format!("\"slug\":\"{slug}\""))));
    match after {
        Some(after) => pieces.filter(piece::Column::Id.gt(after)),
        None => pieces,
    }
}

//! Authors and topics in articles: naming another in their place, with those who follow them and the address of their page.

use masthead_circulation::reading::FollowKind;
use masthead_editorial::{Author, Piece, Topic};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    StoreError, authors, follows, ids::PieceKey, like::containing, records::piece, redirects,
    stories, topics,
};

/// Pieces that are read at once.
const BATCH: u64 = 200;

/// The slug and the name of an author or a topic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedAs<'a> {
    pub slug: &'a str,
    pub name: &'a str,
}

/// Names the authors and topics of a piece as they are now.
pub(crate) async fn resolve(
    from: &DatabaseTransaction,
    piece: &mut Piece,
) -> Result<(), StoreError> {
    authors::resolve(from, piece).await?;
    topics::resolve(from, piece).await
}

/// Leads from one address to the other, and lets readers who follow one follow the other.
pub(crate) async fn lead(
    to: &DatabaseTransaction,
    kind: FollowKind,
    slug: &str,
    into: &str,
    revision: i64,
) -> Result<(), StoreError> {
    let page = |slug: &str| format!("/{}/{slug}", kind.name());
    redirects::lead(to, &page(slug), &page(into), revision).await?;
    follows::move_to(to, kind, slug, into).await
}

/// Whether a piece of any status has this author or topic.
pub(crate) async fn has_articles(
    from: &DatabaseTransaction,
    kind: FollowKind,
    slug: &str,
) -> Result<bool, StoreError> {
    let mut last = None;
    loop {
        let (named, read) = batch(from, kind, slug, last).await?;
        if !named.is_empty() {
            return Ok(true);
        }
        match read {
            None => return Ok(false),
            more => last = more,
        }
    }
}

/// Names another in all pieces in place of the one with this slug. Returns how many pieces there are.
pub(crate) async fn rename_in_articles(
    to: &DatabaseTransaction,
    kind: FollowKind,
    slug: &str,
    named: NamedAs<'_>,
    revision: i64,
) -> Result<usize, StoreError> {
    let (mut last, mut number) = (None, 0);
    loop {
        let (pieces, read) = batch(to, kind, slug, last).await?;
        for (id, mut piece) in pieces {
            rename(&mut piece, kind, slug, named);
            let facts = serde_json::to_string(&piece)?;
            piece::Entity::update_many()
                .col_expr(piece::Column::Facts, Expr::value(facts))
                .col_expr(piece::Column::Revision, Expr::value(revision))
                .filter(piece::Column::Id.eq(id))
                .exec(to)
                .await?;
            stories::renew_names(to, id, &piece).await?;
            number += 1;
        }
        match read {
            None => return Ok(number),
            more => last = more,
        }
    }
}

fn rename(piece: &mut Piece, kind: FollowKind, slug: &str, named: NamedAs<'_>) {
    let (new, name) = (named.slug.to_owned(), named.name.to_owned());
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

type Batch = (Vec<(PieceKey, Piece)>, Option<PieceKey>);

/// Returns the next pieces without their bodies that have this author or topic, and the last one that was looked at; `None` after
/// the last.
async fn batch(
    from: &DatabaseTransaction,
    kind: FollowKind,
    slug: &str,
    after: Option<PieceKey>,
) -> Result<Batch, StoreError> {
    let mut pieces = piece::Entity::find()
        .select_only()
        .columns([piece::Column::Id, piece::Column::Facts])
        // As the facts are written; another kind may have the same slug, so they are read as well.
        .filter(Expr::col(piece::Column::Facts).like(containing(&format!("\"slug\":\"{slug}\""))))
        .order_by_asc(piece::Column::Id)
        .limit(BATCH);
    if let Some(after) = after {
        pieces = pieces.filter(piece::Column::Id.gt(after));
    }
    let rows: Vec<(PieceKey, String)> = pieces.into_tuple().all(from).await?;
    let last = rows.last().map(|(id, _)| *id);
    let mut named = Vec::new();
    for (id, facts) in rows {
        let piece: Piece = serde_json::from_str(&facts)?;
        if names(&piece, kind, slug) {
            named.push((id, piece));
        }
    }
    Ok((named, last))
}

//! A renaming, part by part: first the articles, in the order of their numbers, then those who follow. A part that is done again
//! changes nothing, so a server that was killed loses nothing, and no article is changed twice.

use masthead_access::ArticleId;
use masthead_circulation::reading::FollowKind;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr,
};
use serde::{Deserialize, Serialize};

use super::{NamedAs, NamedPieces, batch, count_after, current, rename};
use crate::{
    Attribution, Store, StoreError,
    desk_jobs::{self, JobProgress, NewJob},
    follows,
    ids::{Key, PieceKey},
    parse_stored,
    piece_rows::digest,
    records::piece,
    stories,
};

/// The kind of a job that does the rest of a renaming.
pub const RENAMING: &str = "rename-in-articles";

/// The position of a renaming once all articles are done and those who follow are not.
const FOLLOWERS: i64 = -1;

/// Whose articles and followers another gets, or the same with another name. Who that is, is what is stored when a part is done:
/// it may have been renamed again since.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Renaming {
    /// The word for what it is, of [`FollowKind`].
    pub kind: String,
    /// The former slug, or the only one.
    pub slug: String,
    /// The slug of who or what was to get the articles, for the page that shows how far it is.
    pub into: String,
}

/// How far a renaming is after a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RenamingPart {
    /// Where the next part begins.
    pub position: i64,
    /// The articles that this part has changed.
    pub articles: u64,
    /// Whether nothing is left to do.
    pub is_finished: bool,
}

impl Renaming {
    pub(crate) fn new(kind: FollowKind, slug: &str, into: &str) -> Self {
        let (slug, into) = (slug.to_owned(), into.to_owned());
        Self { kind: kind.name().to_owned(), slug, into }
    }
}

impl Store {
    /// Does the next part of a renaming, from this position.
    #[tracing::instrument(skip_all)]
    pub async fn continue_renaming(
        &self,
        renaming: &Renaming,
        position: i64,
    ) -> Result<RenamingPart, StoreError> {
        let kind = parse_stored("what is renamed", &renaming.kind)?;
        let (transaction, revision) = self.write().await?;
        let (slug, now) =
            (renaming.slug.as_str(), current(&transaction, kind, &renaming.slug).await?);
        let Some(now) = now else {
            return Ok(RenamingPart { position, articles: 0, is_finished: true });
        };
        let part = part(&transaction, (kind, slug), &now, position, revision).await?;
        transaction.commit().await?;
        Ok(part)
    }
}

/// Changes the first articles and those who follow. If there are more, the rest is a job, which begins once the transaction is
/// committed. Returns how many articles there are.
pub(crate) async fn begin(
    to: &DatabaseTransaction,
    (kind, slug): (FollowKind, &str),
    now: &NamedAs,
    revision: i64,
    attribution: Attribution,
) -> Result<u64, StoreError> {
    let mut done = part(to, (kind, slug), now, 0, revision).await?;
    if done.position == FOLLOWERS && !done.is_finished {
        let followers = part(to, (kind, slug), now, FOLLOWERS, revision).await?;
        done = RenamingPart { articles: done.articles, ..followers };
    }
    if done.is_finished {
        return Ok(done.articles);
    }
    let parameters = serde_json::to_string(&Renaming::new(kind, slug, &now.slug))?;
    let progress =
        JobProgress { position: done.position, done: done.articles, ..JobProgress::default() };
    let job = NewJob { kind: RENAMING, parameters: &parameters, progress };
    desk_jobs::add(to, job, attribution.by, attribution.at).await?;
    let left = match done.position {
        FOLLOWERS => 0,
        position => count_after(to, slug, after(position)).await?,
    };
    Ok(done.articles + left)
}

async fn part(
    to: &DatabaseTransaction,
    (kind, slug): (FollowKind, &str),
    now: &NamedAs,
    position: i64,
    revision: i64,
) -> Result<RenamingPart, StoreError> {
    if position == FOLLOWERS {
        let is_finished = now.slug == slug || follows::move_some(to, kind, slug, &now.slug).await?;
        return Ok(RenamingPart { position, articles: 0, is_finished });
    }
    let NamedPieces { pieces, last, is_last } = batch(to, kind, slug, after(position)).await?;
    let mut articles = 0;
    for (id, before) in pieces {
        let mut piece = before.clone();
        rename(&mut piece, kind, slug, now);
        if piece == before {
            continue;
        }
        write(to, id, serde_json::to_string(&piece)?, revision).await?;
        stories::renew_names(to, id, &piece).await?;
        articles += 1;
    }
    let looked_at = last.map_or(position, |last| i64::from(last.0.0));
    Ok(RenamingPart {
        position: if is_last { FOLLOWERS } else { looked_at },
        articles,
        is_finished: is_last && now.slug == slug,
    })
}

/// Writes the new facts of a piece. One that is as an import has left it stays so: the next import does not take it for changed here.
async fn write(
    to: &DatabaseTransaction,
    id: PieceKey,
    facts: String,
    revision: i64,
) -> Result<(), StoreError> {
    let mut update = piece::Entity::update_many()
        .col_expr(piece::Column::Revision, Expr::value(revision))
        .filter(piece::Column::Id.eq(id));
    if let Some(known) = imported(to, id).await?
        && known.digest == digest(&known.facts, &known.body)
    {
        let digest = digest(&facts, &known.body);
        update = update.col_expr(piece::Column::Imported, Expr::value(digest));
    }
    update.col_expr(piece::Column::Facts, Expr::value(facts)).exec(to).await?;
    Ok(())
}

/// What is stored of a piece that was imported.
struct ImportedPiece {
    facts: String,
    body: String,
    /// The digest of what the last import has stored.
    digest: String,
}

async fn imported(
    from: &DatabaseTransaction,
    id: PieceKey,
) -> Result<Option<ImportedPiece>, StoreError> {
    let row: Option<(String, String, String)> = piece::Entity::find_by_id(id)
        .filter(piece::Column::Imported.is_not_null())
        .select_only()
        .columns([piece::Column::Facts, piece::Column::Body, piece::Column::Imported])
        .into_tuple()
        .one(from)
        .await?;
    Ok(row.map(|(facts, body, digest)| ImportedPiece { facts, body, digest }))
}

/// The piece that a position names; `None` for the beginning.
fn after(position: i64) -> Option<PieceKey> {
    u32::try_from(position).ok().filter(|id| *id > 0).map(|id| Key(ArticleId(id)))
}

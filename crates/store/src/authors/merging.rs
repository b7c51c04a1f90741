//! Moving the articles of one author to another, with those who follow them and the address of their page.

use masthead_circulation::{AuditAction, AuditChange, reading::FollowKind};
use masthead_editorial::{Author, Piece};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{AuthorWrite, changes::at_version, find, read};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, record},
    follows,
    ids::PieceKey,
    like::containing,
    records::{author, piece},
    redirects, stories,
};

/// Pieces that are read at once.
const BATCH: u64 = 200;

impl Store {
    /// Gives the articles of one author, who is still at this version, to another. Those who follow them follow the other, and the
    /// address of their page leads there.
    #[tracing::instrument(skip_all)]
    pub async fn merge_authors(
        &self,
        slug: &str,
        version: i64,
        into: &str,
        attribution: Attribution,
    ) -> Result<AuthorWrite, StoreError> {
        let (transaction, revision) = self.write().await?;
        let before = at_version(&transaction, slug, version).await?;
        let target = if into == slug { None } else { find(&transaction, into).await? };
        let (Some(before), Some(target)) = (before, target) else {
            return Ok(AuthorWrite::Behind);
        };
        let (account, free) = (before.account, target.account.is_none());
        let target = read(target)?;
        let articles = rename_in_articles(&transaction, slug, &target, revision).await?;
        retire(&transaction, slug, into, revision).await?;
        if let Some(account) = account.filter(|_| free) {
            author::Entity::update_many()
                .col_expr(author::Column::Account, Expr::value(Some(account)))
                .col_expr(author::Column::Revision, Expr::value(revision))
                .filter(author::Column::Slug.eq(into))
                .exec(&transaction)
                .await?;
        }
        lead(&transaction, slug, into, revision).await?;
        let (by, action) = (Some(attribution.by), AuditAction::MergedAuthors);
        let entry = AuditRecord {
            about: &before.name,
            changes: vec![
                AuditChange::fact("authors", &target.name),
                AuditChange::fact("articles", articles),
            ],
            ..AuditRecord::new(by, attribution.at, action)
        };
        record(&transaction, entry).await?;
        transaction.commit().await?;
        Ok(AuthorWrite::Done)
    }
}

/// Notes that another author has the articles of this one, and of all who were merged with this one.
pub(super) async fn retire(
    to: &DatabaseTransaction,
    slug: &str,
    into: &str,
    revision: i64,
) -> Result<(), StoreError> {
    let theirs = author::Column::MergedInto.eq(slug).or(author::Column::Slug.eq(slug));
    author::Entity::update_many()
        .col_expr(author::Column::MergedInto, Expr::value(Some(into)))
        .col_expr(author::Column::Account, Expr::value(None::<i32>))
        .col_expr(author::Column::Email, Expr::value(""))
        .col_expr(author::Column::Revision, Expr::value(revision))
        .filter(theirs)
        .exec(to)
        .await?;
    Ok(())
}

/// Leads from the address of one author to that of another, and lets readers who follow one follow the other.
pub(super) async fn lead(
    to: &DatabaseTransaction,
    slug: &str,
    into: &str,
    revision: i64,
) -> Result<(), StoreError> {
    let page = |slug: &str| format!("/author/{slug}");
    redirects::lead(to, &page(slug), &page(into), revision).await?;
    follows::move_to(to, FollowKind::Author, slug, into).await
}

/// Whether a piece of any status names an author.
pub(super) async fn has_articles(
    from: &DatabaseTransaction,
    slug: &str,
) -> Result<bool, StoreError> {
    let mut last = None;
    loop {
        let (named, read) = batch(from, slug, last).await?;
        if !named.is_empty() {
            return Ok(true);
        }
        match read {
            None => return Ok(false),
            more => last = more,
        }
    }
}

/// Names an author in all pieces in place of the one who has this slug. Returns how many pieces there are.
pub(super) async fn rename_in_articles(
    to: &DatabaseTransaction,
    slug: &str,
    author: &Author,
    revision: i64,
) -> Result<usize, StoreError> {
    let (mut last, mut number) = (None, 0);
    loop {
        let (named, read) = batch(to, slug, last).await?;
        for (id, mut piece) in named {
            rename(&mut piece, slug, author);
            let facts = serde_json::to_string(&piece)?;
            piece::Entity::update_many()
                .col_expr(piece::Column::Facts, Expr::value(facts))
                .col_expr(piece::Column::Revision, Expr::value(revision))
                .filter(piece::Column::Id.eq(id))
                .exec(to)
                .await?;
            stories::renew_byline(to, id, &piece).await?;
            number += 1;
        }
        match read {
            None => return Ok(number),
            more => last = more,
        }
    }
}

fn rename(piece: &mut Piece, slug: &str, author: &Author) {
    let named =
        Author { slug: author.slug.clone(), name: author.name.clone(), ..Author::default() };
    let mut authors: Vec<Author> = Vec::with_capacity(piece.authors.len());
    for own in std::mem::take(&mut piece.authors) {
        let own = if own.slug == slug { named.clone() } else { own };
        if authors.iter().all(|other| other.slug != own.slug) {
            authors.push(own);
        }
    }
    piece.authors = authors;
}

type Batch = (Vec<(PieceKey, Piece)>, Option<PieceKey>);

/// Returns the next pieces without their bodies that name an author, and the last one that was looked at; `None` after the last.
async fn batch(
    from: &DatabaseTransaction,
    slug: &str,
    after: Option<PieceKey>,
) -> Result<Batch, StoreError> {
    let mut pieces = piece::Entity::find()
        .select_only()
        .columns([piece::Column::Id, piece::Column::Facts])
        // As the facts are written; a topic may have the same slug, so they are read as well.
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
        if piece.authors.iter().any(|author| author.slug == slug) {
            named.push((id, piece));
        }
    }
    Ok((named, last))
}

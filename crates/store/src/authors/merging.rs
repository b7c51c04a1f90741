//! Giving the articles of one author to another.

use masthead_circulation::{AuditAction, AuditChange, reading::FollowKind};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr,
};

use super::{AuthorWrite, changes::at_version, find, read};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, record},
    records::author,
    renaming::{self, NamedAs, lead},
};

impl Store {
    /// Gives the articles of one author, who is still at this version, to another. Those who follow them follow the other, and the
    /// address of their page leads there. `settings` as in [`change_author`](Self::change_author).
    #[tracing::instrument(skip_all)]
    pub async fn merge_authors(
        &self,
        slug: &str,
        version: i64,
        into: &str,
        settings: Option<i64>,
        attribution: Attribution,
    ) -> Result<AuthorWrite, StoreError> {
        let Some((transaction, revision)) = self.write_unless_set(settings).await? else {
            return Ok(AuthorWrite::Behind);
        };
        let before = at_version(&transaction, slug, version).await?;
        let target = if into == slug { None } else { find(&transaction, into).await? };
        let (Some(before), Some(target)) = (before, target) else {
            return Ok(AuthorWrite::Behind);
        };
        let (account, free) = (before.account, target.account.is_none());
        let target = read(target)?;
        let kind = FollowKind::Author;
        retire(&transaction, slug, into, revision).await?;
        if let Some(account) = account.filter(|_| free) {
            author::Entity::update_many()
                .col_expr(author::Column::Account, Expr::value(Some(account)))
                .col_expr(author::Column::Revision, Expr::value(revision))
                .filter(author::Column::Slug.eq(into))
                .exec(&transaction)
                .await?;
        }
        lead(&transaction, kind, slug, into, (revision, attribution)).await?;
        let now = NamedAs { slug: target.slug.clone(), name: target.name.clone() };
        let articles =
            renaming::begin(&transaction, (kind, slug), &now, revision, attribution).await?;
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
    renaming::change_names(to).await?;
    let theirs = author::Column::MergedInto.eq(slug).or(author::Column::Slug.eq(slug));
    author::Entity::update_many()
        .col_expr(author::Column::MergedInto, Expr::value(Some(into)))
        .col_expr(author::Column::Account, Expr::value(None::<i32>))
        .col_expr(author::Column::Contact, Expr::value(""))
        .col_expr(author::Column::Revision, Expr::value(revision))
        .filter(theirs)
        .exec(to)
        .await?;
    Ok(())
}

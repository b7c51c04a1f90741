//! Authors.

use jiff::Timestamp;
use masthead_circulation::AuditAction;
use masthead_editorial::Author;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};

use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    records::author,
};

impl Store {
    /// Stores an author with their role and biography, in place of what was stored, for the command line.
    #[tracing::instrument(skip_all)]
    pub async fn save_author(&self, author: &Author) -> Result<(), StoreError> {
        let (transaction, revision) = self.write().await?;
        let everything = OnConflict::column(author::Column::Slug)
            .update_columns([
                author::Column::Name,
                author::Column::Role,
                author::Column::Bio,
                author::Column::Portrait,
                author::Column::IsDesk,
                author::Column::Revision,
            ])
            .to_owned();
        author::Entity::insert(row(author, revision)?)
            .on_conflict(everything)
            .exec_without_returning(&transaction)
            .await?;
        let (now, action) = (Timestamp::now(), AuditAction::SavedAuthor);
        let entry = AuditRecord { about: &author.name, ..AuditRecord::new(None, now, action) };
        record(&transaction, entry).await?;
        Ok(transaction.commit().await?)
    }

    /// Returns the authors that were stored after `revision`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn authors_since(&self, revision: i64) -> Result<Vec<Author>, StoreError> {
        let rows = author::Entity::find()
            .filter(author::Column::Revision.gt(revision))
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }
}

fn read(row: author::Model) -> Result<Author, StoreError> {
    let portrait = (!row.portrait.is_empty()).then(|| serde_json::from_str(&row.portrait));
    Ok(Author {
        slug: row.slug,
        name: row.name,
        role: row.role,
        bio: row.bio,
        portrait: portrait.transpose()?,
        is_desk: row.is_desk,
    })
}

/// Stores an author by name, unless the author is stored already.
pub(crate) async fn note(
    to: &impl ConnectionTrait,
    author: &Author,
    revision: i64,
) -> Result<(), StoreError> {
    let once = OnConflict::column(author::Column::Slug).do_nothing().to_owned();
    author::Entity::insert(row(author, revision)?)
        .on_conflict(once)
        .exec_without_returning(to)
        .await?;
    Ok(())
}

fn row(author: &Author, revision: i64) -> Result<author::ActiveModel, StoreError> {
    let author = author.clone().printable();
    let portrait = author.portrait.as_ref().map(serde_json::to_string).transpose()?;
    Ok(author::ActiveModel {
        slug: Set(author.slug),
        name: Set(author.name),
        role: Set(author.role),
        bio: Set(author.bio),
        portrait: Set(portrait.unwrap_or_default()),
        is_desk: Set(author.is_desk),
        revision: Set(revision),
    })
}

//! The sections of pieces.

use masthead_editorial::Section;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, QueryOrder, sea_query::OnConflict};

use crate::{Store, StoreError, records::section};

impl Store {
    /// Returns every section that a piece was ever in, by name.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn sections(&self) -> Result<Vec<Section>, StoreError> {
        let rows =
            section::Entity::find().order_by_asc(section::Column::Name).all(&self.database).await?;
        Ok(rows.into_iter().map(|row| Section { slug: row.slug, name: row.name }).collect())
    }
}

/// Stores a section, unless it is stored already: it keeps its first name.
pub(crate) async fn note(to: &impl ConnectionTrait, section: &Section) -> Result<(), StoreError> {
    let row =
        section::ActiveModel { slug: Set(section.slug.clone()), name: Set(section.name.clone()) };
    let once = OnConflict::column(section::Column::Slug).do_nothing().to_owned();
    section::Entity::insert(row).on_conflict(once).exec_without_returning(to).await?;
    Ok(())
}

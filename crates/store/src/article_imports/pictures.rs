//! Pictures that the articles of an archive show: the check of the archive finds them, and they are stored before it is imported.

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_editorial::clean::StoredPicture;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query},
};

use super::{ArticleImportJob, ArticleImportStage, course::begin, part, row};
use crate::{Store, StoreError, records::article_import_picture as picture};

/// Pictures that are noted in one statement.
const BATCH: usize = 200;

/// A picture that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededPicture {
    /// The likeliest path of its file below the other system's folder of pictures.
    pub path: String,
    /// All paths that it may have, the likeliest first, as JSON.
    pub paths: String,
}

/// How many pictures an archive needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportPictureCounts {
    /// Those that are stored.
    pub stored: u64,
    /// Those that are not.
    pub missing: u64,
}

impl Store {
    /// Notes pictures that an archive needs. Those that are noted already stay as they are.
    #[tracing::instrument(skip_all)]
    pub async fn need_import_pictures(
        &self,
        import: i32,
        needed: &[NeededPicture],
    ) -> Result<(), StoreError> {
        let once = OnConflict::columns([picture::Column::Import, picture::Column::Path])
            .do_nothing()
            .to_owned();
        for batch in needed.chunks(BATCH) {
            let rows = batch.iter().map(|needed| picture::ActiveModel {
                import: Set(import),
                path: Set(needed.path.clone()),
                paths: Set(needed.paths.clone()),
                src: Set(None),
                width: Set(None),
                height: Set(None),
            });
            picture::Entity::insert_many(rows)
                .on_conflict(once.clone())
                .exec_without_returning(&self.database)
                .await?;
        }
        Ok(())
    }

    /// Returns how many pictures an archive needs.
    #[tracing::instrument(skip_all)]
    pub async fn count_import_pictures(
        &self,
        import: i32,
    ) -> Result<ImportPictureCounts, StoreError> {
        let needed = picture::Entity::find().filter(picture::Column::Import.eq(import));
        let missing = needed.clone().filter(picture::Column::Src.is_null());
        let all = needed.count(&self.database).await?;
        let missing = missing.count(&self.database).await?;
        Ok(ImportPictureCounts { stored: all.saturating_sub(missing), missing })
    }

    /// Returns all paths that each picture may have which an archive needs and which is not stored, as JSON.
    #[tracing::instrument(skip_all)]
    pub async fn missing_import_pictures(&self, import: i32) -> Result<Vec<String>, StoreError> {
        let missing = picture::Entity::find()
            .select_only()
            .column(picture::Column::Paths)
            .filter(is_missing(import))
            .order_by_asc(picture::Column::Path);
        Ok(missing.into_tuple().all(&self.database).await?)
    }

    /// Returns `true` if an archive needs the picture with this likeliest path, and it is not stored.
    #[tracing::instrument(skip_all)]
    pub async fn lacks_import_picture(&self, import: i32, path: &str) -> Result<bool, StoreError> {
        let missing = picture::Entity::find()
            .filter(is_missing(import))
            .filter(picture::Column::Path.eq(path));
        Ok(missing.count(&self.database).await? > 0)
    }

    /// Notes where a picture is stored that an archive needs. Returns `false` if the archive is not waiting to be imported, or does not
    /// need the picture.
    #[tracing::instrument(skip_all)]
    pub async fn store_import_picture(
        &self,
        import: i32,
        path: &str,
        stored: &StoredPicture,
    ) -> Result<bool, StoreError> {
        let ready = Query::select()
            .column(row::Column::Id)
            .from(row::Entity)
            .and_where(row::Column::Stage.eq(ArticleImportStage::Ready.name()))
            .to_owned();
        let size = |pixels: u32| Expr::value(i32::try_from(pixels).unwrap_or(i32::MAX));
        let noted = picture::Entity::update_many()
            .col_expr(picture::Column::Src, Expr::value(stored.src.as_str()))
            .col_expr(picture::Column::Width, size(stored.width))
            .col_expr(picture::Column::Height, size(stored.height))
            .filter(is_missing(import))
            .filter(picture::Column::Path.eq(path))
            .filter(picture::Column::Import.in_subquery(ready))
            .exec(&self.database)
            .await?;
        Ok(noted.rows_affected == 1)
    }

    /// Returns the pictures that are stored for an archive, by their likeliest paths.
    #[tracing::instrument(skip_all)]
    pub async fn import_pictures(
        &self,
        import: i32,
    ) -> Result<HashMap<String, StoredPicture>, StoreError> {
        let rows = picture::Entity::find()
            .filter(picture::Column::Import.eq(import))
            .filter(picture::Column::Src.is_not_null())
            .all(&self.database)
            .await?;
        let size = |pixels: Option<i32>| pixels.unwrap_or_default().unsigned_abs();
        let read = |row: picture::Model| {
            let (width, height) = (size(row.width), size(row.height));
            Some((row.path, StoredPicture { src: row.src?, width, height }))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Has an archive checked again, such as with more pictures. Returns `false` if it is not waiting to be imported.
    #[tracing::instrument(skip_all)]
    pub async fn recheck_article_import(
        &self,
        id: i32,
        job: ArticleImportJob<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use ArticleImportStage::{Checking, Ready};
        let transaction = self.begin().await?;
        if !begin(&transaction, id, (Ready, Checking), job, now).await? {
            return Ok(false);
        }
        part::forget(&transaction, id).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// The pictures of an archive that are not stored.
fn is_missing(import: i32) -> Condition {
    Condition::all().add(picture::Column::Import.eq(import)).add(picture::Column::Src.is_null())
}

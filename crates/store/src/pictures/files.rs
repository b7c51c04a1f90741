//! The files of a picture: the one under whose name texts have it, and those that were uploaded to replace it.
//!
//! A replacement changes no text: it is noted here, under the next revision of the publication, and every server shows the current file
//! wherever a text has the picture ([`ReplacedPictures`](masthead_editorial::replaced_pictures::ReplacedPictures)).

use std::collections::HashMap;

use jiff::Timestamp;
use masthead_circulation::{AccountId, AuditAction, AuditChange};
use masthead_editorial::{
    clean::StoredPicture,
    crops::CropPlace,
    renditions,
    replaced_pictures::{PublicFile, ReplacedPicture},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    UpdateMany,
    sea_query::{Expr, OnConflict},
};

use super::{
    NewPicture,
    crops::{self, PictureCrop},
    pixels,
};
use crate::{
    Attribution, Store, StoreError,
    audit_log::{AuditRecord, record},
    ids::Key,
    records::{picture, picture_crop, picture_file as row},
    time,
};

/// A file of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureFile {
    /// What the file and its renditions have in common in their names.
    pub stem: String,
    /// The name under which it is stored.
    pub name: String,
    /// Its width in pixels, or 0 if it is not known.
    pub width: u32,
    /// Its height in pixels, or 0 if it is not known.
    pub height: u32,
    /// Who uploaded it; `None` if that is not known, or their account is deleted.
    pub by: Option<AccountId>,
    /// When it was uploaded.
    pub at: Timestamp,
    /// Whether readers have had it.
    pub is_published: bool,
    /// Whether readers do not get it any more.
    pub is_withheld: bool,
}

/// What replaces the file of a picture.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'a> {
    /// The stem of the file.
    pub file: &'a str,
    /// Whether readers do not get the file before it any more.
    pub withholds: bool,
    /// The crops of the file, if it has none yet.
    pub crops: &'a [PictureCrop],
}

/// The result of adding or choosing a file of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileWrite {
    /// It is done.
    Done,
    /// Nothing was changed, because somebody else has changed the picture since, or there is no such picture or file.
    Behind,
    /// Nothing was changed, because pages show this file already.
    Shown,
    /// Nothing was changed, because the file is a picture of its own that was replaced.
    Replaced,
}

impl Store {
    /// Returns the files of a picture, the latest first: none if there is only the one under whose name texts have it.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn picture_files(&self, stem: &str) -> Result<Vec<PictureFile>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Picture.eq(stem))
            .order_by_desc(row::Column::At)
            .order_by_asc(row::Column::Stem)
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Adds a file that may replace a picture. Readers do not get it before it is shown
    /// ([`show_picture_file`](Self::show_picture_file)). One that the picture has already stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn add_picture_file(
        &self,
        stem: &str,
        file: &NewPicture,
        Attribution { by, at }: Attribution,
    ) -> Result<FileWrite, StoreError> {
        let transaction = self.begin().await?;
        let Some(known) = picture::Entity::find_by_id(stem).one(&transaction).await? else {
            return Ok(FileWrite::Behind);
        };
        if renditions::stem(&file.name) == shown_stem(&known) {
            return Ok(FileWrite::Shown);
        }
        add_original(&transaction, &known).await?;
        let new = row::ActiveModel {
            picture: Set(known.stem),
            stem: Set(renditions::stem(&file.name).to_owned()),
            name: Set(file.name.clone()),
            width: Set(file.width.into()),
            height: Set(file.height.into()),
            added_by: Set(Some(Key(by))),
            at: Set(at.as_second()),
            published: Set(false),
            withheld: Set(false),
        };
        add(&transaction, new).await?;
        transaction.commit().await?;
        Ok(FileWrite::Done)
    }

    /// Shows a file of a picture that is still at `version`, wherever texts have the picture.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn show_picture_file(
        &self,
        (stem, version): (&str, i64),
        Replacement { file, withholds, crops }: Replacement<'_>,
        attribution: Attribution,
    ) -> Result<FileWrite, StoreError> {
        // Writers take turns, so that two replacements at once make no cycle.
        let (transaction, revision) = self.write().await?;
        let Some((known, file)) = find(&transaction, (stem, version), file).await? else {
            return Ok(FileWrite::Behind);
        };
        let before = shown_stem(&known).to_owned();
        if before == file.stem {
            return Ok(FileWrite::Shown);
        }
        let is_original = file.stem == known.stem;
        if !is_original && is_replaced(&transaction, &file.stem).await? {
            return Ok(FileWrite::Replaced);
        }
        let shown = if is_original { "" } else { file.name.as_str() };
        let replaced = next_version((stem, version), revision)
            .col_expr(picture::Column::Shown, Expr::value(shown))
            .col_expr(picture::Column::ShownWidth, Expr::value(file.width))
            .col_expr(picture::Column::ShownHeight, Expr::value(file.height))
            .exec(&transaction)
            .await?;
        if replaced.rows_affected == 0 {
            return Ok(FileWrite::Behind);
        }
        mark(&transaction, (stem, &file.stem), row::Column::Published, true).await?;
        mark(&transaction, (stem, &file.stem), row::Column::Withheld, false).await?;
        mark(&transaction, (stem, &before), row::Column::Withheld, withholds).await?;
        let former_crops = crops::stored(&transaction, stem, &before).await?;
        let mut own_crops = crops::stored(&transaction, stem, &file.stem).await?;
        if own_crops.is_empty() {
            crops::add(&transaction, (stem, &file.stem), crops).await?;
            own_crops = crops.to_vec();
        }
        let former = if known.shown.is_empty() { &known.name } else { &known.shown };
        let mut changes = Vec::from_iter(AuditChange::between("file", former, &file.name));
        changes.extend(withholds.then(|| AuditChange::fact("withheld", former)));
        changes.extend(crops::changes(&former_crops, &own_crops));
        note(&transaction, (AuditAction::ReplacedPicture, &known.name), changes, attribution)
            .await?;
        transaction.commit().await?;
        Ok(FileWrite::Done)
    }

    /// Decides whether readers get a former file of a picture that is still at `version`. The one that pages show cannot be withheld.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn withhold_picture_file(
        &self,
        (stem, version): (&str, i64),
        file: &str,
        is_withheld: bool,
        attribution: Attribution,
    ) -> Result<FileWrite, StoreError> {
        let (transaction, revision) = self.write().await?;
        let Some((known, file)) = find(&transaction, (stem, version), file).await? else {
            return Ok(FileWrite::Behind);
        };
        if shown_stem(&known) == file.stem {
            return Ok(FileWrite::Shown);
        }
        let noted = next_version((stem, version), revision).exec(&transaction).await?;
        if noted.rows_affected == 0 {
            return Ok(FileWrite::Behind);
        }
        mark(&transaction, (stem, &file.stem), row::Column::Withheld, is_withheld).await?;
        let action = if is_withheld {
            AuditAction::WithheldPictureFile
        } else {
            AuditAction::ReleasedPictureFile
        };
        let changes = vec![AuditChange::fact("file", &file.name)];
        note(&transaction, (action, &known.name), changes, attribution).await?;
        transaction.commit().await?;
        Ok(FileWrite::Done)
    }

    /// Returns the pictures whose files or crops have changed after `revision`, as readers get them now.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn replaced_pictures_since(
        &self,
        revision: i64,
    ) -> Result<Vec<ReplacedPicture>, StoreError> {
        let pictures = picture::Entity::find()
            .filter(picture::Column::Revision.gt(revision))
            .all(&self.database)
            .await?;
        let mut files: HashMap<String, Vec<PublicFile>> = HashMap::new();
        let mut crops: HashMap<(String, String), Vec<(CropPlace, StoredPicture)>> = HashMap::new();
        for batch in pictures.chunks(super::BATCH) {
            let stems = batch.iter().map(|picture| picture.stem.as_str());
            let parts = picture_crop::Entity::find()
                .filter(picture_crop::Column::Picture.is_in(stems.clone()))
                .all(&self.database)
                .await?;
            for part in parts {
                let of = (part.picture.clone(), part.file.clone());
                let PictureCrop { place, file, .. } = crops::read(&part)?;
                crops.entry(of).or_default().push((place, file));
            }
            let rows = row::Entity::find()
                .filter(row::Column::Picture.is_in(stems))
                .filter(row::Column::Published.eq(true))
                .all(&self.database)
                .await?;
            for row in rows {
                let file = PublicFile { stem: row.stem, is_withheld: row.withheld };
                files.entry(row.picture).or_default().push(file);
            }
        }
        let replaced = |picture: picture::Model| ReplacedPicture {
            files: files.remove(&picture.stem).unwrap_or_default(),
            crops: crops
                .remove(&(picture.stem.clone(), shown_stem(&picture).to_owned()))
                .unwrap_or_default(),
            file: shown_file(&picture),
            stem: picture.stem,
        };
        Ok(pictures.into_iter().map(replaced).collect())
    }
}

/// The picture, if it is still at a version, and a file of it.
async fn find(
    from: &DatabaseTransaction,
    (stem, version): (&str, i64),
    file: &str,
) -> Result<Option<(picture::Model, row::Model)>, StoreError> {
    let known = picture::Entity::find_by_id(stem).one(from).await?;
    let file = row::Entity::find_by_id((stem.to_owned(), file.to_owned())).one(from).await?;
    Ok(known.filter(|known| known.version == version).zip(file))
}

/// Whether a picture of its own, with this stem, was replaced.
async fn is_replaced(from: &DatabaseTransaction, stem: &str) -> Result<bool, StoreError> {
    let known = picture::Entity::find_by_id(stem).one(from).await?;
    Ok(known.is_some_and(|known| !known.shown.is_empty()))
}

/// Adds the file under whose name texts have a picture to its files.
async fn add_original(to: &DatabaseTransaction, known: &picture::Model) -> Result<(), StoreError> {
    let original = row::ActiveModel {
        picture: Set(known.stem.clone()),
        stem: Set(known.stem.clone()),
        name: Set(known.name.clone()),
        width: Set(known.width),
        height: Set(known.height),
        added_by: Set(known.uploaded_by),
        at: Set(known.at),
        published: Set(true),
        withheld: Set(false),
    };
    add(to, original).await
}

async fn add(to: &DatabaseTransaction, file: row::ActiveModel) -> Result<(), StoreError> {
    let once =
        OnConflict::columns([row::Column::Picture, row::Column::Stem]).do_nothing().to_owned();
    row::Entity::insert(file).on_conflict(once).exec_without_returning(to).await?;
    Ok(())
}

async fn mark(
    to: &DatabaseTransaction,
    (stem, file): (&str, &str),
    column: row::Column,
    value: bool,
) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(column, Expr::value(value))
        .filter(row::Column::Picture.eq(stem))
        .filter(row::Column::Stem.eq(file))
        .exec(to)
        .await?;
    Ok(())
}

pub(super) async fn note(
    to: &impl ConnectionTrait,
    (action, about): (AuditAction, &str),
    changes: Vec<AuditChange>,
    Attribution { by, at }: Attribution,
) -> Result<(), StoreError> {
    record(to, AuditRecord { about, changes, ..AuditRecord::new(Some(by), at, action) }).await
}

/// The stem of the file that pages show.
pub(super) fn shown_stem(known: &picture::Model) -> &str {
    if known.shown.is_empty() { &known.stem } else { renditions::stem(&known.shown) }
}

/// Changes a picture that is still at `version`, to be executed. What is noted about a picture is saved without taking turns, so that no row
/// may be affected.
pub(super) fn next_version(
    (stem, version): (&str, i64),
    revision: i64,
) -> UpdateMany<picture::Entity> {
    picture::Entity::update_many()
        .col_expr(picture::Column::Version, Expr::value(version + 1))
        .col_expr(picture::Column::Revision, Expr::value(revision))
        .filter(picture::Column::Stem.eq(stem))
        .filter(picture::Column::Version.eq(version))
}

/// The file that pages show.
pub(super) fn shown_file(known: &picture::Model) -> StoredPicture {
    let (name, width, height) = if known.shown.is_empty() {
        (&known.name, known.width, known.height)
    } else {
        (&known.shown, known.shown_width, known.shown_height)
    };
    StoredPicture { src: format!("/media/{name}"), width: pixels(width), height: pixels(height) }
}

fn read(row: row::Model) -> PictureFile {
    PictureFile {
        stem: row.stem,
        name: row.name,
        width: pixels(row.width),
        height: pixels(row.height),
        by: row.added_by.map(|key| key.0),
        at: time(row.at),
        is_published: row.published,
        is_withheld: row.withheld,
    }
}

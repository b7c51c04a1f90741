//! The crops of a picture: for each of its files and each place, the part that is shown there.

use masthead_circulation::{AuditAction, AuditChange};
use masthead_editorial::{
    clean::StoredPicture,
    crops::{Crop, CropPlace},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
};
use strum::VariantArray as _;

use super::{
    files::{FileWrite, next_version, note, shown_stem},
    pixels,
};
use crate::{
    Attribution, Store, StoreError, parse_stored,
    records::{picture, picture_crop as row},
};

/// The part of a picture that is shown in a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureCrop {
    /// The place.
    pub place: CropPlace,
    /// The part.
    pub crop: Crop,
    /// The file of the part.
    pub file: StoredPicture,
}

impl Store {
    /// Returns the crops of a file of a picture.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn picture_crops(
        &self,
        stem: &str,
        file: &str,
    ) -> Result<Vec<PictureCrop>, StoreError> {
        stored(&self.database, stem, file).await
    }

    /// Replaces the crops of the file that pages show of a picture, if it is still at `version` and they show `file`.
    /// The files of the parts are already stored.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    #[tracing::instrument(skip_all)]
    pub async fn save_picture_crops(
        &self,
        (stem, version): (&str, i64),
        file: &str,
        crops: &[PictureCrop],
        attribution: Attribution,
    ) -> Result<FileWrite, StoreError> {
        let (transaction, revision) = self.write().await?;
        let known = picture::Entity::find_by_id(stem).one(&transaction).await?;
        let is_current =
            |known: &picture::Model| known.version == version && shown_stem(known) == file;
        let Some(known) = known.filter(is_current) else { return Ok(FileWrite::Behind) };
        let changes = changes(&stored(&transaction, stem, file).await?, crops);
        if changes.is_empty() {
            return Ok(FileWrite::Done);
        }
        let noted = next_version((stem, version), revision).exec(&transaction).await?;
        if noted.rows_affected == 0 {
            return Ok(FileWrite::Behind);
        }
        row::Entity::delete_many()
            .filter(row::Column::Picture.eq(stem))
            .filter(row::Column::File.eq(file))
            .exec(&transaction)
            .await?;
        add(&transaction, (stem, file), crops).await?;
        let what = (AuditAction::CroppedPicture, known.name.as_str());
        note(&transaction, what, changes, attribution).await?;
        transaction.commit().await?;
        Ok(FileWrite::Done)
    }
}

/// The crops of a file of a picture.
pub(super) async fn stored(
    from: &impl ConnectionTrait,
    stem: &str,
    file: &str,
) -> Result<Vec<PictureCrop>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::Picture.eq(stem))
        .filter(row::Column::File.eq(file))
        .all(from)
        .await?;
    rows.iter().map(read).collect()
}

/// Adds crops of a file that has none.
pub(super) async fn add(
    to: &DatabaseTransaction,
    (stem, file): (&str, &str),
    crops: &[PictureCrop],
) -> Result<(), StoreError> {
    if crops.is_empty() {
        return Ok(());
    }
    let new = |PictureCrop { place, crop, file: cropped }: &PictureCrop| row::ActiveModel {
        picture: Set(stem.to_owned()),
        file: Set(file.to_owned()),
        place: Set(place.name().to_owned()),
        left_edge: Set(crop.left.into()),
        top_edge: Set(crop.top.into()),
        part_width: Set(crop.width.into()),
        name: Set(cropped.src.strip_prefix("/media/").unwrap_or(&cropped.src).to_owned()),
        width: Set(cropped.width.into()),
        height: Set(cropped.height.into()),
    };
    row::Entity::insert_many(crops.iter().map(new)).exec_without_returning(to).await?;
    Ok(())
}

/// What is different between crops, for the audit log.
pub(super) fn changes(before: &[PictureCrop], after: &[PictureCrop]) -> Vec<AuditChange> {
    let text = |crops: &[PictureCrop], place: CropPlace| {
        let crop = crops.iter().find(|crop| crop.place == place).map(|crop| crop.crop);
        let percent = |thousandths: u16| format!("{}.{} %", thousandths / 10, thousandths % 10);
        crop.map(|Crop { left, top, width }| [left, top, width].map(percent).join(" / "))
            .unwrap_or_default()
    };
    let change = |place: &CropPlace| {
        let key = format!("crop-{}", place.name());
        AuditChange::between(&key, &text(before, *place), &text(after, *place))
    };
    CropPlace::VARIANTS.iter().filter_map(change).collect()
}

pub(super) fn read(row: &row::Model) -> Result<PictureCrop, StoreError> {
    let part = |number: i64| u16::try_from(number).unwrap_or_default();
    Ok(PictureCrop {
        place: parse_stored("the place of a crop", &row.place)?,
        crop: Crop {
            left: part(row.left_edge),
            top: part(row.top_edge),
            width: part(row.part_width),
        },
        file: StoredPicture {
            src: format!("/media/{}", row.name),
            width: pixels(row.width),
            height: pixels(row.height),
        },
    })
}

//! What becomes of the crops of a picture when another file is shown in its place.

use masthead_media::ImportError;
use masthead_store::{LibraryPicture, PictureCrop, PictureFile};

use super::{file_stem, parts::room};
use crate::{error::DeskError, staff::CurrentStaff, state::DeskState};

/// The crops of a file that is to be shown for a picture.
#[derive(Default)]
pub(in super::super) struct ReplacementCrops {
    /// Crops that were made for it; empty if it has crops of its own.
    pub made: Vec<PictureCrop>,
    /// Whether crops of the file that pages show have no counterpart, because of the file, or because they could not be made in time.
    pub are_lost: bool,
}

/// Makes the crops of a file like those of the one that pages show, if both have the same proportions. A file that was cropped before
/// keeps its crops. A picture is replaced for good reasons, such as a complaint, so a crop that cannot be made stops nothing.
pub(in super::super) async fn for_replacement(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
    (file, has_same_shape): (&PictureFile, bool),
) -> Result<ReplacementCrops, DeskError> {
    let shown = desk.store.picture_crops(&picture.stem, &file_stem(picture)).await?;
    let own = desk.store.picture_crops(&picture.stem, &file.stem).await?;
    let mut crops = ReplacementCrops::default();
    if !own.is_empty() {
        return Ok(crops);
    }
    if shown.is_empty() {
        return Ok(crops);
    }
    if !has_same_shape {
        crops.are_lost = true;
        return Ok(crops);
    }
    let Some(_room) = room(desk, staff).await else {
        tracing::warn!("pictures: no room for the crops of a replacement");
        crops.are_lost = true;
        return Ok(crops);
    };
    for PictureCrop { place, crop, .. } in shown {
        match desk.media.crop(staff.work_owner(), &file.name, (place, crop)).await {
            Ok(file) => crops.made.push(PictureCrop { place, crop, file }),
            // An animation, which is shown whole.
            Err(ImportError::RejectedUpload(_)) => crops.are_lost = true,
            Err(error) => {
                tracing::warn!(%error, "pictures: crop for a replacement failed");
                crops.are_lost = true;
                break;
            }
        }
    }
    Ok(crops)
}

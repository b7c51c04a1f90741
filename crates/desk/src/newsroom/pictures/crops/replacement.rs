//! What becomes of the crops of a picture when another file is shown in its place.

use masthead_media::ImportError;
use masthead_store::{LibraryPicture, PictureCrop, PictureFile};

use super::file_stem;
use crate::{error::DeskError, staff::CurrentStaff, state::DeskState};

/// The crops of a file that is to be shown for a picture.
pub(in super::super) struct ReplacementCrops {
    /// Crops that were made for it; empty if it has crops of its own.
    pub made: Vec<PictureCrop>,
    /// Whether crops of the file that pages show have no counterpart.
    pub are_lost: bool,
}

/// Makes the crops of a file like those of the one that pages show, if both have the same proportions. A file that was cropped before
/// keeps its crops.
pub(in super::super) async fn for_replacement(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
    (file, has_same_shape): (&PictureFile, bool),
) -> Result<ReplacementCrops, DeskError> {
    let shown = desk.store.picture_crops(&picture.stem, &file_stem(picture)).await?;
    let own = desk.store.picture_crops(&picture.stem, &file.stem).await?;
    let mut crops = ReplacementCrops { made: Vec::new(), are_lost: false };
    if !own.is_empty() {
        return Ok(crops);
    }
    for PictureCrop { place, crop, .. } in shown {
        if !has_same_shape {
            crops.are_lost = true;
            break;
        }
        match desk.media.crop(staff.work_owner(), &file.name, (place, crop)).await {
            Ok(file) => crops.made.push(PictureCrop { place, crop, file }),
            // An animation, which is shown whole.
            Err(ImportError::RejectedUpload(_)) => crops.are_lost = true,
            Err(error) => return Err(DeskError::failed("pictures: crop", error)),
        }
    }
    Ok(crops)
}

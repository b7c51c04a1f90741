//! Makes the files of the parts of a picture.

use masthead_media::{ImportError, MAX_BYTES};
use masthead_store::{LibraryPicture, PictureCrop};

use super::{file_stem, form::PlaceForm};
use crate::{
    error::DeskError, newsroom::upload_room::ReservedRoom, staff::CurrentStaff, state::DeskState,
};

/// Memory for making crops, which are made one after another: a stored file is at most as large as one that is uploaded. `None` if there
/// is none in time.
pub(super) async fn room(desk: &DeskState, staff: &CurrentStaff) -> Option<ReservedRoom> {
    let kilobytes = u32::try_from(MAX_BYTES / 1024).unwrap_or(u32::MAX);
    desk.uploads.reserve(staff.account.id, kilobytes).await
}

/// Stores the parts that were chosen and are new as files. Returns all that were chosen, or what is wrong with them.
pub(super) async fn store_parts(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
    places: &[PlaceForm],
) -> Result<Result<Vec<PictureCrop>, String>, DeskError> {
    let (words, shown) = (staff.words, &picture.shown);
    let known = desk.store.picture_crops(&picture.stem, &file_stem(picture)).await?;
    let (mut crops, mut reserved) = (Vec::new(), None);
    for form in places.iter().filter(|form| form.is_cropped) {
        let (place, crop) = match form.crop((shown.width, shown.height)) {
            Ok(crop) => (form.place, crop),
            Err(fault) => return Ok(Err(words.fill(fault, &[("place", &form.label)]))),
        };
        if let Some(same) = known.iter().find(|known| known.place == place && known.crop == crop) {
            crops.push(same.clone());
            continue;
        }
        if reserved.is_none() {
            reserved = room(desk, staff).await;
        }
        if reserved.is_none() {
            return Ok(Err(words.text("crops_fault_busy").to_owned()));
        }
        let name = shown.src.strip_prefix("/media/").unwrap_or(&shown.src);
        match desk.media.crop(staff.work_owner(), name, (place, crop)).await {
            Ok(file) => crops.push(PictureCrop { place, crop, file }),
            Err(ImportError::RejectedUpload(_)) => {
                return Ok(Err(words.text("crops_fault_file").to_owned()));
            }
            Err(error) => {
                tracing::warn!(%error, "pictures: crop failed");
                return Ok(Err(words.text("crops_fault_busy").to_owned()));
            }
        }
    }
    Ok(Ok(crops))
}

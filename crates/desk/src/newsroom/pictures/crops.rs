//! `/desk/pictures/{key}/crops`: which part of a picture is shown in each place. Editors choose it for every picture, authors for those
//! that readers do not see yet.

mod form;
mod replacement;

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use masthead_circulation::staff::Permission;
use masthead_editorial::renditions;
use masthead_media::ImportError;
use masthead_store::{FileWrite, LibraryPicture, PictureCrop};
use serde::Serialize;

use self::form::PlaceForm;
pub(super) use self::replacement::{ReplacementCrops, for_replacement};
use super::{
    files::{is_public, refresh},
    picture::find,
    picture_address, stem_of,
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    http::see_other,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

#[derive(Default, Serialize)]
struct CropsPage {
    /// The page of the picture.
    back: String,
    to: String,
    label: String,
    version: i64,
    src: String,
    width: u32,
    height: u32,
    places: Vec<PlaceForm>,
    /// Why it is not cropped; empty if it can be.
    refusal: &'static str,
    fault: String,
}

impl Page for CropsPage {
    const TEMPLATE: &'static str = "picture-crops.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/pictures/{key}/crops`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(stem): Path<String>,
) -> Handled {
    let picture = find(&desk, stem).await?;
    // A picture that is shown as another one has the crops of that.
    let snapshot = desk.snapshot();
    let cropped = snapshot.edition.replaced_pictures().cropped_as(&picture.stem).to_owned();
    drop(snapshot);
    if cropped != picture.stem {
        return Ok(see_other(&address(&cropped)));
    }
    let places = stored_places(&desk, &staff, &picture).await?;
    Ok(show(&desk, &staff, &picture, places, String::new()))
}

/// `POST /desk/pictures/{key}/crops`
pub(crate) async fn save(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(stem): Path<String>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let picture = find(&desk, stem).await?;
    let places = stored_places(&desk, &staff, &picture).await?;
    let places: Vec<PlaceForm> = places.into_iter().map(|place| place.sent(&fields)).collect();
    let refusal = refusal(&desk, &staff, &picture);
    if !refusal.is_empty() {
        return Ok(show(&desk, &staff, &picture, places, refusal.to_owned()));
    }
    let crops = match store_parts(&desk, &staff, &picture, &places).await? {
        Ok(crops) => crops,
        Err(fault) => return Ok(show(&desk, &staff, &picture, places, fault)),
    };
    let seen = (picture.stem.as_str(), fields.text("version").parse().unwrap_or_default());
    let (file, attribution) = (file_stem(&picture), desk.attribution(&staff));
    match desk.store.save_picture_crops(seen, &file, &crops, attribution).await? {
        FileWrite::Done => {
            refresh(&desk).await;
            Ok(see_other(&picture_address(&picture.stem)))
        }
        FileWrite::Behind | FileWrite::Shown | FileWrite::Replaced => {
            let picture = find(&desk, picture.stem).await?;
            let fault = staff.words.text("replacement_behind").to_owned();
            Ok(show(&desk, &staff, &picture, places, fault))
        }
    }
}

/// Whether somebody may choose crops of a picture: what readers see changes only with an editor.
pub(super) fn may_crop(desk: &DeskState, staff: &CurrentStaff, picture: &LibraryPicture) -> bool {
    staff.may(Permission::Edit) || !is_public(desk, picture)
}

/// Why a picture is not cropped; empty if it can be.
fn refusal(desk: &DeskState, staff: &CurrentStaff, picture: &LibraryPicture) -> &'static str {
    let shown = &picture.shown;
    // Animations, AVIF and drawings are stored in one size, without one in the name.
    if renditions::read(&shown.src).is_none() {
        staff.words.text("crops_fault_file")
    } else if may_crop(desk, staff, picture) {
        ""
    } else {
        staff.words.text("crops_fault_public")
    }
}

pub(super) fn address(stem: &str) -> String {
    format!("{}/crops", picture_address(stem))
}

/// The stem of the file that pages show.
fn file_stem(picture: &LibraryPicture) -> String {
    stem_of(&picture.shown.src).unwrap_or_default()
}

async fn stored_places(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
) -> Result<Vec<PlaceForm>, DeskError> {
    let stored = desk.store.picture_crops(&picture.stem, &file_stem(picture)).await?;
    let size = (picture.shown.width, picture.shown.height);
    Ok(PlaceForm::all(&stored, size, staff.words))
}

/// Stores the parts that were chosen and are new as files. Returns all that were chosen, or what is wrong with them.
async fn store_parts(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
    places: &[PlaceForm],
) -> Result<Result<Vec<PictureCrop>, String>, DeskError> {
    let (words, shown) = (staff.words, &picture.shown);
    let known = desk.store.picture_crops(&picture.stem, &file_stem(picture)).await?;
    let mut crops = Vec::new();
    for form in places.iter().filter(|form| form.is_cropped) {
        let (place, crop) = match form.crop((shown.width, shown.height)) {
            Ok(crop) => (form.place, crop),
            Err(fault) => return Ok(Err(words.fill(fault, &[("place", &form.label)]))),
        };
        if let Some(same) = known.iter().find(|known| known.place == place && known.crop == crop) {
            crops.push(same.clone());
            continue;
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

fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
    places: Vec<PlaceForm>,
    fault: String,
) -> Response {
    let page = CropsPage {
        back: picture_address(&picture.stem),
        to: address(&picture.stem),
        label: picture.facts.file_name.clone(),
        version: picture.version,
        src: picture.shown.src.clone(),
        width: picture.shown.width,
        height: picture.shown.height,
        places,
        refusal: refusal(desk, staff, picture),
        fault,
    };
    desk.page(staff, &page)
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for CropsPage {
        fn samples() -> Vec<Self> {
            let full = Self {
                places: PlaceForm::samples(),
                width: 6,
                height: 4,
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full, Self { refusal: "No", ..Self::default() }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<CropsPage>();
    }
}

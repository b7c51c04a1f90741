//! `/desk/pictures/{key}/crops`: which part of a picture is shown in each place. Editors choose it for every picture, authors for those
//! that readers do not see yet.

mod form;
mod parts;
mod replacement;

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use masthead_circulation::staff::Permission;
use masthead_editorial::renditions;
use masthead_store::{FileWrite, LibraryPicture};
use serde::Serialize;

pub(super) use self::replacement::{ReplacementCrops, for_replacement};
use self::{form::PlaceForm, parts::store_parts};
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
    let cropped = cropped_as(&desk, &picture);
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
    let mut picture = find(&desk, stem).await?;
    let places = stored_places(&desk, &staff, &picture).await?;
    let places: Vec<PlaceForm> = places.into_iter().map(|place| place.sent(&fields)).collect();
    // A form with a fault keeps its version, so that what somebody else saves meanwhile is noticed when it is sent again.
    picture.version = fields.text("version").parse().unwrap_or_default();
    let refusal = refusal(&desk, &staff, &picture);
    if !refusal.is_empty() {
        return Ok(show(&desk, &staff, &picture, places, refusal.to_owned()));
    }
    if cropped_as(&desk, &picture) != picture.stem {
        return behind(&desk, &staff, picture.stem, places).await;
    }
    let crops = match store_parts(&desk, &staff, &picture, &places).await? {
        Ok(crops) => crops,
        Err(fault) => return Ok(show(&desk, &staff, &picture, places, fault)),
    };
    let seen = (picture.stem.as_str(), picture.version);
    let (file, attribution) = (file_stem(&picture), desk.attribution(&staff));
    match desk.store.save_picture_crops(seen, &file, &crops, attribution).await? {
        FileWrite::Done => {
            refresh(&desk).await;
            Ok(see_other(&picture_address(&picture.stem)))
        }
        FileWrite::Behind | FileWrite::Shown | FileWrite::Replaced => {
            behind(&desk, &staff, picture.stem, places).await
        }
    }
}

/// Shows what was sent, and what somebody else has stored meanwhile.
async fn behind(
    desk: &DeskState,
    staff: &CurrentStaff,
    stem: String,
    places: Vec<PlaceForm>,
) -> Handled {
    let picture = find(desk, stem).await?;
    let stored = stored_places(desk, staff, &picture).await?;
    let beside = |(sent, stored): (PlaceForm, PlaceForm)| sent.beside(&stored, staff.words);
    let places = places.into_iter().zip(stored).map(beside).collect();
    let fault = staff.words.text("replacement_behind").to_owned();
    Ok(show(desk, staff, &picture, places, fault))
}

/// The stem of the picture whose crops are shown: that of another one if it is shown as that.
fn cropped_as(desk: &DeskState, picture: &LibraryPicture) -> String {
    desk.snapshot().edition.replaced_pictures().cropped_as(&picture.stem).to_owned()
}

/// Whether somebody may choose crops of a picture: what readers see changes only with an editor.
fn may_crop(desk: &DeskState, staff: &CurrentStaff, picture: &LibraryPicture) -> bool {
    staff.may(Permission::Edit) || !is_public(desk, picture)
}

/// Whether somebody can choose crops of a picture.
pub(super) fn can_crop(desk: &DeskState, staff: &CurrentStaff, picture: &LibraryPicture) -> bool {
    has_sizes(picture) && may_crop(desk, staff, picture)
}

/// Whether a picture is stored in several sizes. Animations, AVIF and drawings are stored in one, without it in the name.
fn has_sizes(picture: &LibraryPicture) -> bool {
    renditions::read(&picture.shown.src).is_some()
}

/// Why a picture is not cropped; empty if it can be.
fn refusal(desk: &DeskState, staff: &CurrentStaff, picture: &LibraryPicture) -> &'static str {
    if !has_sizes(picture) {
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

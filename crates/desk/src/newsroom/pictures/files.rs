//! Replacing a picture: another file is uploaded, compared with the one that pages show, and then shown wherever texts have the
//! picture. A former file is shown again in the same way.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, Request, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use masthead_access::printable;
use masthead_circulation::AuditAction;
use masthead_store::{FileWrite, LibraryPicture, PictureFile, Replacement};
use serde::Serialize;

use super::{
    super::{
        articles::thumbnail,
        uploads::{UploadQuery, new_picture, receive},
    },
    crops::{self, ReplacementCrops},
    picture::find,
    picture_address,
    uses::{FrontUse, PictureUses, fronts, uses},
};
use crate::{
    error::{DeskError, Handled},
    form::{Fields, StaffForm, form_status},
    format::colleague_or_former,
    http::see_other,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
    templates::Page,
};

/// By how much the proportions of two files may differ without one of them showing something else.
const SAME_SHAPE: f64 = 0.01;

/// A file of a picture on its page.
#[derive(Default, Serialize)]
pub(super) struct FileRow {
    to: String,
    src: String,
    thumbnail: String,
    /// Its size, who uploaded it, and when.
    about: String,
    status: &'static str,
    /// Whether readers have had it, and it is not the one that pages show.
    is_former: bool,
    is_withheld: bool,
}

#[derive(Default, Serialize)]
struct ReplacementPage {
    /// The page of the picture.
    back: String,
    to: String,
    label: String,
    version: i64,
    now: ComparedFile,
    next: ComparedFile,
    /// Whether it has other proportions, so that other parts of it are shown where it is cropped.
    has_other_shape: bool,
    alt: String,
    uses: PictureUses,
    fronts: Vec<FrontUse>,
    withholds: bool,
    fault: String,
}

#[derive(Default, Serialize)]
struct ComparedFile {
    src: String,
    width: u32,
    height: u32,
}

impl Page for ReplacementPage {
    const TEMPLATE: &'static str = "picture-replacement.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

#[derive(Serialize)]
struct AddedFile {
    /// Where it is compared.
    to: String,
    /// What was changed, for the sender; empty if that is not worth mentioning.
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'static str,
}

/// `POST /desk/pictures/{key}/files`: adds the file in the body of the request. The response is JSON, also if it fails.
pub(crate) async fn add(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(stem): Path<String>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Handled {
    let picture = find(&desk, stem).await?;
    let (kept, note) = receive(&desk, &staff, request).await?;
    let (file, attribution) = (new_picture(&kept, &query), desk.attribution(&staff));
    let refused = |word| {
        let text = staff.words.text(word).to_owned();
        Err(DeskError::Fault(StatusCode::UNPROCESSABLE_ENTITY, text))
    };
    match desk.store.add_picture_file(&picture.stem, &file, attribution).await? {
        FileWrite::Done => {}
        FileWrite::Shown => return refused("replacement_same"),
        FileWrite::Behind | FileWrite::Replaced => return refused("replacement_gone"),
    }
    let (action, by) = (AuditAction::UploadedPicture, Some(staff.account.id));
    desk.store.record_action(action, &kept.src, Vec::new(), by, desk.now()).await?;
    let to = file_address(&picture.stem, masthead_editorial::renditions::stem(&file.name));
    Ok((StatusCode::CREATED, Json(AddedFile { to, note })).into_response())
}

/// `GET /desk/pictures/{key}/files/{file}`
pub(crate) async fn compare(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((stem, file)): Path<(String, String)>,
) -> Handled {
    let picture = find(&desk, stem).await?;
    let file = find_file(&desk, &picture, &file).await?;
    show(&desk, &staff, &picture, &file, (!is_public(&desk, &picture), "")).await
}

/// `POST /desk/pictures/{key}/files/{file}`: shows the file wherever texts have the picture.
pub(crate) async fn replace(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((stem, file)): Path<(String, String)>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let picture = find(&desk, stem).await?;
    let file = find_file(&desk, &picture, &file).await?;
    // What readers have never had is not served because of its replacement.
    let withholds = fields.has("withhold") || !is_public(&desk, &picture);
    let seen = (picture.stem.as_str(), fields.text("version").parse().unwrap_or_default());
    let attribution = desk.attribution(&staff);
    // Nothing is replaced if somebody has changed the picture since.
    let ReplacementCrops { made, are_lost } = if seen.1 == picture.version {
        let has_same_shape = has_shape_of(&picture, &file);
        crops::for_replacement(&desk, &staff, &picture, (&file, has_same_shape)).await?
    } else {
        ReplacementCrops::default()
    };
    let replacement = Replacement { file: &file.stem, withholds, crops: &made };
    let written = desk.store.show_picture_file(seen, replacement, attribution).await?;
    let fault = match written {
        FileWrite::Done => {
            refresh(&desk).await;
            let page = if are_lost { crops::address } else { picture_address };
            return Ok(see_other(&page(&picture.stem)));
        }
        FileWrite::Shown => return Ok(see_other(&picture_address(&picture.stem))),
        FileWrite::Behind => "replacement_behind",
        FileWrite::Replaced => "replacement_replaced",
    };
    let picture = find(&desk, picture.stem).await?;
    show(&desk, &staff, &picture, &file, (withholds, staff.words.text(fault))).await
}

/// `POST /desk/pictures/{key}/files/{file}/withholding`: decides whether readers get a former file.
pub(crate) async fn withhold(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path((stem, file)): Path<(String, String)>,
    StaffForm(fields): StaffForm<Fields>,
) -> Handled {
    let picture = find(&desk, stem).await?;
    let seen = (picture.stem.as_str(), fields.text("version").parse().unwrap_or_default());
    let (is_withheld, attribution) = (fields.text("withheld") == "yes", desk.attribution(&staff));
    let file = printable(&file);
    match desk.store.withhold_picture_file(seen, &file, is_withheld, attribution).await? {
        FileWrite::Done => {
            refresh(&desk).await;
            Ok(see_other(&picture_address(&picture.stem)))
        }
        FileWrite::Behind | FileWrite::Shown | FileWrite::Replaced => {
            super::picture::show_behind(&desk, &staff, picture.stem).await
        }
    }
}

/// Whether readers get the file that is shown for a picture.
pub(super) fn is_public(desk: &DeskState, picture: &LibraryPicture) -> bool {
    let name = picture.shown.src.strip_prefix("/media/");
    name.is_some_and(|name| desk.snapshot().edition.serves_picture(name))
}

/// Shows what was written on this server at once. The others are notified.
pub(super) async fn refresh(desk: &DeskState) {
    if let Err(error) = desk.live.refresh().await {
        tracing::error!(%error, "pictures: refresh failed; it is tried again");
    }
}

async fn find_file(
    desk: &DeskState,
    picture: &LibraryPicture,
    stem: &str,
) -> Result<PictureFile, DeskError> {
    let files = desk.store.picture_files(&picture.stem).await?;
    let found = files.into_iter().find(|file| file.stem == stem);
    found.ok_or(DeskError::Notice(Notice::NoPicture))
}

fn file_address(stem: &str, file: &str) -> String {
    format!("{}/files/{file}", picture_address(stem))
}

/// The files of a picture, if there are several.
pub(super) async fn rows(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
) -> Result<Vec<FileRow>, DeskError> {
    let files = desk.store.picture_files(&picture.stem).await?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let (zone, words) = (desk.publication().zone, staff.words);
    let everybody = desk.store.all_staff().await?;
    let snapshot = desk.snapshot();
    let current = snapshot.edition.replaced_pictures().current(&picture.shown);
    let row = |file: PictureFile| {
        let src = format!("/media/{}", file.name);
        let is_chosen = src == picture.shown.src;
        // The one that was chosen may be a picture of its own that was replaced since.
        let is_shown = is_chosen && src == current.src;
        let time = words.date_time(file.at, &zone);
        let added = match file.by {
            Some(by) => {
                let name = colleague_or_former(&everybody, Some(by), words);
                words.fill("articles_saved", &[("name", &name), ("time", &time)])
            }
            None => time,
        };
        let size = (file.width > 0).then(|| format!("{} × {} · ", file.width, file.height));
        let status = match (is_shown, file.is_withheld, file.is_published) {
            (true, ..) => "picture_file_shown",
            (_, true, _) => "picture_file_withheld",
            (_, _, true) => "picture_file_former",
            (false, false, false) => "picture_file_new",
        };
        FileRow {
            to: if is_chosen { String::new() } else { file_address(&picture.stem, &file.stem) },
            thumbnail: thumbnail(&src),
            src,
            about: size.unwrap_or_default() + &added,
            status: words.text(status),
            is_former: file.is_published && !is_chosen,
            is_withheld: file.is_withheld,
        }
    };
    Ok(files.into_iter().map(row).collect())
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
    file: &PictureFile,
    (withholds, fault): (bool, &str),
) -> Result<Response, DeskError> {
    let snapshot = desk.snapshot();
    let shown = snapshot.edition.replaced_pictures().current(&picture.shown).clone();
    drop(snapshot);
    let fronts = fronts(desk, staff, &shown.src).await;
    let page = ReplacementPage {
        back: picture_address(&picture.stem),
        to: file_address(&picture.stem, &file.stem),
        label: picture.facts.file_name.clone(),
        version: picture.version,
        has_other_shape: !have_same_shape((shown.width, shown.height), (file.width, file.height)),
        now: ComparedFile { src: shown.src, width: shown.width, height: shown.height },
        next: ComparedFile {
            src: format!("/media/{}", file.name),
            width: file.width,
            height: file.height,
        },
        alt: picture.facts.alt.clone(),
        uses: uses(desk, staff, picture).await?,
        fronts: fronts.map_err(|error| DeskError::failed("pictures: lay out fronts", error))?,
        withholds,
        fault: fault.to_owned(),
    };
    Ok(desk.page(staff, &page))
}

/// Whether a file has the proportions of the one that pages show.
fn has_shape_of(picture: &LibraryPicture, file: &PictureFile) -> bool {
    let shown = &picture.shown;
    have_same_shape((shown.width, shown.height), (file.width, file.height))
}

/// Whether two sizes have the same proportions; `true` if one of them is not known.
fn have_same_shape(one: (u32, u32), other: (u32, u32)) -> bool {
    let shape = |(width, height): (u32, u32)| f64::from(width) / f64::from(height.max(1));
    let (one, other) = (shape(one), shape(other));
    one == 0.0 || other == 0.0 || (one / other - 1.0).abs() <= SAME_SHAPE
}

#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ReplacementPage {
        fn samples() -> Vec<Self> {
            let file = || ComparedFile { src: "/media/a.gif".into(), width: 600, height: 400 };
            let full = Self {
                now: file(),
                next: file(),
                has_other_shape: true,
                uses: PictureUses::sample(),
                fronts: vec![FrontUse::default()],
                withholds: true,
                fault: "Wrong".into(),
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    impl FileRow {
        /// A file of each kind.
        pub fn samples() -> Vec<Self> {
            let former = || Self { is_former: true, to: "/desk".into(), ..Self::default() };
            vec![Self::default(), former(), Self { is_withheld: true, ..former() }]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ReplacementPage>();
    }

    #[test]
    fn files_of_about_the_same_proportions_show_the_same() {
        assert!(have_same_shape((1600, 1067), (2400, 1600)));
        assert!(have_same_shape((0, 0), (3, 2)) && have_same_shape((3, 2), (0, 0)));
        assert!(!have_same_shape((3, 2), (2, 3)));
    }
}

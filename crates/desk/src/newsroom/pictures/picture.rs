//! `/desk/pictures/{key}`: what is noted about a picture, and the articles that use it.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use jiff::civil::Date;
use masthead_access::printable;
use masthead_circulation::staff::Permission;
use masthead_store::{LibraryPicture, PictureFacts, PictureWrite};
use serde::Serialize;

use super::{
    crops::can_crop,
    files::{self, FileRow},
    picture_address,
    uses::{PictureUses, uses},
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
    words::DeskWords,
};

/// Characters of a field.
const MAX_TEXT: usize = 1000;
/// Characters of the form, which has seven fields.
const MAX_FORM: usize = 7 * MAX_TEXT;

#[derive(Default, Serialize)]
struct PicturePage {
    to: String,
    /// Whether they may change for what it may be used.
    may_edit: bool,
    may_crop: bool,
    src: String,
    width: u32,
    height: u32,
    /// Who uploaded it, and when.
    uploaded: String,
    version: i64,
    form: PictureForm,
    /// Fields that are stored with other values than those of the form, each with its label, if somebody else has saved them.
    others: Vec<(&'static str, String)>,
    uses: PictureUses,
    /// Its files, if there are several.
    files: Vec<FileRow>,
    fault: String,
}

impl Page for PicturePage {
    const TEMPLATE: &'static str = "picture.html";

    fn status(&self) -> StatusCode {
        form_status(&self.fault)
    }
}

/// What is noted, as it is entered.
#[derive(Default, Serialize)]
struct PictureForm {
    file_name: String,
    alt: String,
    caption: String,
    credit: String,
    rights_holder: String,
    rights_note: String,
    expires: String,
}

impl PictureForm {
    fn of(facts: &PictureFacts) -> Self {
        let facts = facts.clone();
        Self {
            file_name: facts.file_name,
            alt: facts.alt,
            caption: facts.caption,
            credit: facts.credit,
            rights_holder: facts.rights_holder,
            rights_note: facts.rights_note,
            expires: facts.expires.map(|day| day.to_string()).unwrap_or_default(),
        }
    }

    fn sent(fields: &Fields) -> Self {
        let text = |name: &str| printable(&fields.text(name)).into_owned();
        Self {
            file_name: text("file_name"),
            alt: text("alt"),
            caption: text("caption"),
            credit: text("credit"),
            rights_holder: text("rights_holder"),
            rights_note: text("rights_note"),
            expires: text("expires"),
        }
    }

    /// The same with the rights of a picture, which authors do not change.
    fn with_rights(self, picture: &LibraryPicture) -> Self {
        let Self { rights_holder, rights_note, expires, .. } = Self::of(&picture.facts);
        Self { rights_holder, rights_note, expires, ..self }
    }

    /// The fields that are stored with other values than those of this form: their labels and values.
    fn others(&self, stored: &Self, words: DeskWords) -> Vec<(&'static str, String)> {
        let differing =
            self.labelled(stored).into_iter().filter(|(_, sent, stored)| sent != stored);
        differing.map(|(label, _, stored)| (words.text(label), stored.clone())).collect()
    }

    /// Each field with the name of its label, next to that of another form.
    fn labelled<'a>(&'a self, stored: &'a Self) -> [(&'static str, &'a String, &'a String); 7] {
        [
            ("picture_file_name", &self.file_name, &stored.file_name),
            ("alt_text", &self.alt, &stored.alt),
            ("caption", &self.caption, &stored.caption),
            ("credit", &self.credit, &stored.credit),
            ("picture_rights_holder", &self.rights_holder, &stored.rights_holder),
            ("picture_rights_note", &self.rights_note, &stored.rights_note),
            ("picture_expires", &self.expires, &stored.expires),
        ]
    }

    /// What is to be stored, or what is wrong with it.
    fn facts(&self, words: DeskWords) -> Result<PictureFacts, String> {
        let empty = Self::default();
        let mut fields = self.labelled(&empty).into_iter();
        if let Some((label, ..)) = fields.find(|(_, text, _)| text.chars().count() > MAX_TEXT) {
            let (field, most) = (words.text(label), words.number(MAX_TEXT as u64));
            return Err(words.fill("pictures_fault_long", &[("field", &field), ("most", &most)]));
        }
        let expires = match self.expires.as_str() {
            "" => None,
            text => Some(
                text.parse::<Date>()
                    .map_err(|_| words.fill("articles_fault_date", &[("text", &text)]))?,
            ),
        };
        Ok(PictureFacts {
            file_name: self.file_name.clone(),
            alt: self.alt.clone(),
            caption: self.caption.clone(),
            credit: self.credit.clone(),
            rights_holder: self.rights_holder.clone(),
            rights_note: self.rights_note.clone(),
            expires,
        })
    }
}

/// `GET /desk/pictures/{key}`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(stem): Path<String>,
) -> Handled {
    let picture = find(&desk, stem).await?;
    let form = PictureForm::of(&picture.facts);
    show(&desk, &staff, &picture, (picture.version, form), String::new()).await
}

/// `POST /desk/pictures/{key}`
pub(crate) async fn change(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Path(stem): Path<String>,
    StaffForm(fields): StaffForm<Fields, MAX_FORM>,
) -> Handled {
    let picture = find(&desk, stem).await?;
    let form = PictureForm::sent(&fields);
    let version = fields.text("version").parse().unwrap_or_default();
    let facts = match form.facts(staff.words) {
        // What may be published, editors decide.
        Ok(facts) if !staff.may(Permission::Edit) => PictureFacts {
            rights_holder: picture.facts.rights_holder.clone(),
            rights_note: picture.facts.rights_note.clone(),
            expires: picture.facts.expires,
            ..facts
        },
        Ok(facts) => facts,
        Err(fault) => return show(&desk, &staff, &picture, (version, form), fault).await,
    };
    let attribution = desk.attribution(&staff);
    match desk.store.save_picture(&picture.stem, version, &facts, attribution).await? {
        PictureWrite::Done => Ok(see_other(&picture_address(&picture.stem))),
        PictureWrite::Behind => {
            // What was sent is shown with what somebody else has saved, to be saved in place of it if that is meant.
            let picture = find(&desk, picture.stem).await?;
            let form = if staff.may(Permission::Edit) { form } else { form.with_rights(&picture) };
            let fault = staff.words.text("pictures_fault_behind").to_owned();
            show(&desk, &staff, &picture, (picture.version, form), fault).await
        }
    }
}

pub(super) async fn find(desk: &DeskState, stem: String) -> Result<LibraryPicture, DeskError> {
    let stem = printable(&stem).into_owned();
    let found = desk.store.pictures_named(&[stem]).await?.into_iter().next();
    found.ok_or(DeskError::Notice(Notice::NoPicture))
}

/// The page of a picture, with what somebody else has changed.
pub(super) async fn show_behind(
    desk: &DeskState,
    staff: &CurrentStaff,
    stem: String,
) -> Result<Response, DeskError> {
    let picture = find(desk, stem).await?;
    let form = PictureForm::of(&picture.facts);
    let fault = staff.words.text("replacement_behind").to_owned();
    show(desk, staff, &picture, (picture.version, form), fault).await
}

async fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    picture: &LibraryPicture,
    (version, form): (i64, PictureForm),
    fault: String,
) -> Result<Response, DeskError> {
    let (zone, words) = (desk.publication().zone, staff.words);
    let time = words.date_time(picture.at, &zone);
    let everybody = desk.store.all_staff().await?;
    let uploaded = match picture.by {
        Some(by) => {
            let name = colleague_or_former(&everybody, Some(by), words);
            words.fill("articles_saved", &[("name", &name), ("time", &time)])
        }
        None => time,
    };
    let is_behind = fault == words.text("pictures_fault_behind");
    let stored = PictureForm::of(&picture.facts);
    let snapshot = desk.snapshot();
    let current = snapshot.edition.replaced_pictures().current(&picture.shown).clone();
    drop(snapshot);
    let page = PicturePage {
        others: if is_behind { form.others(&stored, words) } else { Vec::new() },
        to: picture_address(&picture.stem),
        src: current.src,
        width: current.width,
        height: current.height,
        uses: uses(desk, staff, picture).await?,
        files: files::rows(desk, staff, picture).await?,
        may_edit: staff.may(Permission::Edit),
        may_crop: can_crop(desk, staff, picture),
        uploaded,
        version,
        form,
        fault,
    };
    Ok(desk.page(staff, &page))
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for PicturePage {
        fn samples() -> Vec<Self> {
            let full = Self {
                uses: PictureUses::sample(),
                files: FileRow::samples(),
                others: vec![("Credit", "Ada".into())],
                width: 600,
                height: 400,
                fault: "Wrong".into(),
                may_edit: true,
                may_crop: true,
                ..Self::default()
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<PicturePage>();
    }
}

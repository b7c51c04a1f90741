//! `/desk/pictures`: the library of pictures, with what is noted about each and where it is used.

mod choices;
pub(crate) mod crops;
pub(crate) mod files;
mod found;
mod picture;
pub(crate) mod rights;
mod uses;

use std::sync::Arc;

use axum::extract::{Query, State};
use jiff::ToSpan;
use masthead_editorial::renditions;
use masthead_store::{LibraryPicture, PictureCursor, PictureQuery};
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    choices::choices,
    picture::{change, page as picture_page},
};
use super::articles::thumbnail;
use crate::{
    error::Handled, http::with_query, staff::CurrentStaff, state::DeskState, templates::Page,
    words::DeskWords,
};

const LIBRARY: &str = "/desk/pictures";
/// Pictures on one page.
const PER_PAGE: u64 = 48;
/// How many days before the last on which it may be used a picture is listed.
pub(crate) const EXPIRES_SOON: i64 = 30;
/// In the address, the list of pictures that may not be used for long.
const EXPIRING: &str = "expiring";

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct LibraryQuery {
    #[serde(skip_serializing_if = "String::is_empty")]
    list: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    /// When the picture was added after which the page begins, and its stem: `1800000000-5f`.
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

#[derive(Default, Serialize)]
struct LibraryPage {
    list: String,
    q: String,
    pictures: Vec<PictureCard>,
    /// The address of the next page; empty on the last.
    next: String,
}

impl Page for LibraryPage {
    const TEMPLATE: &'static str = "pictures.html";
}

/// A picture in the library.
#[derive(Default, Serialize)]
pub(super) struct PictureCard {
    to: String,
    /// Its address.
    pub src: String,
    pub thumbnail: String,
    /// What it is called: its file name or, without one, its description.
    pub label: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    /// Until when it may be used; empty if that is not limited.
    pub rights: String,
    /// Whether it may not be used any more.
    pub is_expired: bool,
}

/// `GET /desk/pictures`
pub(crate) async fn page(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<LibraryQuery>,
) -> Handled {
    let found = desk.store.pictures(&wanted(&desk, &query)).await?;
    let after = found.pictures.last().filter(|_| found.has_more);
    let next = after.map(|last| {
        let after = format!("{}-{}", last.at.as_second(), last.stem);
        with_query(LIBRARY, &LibraryQuery { after, ..query.clone() })
    });
    let page = LibraryPage {
        pictures: cards(&desk, &found.pictures, staff.words),
        next: next.unwrap_or_default(),
        list: query.list,
        q: query.q,
    };
    Ok(desk.page(&staff, &page))
}

fn wanted(desk: &DeskState, query: &LibraryQuery) -> PictureQuery {
    let soon = rights::today(desk).checked_add(EXPIRES_SOON.days()).ok();
    let after = query
        .after
        .split_once('-')
        .and_then(|(at, stem)| Some(PictureCursor { at: at.parse().ok()?, stem: stem.to_owned() }));
    PictureQuery {
        words: query.q.clone(),
        expires_before: soon.filter(|_| query.list == EXPIRING),
        most: PER_PAGE,
        after,
    }
}

fn cards(desk: &DeskState, pictures: &[LibraryPicture], words: DeskWords) -> Vec<PictureCard> {
    let (today, snapshot) = (rights::today(desk), desk.snapshot());
    let replaced = snapshot.edition.replaced_pictures();
    let card = |picture: &LibraryPicture| {
        let facts = &picture.facts;
        let src = format!("/media/{}", picture.name);
        let labels = [&facts.file_name, &facts.alt, &facts.caption];
        let label = labels.into_iter().find(|label| !label.is_empty());
        let rights = facts.expires.map(|day| {
            let name = if day < today { "pictures_expired" } else { "pictures_expires" };
            words.fill(name, &[("date", &words.day(day))])
        });
        PictureCard {
            to: picture_address(&picture.stem),
            thumbnail: thumbnail(replaced.src(&picture.shown.src)),
            label: label.unwrap_or(&picture.name).clone(),
            alt: facts.alt.clone(),
            caption: facts.caption.clone(),
            credit: facts.credit.clone(),
            rights: rights.unwrap_or_default(),
            is_expired: facts.expires.is_some_and(|day| day < today),
            src,
        }
    };
    pictures.iter().map(card).collect()
}

/// The page of a picture.
pub(crate) fn picture_address(stem: &str) -> String {
    format!("{LIBRARY}/{stem}")
}

/// The stem of the picture at an address, if it is one of ours.
pub(super) fn stem_of(src: &str) -> Option<String> {
    src.strip_prefix("/media/").map(|name| renditions::stem(name).to_owned())
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for LibraryPage {
        fn samples() -> Vec<Self> {
            let card = PictureCard {
                credit: "Ada".into(),
                rights: "Until tomorrow".into(),
                is_expired: true,
                ..PictureCard::default()
            };
            let full = Self {
                list: EXPIRING.into(),
                q: "a".into(),
                pictures: vec![card, PictureCard::default()],
                next: "/desk/pictures?after=1-a".into(),
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<LibraryPage>();
        super::picture::samples::render(rendered);
        super::files::samples::render(rendered);
        super::crops::samples::render(rendered);
    }
}

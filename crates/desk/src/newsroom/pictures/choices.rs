//! `GET /desk/pictures/choices`: the pictures that the editor's script offers from the library.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    response::IntoResponse,
};
use serde::Serialize;

use super::{LibraryQuery, PictureCard, cards, wanted};
use crate::{error::Handled, staff::CurrentStaff, state::DeskState};

#[derive(Serialize)]
struct Choices {
    pictures: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    src: String,
    thumbnail: String,
    label: String,
    alt: String,
    caption: String,
    credit: String,
    /// Until when it may be used; empty if that is not limited.
    rights: String,
}

/// Answers with the latest pictures in which all words occur.
pub(crate) async fn choices(
    State(desk): State<Arc<DeskState>>,
    staff: CurrentStaff,
    Query(query): Query<LibraryQuery>,
) -> Handled {
    let found = desk.store.pictures(&wanted(&desk, &query)).await?;
    let choice = |card: PictureCard| Choice {
        src: card.src,
        thumbnail: card.thumbnail,
        label: card.label,
        alt: card.alt,
        caption: card.caption,
        credit: card.credit,
        rights: card.rights,
    };
    let pictures = cards(&desk, &found.pictures, staff.words).into_iter().map(choice).collect();
    Ok(Json(Choices { pictures }).into_response())
}

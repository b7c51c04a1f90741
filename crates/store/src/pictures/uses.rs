//! Which articles use a picture: as they were published, in their drafts, and in posts of their live coverage. The rows are written
//! wherever those are.

use masthead_editorial::renditions;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    QuerySelect,
};

use crate::{
    ids::{LivePostKey, PieceKey},
    records::picture_use as row,
};

/// Rows that are inserted at once; there is a limit on parameters.
const BATCH: usize = 200;

/// Where an article uses a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UsedIn {
    /// In what was published, or will be.
    Piece,
    /// In the draft. The rows are deleted with it.
    Draft,
    /// In a post of its live coverage.
    Post(LivePostKey),
}

impl UsedIn {
    fn place(self) -> String {
        match self {
            Self::Piece => "piece".to_owned(),
            Self::Draft => "draft".to_owned(),
            Self::Post(post) => format!("post-{}", post.0.0),
        }
    }
}

/// The stems of the pictures in texts, and those in lines, each once and in order.
pub(crate) fn stems_of<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    lines: &'a str,
) -> Vec<String> {
    let in_texts = texts.into_iter().flat_map(renditions::stems_in);
    let mut stems: Vec<String> =
        in_texts.chain(lines.lines()).filter(|stem| !stem.is_empty()).map(str::to_owned).collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}

/// Notes which pictures an article uses there, in place of what was noted. `stems` is sorted.
pub(crate) async fn write_uses(
    to: &impl ConnectionTrait,
    piece: PieceKey,
    used_in: UsedIn,
    stems: &[String],
) -> Result<(), DbErr> {
    let place = used_in.place();
    let there = row::Column::Piece.eq(piece).and(row::Column::Place.eq(&place));
    let mut known: Vec<String> = row::Entity::find()
        .select_only()
        .column(row::Column::Stem)
        .filter(there.clone())
        .into_tuple()
        .all(to)
        .await?;
    known.sort_unstable();
    if known == stems {
        return Ok(());
    }
    row::Entity::delete_many().filter(there).exec(to).await?;
    insert_uses(to, piece, used_in, stems).await
}

/// Notes which pictures an article uses there, of which nothing is noted.
pub(crate) async fn insert_uses(
    to: &impl ConnectionTrait,
    piece: PieceKey,
    used_in: UsedIn,
    stems: &[String],
) -> Result<(), DbErr> {
    let place = used_in.place();
    let new = |stem: &String| row::ActiveModel {
        piece: Set(piece),
        place: Set(place.clone()),
        stem: Set(stem.clone()),
        draft: Set((used_in == UsedIn::Draft).then_some(piece)),
        post: Set(match used_in {
            UsedIn::Post(post) => Some(post),
            UsedIn::Piece | UsedIn::Draft => None,
        }),
    };
    for batch in stems.chunks(BATCH) {
        row::Entity::insert_many(batch.iter().map(new)).exec_without_returning(to).await?;
    }
    Ok(())
}

//! The rows of pieces: reading one, and writing one with its section and its authors. The list of stories is above this.

use masthead_access::ArticleId;
use masthead_editorial::{Piece, renditions, text};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::Expr,
};

use sha2::{Digest as _, Sha256};

use crate::{
    StoreError, authors,
    ids::{Key, PieceKey},
    known_names::KnownNames,
    pictures::uses::{UsedIn, insert_uses, stems_of, write_uses},
    records::piece,
    sections,
};

/// What became of the row of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowChange {
    /// It is new.
    Inserted(PieceKey),
    /// It has replaced another version.
    Updated(PieceKey),
    /// It was stored already.
    None(PieceKey),
}

/// Where a version of a piece comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// The desk or the command line.
    Here,
    /// The entry of an archive with this name.
    Import(&'a str),
}

/// What is stored of a piece.
pub(crate) struct PieceRow {
    /// The piece without its body.
    pub(crate) piece: Piece,
    facts: String,
    body: String,
    /// The stems of the names of the pictures in the body, one a line.
    pictures: String,
    minutes: i32,
}

impl PieceRow {
    /// The row of a piece that replaces `known`.
    pub(crate) fn new(piece: Piece, known: Option<&piece::Model>) -> Result<Self, StoreError> {
        let mut piece = piece.printable();
        if let Some(known) = known {
            keep_addresses(&mut piece, &read(known)?);
        }
        let body = std::mem::take(&mut piece.body);
        let facts = serde_json::to_string(&piece)?;
        let social = piece.appearance.social_picture.as_str();
        let social = social.strip_prefix("/media/").map(renditions::stem);
        let mut pictures = renditions::stems_in(&body);
        pictures.extend(social.filter(|social| !pictures.contains(social)));
        let pictures = pictures.join("\n");
        let minutes = i32::from(text::reading_minutes(&body));
        Ok(Self { piece, facts, body, pictures, minutes })
    }

    /// Whether readers get the same.
    pub(crate) fn has_text_of(&self, known: &piece::Model) -> bool {
        known.facts == self.facts && known.body == self.body
    }

    /// Writes it in place of `known`, or as a new one. `names` are those that are stored.
    pub(crate) async fn write(
        self,
        to: &impl ConnectionTrait,
        revision: i64,
        origin: Origin<'_>,
        known: Option<&piece::Model>,
        names: &mut KnownNames,
    ) -> Result<RowChange, StoreError> {
        let imported = match origin {
            Origin::Here => None,
            Origin::Import(_) => Some(digest(&self.facts, &self.body)),
        };
        if let Some(known) = known
            && self.has_text_of(known)
            // An older server that runs beside this one writes none.
            && known.pictures == self.pictures
            && known.minutes == self.minutes
        {
            if imported.is_some() && imported != known.imported {
                note_import(to, known.id, imported).await?;
            }
            return Ok(RowChange::None(known.id));
        }
        let stems = stems_of([self.facts.as_str()], &self.pictures);
        let Self { piece, facts, body, pictures, minutes } = self;
        let row = piece::ActiveModel {
            id: known.map_or(NotSet, |known| Unchanged(known.id)),
            origin: match (known, origin) {
                (Some(known), Origin::Here) => Unchanged(known.origin.clone()),
                (None, Origin::Here) => Set(None),
                (_, Origin::Import(origin)) => Set(Some(origin.to_owned())),
            },
            imported: imported.map_or(NotSet, |imported| Set(Some(imported))),
            slug: Set(piece.slug.clone()),
            revision: Set(revision),
            status: Set(piece.status.name().to_owned()),
            facts: Set(facts),
            pictures: Set(pictures),
            minutes: Set(minutes),
            body: Set(body),
            // Live coverage goes on.
            ..piece::ActiveModel::default()
        };
        if let Some(section) = &piece.section
            && names.add_section(&section.slug)
        {
            sections::note(to, section).await?;
        }
        for author in &piece.authors {
            if !names.has_author(author) {
                authors::note(to, author, revision).await?;
            }
        }
        match known {
            Some(known) => {
                piece::Entity::update(row).exec(to).await?;
                write_uses(to, known.id, UsedIn::Piece, &stems).await?;
                Ok(RowChange::Updated(known.id))
            }
            None => {
                let id = piece::Entity::insert(row).exec(to).await?.last_insert_id;
                insert_uses(to, id, UsedIn::Piece, &stems).await?;
                Ok(RowChange::Inserted(id))
            }
        }
    }
}

/// The digest of what is stored of a piece.
pub(crate) fn digest(facts: &str, body: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(facts.as_bytes());
    digest.update([0]);
    digest.update(body.as_bytes());
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn note_import(
    to: &impl ConnectionTrait,
    id: PieceKey,
    imported: Option<String>,
) -> Result<(), StoreError> {
    piece::Entity::update_many()
        .col_expr(piece::Column::Imported, Expr::value(imported))
        .filter(piece::Column::Id.eq(id))
        .exec(to)
        .await?;
    Ok(())
}

/// Adds the addresses of the earlier version to the former addresses of a piece.
fn keep_addresses(piece: &mut Piece, before: &Piece) {
    // One that no reader ever had led nowhere.
    let had = before.published.is_some() && before.address() != piece.address();
    let left = had.then(|| before.address());
    for address in before.former_addresses.iter().cloned().chain(left) {
        if !piece.former_addresses.contains(&address) {
            piece.former_addresses.push(address);
        }
    }
}

/// Selects pieces that were written after `revision`, or at it with an id above `after`, in this order.
pub(crate) fn since(revision: i64, after: Option<ArticleId>, most: u64) -> Select<piece::Entity> {
    piece::Entity::find()
        .filter(match after {
            // As one comparison of rows, which both engines find in the index. They read more for one with OR.
            Some(id) => {
                let columns = [piece::Column::Revision, piece::Column::Id].map(Expr::col);
                let last = [Expr::value(revision), Expr::value(Key(id))];
                Expr::tuple(columns).gt(Expr::tuple(last))
            }
            None => piece::Column::Revision.gt(revision),
        })
        .order_by_asc(piece::Column::Revision)
        .order_by_asc(piece::Column::Id)
        .limit(most)
}

/// Returns the row of the piece that meets a condition.
pub(crate) async fn find(
    from: &impl ConnectionTrait,
    condition: impl sea_orm::sea_query::IntoCondition,
) -> Result<Option<piece::Model>, StoreError> {
    Ok(piece::Entity::find().filter(condition).one(from).await?)
}

/// Returns `wanted`, with a number if another piece has it.
pub(crate) async fn free_slug(
    from: &impl ConnectionTrait,
    wanted: &str,
) -> Result<String, StoreError> {
    let mut slug = wanted.to_owned();
    let mut number = 2;
    while find(from, piece::Column::Slug.eq(&slug)).await?.is_some() {
        slug = format!("{wanted}-{number}");
        number += 1;
    }
    Ok(slug)
}

/// Reads a whole piece.
pub(crate) fn read(row: &piece::Model) -> Result<Piece, StoreError> {
    let mut piece: Piece = serde_json::from_str(&row.facts)?;
    piece.body.clone_from(&row.body);
    Ok(piece)
}

/// The minutes that it takes to read a piece, of its row.
pub(crate) fn minutes(stored: i32) -> u16 {
    u16::try_from(stored).unwrap_or_default()
}

/// The pictures of a row.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

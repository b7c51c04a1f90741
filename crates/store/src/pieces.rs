//! Articles and pages.

use masthead_access::ArticleId;
use masthead_editorial::{Piece, Status, import::ImportEntry};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use crate::{
    Store, StoreError, authors,
    ids::{Key, PieceKey},
    records::piece,
    sections, stories,
};

/// What became of a piece that was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is new.
    Created(ArticleId),
    /// It stands in the place of what was there.
    Changed(ArticleId),
    /// It is what was there already.
    Unchanged(ArticleId),
}

/// A piece without its body, as lists need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The number that the meter counts by.
    pub id: ArticleId,
    /// The write that made it what it is.
    pub revision: i64,
    /// Everything but the body, which is empty where it is not asked for.
    pub piece: Piece,
}

#[derive(FromQueryResult)]
struct ListedRow {
    id: PieceKey,
    revision: i64,
    facts: String,
}

impl Store {
    /// Saves a piece under its slug: a new one, or in the place of the one that has the slug. An
    /// address that it leaves goes on leading to it.
    pub async fn save(&self, piece: &Piece) -> Result<Saved, StoreError> {
        let (transaction, revision) = self.write().await?;
        let known = find(&transaction, piece::Column::Slug.eq(&piece.slug)).await?;
        let saved = put(&transaction, revision, None, known, piece.clone()).await?;
        if !matches!(saved, Saved::Unchanged(_)) {
            transaction.commit().await?;
        }
        Ok(saved)
    }

    /// Takes in imported entries, all or none of them. An entry whose origin is known replaces what it
    /// brought before, under the slug that it was given then; a new one whose slug is taken gets a
    /// number behind it. Entries that were left out are passed over.
    pub async fn take_in(&self, entries: &[ImportEntry]) -> Result<Vec<Saved>, StoreError> {
        let (transaction, revision) = self.write().await?;
        let mut all = Vec::new();
        for entry in entries {
            let Ok(piece) = &entry.result else { continue };
            let mut piece = piece.clone();
            let known = find(&transaction, piece::Column::Origin.eq(&entry.origin)).await?;
            piece.slug = match &known {
                Some(known) => known.slug.clone(),
                None => free_slug(&transaction, &piece.slug).await?,
            };
            all.push(put(&transaction, revision, Some(&entry.origin), known, piece).await?);
        }
        if all.iter().any(|saved| !matches!(saved, Saved::Unchanged(_))) {
            transaction.commit().await?;
        }
        Ok(all)
    }

    /// Takes a piece away from readers; it stays in the database. Says whether it was there for them.
    pub async fn withdraw(&self, slug: &str) -> Result<bool, StoreError> {
        // Read within the write, so that a correction made meanwhile is not undone.
        let (transaction, revision) = self.write().await?;
        let Some(known) = find(&transaction, piece::Column::Slug.eq(slug)).await? else {
            return Err(StoreError::NoSuchPiece(slug.to_owned()));
        };
        let piece = read(&known)?;
        if piece.status == Status::Withdrawn {
            return Ok(false);
        }
        let withdrawn = Piece { status: Status::Withdrawn, ..piece };
        put(&transaction, revision, None, Some(known), withdrawn).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The piece with this slug, whole.
    pub async fn piece(&self, slug: &str) -> Result<Option<Piece>, StoreError> {
        let row = find(&self.database, piece::Column::Slug.eq(slug)).await?;
        row.as_ref().map(read).transpose()
    }

    /// The piece with this number, whole.
    pub async fn piece_numbered(&self, id: ArticleId) -> Result<Option<Piece>, StoreError> {
        let row = find(&self.database, piece::Column::Id.eq(Key(id))).await?;
        row.as_ref().map(read).transpose()
    }

    /// At most `most` pieces that were written after `revision`, or at it with a number above
    /// `after`, in that order and whatever their status. Ask again from the last one until none come.
    pub async fn changes_since(
        &self,
        revision: i64,
        after: Option<ArticleId>,
        most: u64,
    ) -> Result<Vec<Listed>, StoreError> {
        let rows = since(revision, after, most)
            .select_only()
            .columns([piece::Column::Id, piece::Column::Revision, piece::Column::Facts])
            .into_model::<ListedRow>()
            .all(&self.database)
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Listed {
                    id: row.id.0,
                    revision: row.revision,
                    piece: serde_json::from_str(&row.facts)?,
                })
            })
            .collect()
    }

    /// The same, each with its body.
    pub async fn whole_changes_since(
        &self,
        revision: i64,
        after: Option<ArticleId>,
        most: u64,
    ) -> Result<Vec<Listed>, StoreError> {
        let rows = since(revision, after, most).all(&self.database).await?;
        let listed = |row: &piece::Model| {
            Ok(Listed { id: row.id.0, revision: row.revision, piece: read(row)? })
        };
        rows.iter().map(listed).collect()
    }
}

/// Pieces that were written after `revision`, or at it with a number above `after`, in that order.
fn since(revision: i64, after: Option<ArticleId>, most: u64) -> Select<piece::Entity> {
    let later = piece::Column::Revision.gt(revision);
    let rest =
        after.map(|id| piece::Column::Revision.eq(revision).and(piece::Column::Id.gt(Key(id))));
    piece::Entity::find()
        .filter(match rest {
            Some(rest) => later.or(rest),
            None => later,
        })
        .order_by_asc(piece::Column::Revision)
        .order_by_asc(piece::Column::Id)
        .limit(most)
}

pub(crate) async fn find(
    from: &impl ConnectionTrait,
    condition: impl sea_orm::sea_query::IntoCondition,
) -> Result<Option<piece::Model>, StoreError> {
    Ok(piece::Entity::find().filter(condition).one(from).await?)
}

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

pub(crate) async fn put(
    to: &impl ConnectionTrait,
    revision: i64,
    origin: Option<&str>,
    known: Option<piece::Model>,
    mut piece: Piece,
) -> Result<Saved, StoreError> {
    if let Some(known) = &known {
        keep_addresses(&mut piece, &read(known)?);
    }
    let body = std::mem::take(&mut piece.body);
    let facts = serde_json::to_string(&piece)?;
    if let Some(known) = &known
        && known.facts == facts
        && known.body == body
    {
        return Ok(Saved::Unchanged(known.id.0));
    }
    let row = piece::ActiveModel {
        id: known.as_ref().map_or(NotSet, |known| Unchanged(known.id)),
        origin: match (&known, origin) {
            (Some(known), None) => Unchanged(known.origin.clone()),
            (_, origin) => Set(origin.map(str::to_owned)),
        },
        slug: Set(piece.slug.clone()),
        revision: Set(revision),
        status: Set(piece.status.name().to_owned()),
        facts: Set(facts),
        body: Set(body),
    };
    if let Some(section) = &piece.section {
        sections::note(to, section).await?;
    }
    for author in &piece.authors {
        authors::note(to, author, revision).await?;
    }
    match known {
        Some(known) => {
            piece::Entity::update(row).exec(to).await?;
            stories::list_again(to, known.id, &piece).await?;
            Ok(Saved::Changed(known.id.0))
        }
        None => {
            let inserted = piece::Entity::insert(row).exec(to).await?;
            stories::list(to, inserted.last_insert_id, &piece).await?;
            Ok(Saved::Created(inserted.last_insert_id.0))
        }
    }
}

/// Addresses stay: what led to the piece before, and the address that it leaves now, lead to it still.
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

pub(crate) fn read(row: &piece::Model) -> Result<Piece, StoreError> {
    let mut piece: Piece = serde_json::from_str(&row.facts)?;
    piece.body.clone_from(&row.body);
    Ok(piece)
}

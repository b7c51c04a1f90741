//! What was stored before a batch of an import, read at once: a query for each article would take most of the time of an import. Nobody
//! else writes articles before the transaction ends, and what the batch itself writes is noted here.

use std::collections::{HashMap, HashSet};

use masthead_editorial::{
    Piece, Section, import::ImportEntry, is_same_name, slug::is_in_other_letters,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{
    StoreError,
    known_names::KnownNames,
    piece_rows::{find, free_slug, read},
    records::{piece, section},
};

/// Values that are asked for at once; there is a limit on parameters.
const BATCH: usize = 500;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct StoredBefore {
    /// The pieces that were imported before, by their origins. `None` once one was written in this batch.
    pieces: HashMap<String, Option<piece::Model>>,
    /// The slugs that entries want and pieces have.
    taken: HashSet<String>,
    /// The slugs of sections, by those that entries want.
    sections: HashMap<String, String>,
    pub(super) names: KnownNames,
}

impl StoredBefore {
    pub(super) async fn read(
        from: &impl ConnectionTrait,
        entries: &[ImportEntry],
    ) -> Result<Self, StoreError> {
        let mut stored = Self::default();
        for part in entries.chunks(BATCH) {
            let origins = part.iter().map(|entry| entry.origin.as_str());
            let origins = piece::Column::Origin.is_in(origins);
            for row in piece::Entity::find().filter(origins).all(from).await? {
                if let Some(origin) = row.origin.clone() {
                    stored.pieces.insert(origin, Some(row));
                }
            }
            let wanted = part.iter().flat_map(|entry| &entry.result);
            let wanted = piece::Column::Slug.is_in(wanted.map(|piece| piece.slug.as_str()));
            let slugs = piece::Entity::find().select_only().column(piece::Column::Slug);
            let slugs: Vec<String> = slugs.filter(wanted).into_tuple().all(from).await?;
            stored.taken.extend(slugs);
        }
        Ok(stored)
    }

    /// Returns what was imported from an entry before, also a moment ago.
    pub(super) async fn take(
        &mut self,
        from: &impl ConnectionTrait,
        origin: &str,
    ) -> Result<Option<piece::Model>, StoreError> {
        match self.pieces.insert(origin.to_owned(), None) {
            Some(Some(row)) => Ok(Some(row)),
            Some(None) => find(from, piece::Column::Origin.eq(origin)).await,
            None => Ok(None),
        }
    }

    /// Returns the slug that a new piece wants, with a number if another piece has it. A page gets none that a section has.
    pub(super) async fn free_slug(
        &mut self,
        from: &DatabaseTransaction,
        piece: &Piece,
    ) -> Result<String, StoreError> {
        let wanted = &piece.slug;
        let mut slug = if self.taken.contains(wanted) {
            free_slug(from, wanted).await?
        } else {
            wanted.clone()
        };
        let mut number = 2;
        while piece.section.is_none() && is_section(from, &slug).await? {
            slug = free_slug(from, &format!("{wanted}-{number}")).await?;
            number += 1;
        }
        self.taken.insert(slug.clone());
        Ok(slug)
    }

    /// Gives a section the slug that it has already if addresses were written in other letters then, and a new one another slug if a
    /// page has its address.
    pub(super) async fn place_section(
        &mut self,
        from: &impl ConnectionTrait,
        section: &mut Section,
    ) -> Result<(), StoreError> {
        if let Some(known) = self.sections.get(&section.slug) {
            section.slug.clone_from(known);
            return Ok(());
        }
        let wanted = section.slug.clone();
        if let Some(known) = in_other_letters(from, section).await? {
            self.sections.insert(wanted, known.clone());
            section.slug = known;
            return Ok(());
        }
        let mut number = 2;
        while !is_section(from, &section.slug).await? && is_page(from, &section.slug).await? {
            section.slug = format!("{wanted}-{number}");
            number += 1;
        }
        // Only a section that is stored keeps its address from pages that come later in the batch.
        if is_section(from, &section.slug).await? {
            self.sections.insert(wanted, section.slug.clone());
        }
        Ok(())
    }
}

async fn is_section(from: &impl ConnectionTrait, slug: &str) -> Result<bool, StoreError> {
    Ok(section::Entity::find_by_id(slug.to_owned()).one(from).await?.is_some())
}

/// The slug of a section that is not stored with its own, and is stored with one in other letters: access rules name that one.
async fn in_other_letters(
    from: &impl ConnectionTrait,
    wanted: &Section,
) -> Result<Option<String>, StoreError> {
    if is_section(from, &wanted.slug).await? {
        return Ok(None);
    }
    let mut rows = section::Entity::find().order_by_asc(section::Column::Slug).all(from).await?;
    rows.retain(|row| is_same_name(&row.name, &wanted.name));
    let is_same = |slug: &str| is_in_other_letters(slug, &wanted.slug);
    // One with a number was moved beside a page.
    let known = rows.iter().find(|row| is_same(&row.slug));
    let known = known.or_else(|| rows.iter().find(|row| is_same(without_number(&row.slug))));
    Ok(known.map(|row| row.slug.clone()))
}

fn without_number(slug: &str) -> &str {
    let is_number = |end: &str| end.bytes().all(|byte| byte.is_ascii_digit());
    slug.rsplit_once('-').filter(|(_, end)| is_number(end)).map_or(slug, |(start, _)| start)
}

async fn is_page(from: &impl ConnectionTrait, slug: &str) -> Result<bool, StoreError> {
    let piece = find(from, piece::Column::Slug.eq(slug)).await?;
    let piece = piece.as_ref().map(read).transpose()?;
    Ok(piece.is_some_and(|piece| piece.section.is_none()))
}

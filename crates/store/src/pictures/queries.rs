//! Looking for pictures, and for the articles that use one.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use masthead_access::ArticleId;
use masthead_editorial::{Status, renditions};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::{BATCH, LibraryPicture, read};
use crate::{
    Store, StoreError, StoryEntry,
    ids::PieceKey,
    like::{containing, search_words},
    records::{author, picture as row, picture_use, piece, story},
};

/// The place in the library after which a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureCursor {
    /// When the picture there was added, in seconds.
    pub at: i64,
    /// Its stem.
    pub stem: String,
}

/// A query for pictures.
#[derive(Clone, Debug, Default)]
pub struct PictureQuery {
    /// Words that all occur in what is noted; empty for any.
    pub words: String,
    /// Only pictures that may be used until before this day; `None` for all.
    pub expires_before: Option<Date>,
    /// Where the page is; `None` for the first.
    pub after: Option<PictureCursor>,
    /// The maximum number.
    pub most: u64,
}

/// A page of the library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PicturePage {
    /// The pictures, the latest first.
    pub pictures: Vec<LibraryPicture>,
    /// Whether there are more.
    pub has_more: bool,
}

impl Store {
    /// Returns a page of the library, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn pictures(&self, wanted: &PictureQuery) -> Result<PicturePage, StoreError> {
        let mut all = Condition::all();
        for word in search_words(&wanted.words) {
            all = all.add(row::Column::Words.like(containing(&word)));
        }
        if let Some(day) = wanted.expires_before {
            all = all.add(row::Column::Expires.lt(day.to_string()));
        }
        if let Some(PictureCursor { at, stem }) = &wanted.after {
            let place = Expr::tuple([Expr::col(row::Column::At), Expr::col(row::Column::Stem)]);
            all = all.add(place.lt(Expr::tuple([Expr::value(*at), Expr::value(stem.as_str())])));
        }
        let rows = row::Entity::find()
            .filter(all)
            .order_by_desc(row::Column::At)
            .order_by_desc(row::Column::Stem)
            .limit(wanted.most + 1)
            .all(&self.database)
            .await?;
        let most = usize::try_from(wanted.most).unwrap_or(usize::MAX);
        let has_more = rows.len() > most;
        let pictures = rows.into_iter().take(most).map(read).collect::<Result<_, _>>()?;
        Ok(PicturePage { pictures, has_more })
    }

    /// Returns the pictures with these stems, as far as the library has them.
    #[tracing::instrument(skip_all)]
    pub async fn pictures_named(
        &self,
        stems: &[String],
    ) -> Result<Vec<LibraryPicture>, StoreError> {
        let mut pictures = Vec::new();
        // Each stem is a parameter, and both databases limit their number.
        for stems in stems.chunks(BATCH) {
            let found = row::Entity::find().filter(row::Column::Stem.is_in(stems));
            for row in found.all(&self.database).await? {
                pictures.push(read(row)?);
            }
        }
        Ok(pictures)
    }

    /// Returns the names of the authors of whom a picture is the portrait, or in whose biographies it is.
    #[tracing::instrument(skip_all)]
    pub async fn authors_with_picture(&self, stem: &str) -> Result<Vec<String>, StoreError> {
        let in_biography = author::Column::Bio.like(containing(&format!("/media/{stem}.")));
        let mut names: Vec<String> = author::Entity::find()
            .select_only()
            .column(author::Column::Name)
            .filter(author::Column::PortraitStem.eq(stem).or(in_biography))
            .into_tuple()
            .all(&self.database)
            .await?;
        names.sort();
        Ok(names)
    }

    /// Returns the stories that are scheduled at `now`, those that go out first before the others, each with the stems of the
    /// pictures that readers will get with it.
    #[tracing::instrument(skip_all)]
    pub async fn scheduled_pictures(
        &self,
        now: Timestamp,
        most: u64,
    ) -> Result<Vec<(StoryEntry, Vec<String>)>, StoreError> {
        let rows = story::Entity::find()
            .filter(story::Column::Status.eq(Status::Published.name()))
            .filter(story::Column::Published.gt(now.as_second()))
            .order_by_asc(story::Column::Published)
            .order_by_asc(story::Column::Piece)
            .limit(most)
            .all(&self.database)
            .await?;
        let pieces: Vec<(PieceKey, String, String)> = piece::Entity::find()
            .select_only()
            .columns([piece::Column::Id, piece::Column::Facts, piece::Column::Pictures])
            .filter(piece::Column::Id.is_in(rows.iter().map(|row| row.piece)))
            .into_tuple()
            .all(&self.database)
            .await?;
        let stems = |(id, facts, in_text): (PieceKey, String, String)| {
            let beside = renditions::stems_in(&facts).into_iter().map(str::to_owned);
            (id.0, beside.chain(in_text.lines().map(str::to_owned)).collect())
        };
        let mut stems: HashMap<ArticleId, Vec<String>> = pieces.into_iter().map(stems).collect();
        let entries = self.entries(rows).await?.into_iter();
        Ok(entries
            .map(|entry| {
                let own = stems.remove(&entry.id).unwrap_or_default();
                (entry, own)
            })
            .collect())
    }

    /// Returns how many stories use a picture.
    #[tracing::instrument(skip_all)]
    pub async fn count_picture_uses(&self, stem: &str) -> Result<u64, StoreError> {
        let pieces = picture_use::Entity::find()
            .select_only()
            .column(picture_use::Column::Piece)
            .filter(picture_use::Column::Stem.eq(stem))
            .group_by(picture_use::Column::Piece);
        Ok(pieces.count(&self.database).await?)
    }

    /// Returns the stories that use a picture: as it was published, in their drafts, or in posts of their live coverage.
    #[tracing::instrument(skip_all)]
    pub async fn picture_uses(&self, stem: &str, most: u64) -> Result<Vec<StoryEntry>, StoreError> {
        let all: Vec<PieceKey> = picture_use::Entity::find()
            .select_only()
            .column(picture_use::Column::Piece)
            .filter(picture_use::Column::Stem.eq(stem))
            .group_by(picture_use::Column::Piece)
            .order_by_desc(picture_use::Column::Piece)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let rows = story::Entity::find()
            .filter(story::Column::Piece.is_in(all))
            .order_by_desc(story::Column::Latest)
            .all(&self.database)
            .await?;
        self.entries(rows).await
    }
}

//! Looking for pictures, and for the articles that use one.

use jiff::civil::Date;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{LibraryPicture, read};
use crate::{
    Store, StoreError, StoryEntry,
    ids::PieceKey,
    like::{containing, search_words},
    records::{draft, picture as row, piece, story},
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
        let rows =
            row::Entity::find().filter(row::Column::Stem.is_in(stems)).all(&self.database).await?;
        rows.into_iter().map(read).collect()
    }

    /// Returns the stories that use a picture: as it was published, or in their drafts.
    #[tracing::instrument(skip_all)]
    pub async fn picture_uses(&self, stem: &str, most: u64) -> Result<Vec<StoryEntry>, StoreError> {
        let named = || containing(&format!("/media/{stem}."));
        let published: Vec<PieceKey> = piece::Entity::find()
            .select_only()
            .column(piece::Column::Id)
            .filter(
                Condition::any()
                    .add(piece::Column::Pictures.like(containing(stem)))
                    .add(piece::Column::Facts.like(named())),
            )
            .order_by_desc(piece::Column::Id)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let drafts: Vec<PieceKey> = draft::Entity::find()
            .select_only()
            .column(draft::Column::Piece)
            .filter(
                Condition::any()
                    .add(draft::Column::Facts.like(named()))
                    .add(draft::Column::Body.like(named())),
            )
            .order_by_desc(draft::Column::Piece)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let rows = story::Entity::find()
            .filter(story::Column::Piece.is_in(published.into_iter().chain(drafts)))
            .order_by_desc(story::Column::Latest)
            .all(&self.database)
            .await?;
        self.entries(rows).await
    }
}

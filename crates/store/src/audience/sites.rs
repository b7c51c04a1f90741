//! Where the readers of one article came from: the kinds of pages, and the domains of other websites.

use std::collections::{HashMap, HashSet};

use masthead_access::ArticleId;
use masthead_audience::{CountedEvent, Counts, Referrer, SiteCounts};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{Days, add, number};
use crate::{
    Store, StoreError,
    ids::{Key, PieceKey},
    records::{article_count, article_site as row, piece},
};

/// Articles in one statement.
const BATCH: usize = 500;
/// Rows that are inserted at once.
const ROWS: usize = 500;

/// Where the readers of an article came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleSources {
    /// The counts of each kind of page.
    pub kinds: Counts,
    /// The domains of other websites and their visits, the most frequent first.
    pub sites: Vec<(String, u64)>,
}

impl Store {
    /// Returns where the readers of an article came from on these days, with at most `most` other websites.
    #[tracing::instrument(skip_all)]
    pub async fn sources_of_article(
        &self,
        article: ArticleId,
        days: &Days,
        most: u64,
    ) -> Result<ArticleSources, StoreError> {
        let (first, last) = (number(*days.start()), number(*days.end()));
        let events = Referrer::ALL.into_iter().flat_map(|from| {
            [CountedEvent::ReadFrom(from), CountedEvent::WallFrom(from)].map(CountedEvent::number)
        });
        // Every part of the primary key is named, so that the rows of other articles are not read.
        let counted = article_count::Entity::find()
            .filter(article_count::Column::Day.is_in(first..=last))
            .filter(article_count::Column::Counted.is_in(events))
            .filter(article_count::Column::Article.eq(Key(article)))
            .all(&self.database)
            .await?;
        let mut kinds = Counts::default();
        for row in counted {
            add(&mut kinds, row.counted, row.times);
        }
        let rows: Vec<(String, i64)> = row::Entity::find()
            .select_only()
            .column(row::Column::Site)
            // PostgreSQL sums to a number of any size.
            .column_as(Expr::col(row::Column::Times).sum().cast_as("bigint"), "visits")
            .filter(row::Column::Article.eq(Key(article)))
            .filter(row::Column::Day.between(first, last))
            .group_by(row::Column::Site)
            .order_by_desc(Expr::col(row::Column::Times).sum())
            .order_by_asc(row::Column::Site)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        let sites = rows.into_iter().map(|(site, times)| (site, times.unsigned_abs())).collect();
        Ok(ArticleSources { kinds, sites })
    }
}

/// Adds to the counts of websites. Those of articles that are not in the database are dropped, and those beyond the limit of an
/// article and day as well. Servers that write at once are queued up at the totals of the day already.
pub(super) async fn add_sites(
    to: &impl ConnectionTrait,
    counts: &SiteCounts,
) -> Result<(), StoreError> {
    let mut all: Vec<_> = counts.iter().collect();
    all.sort_by_key(|(day, article, _)| (article.0, *day));
    for batch in all.chunks(BATCH) {
        let articles = || batch.iter().map(|(_, article, _)| Key(*article));
        let existing: HashSet<PieceKey> = piece::Entity::find()
            .select_only()
            .column(piece::Column::Id)
            .filter(piece::Column::Id.is_in(articles()))
            .into_tuple()
            .all(to)
            .await?
            .into_iter()
            .collect();
        let days = batch.iter().map(|(day, _, _)| number(*day));
        let stored = row::Entity::find()
            .filter(row::Column::Article.is_in(articles()))
            .filter(row::Column::Day.is_in(days))
            .all(to)
            .await?;
        let mut known: HashMap<(PieceKey, i32), HashSet<String>> = HashMap::new();
        for row in stored {
            known.entry((row.article, row.day)).or_default().insert(row.site);
        }
        let mut rows = Vec::new();
        for (day, article, sites) in batch {
            let (article, day) = (Key(*article), number(*day));
            if !existing.contains(&article) {
                continue;
            }
            let known = known.entry((article, day)).or_default();
            for (site, times) in *sites {
                if known.contains(&**site) || known.len() < SiteCounts::MAX_SITES {
                    known.insert(site.to_string());
                    rows.push(new_row((article, day), site, *times));
                }
            }
        }
        insert(to, rows).await?;
    }
    Ok(())
}

fn new_row((article, day): (PieceKey, i32), site: &str, times: u64) -> row::ActiveModel {
    row::ActiveModel {
        article: Set(article),
        day: Set(day),
        site: Set(site.to_owned()),
        times: Set(i64::try_from(times).unwrap_or(i64::MAX)),
    }
}

async fn insert(to: &impl ConnectionTrait, rows: Vec<row::ActiveModel>) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS) {
        let times = row::Column::Times;
        let sum = Expr::col(("article_sites", times)).add(Expr::col(("excluded", times)));
        let more = OnConflict::columns([row::Column::Article, row::Column::Day, row::Column::Site])
            .value(times, sum)
            .to_owned();
        row::Entity::insert_many(rows.to_vec())
            .on_conflict(more)
            .exec_without_returning(to)
            .await?;
    }
    Ok(())
}

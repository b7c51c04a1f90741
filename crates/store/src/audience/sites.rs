//! Where the readers of one article came from: the kinds of pages, and the domains of other websites.

use std::collections::{HashMap, HashSet};

use masthead_access::ArticleId;
use masthead_audience::{CountedEvent, Counts, Referrer, SiteCounts, SiteVisits, TopSites};
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

/// Adds to the counts of websites. Those of articles that are not in the database are dropped. Servers that write at once are queued
/// up at the totals of the day already, so that what is read stays so until it is replaced.
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
        let mut known: HashMap<(PieceKey, i32), Vec<SiteVisits>> = HashMap::new();
        for row in stored {
            known.entry((row.article, row.day)).or_default().push(read(row));
        }
        let mut rows = Vec::new();
        for (day, article, more) in batch {
            let key = (Key(*article), number(*day));
            if existing.contains(&key.0) {
                let before = known.remove(&key).unwrap_or_default();
                rows.extend(merge(to, key, before, more).await?);
            }
        }
        insert(to, rows).await?;
    }
    Ok(())
}

/// Adds visits to the list of an article and day, and deletes those who give way. Returns the rows that are new or changed.
async fn merge(
    to: &impl ConnectionTrait,
    (article, day): (PieceKey, i32),
    before: Vec<SiteVisits>,
    more: &[SiteVisits],
) -> Result<Vec<row::ActiveModel>, StoreError> {
    let mut list = TopSites::new(before.clone());
    for SiteVisits { site, times, inherited } in more {
        list.add(site, *times, *inherited);
    }
    let after = list.as_slice();
    let is_gone = |of: &&SiteVisits| !after.iter().any(|left| left.site == of.site);
    let gone: Vec<String> = before.iter().filter(is_gone).map(|of| of.site.to_string()).collect();
    if !gone.is_empty() {
        row::Entity::delete_many()
            .filter(row::Column::Article.eq(article))
            .filter(row::Column::Day.eq(day))
            .filter(row::Column::Site.is_in(gone))
            .exec(to)
            .await?;
    }
    let changed = after.iter().filter(|of| !before.contains(of));
    Ok(changed.map(|of| new_row((article, day), of)).collect())
}

fn read(row: row::Model) -> SiteVisits {
    let (times, inherited) = (row.times.unsigned_abs(), row.inherited.unsigned_abs());
    SiteVisits { site: row.site.into(), times, inherited }
}

fn new_row((article, day): (PieceKey, i32), of: &SiteVisits) -> row::ActiveModel {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    row::ActiveModel {
        article: Set(article),
        day: Set(day),
        site: Set(of.site.to_string()),
        times: Set(count(of.times)),
        inherited: Set(count(of.inherited)),
    }
}

async fn insert(to: &impl ConnectionTrait, rows: Vec<row::ActiveModel>) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS) {
        let again =
            OnConflict::columns([row::Column::Article, row::Column::Day, row::Column::Site])
                .update_columns([row::Column::Times, row::Column::Inherited])
                .to_owned();
        row::Entity::insert_many(rows.to_vec())
            .on_conflict(again)
            .exec_without_returning(to)
            .await?;
    }
    Ok(())
}

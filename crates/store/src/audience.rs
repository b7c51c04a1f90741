//! Counters of the audience.

mod addition;
mod sites;

use std::{collections::HashMap, ops::RangeInclusive};

use jiff::{Span, ToSpan, civil::Date};
use masthead_access::ArticleId;
use masthead_audience::{CountedEvent, Counts, FunnelStep, ReaderGroup, Sketch, UniqueReaders};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::{
    Store, StoreError,
    ids::{Key, PieceKey},
    records::{article_count, day_total, experiment_count, hour_total, piece, unique_readers},
};

pub use self::sites::ArticleSources;

/// Days, both ends included.
pub type Days = RangeInclusive<Date>;

/// The counts of articles.
pub type ArticleCounts = HashMap<ArticleId, Counts>;

impl Store {
    /// Returns the counts of each of these days, in order.
    #[tracing::instrument(skip_all)]
    pub async fn by_day(&self, days: &Days) -> Result<Vec<(Date, Counts)>, StoreError> {
        let rows = day_total::Entity::find()
            .filter(day_total::Column::Day.between(number(*days.start()), number(*days.end())))
            .all(&self.database)
            .await?;
        let mut by_day: HashMap<i32, Counts> = HashMap::new();
        for row in rows {
            add(by_day.entry(row.day).or_default(), row.counted, row.times);
        }
        let mut all = Vec::new();
        let mut day = *days.start();
        while day <= *days.end() {
            all.push((day, by_day.remove(&number(day)).unwrap_or_default()));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Ok(all)
    }

    /// Returns the counts of each of these hours since the Unix epoch.
    #[tracing::instrument(skip_all)]
    pub async fn by_hour(
        &self,
        hours: RangeInclusive<i64>,
    ) -> Result<Vec<(i64, Counts)>, StoreError> {
        let rows = hour_total::Entity::find()
            .filter(hour_total::Column::Hour.between(*hours.start(), *hours.end()))
            .all(&self.database)
            .await?;
        let mut by_hour: HashMap<i64, Counts> = HashMap::new();
        for row in rows {
            add(by_hour.entry(row.hour).or_default(), row.counted, row.times);
        }
        Ok(hours.map(|hour| (hour, by_hour.remove(&hour).unwrap_or_default())).collect())
    }

    /// Returns the counts of each article on these days together.
    #[tracing::instrument(skip_all)]
    pub async fn by_article(&self, days: &Days) -> Result<ArticleCounts, StoreError> {
        match self.last_article().await? {
            Some(last) => self.by_article_within(days, ArticleId(0)..=last).await,
            None => Ok(ArticleCounts::new()),
        }
    }

    /// Returns the highest number of an article or page; `None` if there is none.
    #[tracing::instrument(skip_all)]
    pub async fn last_article(&self) -> Result<Option<ArticleId>, StoreError> {
        let last: Option<PieceKey> = piece::Entity::find()
            .select_only()
            .column(piece::Column::Id)
            .order_by_desc(piece::Column::Id)
            .limit(1)
            .into_tuple()
            .one(&self.database)
            .await?;
        Ok(last.map(|key| key.0))
    }

    /// Returns the counts of each of these articles on these days together. Those of an archive take much memory, so that they are
    /// read in parts.
    #[tracing::instrument(skip_all)]
    pub async fn by_article_within(
        &self,
        days: &Days,
        articles: RangeInclusive<ArticleId>,
    ) -> Result<ArticleCounts, StoreError> {
        let (from, to) = (number(*days.start()), number(*days.end()));
        let (first, last) = (Key(*articles.start()), Key(*articles.end()));
        let numbers = CountedEvent::ALL.map(CountedEvent::number);
        let rows: Vec<(i16, PieceKey, i64)> = article_count::Entity::find()
            .select_only()
            .column(article_count::Column::Counted)
            .column(article_count::Column::Article)
            // PostgreSQL sums to a number of any size.
            .column_as(Expr::col(article_count::Column::Times).sum().cast_as("bigint"), "times")
            .filter(article_count::Column::Counted.is_in(numbers))
            .filter(article_count::Column::Day.between(from, to))
            .filter(article_count::Column::Article.between(first, last))
            .group_by(article_count::Column::Counted)
            .group_by(article_count::Column::Article)
            .into_tuple()
            .all(&self.database)
            .await?;
        let mut by_article = ArticleCounts::new();
        for (counted, article, times) in rows {
            add(by_article.entry(article.0).or_default(), counted, times);
        }
        Ok(by_article)
    }

    /// Returns the counts of an article on each of these days, in order.
    #[tracing::instrument(skip_all)]
    pub async fn of_article(
        &self,
        article: ArticleId,
        days: &Days,
    ) -> Result<Vec<(Date, Counts)>, StoreError> {
        let (first, last) = (number(*days.start()), number(*days.end()));
        // Every part of the primary key is named, so that the rows of other articles are not read.
        let rows = article_count::Entity::find()
            .filter(article_count::Column::Day.is_in(first..=last))
            .filter(article_count::Column::Counted.is_in(article_events()))
            .filter(article_count::Column::Article.eq(Key(article)))
            .all(&self.database)
            .await?;
        let mut by_day: HashMap<i32, Counts> = HashMap::new();
        for row in rows {
            add(by_day.entry(row.day).or_default(), row.counted, row.times);
        }
        let each = days.start().series(1.day()).take_while(|day| day <= days.end());
        Ok(each.map(|day| (day, by_day.remove(&number(day)).unwrap_or_default())).collect())
    }

    /// Returns the counts of the experiment with this number.
    #[tracing::instrument(skip_all)]
    pub async fn experiment_counts(&self, experiment: u32) -> Result<Counts, StoreError> {
        let rows = experiment_count::Entity::find()
            .filter(
                experiment_count::Column::Experiment
                    .eq(i32::try_from(experiment).unwrap_or(i32::MAX)),
            )
            .all(&self.database)
            .await?;
        let mut counts = Counts::default();
        for row in rows {
            add(&mut counts, row.counted, row.times);
        }
        Ok(counts)
    }

    /// Returns at most `most` articles that were read on these days, the most read first.
    #[tracing::instrument(skip_all)]
    pub async fn most_read(&self, days: &Days, most: u64) -> Result<Vec<ArticleId>, StoreError> {
        let reads = CountedEvent::ALL.into_iter().filter(|counted| counted.is_read());
        let found = self.top_articles(days, &reads.collect::<Vec<_>>(), most).await?;
        Ok(found.into_iter().map(|(article, _)| article).collect())
    }

    /// Returns at most `most` articles with the most of these events on these days, and how many, the highest number first.
    #[tracing::instrument(skip_all)]
    pub async fn top_articles(
        &self,
        days: &Days,
        events: &[CountedEvent],
        most: u64,
    ) -> Result<Vec<(ArticleId, u64)>, StoreError> {
        let sum = || Expr::col(article_count::Column::Times).sum();
        let rows: Vec<(PieceKey, i64)> = article_count::Entity::find()
            .select_only()
            .column(article_count::Column::Article)
            // PostgreSQL sums to a number of any size.
            .column_as(sum().cast_as("bigint"), "times")
            .filter(article_count::Column::Counted.is_in(events.iter().map(|event| event.number())))
            .filter(article_count::Column::Day.between(number(*days.start()), number(*days.end())))
            .group_by(article_count::Column::Article)
            .order_by_desc(sum())
            .order_by_desc(article_count::Column::Article)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|(key, times)| (key.0, times.unsigned_abs())).collect())
    }

    /// Returns the unique visitors of these kinds on these days together.
    #[tracing::instrument(skip_all)]
    pub async fn uniques(
        &self,
        days: &Days,
        wanted: &[ReaderGroup],
    ) -> Result<UniqueReaders, StoreError> {
        let parts = self.uniques_of_parts(std::slice::from_ref(days), wanted).await?;
        Ok(parts.into_iter().next().unwrap_or_default())
    }

    /// Returns the unique visitors of these kinds in each part of a period. The parts follow one another.
    #[tracing::instrument(skip_all)]
    pub async fn uniques_of_parts(
        &self,
        parts: &[Days],
        wanted: &[ReaderGroup],
    ) -> Result<Vec<UniqueReaders>, StoreError> {
        let mut uniques = vec![UniqueReaders::default(); parts.len()];
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(uniques) };
        let numbers = wanted.iter().map(|group| group.number());
        let rows = unique_readers::Entity::find()
            .filter(unique_readers::Column::ReaderGroup.is_in(numbers))
            .filter(
                unique_readers::Column::Day.between(number(*first.start()), number(*last.end())),
            )
            .all(&self.database)
            .await?;
        let ends: Vec<i32> = parts.iter().map(|part| number(*part.end())).collect();
        for row in rows {
            let part = ends.partition_point(|end| *end < row.day);
            let (Some(group), Some(uniques)) =
                (ReaderGroup::from_number(row.reader_group), uniques.get_mut(part))
            else {
                continue;
            };
            uniques.add(group, &Sketch::from_bytes(&row.sketch).map_err(StoreError::unreadable)?);
        }
        Ok(uniques)
    }
}

/// The numbers of the events that are counted of an article.
fn article_events() -> Vec<i16> {
    let after = [None]
        .into_iter()
        .chain(CountedEvent::ALL.into_iter().filter_map(CountedEvent::wall).map(Some))
        .flat_map(|wall| FunnelStep::ALL.map(|step| CountedEvent::After(wall, step)));
    CountedEvent::ALL.into_iter().chain(after).map(CountedEvent::number).collect()
}

fn add(to: &mut Counts, counted: i16, times: i64) {
    // A later version may have counted what this one does not know.
    if let Some(counted) = CountedEvent::from_number(counted) {
        to.add(counted, times.unsigned_abs());
    }
}

/// Converts from days since 1 January 1970.
pub(crate) fn day(number: i32) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    let days = Span::new().try_days(number).ok();
    days.and_then(|days| epoch.checked_add(days).ok()).unwrap_or(epoch)
}

/// Converts to days since 1 January 1970.
pub(crate) fn number(day: Date) -> i32 {
    day.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())
}

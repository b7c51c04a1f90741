//! Counters of the audience.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
};

use jiff::civil::Date;
use masthead_access::ArticleId;
use masthead_audience::{
    CountedEvent, CounterBatch, Counts, EventTime, ReaderGroup, Sketch, Subject, UniqueReaders,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    TransactionTrait,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Store, StoreError,
    ids::{Key, PieceKey},
    records::{crowd, day_total, experiment_tally, hour_total, piece, tally},
};

/// Rows in one statement.
const BATCH: usize = 500;

/// Days, both ends included.
pub type Days = RangeInclusive<Date>;

/// The counts of articles.
pub type ArticleCounts = HashMap<ArticleId, Counts>;

impl Store {
    /// Adds a batch of a server's counters, all or nothing.
    pub async fn add_to_audience(&self, haul: &CounterBatch) -> Result<(), StoreError> {
        let mut days: HashMap<(Date, CountedEvent), u64> = HashMap::new();
        let mut hours: HashMap<(i64, CountedEvent), u64> = HashMap::new();
        let mut articles: HashMap<(Date, CountedEvent, ArticleId), u64> = HashMap::new();
        let mut experiments: HashMap<(Date, CountedEvent, u32), u64> = HashMap::new();
        for ((EventTime { day, hour }, counted, subject), times) in &haul.counts {
            *days.entry((*day, *counted)).or_default() += times;
            *hours.entry((*hour, *counted)).or_default() += times;
            match subject {
                Subject::Publication => {}
                Subject::Article(article) => {
                    *articles.entry((*day, *counted, *article)).or_default() += times;
                }
                Subject::Experiment(number) => {
                    *experiments.entry((*day, *counted, *number)).or_default() += times;
                }
            }
        }
        let transaction = self.database.begin().await?;
        // The totals first: servers that write at once queue up at the same row.
        let mut days: Vec<_> = days.into_iter().collect();
        days.sort_by_key(|((day, counted), _)| (*day, counted.number()));
        for ((day, counted), times) in days {
            let row = day_total::ActiveModel {
                day: Set(number(day)),
                counted: Set(counted.number()),
                times: Set(signed(times)),
            };
            let more = OnConflict::columns([day_total::Column::Day, day_total::Column::Counted])
                .value(day_total::Column::Times, more("day_totals"))
                .to_owned();
            day_total::Entity::insert(row)
                .on_conflict(more)
                .exec_without_returning(&transaction)
                .await?;
        }
        let mut hours: Vec<_> = hours.into_iter().collect();
        hours.sort_by_key(|((hour, counted), _)| (*hour, counted.number()));
        for ((hour, counted), times) in hours {
            let row = hour_total::ActiveModel {
                hour: Set(hour),
                counted: Set(counted.number()),
                times: Set(signed(times)),
            };
            let more = OnConflict::columns([hour_total::Column::Hour, hour_total::Column::Counted])
                .value(hour_total::Column::Times, more("hour_totals"))
                .to_owned();
            hour_total::Entity::insert(row)
                .on_conflict(more)
                .exec_without_returning(&transaction)
                .await?;
        }
        add_to_articles(&transaction, articles).await?;
        add_to_experiments(&transaction, experiments).await?;
        let mut uniques: Vec<_> = haul.uniques.iter().collect();
        uniques.sort_by_key(|((day, crowd), _)| (*day, *crowd));
        for ((day, crowd), sketch) in uniques {
            merge(&transaction, *day, *crowd, sketch).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Returns the counts of each of these days, in order.
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
    pub async fn by_article(&self, days: &Days) -> Result<ArticleCounts, StoreError> {
        let (from, to) = (number(*days.start()), number(*days.end()));
        let numbers = CountedEvent::ALL.map(CountedEvent::number);
        let rows: Vec<(i16, PieceKey, i64)> = tally::Entity::find()
            .select_only()
            .column(tally::Column::Counted)
            .column(tally::Column::Article)
            // PostgreSQL sums to a number of any size.
            .column_as(Expr::col(tally::Column::Times).sum().cast_as("bigint"), "times")
            .filter(tally::Column::Counted.is_in(numbers))
            .filter(tally::Column::Day.between(from, to))
            .group_by(tally::Column::Counted)
            .group_by(tally::Column::Article)
            .into_tuple()
            .all(&self.database)
            .await?;
        let mut by_article = ArticleCounts::new();
        for (counted, article, times) in rows {
            add(by_article.entry(article.0).or_default(), counted, times);
        }
        Ok(by_article)
    }

    /// Returns the counts of the experiment with this number.
    pub async fn experiment_counts(&self, experiment: u32) -> Result<Counts, StoreError> {
        let rows = experiment_tally::Entity::find()
            .filter(
                experiment_tally::Column::Experiment
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
    pub async fn most_read(&self, days: &Days, most: u64) -> Result<Vec<ArticleId>, StoreError> {
        let reads = CountedEvent::ALL.into_iter().filter(|counted| counted.is_read());
        let rows: Vec<PieceKey> = tally::Entity::find()
            .select_only()
            .column(tally::Column::Article)
            .filter(tally::Column::Counted.is_in(reads.map(CountedEvent::number)))
            .filter(tally::Column::Day.between(number(*days.start()), number(*days.end())))
            .group_by(tally::Column::Article)
            .order_by_desc(Expr::col(tally::Column::Times).sum())
            .order_by_desc(tally::Column::Article)
            .limit(most)
            .into_tuple()
            .all(&self.database)
            .await?;
        Ok(rows.into_iter().map(|key| key.0).collect())
    }

    /// Returns the unique visitors of these kinds on these days together.
    pub async fn uniques(
        &self,
        days: &Days,
        wanted: &[ReaderGroup],
    ) -> Result<UniqueReaders, StoreError> {
        let parts = self.uniques_of_parts(std::slice::from_ref(days), wanted).await?;
        Ok(parts.into_iter().next().unwrap_or_default())
    }

    /// Returns the unique visitors of these kinds in each part of a period. The parts follow one another.
    pub async fn uniques_of_parts(
        &self,
        parts: &[Days],
        wanted: &[ReaderGroup],
    ) -> Result<Vec<UniqueReaders>, StoreError> {
        let mut uniques = vec![UniqueReaders::default(); parts.len()];
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(uniques) };
        let numbers = wanted.iter().map(|crowd| crowd.number());
        let rows = crowd::Entity::find()
            .filter(crowd::Column::Crowd.is_in(numbers))
            .filter(crowd::Column::Day.between(number(*first.start()), number(*last.end())))
            .all(&self.database)
            .await?;
        let ends: Vec<i32> = parts.iter().map(|part| number(*part.end())).collect();
        for row in rows {
            let part = ends.partition_point(|end| *end < row.day);
            let (Some(crowd), Some(uniques)) =
                (ReaderGroup::from_number(row.crowd), uniques.get_mut(part))
            else {
                continue;
            };
            uniques.add(crowd, &Sketch::from_bytes(&row.sketch).map_err(StoreError::unreadable)?);
        }
        Ok(uniques)
    }
}

/// Adds to the counts of articles. Those of articles that are not in the database are dropped: they
/// must not keep all others from being written.
async fn add_to_articles(
    to: &impl ConnectionTrait,
    counts: HashMap<(Date, CountedEvent, ArticleId), u64>,
) -> Result<(), StoreError> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((day, counted, article), _)| (*day, counted.number(), article.0));
    for batch in counts.chunks(BATCH) {
        let articles = batch.iter().map(|((_, _, article), _)| Key(*article));
        let known: HashSet<PieceKey> = piece::Entity::find()
            .select_only()
            .column(piece::Column::Id)
            .filter(piece::Column::Id.is_in(articles))
            .into_tuple()
            .all(to)
            .await?
            .into_iter()
            .collect();
        let rows: Vec<_> = batch
            .iter()
            .filter(|((_, _, article), _)| known.contains(&Key(*article)))
            .map(|((day, counted, article), times)| tally::ActiveModel {
                day: Set(number(*day)),
                counted: Set(counted.number()),
                article: Set(Key(*article)),
                times: Set(signed(*times)),
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        let key = [tally::Column::Counted, tally::Column::Day, tally::Column::Article];
        let more = OnConflict::columns(key).value(tally::Column::Times, more("tallies")).to_owned();
        tally::Entity::insert_many(rows).on_conflict(more).exec_without_returning(to).await?;
    }
    Ok(())
}

/// Adds to the counts of experiments.
async fn add_to_experiments(
    to: &impl ConnectionTrait,
    counts: HashMap<(Date, CountedEvent, u32), u64>,
) -> Result<(), StoreError> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((day, counted, experiment), _)| (*day, counted.number(), *experiment));
    for ((day, counted, experiment), times) in counts {
        let row = experiment_tally::ActiveModel {
            experiment: Set(i32::try_from(experiment).unwrap_or(i32::MAX)),
            counted: Set(counted.number()),
            day: Set(number(day)),
            times: Set(signed(times)),
        };
        let key = [
            experiment_tally::Column::Experiment,
            experiment_tally::Column::Counted,
            experiment_tally::Column::Day,
        ];
        let more = OnConflict::columns(key)
            .value(experiment_tally::Column::Times, more("experiment_tallies"))
            .to_owned();
        experiment_tally::Entity::insert(row).on_conflict(more).exec_without_returning(to).await?;
    }
    Ok(())
}

/// Adds to the unique visitors of a day.
async fn merge(
    to: &impl ConnectionTrait,
    day: Date,
    which: ReaderGroup,
    sketch: &Sketch,
) -> Result<(), StoreError> {
    let key = (number(day), which.number());
    // The totals are locked already, so nobody else adds to the same sketch meanwhile.
    let known = crowd::Entity::find_by_id(key).one(to).await?;
    let mut all = sketch.clone();
    if let Some(known) = known {
        all.merge(&Sketch::from_bytes(&known.sketch).map_err(StoreError::unreadable)?);
    }
    let row =
        crowd::ActiveModel { day: Set(key.0), crowd: Set(key.1), sketch: Set(all.to_bytes()) };
    let again = OnConflict::columns([crowd::Column::Day, crowd::Column::Crowd])
        .update_column(crowd::Column::Sketch)
        .to_owned();
    crowd::Entity::insert(row).on_conflict(again).exec_without_returning(to).await?;
    Ok(())
}

/// Adds the new value to the stored one.
fn more(table: &'static str) -> sea_orm::sea_query::Expr {
    Expr::col((table, tally::Column::Times)).add(Expr::col(("excluded", tally::Column::Times)))
}

fn add(to: &mut Counts, counted: i16, times: i64) {
    // A later version may have counted what this one does not know.
    if let Some(counted) = CountedEvent::from_number(counted) {
        to.add(counted, times.unsigned_abs());
    }
}

fn signed(times: u64) -> i64 {
    i64::try_from(times).unwrap_or(i64::MAX)
}

/// Converts to days since 1 January 1970.
fn number(day: Date) -> i32 {
    day.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())
}

//! Adding a batch of counters to the stored counts.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use masthead_access::ArticleId;
use masthead_audience::{CountedEvent, CounterBatch, EventTime, ReaderGroup, Sketch, Subject};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::{number, sites::add_sites};
use crate::{
    Store, StoreError,
    ids::{Key, PieceKey},
    records::{article_count, day_total, experiment_count, hour_total, piece, unique_readers},
};

/// Rows in one statement.
const BATCH: usize = 500;

impl Store {
    /// Adds a batch of a server's counters, all or nothing.
    #[tracing::instrument(skip_all)]
    pub async fn add_to_audience(&self, batch: &CounterBatch) -> Result<(), StoreError> {
        let totals = Totals::of(batch);
        let transaction = self.begin().await?;
        // The totals come first: servers that write at once queue up at the same row.
        add_to_days(&transaction, totals.days).await?;
        add_to_hours(&transaction, totals.hours).await?;
        add_to_articles(&transaction, totals.articles).await?;
        add_to_experiments(&transaction, totals.experiments).await?;
        add_sites(&transaction, &batch.sites).await?;
        let mut uniques: Vec<_> = batch.uniques.iter().collect();
        uniques.sort_by_key(|((day, group), _)| (*day, *group));
        for ((day, group), sketch) in uniques {
            merge(&transaction, *day, *group, sketch).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// The counters of a batch, summed by row.
#[derive(Default)]
struct Totals {
    days: HashMap<(Date, CountedEvent), u64>,
    hours: HashMap<(i64, CountedEvent), u64>,
    articles: HashMap<(Date, CountedEvent, ArticleId), u64>,
    experiments: HashMap<(Date, CountedEvent, u32), u64>,
}

impl Totals {
    fn of(batch: &CounterBatch) -> Self {
        let mut totals = Self::default();
        for ((EventTime { day, hour }, counted, subject), times) in &batch.counts {
            *totals.days.entry((*day, *counted)).or_default() += times;
            *totals.hours.entry((*hour, *counted)).or_default() += times;
            match subject {
                Subject::Publication => {}
                Subject::Article(article) => {
                    *totals.articles.entry((*day, *counted, *article)).or_default() += times;
                }
                Subject::Experiment(number) => {
                    *totals.experiments.entry((*day, *counted, *number)).or_default() += times;
                }
            }
        }
        totals
    }
}

/// Adds to the totals of days.
async fn add_to_days(
    to: &impl ConnectionTrait,
    counts: HashMap<(Date, CountedEvent), u64>,
) -> Result<(), StoreError> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((day, counted), _)| (*day, counted.number()));
    for ((day, counted), times) in counts {
        let row = day_total::ActiveModel {
            day: Set(number(day)),
            counted: Set(counted.number()),
            times: Set(signed(times)),
        };
        let more = OnConflict::columns([day_total::Column::Day, day_total::Column::Counted])
            .value(day_total::Column::Times, more("day_totals"))
            .to_owned();
        day_total::Entity::insert(row).on_conflict(more).exec_without_returning(to).await?;
    }
    Ok(())
}

/// Adds to the totals of hours.
async fn add_to_hours(
    to: &impl ConnectionTrait,
    counts: HashMap<(i64, CountedEvent), u64>,
) -> Result<(), StoreError> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|((hour, counted), _)| (*hour, counted.number()));
    for ((hour, counted), times) in counts {
        let row = hour_total::ActiveModel {
            hour: Set(hour),
            counted: Set(counted.number()),
            times: Set(signed(times)),
        };
        let more = OnConflict::columns([hour_total::Column::Hour, hour_total::Column::Counted])
            .value(hour_total::Column::Times, more("hour_totals"))
            .to_owned();
        hour_total::Entity::insert(row).on_conflict(more).exec_without_returning(to).await?;
    }
    Ok(())
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
            .map(|((day, counted, article), times)| article_count::ActiveModel {
                day: Set(number(*day)),
                counted: Set(counted.number()),
                article: Set(Key(*article)),
                times: Set(signed(*times)),
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        let key = [
            article_count::Column::Counted,
            article_count::Column::Day,
            article_count::Column::Article,
        ];
        let more = OnConflict::columns(key)
            .value(article_count::Column::Times, more("article_counts"))
            .to_owned();
        article_count::Entity::insert_many(rows)
            .on_conflict(more)
            .exec_without_returning(to)
            .await?;
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
        let row = experiment_count::ActiveModel {
            experiment: Set(i32::try_from(experiment).unwrap_or(i32::MAX)),
            counted: Set(counted.number()),
            day: Set(number(day)),
            times: Set(signed(times)),
        };
        let key = [
            experiment_count::Column::Experiment,
            experiment_count::Column::Counted,
            experiment_count::Column::Day,
        ];
        let more = OnConflict::columns(key)
            .value(experiment_count::Column::Times, more("experiment_counts"))
            .to_owned();
        experiment_count::Entity::insert(row).on_conflict(more).exec_without_returning(to).await?;
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
    let known = unique_readers::Entity::find_by_id(key).one(to).await?;
    let mut all = sketch.clone();
    if let Some(known) = known {
        all.merge(&Sketch::from_bytes(&known.sketch).map_err(StoreError::unreadable)?);
    }
    let row = unique_readers::ActiveModel {
        day: Set(key.0),
        reader_group: Set(key.1),
        sketch: Set(all.to_bytes()),
    };
    let again =
        OnConflict::columns([unique_readers::Column::Day, unique_readers::Column::ReaderGroup])
            .update_column(unique_readers::Column::Sketch)
            .to_owned();
    unique_readers::Entity::insert(row).on_conflict(again).exec_without_returning(to).await?;
    Ok(())
}

/// Adds the new value to the stored one.
fn more(table: &'static str) -> Expr {
    Expr::col((table, article_count::Column::Times))
        .add(Expr::col(("excluded", article_count::Column::Times)))
}

fn signed(times: u64) -> i64 {
    i64::try_from(times).unwrap_or(i64::MAX)
}

//! Simulated readers of the demonstration, so that the desk has something to show.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use masthead_access::{ArticleId, WallReason};
use masthead_audience::{
    CountedEvent, CounterBatch, EventTime, FunnelStep, ReaderGroup, Referrer, Sketch, Subject,
};
use masthead_store::Store;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::error::CliError;

/// The number of simulated days.
const DAYS: i32 = 200;
/// The number of readers on an ordinary day.
const READERS: u32 = 260;

/// Counts readers of these articles, on the days up to yesterday.
pub async fn simulate(
    store: &Store,
    articles: &[ArticleId],
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(), CliError> {
    if articles.is_empty() {
        return Ok(());
    }
    // The same in every demonstration.
    let mut rng = StdRng::seed_from_u64(7);
    let today = now.to_zoned_datetime(zone.clone()).date();
    for back in (1..=DAYS).rev() {
        let Ok(day) = today.checked_sub(back.days()) else { continue };
        store.add_to_audience(&one_day(day, back, articles, &mut rng)).await?;
    }
    Ok(())
}

fn one_day(day: Date, back: i32, articles: &[ArticleId], rng: &mut StdRng) -> CounterBatch {
    let mut batch = CounterBatch::default();
    let hour =
        day.to_zoned_datetime(TimeZone::UTC).map_or(0, |at| at.timestamp().as_second() / 3600);
    // The publication grows, and has fewer readers at the weekend.
    let growth = READERS * u32::try_from(DAYS - back / 2).unwrap_or(1) / DAYS.unsigned_abs();
    let weekend =
        matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let readers = growth * if weekend { 7 } else { 10 } / 10 + rng.random_range(0..READERS / 6);
    for _ in 0..readers {
        let number = u128::from(rng.random_range(0..READERS * 25));
        let reads = match rng.random_range(0..100) {
            0..62 => 1,
            62..84 => 2,
            84..93 => 3,
            _ => 4,
        };
        let mut join =
            |group| batch.uniques.entry((day, group)).or_insert_with(Sketch::default).add(number);
        join(ReaderGroup::Readers);
        for nth in 1..=reads {
            join(ReaderGroup::Reached { registered: false, articles: nth });
        }
        if reads == 4 {
            join(ReaderGroup::Walled);
        }
        for nth in 1..=reads {
            // The newest articles are read most.
            let place =
                rng.random_range(0..articles.len()).min(rng.random_range(0..articles.len()));
            let mut count = |counted| {
                let article = match counted {
                    CountedEvent::After(..)
                    | CountedEvent::ReadFrom(_)
                    | CountedEvent::WallFrom(_) => Subject::Publication,
                    _ => Subject::Article(articles[place]),
                };
                *batch.counts.entry((EventTime { day, hour }, counted, article)).or_default() += 1;
            };
            let goes_on = nth > 1 && rng.random_bool(0.7);
            let from = if goes_on { Referrer::Internal } else { arrival(rng) };
            if nth < 4 {
                count(CountedEvent::ReadFrom(from));
                count(if rng.random_bool(0.7) {
                    CountedEvent::MeteredRead
                } else {
                    CountedEvent::OpenRead
                });
                continue;
            }
            let wall =
                if rng.random_bool(0.8) { WallReason::Register } else { WallReason::Subscribers };
            count(CountedEvent::Wall(wall));
            count(CountedEvent::WallFrom(from));
            if rng.random_range(0..40) == 0 {
                count(CountedEvent::CheckoutBegun);
            }
            for (step, one_in) in [
                (FunnelStep::Registered, 14),
                (FunnelStep::OffersSeen, 6),
                (FunnelStep::TrialBegun, 120),
                (FunnelStep::Bought, 90),
            ] {
                if rng.random_range(0..one_in) == 0 {
                    count(step.counted());
                    count(CountedEvent::After(Some(wall), step));
                }
            }
        }
    }
    batch
}

/// Draws the source from which a reader comes.
fn arrival(rng: &mut StdRng) -> Referrer {
    match rng.random_range(0..100) {
        0..34 => Referrer::Unknown,
        34..68 => Referrer::Search,
        68..84 => Referrer::Social,
        84..88 => Referrer::Assistant,
        88..94 => Referrer::Other,
        _ => Referrer::Internal,
    }
}

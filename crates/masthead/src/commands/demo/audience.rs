//! Readers that the demonstration pretends to have had, so that its desk has something to show.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use masthead_access::{ArticleId, WallReason};
use masthead_audience::{Counted, CounterBatch, FunnelStep, Referrer, Sketch, Subject, Uniques};
use masthead_store::Store;
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::error::CliError;

/// For how many days it has had some.
const DAYS: i32 = 200;
/// Readers on an ordinary day.
const READERS: u32 = 260;

/// Counts readers of these articles, on the days up to yesterday.
pub async fn pretend(
    store: &Store,
    articles: &[ArticleId],
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(), CliError> {
    if articles.is_empty() {
        return Ok(());
    }
    // The same in every demonstration.
    let mut chance = StdRng::seed_from_u64(7);
    let today = now.to_zoned_datetime(zone.clone()).date();
    for back in (1..=DAYS).rev() {
        let Ok(day) = today.checked_sub(back.days()) else { continue };
        store.add_to_audience(&one_day(day, back, articles, &mut chance)).await?;
    }
    Ok(())
}

fn one_day(day: Date, back: i32, articles: &[ArticleId], chance: &mut StdRng) -> CounterBatch {
    let mut haul = CounterBatch::default();
    let hour =
        day.to_zoned_datetime(TimeZone::UTC).map_or(0, |at| at.timestamp().as_second() / 3600);
    // A publication that grows, and is read less at the weekend.
    let growth = READERS * u32::try_from(DAYS - back / 2).unwrap_or(1) / DAYS.unsigned_abs();
    let weekend =
        matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let readers = growth * if weekend { 7 } else { 10 } / 10 + chance.random_range(0..READERS / 6);
    for _ in 0..readers {
        let number = u128::from(chance.random_range(0..READERS * 25));
        let reads = match chance.random_range(0..100) {
            0..62 => 1,
            62..84 => 2,
            84..93 => 3,
            _ => 4,
        };
        let mut join =
            |crowd| haul.crowds.entry((day, crowd)).or_insert_with(Sketch::default).add(number);
        join(Uniques::Readers);
        for nth in 1..=reads {
            join(Uniques::Reached { registered: false, articles: nth });
        }
        if reads == 4 {
            join(Uniques::Walled);
        }
        for nth in 1..=reads {
            // The newest articles are read the most.
            let place =
                chance.random_range(0..articles.len()).min(chance.random_range(0..articles.len()));
            let mut count = |counted| {
                let article = match counted {
                    Counted::After(..) | Counted::ReadFrom(_) | Counted::WallFrom(_) => {
                        Subject::Publication
                    }
                    _ => Subject::Article(articles[place]),
                };
                *haul.counts.entry(((day, hour), counted, article)).or_default() += 1;
            };
            let goes_on = nth > 1 && chance.random_bool(0.7);
            let from = if goes_on { Referrer::Own } else { arrival(chance) };
            if nth < 4 {
                count(Counted::ReadFrom(from));
                count(if chance.random_bool(0.7) {
                    Counted::MeteredRead
                } else {
                    Counted::OpenRead
                });
                continue;
            }
            let wall = if chance.random_bool(0.8) {
                WallReason::Register
            } else {
                WallReason::Subscribers
            };
            count(Counted::Wall(wall));
            count(Counted::WallFrom(from));
            if chance.random_range(0..40) == 0 {
                count(Counted::CheckoutBegun);
            }
            for (step, one_in) in [
                (FunnelStep::Registered, 14),
                (FunnelStep::OffersSeen, 6),
                (FunnelStep::TrialBegun, 120),
                (FunnelStep::Bought, 90),
            ] {
                if chance.random_range(0..one_in) == 0 {
                    count(step.counted());
                    count(Counted::After(Some(wall), step));
                }
            }
        }
    }
    haul
}

/// Where a reader comes from at first.
fn arrival(chance: &mut StdRng) -> Referrer {
    match chance.random_range(0..100) {
        0..34 => Referrer::Unsaid,
        34..68 => Referrer::Search,
        68..84 => Referrer::Social,
        84..88 => Referrer::Assistant,
        88..94 => Referrer::Elsewhere,
        _ => Referrer::Own,
    }
}

//! Simulated readers of the demonstration, so that the desk has something to show.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use masthead_access::{ArticleId, WallReason};
use masthead_audience::{
    CountedEvent, CounterBatch, EventTime, FunnelStep, ReaderGroup, Referrer, Subject,
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
    // The publication grows, and has fewer readers at the weekend.
    let growth = READERS * u32::try_from(DAYS - back / 2).unwrap_or(1) / DAYS.unsigned_abs();
    let weekend =
        matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
    let readers = growth * if weekend { 7 } else { 10 } / 10 + rng.random_range(0..READERS / 6);
    let hour =
        day.to_zoned_datetime(TimeZone::UTC).map_or(0, |at| at.timestamp().as_second() / 3600);
    let mut simulated = SimulatedDay { day, hour, articles, batch: CounterBatch::default() };
    for _ in 0..readers {
        simulated.reader(rng);
    }
    simulated.batch
}

/// A simulated day, with what has been counted so far.
struct SimulatedDay<'a> {
    day: Date,
    /// The hour since the Unix epoch at which the day begins.
    hour: i64,
    articles: &'a [ArticleId],
    batch: CounterBatch,
}

impl SimulatedDay<'_> {
    /// Counts the visits of a reader, who reads up to three articles and then has a wall.
    fn reader(&mut self, rng: &mut StdRng) {
        let number = u128::from(rng.random_range(0..READERS * 25));
        let reads = match rng.random_range(0..100) {
            0..62 => 1,
            62..84 => 2,
            84..93 => 3,
            _ => 4,
        };
        self.join(ReaderGroup::Readers, number);
        for articles in 1..=reads {
            self.join(ReaderGroup::Reached { registered: false, articles }, number);
        }
        if reads == 4 {
            self.join(ReaderGroup::Walled, number);
        }
        for nth in 1..=reads {
            // The newest articles are read most.
            let place = rng
                .random_range(0..self.articles.len())
                .min(rng.random_range(0..self.articles.len()));
            let goes_on = nth > 1 && rng.random_bool(0.7);
            let from = if goes_on { Referrer::Internal } else { arrival(rng) };
            if nth < 4 {
                self.read(place, from, rng);
            } else {
                self.wall(place, from, rng);
            }
        }
    }

    fn read(&mut self, place: usize, from: Referrer, rng: &mut StdRng) {
        self.count(place, CountedEvent::ReadFrom(from));
        let metered = rng.random_bool(0.7);
        self.count(place, if metered { CountedEvent::MeteredRead } else { CountedEvent::OpenRead });
    }

    /// Counts a wall and what followed from it.
    fn wall(&mut self, place: usize, from: Referrer, rng: &mut StdRng) {
        let wall =
            if rng.random_bool(0.8) { WallReason::Register } else { WallReason::Subscribers };
        self.count(place, CountedEvent::Wall(wall));
        self.count(place, CountedEvent::WallFrom(from));
        if rng.random_range(0..40) == 0 {
            self.count(place, CountedEvent::CheckoutBegun);
        }
        for (step, one_in) in [
            (FunnelStep::Registered, 14),
            (FunnelStep::OffersSeen, 6),
            (FunnelStep::TrialBegun, 120),
            (FunnelStep::Bought, 90),
        ] {
            if rng.random_range(0..one_in) == 0 {
                self.count(place, step.counted());
                self.count(place, CountedEvent::After(Some(wall), step));
            }
        }
    }

    fn join(&mut self, group: ReaderGroup, reader: u128) {
        let sketch = self.batch.uniques.entry((self.day, group)).or_default();
        sketch.add(reader);
    }

    /// Counts an event of the article at this place in the list.
    fn count(&mut self, place: usize, counted: CountedEvent) {
        let subject = match counted {
            CountedEvent::After(..) | CountedEvent::ReadFrom(_) | CountedEvent::WallFrom(_) => {
                Subject::Publication
            }
            _ => Subject::Article(self.articles[place]),
        };
        let time = EventTime { day: self.day, hour: self.hour };
        *self.batch.counts.entry((time, counted, subject)).or_default() += 1;
    }
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

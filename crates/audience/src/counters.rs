//! Counters for the events since the last write to the database. Counting takes a short lock, and
//! no allocation for an article that has been counted before.

use std::mem;

use foldhash::HashMap;
use jiff::civil::Date;
use masthead_access::{ArticleId, Decision, Outcome, WallReason};
use parking_lot::Mutex;

use crate::{
    counted::CountedEvent,
    referrer::Referrer,
    uniques::{MAX_REACHED, ReaderGroup, Sketch},
};

/// The number of shards, each with its own lock.
const SHARDS: usize = 16;

/// The time of an event, in the publication's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventTime {
    /// The day.
    pub day: Date,
    /// The hour since the Unix epoch.
    pub hour: i64,
}

/// A reader, as far as the counters need to know.
#[derive(Clone, Copy, Debug)]
pub struct CountedReader {
    /// A number that is unique to the reader.
    pub number: u128,
    /// Whether the reader has an account.
    pub registered: bool,
}

/// What an event happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The publication as a whole.
    Publication,
    /// An article.
    Article(ArticleId),
    /// The experiment with this number.
    Experiment(u32),
}

impl From<ArticleId> for Subject {
    fn from(article: ArticleId) -> Self {
        Self::Article(article)
    }
}

/// The events and readers of some period, ready to be written.
#[derive(Debug, Default)]
pub struct CounterBatch {
    /// The number of events.
    pub counts: HashMap<(EventTime, CountedEvent, Subject), u64>,
    /// The readers, as sketches.
    pub uniques: HashMap<(Date, ReaderGroup), Sketch>,
}

impl CounterBatch {
    /// Returns `true` if the batch is empty.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.uniques.is_empty()
    }

    /// Adds another batch to this one.
    pub fn add(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        for (key, sketch) in other.uniques {
            self.uniques.entry(key).or_default().merge(&sketch);
        }
    }
}

/// The counters of one server.
pub struct Counters {
    shards: Box<[Mutex<CounterBatch>]>,
    /// Without the salt, the stored sketches cannot be matched with readers.
    salt: u128,
}

impl Counters {
    /// Creates empty counters. The salt must be the same on every server and never change, or
    /// readers are counted twice.
    pub fn new(salt: u128) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), salt }
    }

    /// Counts a visit of a reader who came from `from`.
    pub fn visit(
        &self,
        when: EventTime,
        article: ArticleId,
        decision: &Decision,
        reader: CountedReader,
        from: Referrer,
    ) {
        let Some(counted) = CountedEvent::of(decision) else { return };
        self.count(when, Subject::Article(article), counted);
        let articles_reached = articles_reached(decision, reader.registered);
        let number = reader.number ^ self.salt;
        let mut batch = self.shard(number).lock();
        let from = if counted.is_wall() {
            CountedEvent::WallFrom(from)
        } else {
            CountedEvent::ReadFrom(from)
        };
        *batch.counts.entry((when, from, Subject::Publication)).or_default() += 1;
        let mut add_reader =
            |group| batch.uniques.entry((when.day, group)).or_default().add(number);
        add_reader(ReaderGroup::Readers);
        if counted.is_wall() {
            add_reader(ReaderGroup::Walled);
        }
        if let Some(articles_reached) = articles_reached {
            add_reader(articles_reached);
        }
    }

    /// Adds a reader to a group.
    pub fn add_reader(&self, day: Date, group: ReaderGroup, reader: CountedReader) {
        let number = reader.number ^ self.salt;
        self.shard(number).lock().uniques.entry((day, group)).or_default().add(number);
    }

    /// Counts one event.
    pub fn count(&self, when: EventTime, subject: Subject, counted: CountedEvent) {
        let shard = match subject {
            Subject::Publication => 0,
            Subject::Article(ArticleId(number)) | Subject::Experiment(number) => number,
        };
        let mut batch = self.shard(u128::from(shard)).lock();
        *batch.counts.entry((when, counted, subject)).or_default() += 1;
    }

    /// Takes everything counted so far.
    pub fn take(&self) -> CounterBatch {
        let mut all = CounterBatch::default();
        for shard in &self.shards {
            all.add(mem::take(&mut *shard.lock()));
        }
        all
    }

    /// Adds a batch back that could not be written.
    pub fn restore(&self, batch: CounterBatch) {
        self.shards[0].lock().add(batch);
    }

    fn shard(&self, number: u128) -> &Mutex<CounterBatch> {
        &self.shards[usize::try_from(number % SHARDS as u128).unwrap_or_default()]
    }
}

/// Returns the group of readers who have tried to read this many metered articles, if this visit
/// tried another.
fn articles_reached(decision: &Decision, registered: bool) -> Option<ReaderGroup> {
    let meter = decision.meter?;
    let goes_for_one_more = match decision.outcome {
        Outcome::Metered { .. } => true,
        Outcome::Wall(reason) => match reason {
            WallReason::Meter | WallReason::Register => {
                meter.allowance.left_after(meter.spent) == Some(0)
            }
            WallReason::Subscribers
            | WallReason::Product
            | WallReason::TrialEnded
            | WallReason::SubscriptionEnded => false,
        },
        Outcome::Open(_) => false,
    };
    let articles = u8::try_from(meter.spent + 1).ok().filter(|n| *n <= MAX_REACHED)?;
    goes_for_one_more.then_some(ReaderGroup::Reached { registered, articles })
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date, tz::TimeZone};
    use masthead_access::{Article, Policy, Reads, decide};

    use super::*;

    #[test]
    fn visits_and_the_articles_per_reader_are_counted() {
        let counters = Counters::new(7);
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        let when = EventTime { day: date(2026, 11, 24), hour: 0 };
        let policy = Policy::new(TimeZone::UTC);
        for (number, from) in [(1, Referrer::Search), (2, Referrer::Internal)] {
            let mut reads = Reads::default();
            // Three are allowed. One reader tries five, the other reads one twice.
            for id in if number == 1 { vec![1, 2, 3, 4, 5] } else { vec![1, 1] } {
                let article = Article::plain(id, now);
                let reader = masthead_access::Reader::anonymous(&reads);
                let decision = decide(&policy, &reader, &article, now);
                counters.visit(
                    when,
                    article.id,
                    &decision,
                    CountedReader { number, registered: false },
                    from,
                );
                if decision.spends_a_read() {
                    reads.insert(article.id, now);
                }
            }
        }
        let batch = counters.take();
        assert!(counters.take().is_empty());
        let counted_of = |counted, subject| {
            batch.counts.get(&(when, counted, subject)).copied().unwrap_or_default()
        };
        let counted = |counted, id| counted_of(counted, Subject::Article(ArticleId(id)));
        let of_none = |counted| counted_of(counted, Subject::Publication);
        assert_eq!(counted(CountedEvent::MeteredRead, 1), 2);
        assert_eq!(counted(CountedEvent::OpenRead, 1), 1);
        assert_eq!(counted(CountedEvent::Wall(WallReason::Register), 5), 1);
        let group = |group| batch.uniques.get(&(when.day, group)).map_or(0, Sketch::count);
        assert_eq!((group(ReaderGroup::Readers), group(ReaderGroup::Walled)), (2, 1));
        let articles_reached =
            |articles| group(ReaderGroup::Reached { registered: false, articles });
        assert_eq!([1, 2, 3, 4, 5].map(articles_reached), [2, 1, 1, 1, 0]);
        assert_eq!(of_none(CountedEvent::ReadFrom(Referrer::Search)), 3);
        assert_eq!(of_none(CountedEvent::WallFrom(Referrer::Search)), 2);
        assert_eq!(of_none(CountedEvent::ReadFrom(Referrer::Internal)), 2);
        counters.restore(batch);
        assert_eq!(counters.take().counts.values().sum::<u64>(), 14);
    }
}

//! Counters for the events since the last write to the database. Counting takes a short lock, and
//! no allocation for an article that has been counted before.
//!
//! A batch has a limit. Beyond it, events of articles that are not in it yet are counted for the
//! publication only, so that the totals stay right; then they are dropped.

use std::{collections::hash_map::Entry, mem};

use foldhash::HashMap;
use jiff::civil::Date;
use masthead_access::{ArticleId, Decision, Outcome, WallReason};
use parking_lot::Mutex;

use crate::{
    counted::CountedEvent,
    sites::{SiteCounts, TrafficSource},
    uniques::{MAX_REACHED, ReaderGroup, Sketch},
};

/// The number of shards, each with its own lock.
const SHARDS: usize = 16;
/// The limits of a shard, so that all shards together hold as much as a batch.
const SHARD_COUNTS: usize = CounterBatch::MAX_COUNTS / SHARDS;
const SHARD_SKETCHES: usize = CounterBatch::MAX_SKETCHES / SHARDS;
const SHARD_SITES: usize = SiteCounts::MAX_ARTICLES / SHARDS;

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
    /// Visits from other websites, of some articles.
    pub sites: SiteCounts,
    /// The number of events that were counted without their article, or not at all, because the buffer was full.
    pub coarsened: u64,
}

impl CounterBatch {
    /// The number of counts up to which events are counted per article. A count takes 64 bytes.
    pub const MAX_COUNTS: usize = 1 << 18;
    /// The number of sketches. A day has about 50, of up to 24 KB each.
    const MAX_SKETCHES: usize = 1 << 11;

    /// Returns `true` if the batch is empty.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.uniques.is_empty() && self.sites.is_empty()
    }

    /// Adds another batch to this one.
    pub fn add(&mut self, other: Self) {
        for (key, count) in other.counts {
            self.count(key, count, Self::MAX_COUNTS);
        }
        for ((day, group), sketch) in other.uniques {
            if let Some(known) = self.sketch(day, group, Self::MAX_SKETCHES) {
                known.merge(&sketch);
            }
        }
        self.sites.add(other.sites);
        self.coarsened += other.coarsened;
    }

    /// Counts events, without their article if there are more than `limit` counts, and not at all if there
    /// are more than a quarter beyond that.
    fn count(&mut self, key: (EventTime, CountedEvent, Subject), times: u64, limit: usize) {
        if let Some(known) = self.counts.get_mut(&key) {
            *known += times;
            return;
        }
        let (when, event, subject) = key;
        if self.counts.len() < limit {
            self.counts.insert(key, times);
            return;
        }
        self.coarsened += times;
        let coarse = match subject {
            Subject::Article(_) => Subject::Publication,
            Subject::Publication | Subject::Experiment(_) => subject,
        };
        let has_room = self.counts.len() < limit + limit / 4;
        match self.counts.get_mut(&(when, event, coarse)) {
            Some(known) => *known += times,
            None if has_room => drop(self.counts.insert((when, event, coarse), times)),
            None => {}
        }
    }

    /// Returns the sketch of a group's readers on a day, or `None` if there are too many sketches.
    fn sketch(&mut self, day: Date, group: ReaderGroup, limit: usize) -> Option<&mut Sketch> {
        let has_room = self.uniques.len() < limit;
        match self.uniques.entry((day, group)) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(vacant) => has_room.then(|| vacant.insert(Sketch::default())),
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
        from: TrafficSource<'_>,
    ) {
        let Some(counted) = CountedEvent::of(decision) else { return };
        self.count_article(when, article, counted, from);
        let articles_reached = articles_reached(decision, reader.registered);
        let number = reader.number ^ self.salt;
        let mut batch = self.shard(number).lock();
        let mut add_reader = |group| {
            if let Some(sketch) = batch.sketch(when.day, group, SHARD_SKETCHES) {
                sketch.add(number);
            }
        };
        add_reader(ReaderGroup::Readers);
        if counted.is_wall() {
            add_reader(ReaderGroup::Walled);
        }
        if let Some(articles_reached) = articles_reached {
            add_reader(articles_reached);
        }
    }

    /// Counts a visit to an article, and where the reader came from, under one lock.
    fn count_article(
        &self,
        when: EventTime,
        article: ArticleId,
        counted: CountedEvent,
        TrafficSource { kind, site }: TrafficSource<'_>,
    ) {
        let from = if counted.is_wall() {
            CountedEvent::WallFrom(kind)
        } else {
            CountedEvent::ReadFrom(kind)
        };
        let subject = Subject::Article(article);
        let mut batch = self.shard(u128::from(article.0)).lock();
        batch.count((when, counted, subject), 1, SHARD_COUNTS);
        batch.count((when, from, subject), 1, SHARD_COUNTS);
        if let Some(site) = site {
            batch.sites.count((when.day, article), site, SHARD_SITES);
        }
    }

    /// Adds a reader to a group.
    pub fn add_reader(&self, day: Date, group: ReaderGroup, reader: CountedReader) {
        let number = reader.number ^ self.salt;
        if let Some(sketch) = self.shard(number).lock().sketch(day, group, SHARD_SKETCHES) {
            sketch.add(number);
        }
    }

    /// Counts one event.
    pub fn count(&self, when: EventTime, subject: Subject, counted: CountedEvent) {
        let shard = match subject {
            Subject::Publication => 0,
            Subject::Article(ArticleId(number)) | Subject::Experiment(number) => number,
        };
        let mut batch = self.shard(u128::from(shard)).lock();
        batch.count((when, counted, subject), 1, SHARD_COUNTS);
    }

    /// Takes everything counted so far, and adds it to `batch`.
    pub fn move_into(&self, batch: &mut CounterBatch) {
        for shard in &self.shards {
            let counted = mem::take(&mut *shard.lock());
            batch.add(counted);
        }
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
            | WallReason::SubscriptionEnded
            | WallReason::SubscriptionPaused => false,
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
    use crate::referrer::Referrer;

    #[test]
    fn visits_and_the_articles_per_reader_are_counted() {
        let counters = Counters::new(7);
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        let when = EventTime { day: date(2026, 11, 24), hour: 0 };
        let policy = Policy::new(TimeZone::UTC);
        let from = |kind, site| TrafficSource { kind, site };
        let sources = [from(Referrer::Other, Some("a.example")), from(Referrer::Internal, None)];
        for (number, from) in (1..).zip(sources) {
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
        let mut batch = CounterBatch::default();
        counters.move_into(&mut batch);
        let mut rest = CounterBatch::default();
        counters.move_into(&mut rest);
        assert!(rest.is_empty());
        let counted_of = |counted, subject| {
            batch.counts.get(&(when, counted, subject)).copied().unwrap_or_default()
        };
        let counted = |counted, id| counted_of(counted, Subject::Article(ArticleId(id)));
        let of_all = |event| (1..=5).map(|id| counted(event, id)).sum::<u64>();
        assert_eq!(counted(CountedEvent::MeteredRead, 1), 2);
        assert_eq!(counted(CountedEvent::OpenRead, 1), 1);
        assert_eq!(counted(CountedEvent::Wall(WallReason::Register), 5), 1);
        let group = |group| batch.uniques.get(&(when.day, group)).map_or(0, Sketch::count);
        assert_eq!((group(ReaderGroup::Readers), group(ReaderGroup::Walled)), (2, 1));
        let articles_reached =
            |articles| group(ReaderGroup::Reached { registered: false, articles });
        assert_eq!([1, 2, 3, 4, 5].map(articles_reached), [2, 1, 1, 1, 0]);
        assert_eq!(of_all(CountedEvent::ReadFrom(Referrer::Other)), 3);
        assert_eq!(of_all(CountedEvent::WallFrom(Referrer::Other)), 2);
        assert_eq!(of_all(CountedEvent::ReadFrom(Referrer::Internal)), 2);
        rest.add(batch);
        assert_eq!(rest.counts.values().sum::<u64>(), 14);
        assert_eq!(rest.sites.iter().count(), 5, "each article has been visited from a.example");
    }

    #[test]
    fn a_full_batch_keeps_the_totals_of_each_hour_and_drops_the_article_first() {
        let when = |hour| EventTime { day: date(2026, 11, 24), hour };
        let article = |number| Subject::Article(ArticleId(number));
        let mut batch = CounterBatch::default();
        for number in 0..100 {
            batch.count((when(1), CountedEvent::OpenRead, article(number)), 1, 8);
        }
        let known = (when(1), CountedEvent::OpenRead, article(0));
        batch.count(known, 1, 8);
        assert_eq!(batch.counts[&known], 2);
        assert_eq!(batch.counts[&(when(1), CountedEvent::OpenRead, Subject::Publication)], 92);
        assert_eq!((batch.counts.values().sum::<u64>(), batch.coarsened), (101, 92));
        for hour in 2..100 {
            batch.count((when(hour), CountedEvent::OpenRead, article(0)), 1, 8);
        }
        assert_eq!(batch.counts.len(), 10, "nothing grows without bound");
    }

    #[test]
    fn counters_that_are_never_written_stay_bounded() {
        let counters = Counters::new(7);
        let when = EventTime { day: date(2026, 11, 24), hour: 0 };
        for article in 0..2 * CounterBatch::MAX_COUNTS {
            let article = ArticleId(u32::try_from(article).expect("a number"));
            counters.count(when, Subject::Article(article), CountedEvent::OpenRead);
        }
        let mut batch = CounterBatch::default();
        counters.move_into(&mut batch);
        assert!(batch.counts.len() <= CounterBatch::MAX_COUNTS + SHARDS);
        let all = 2 * CounterBatch::MAX_COUNTS as u64;
        assert_eq!(batch.counts.values().sum::<u64>(), all, "the total is kept");
        assert!(batch.coarsened >= all / 2 - SHARDS as u64);
    }
}

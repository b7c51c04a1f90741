//! What a server has counted since it last wrote it down. Counting costs a lock that is seldom waited for, and no
//! allocation for an article that was read before.

use std::mem;

use foldhash::HashMap;
use jiff::civil::Date;
use masthead_access::{ArticleId, Decision, Outcome, WallReason};
use parking_lot::Mutex;

use crate::{
    counted::Counted,
    referrer::Referrer,
    uniques::{MOST_REACHED, Sketch, Uniques},
};

/// Parts of the tally that are locked apart.
const SHARDS: usize = 16;

/// When something was counted, by the publication's clock: the day, and the hour since the Unix epoch.
pub type When = (Date, i64);

/// A reader, as far as a tally has to know them.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// A number that nobody else has.
    pub number: u128,
    /// Whether they have an account.
    pub registered: bool,
}

/// What something happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// The publication as a whole, and no article in particular.
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

/// What was counted.
#[derive(Debug, Default)]
pub struct CounterBatch {
    /// How often what happened to what.
    pub counts: HashMap<(When, Counted, Subject), u64>,
    /// Who was there.
    pub crowds: HashMap<(Date, Uniques), Sketch>,
}

impl CounterBatch {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.crowds.is_empty()
    }

    /// Adds another to it.
    pub fn add(&mut self, other: Self) {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        for (key, sketch) in other.crowds {
            self.crowds.entry(key).or_default().unite(&sketch);
        }
    }
}

/// See the module's documentation.
pub struct Counters {
    shards: Box<[Mutex<CounterBatch>]>,
    /// Makes what is kept of readers worthless to whoever has the database and not this.
    salt: u128,
}

impl Counters {
    /// An empty one. The salt must be the same on every server, and stay so, or readers are counted twice.
    pub fn new(salt: u128) -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), salt }
    }

    /// Counts a visit of a reader who came from there.
    pub fn visit(
        &self,
        when: When,
        article: ArticleId,
        decision: &Decision,
        reader: Reader,
        from: Referrer,
    ) {
        let Some(counted) = Counted::of(decision) else { return };
        self.count(when, Subject::Article(article), counted);
        let reached = reached(decision, reader.registered);
        let number = reader.number ^ self.salt;
        let mut haul = self.shard(number).lock();
        let from =
            if counted.is_wall() { Counted::WallFrom(from) } else { Counted::ReadFrom(from) };
        *haul.counts.entry((when, from, Subject::Publication)).or_default() += 1;
        let mut join = |crowd| haul.crowds.entry((when.0, crowd)).or_default().add(number);
        join(Uniques::Readers);
        if counted.is_wall() {
            join(Uniques::Walled);
        }
        if let Some(reached) = reached {
            join(reached);
        }
    }

    /// Notes that a reader was there who is among these.
    pub fn join(&self, day: Date, crowd: Uniques, reader: Reader) {
        let number = reader.number ^ self.salt;
        self.shard(number).lock().crowds.entry((day, crowd)).or_default().add(number);
    }

    /// Counts something else that happens.
    pub fn count(&self, when: When, subject: Subject, counted: Counted) {
        let shard = match subject {
            Subject::Publication => 0,
            Subject::Article(ArticleId(number)) | Subject::Experiment(number) => number,
        };
        let mut haul = self.shard(u128::from(shard)).lock();
        *haul.counts.entry((when, counted, subject)).or_default() += 1;
    }

    /// Takes what was counted out of it.
    pub fn take(&self) -> CounterBatch {
        let mut all = CounterBatch::default();
        for shard in &self.shards {
            all.add(mem::take(&mut *shard.lock()));
        }
        all
    }

    /// Puts back what could not be written down.
    pub fn restore(&self, haul: CounterBatch) {
        self.shards[0].lock().add(haul);
    }

    fn shard(&self, number: u128) -> &Mutex<CounterBatch> {
        &self.shards[usize::try_from(number % SHARDS as u128).unwrap_or_default()]
    }
}

/// How many metered articles a reader has gone for with this one, where it counts as one.
fn reached(decision: &Decision, registered: bool) -> Option<Uniques> {
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
    let articles = u8::try_from(meter.spent + 1).ok().filter(|n| *n <= MOST_REACHED)?;
    goes_for_one_more.then_some(Uniques::Reached { registered, articles })
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date, tz::TimeZone};
    use masthead_access::{Article, Policy, Reads, decide};

    use super::*;

    #[test]
    fn visits_are_counted_and_readers_told_apart_by_how_far_they_went() {
        let tally = Counters::new(7);
        let now: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        let when = (date(2026, 11, 24), 0);
        let policy = Policy::new(TimeZone::UTC);
        for (number, from) in [(1, Referrer::Search), (2, Referrer::Own)] {
            let mut reads = Reads::default();
            // Three are allowed; one of the two goes for five, and one reads one twice.
            for id in if number == 1 { vec![1, 2, 3, 4, 5] } else { vec![1, 1] } {
                let article = Article::plain(id, now);
                let reader = masthead_access::Reader::anonymous(&reads);
                let decision = decide(&policy, &reader, &article, now);
                tally.visit(
                    when,
                    article.id,
                    &decision,
                    Reader { number, registered: false },
                    from,
                );
                if decision.spends_a_read() {
                    reads.insert(article.id, now);
                }
            }
        }
        let haul = tally.take();
        assert!(tally.take().is_empty());
        let counted_of = |counted, subject| {
            haul.counts.get(&(when, counted, subject)).copied().unwrap_or_default()
        };
        let counted = |counted, id| counted_of(counted, Subject::Article(ArticleId(id)));
        let of_none = |counted| counted_of(counted, Subject::Publication);
        assert_eq!(counted(Counted::MeteredRead, 1), 2);
        assert_eq!(counted(Counted::OpenRead, 1), 1);
        assert_eq!(counted(Counted::Wall(WallReason::Register), 5), 1);
        let crowd = |crowd| haul.crowds.get(&(when.0, crowd)).map_or(0, Sketch::count);
        assert_eq!((crowd(Uniques::Readers), crowd(Uniques::Walled)), (2, 1));
        let reached = |articles| crowd(Uniques::Reached { registered: false, articles });
        assert_eq!([1, 2, 3, 4, 5].map(reached), [2, 1, 1, 1, 0]);
        assert_eq!(of_none(Counted::ReadFrom(Referrer::Search)), 3);
        assert_eq!(of_none(Counted::WallFrom(Referrer::Search)), 2);
        assert_eq!(of_none(Counted::ReadFrom(Referrer::Own)), 2);
        tally.restore(haul);
        assert_eq!(tally.take().counts.values().sum::<u64>(), 14);
    }
}

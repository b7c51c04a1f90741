//! Counts what happens, in memory, and writes the counts to the database now and then. They are the numbers
//! behind the desk's figures.

use std::{borrow::Cow, mem, sync::Arc};

use jiff::Timestamp;
use masthead_access::{
    Arm, ArticleId, Assignment, Outcome, Reads, Treatment, WallReason, token::Keyring,
};
use masthead_audience::{
    CountedEvent, CountedReader, CounterBatch, Counters, EventTime, FunnelStep, Goal, ReaderGroup,
    Subject, TrafficSource,
};
use masthead_circulation::AccountId;
use masthead_store::{Store, StoreError};
use masthead_telemetry::metrics;
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use crate::{
    accounts::AccountCache, edition::Target, live::Live, reader_context::ReaderContext,
    situation::Visit, snapshot::SiteSnapshot,
};

/// Separates this use of the key from all others.
const PURPOSE: &[u8] = b"masthead: salt of the audience's sketches";
const SECONDS_PER_HOUR: i64 = 3600;

/// See the module's documentation.
pub struct AudienceCounters {
    live: Arc<Live>,
    accounts: Arc<AccountCache>,
    store: Store,
    counters: Counters,
    /// What was taken from the counters and is not in the database yet. No request waits for it.
    unwritten: Mutex<CounterBatch>,
}

impl AudienceCounters {
    /// Counters whose sketches of readers cannot be read by anyone who has the database and not `keys`.
    pub fn new(live: Arc<Live>, accounts: Arc<AccountCache>, store: Store, keys: &Keyring) -> Self {
        let counters = Counters::new(salt(keys));
        Self { live, accounts, store, counters, unwritten: Mutex::default() }
    }

    /// Counts a reader's visit to an article.
    pub fn count_visit(
        &self,
        snapshot: &SiteSnapshot,
        article: ArticleId,
        visit: &Visit,
        reader: CountedReader,
        from: TrafficSource<'_>,
    ) {
        let now = self.live.now();
        self.counters.visit(when(snapshot, now), article, &visit.decision, reader, from);
        self.count_treatment(snapshot, visit, reader, now);
    }

    /// Counts that a reader met what the running experiment tries.
    fn count_treatment(
        &self,
        snapshot: &SiteSnapshot,
        visit: &Visit,
        reader: CountedReader,
        now: Timestamp,
    ) {
        let (Some(running), Some(arm)) = (&snapshot.publication.experiment, visit.arm) else {
            return;
        };
        let met = match &running.treatment {
            Treatment::Message(tried) => {
                let moments = snapshot.situation(visit, now).moments;
                let picked = snapshot.publication.messages.pick(moments, tried.placement);
                picked.is_some_and(|picked| picked.moment == tried.moment)
            }
            Treatment::Anonymous(_) => !reader.registered && visit.decision.meter.is_some(),
        };
        if met {
            let uniques = ReaderGroup::treatment(arm, running.number);
            self.counters.add_reader(snapshot.day(), uniques, reader);
        }
    }

    /// Counts something that happens to the article at the address that a reader came from.
    pub fn count_from(&self, from: &str, counted: CountedEvent) {
        let snapshot = self.live.snapshot();
        let article = match snapshot.edition.find(&first_address(from)) {
            Some(Target::Piece(entry)) => Subject::Article(entry.id),
            // Counted all the same, for no article.
            Some(Target::Moved(_) | Target::Section(_) | Target::Topic(_) | Target::Author(_))
            | None => Subject::Publication,
        };
        self.counters.count(when(&snapshot, self.live.now()), article, counted);
    }

    /// Counts a step towards a subscription of a reader who came from this address, after this wall.
    pub fn count_step(&self, from: &str, wall: Option<WallReason>, step: FunnelStep) {
        self.count_from(from, step.counted());
        let when = when(&self.live.snapshot(), self.live.now());
        self.counters.count(when, Subject::Publication, CountedEvent::After(wall, step));
    }

    /// Returns the wall that an account, or a device with these reads on this side of the experiment, meets
    /// now at the article at an address; `None` if there is no wall.
    pub async fn wall_at(
        &self,
        from: &str,
        account: Option<AccountId>,
        reads: Reads,
        arm: Option<Arm>,
    ) -> Option<WallReason> {
        let (snapshot, now) = (self.live.snapshot(), self.live.now());
        let entry = match snapshot.edition.find(&first_address(from))? {
            Target::Piece(entry) | Target::Moved(entry) => entry,
            Target::Section(_) | Target::Topic(_) | Target::Author(_) => return None,
        };
        let reader = match account {
            Some(account) => {
                let opens = snapshot.window_opens(now);
                ReaderContext::of_account(&self.accounts, account, opens, now).await.ok()?
            }
            None => ReaderContext::of_device(reads),
        };
        let policy = snapshot.publication.policy_of(arm);
        match reader.decide(&policy, &entry.article(), now).outcome {
            Outcome::Wall(reason) => Some(reason),
            Outcome::Open(_) | Outcome::Metered { .. } => None,
        }
    }

    /// Counts a goal of the running experiment for the arm of a reader. An assignment to another experiment is
    /// ignored.
    pub fn count_goal(&self, assignment: Option<Assignment>, goal: Goal) {
        let Some(Assignment { experiment, arm }) = assignment else { return };
        let snapshot = self.live.snapshot();
        let running = snapshot.publication.experiment.as_ref();
        if running.is_some_and(|running| running.number == experiment) {
            let when = when(&snapshot, self.live.now());
            self.counters.count(
                when,
                Subject::Experiment(experiment),
                CountedEvent::Treatment(arm, goal),
            );
        }
    }

    /// Writes the counts to the database. Counts that cannot be written are kept, up to a limit.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not take them.
    pub async fn write(&self) -> Result<(), StoreError> {
        let mut batch = self.unwritten.lock().await;
        self.counters.move_into(&mut batch);
        metrics().audience_events_coarsened.increment(mem::take(&mut batch.coarsened));
        if !batch.is_empty() {
            self.store.add_to_audience(&batch).await?;
            *batch = CounterBatch::default();
        }
        Ok(())
    }
}

fn salt(keys: &Keyring) -> u128 {
    // The oldest, which stays when others are added.
    let secret = keys.digest_keys().last().copied().unwrap_or_default();
    // A digest, because a sketch's own hash might let its salt be guessed, and no key may be.
    let digest = Sha256::new().chain_update(PURPOSE).chain_update(secret).finalize();
    digest.iter().take(16).fold(0_u128, |salt, byte| salt << 8 | u128::from(*byte))
}

/// Returns the day in the publication's time zone, and the hour.
fn when(snapshot: &SiteSnapshot, now: Timestamp) -> EventTime {
    EventTime { day: snapshot.day(), hour: now.as_second() / SECONDS_PER_HOUR }
}

/// Returns the address at which a reader started: pages on the way to a payment carry it along.
fn first_address(from: &str) -> Cow<'_, str> {
    let (path, query) = from.split_once('?').unwrap_or((from, ""));
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    match pairs.find(|(name, _)| name == "from") {
        Some((_, first)) => first,
        None => Cow::Borrowed(path),
    }
}

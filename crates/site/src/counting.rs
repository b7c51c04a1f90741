//! Counting what happens, and writing it down now and then: the numbers behind the desk's dashboard.

use std::{borrow::Cow, sync::Arc, time::Duration};

use http::{HeaderMap, header};
use jiff::Timestamp;
use masthead_access::{Arm, ArticleId, Outcome, Reads, Treatment, WallReason, token::Keyring};
use masthead_audience::{Counted, Counters, FunnelStep, Goal, Reader, Referrer, Uniques, When};
use masthead_circulation::AccountId;
use sha2::{Digest, Sha256};

use crate::{
    edition::Target,
    preview::ReaderContext,
    publication::Publication,
    reader::Visit,
    site::{Site, situation},
    snapshot::SiteSnapshot,
};

/// How often what was counted is written down: what a server that is killed forgets at most.
const PERIOD: Duration = Duration::from_secs(5);
/// Makes the digest of a key good for this alone.
const PURPOSE: &[u8] = b"masthead: salt of the audience's sketches";
/// The seconds of an hour.
const HOUR: i64 = 3600;

/// A tally whose readers nobody can tell who has the database and not the keys. The oldest key stays the longest.
pub(crate) fn counters(keys: &Keyring) -> Counters {
    let secret = keys.keys().last().map(|key| key.secret).unwrap_or_default();
    // A digest, for a sketch's own hash might let its salt be guessed, and no key may be.
    let digest = Sha256::new().chain_update(PURPOSE).chain_update(secret).finalize();
    let salt = digest.iter().take(16).fold(0_u128, |salt, byte| salt << 8 | u128::from(*byte));
    Counters::new(salt)
}

/// The day on the publication's clock, and the hour.
pub(crate) fn when(snapshot: &SiteSnapshot, now: Timestamp) -> When {
    (snapshot.day(), now.as_second() / HOUR)
}

/// What the page before was. A proxy may have changed what is asked for, so the publication's own address counts as well.
pub(crate) fn referrer(publication: &Publication, headers: &HeaderMap) -> Referrer {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let hosts = [text(header::HOST), publication.address.split("://").nth(1)];
    let is_own = |host: &str| {
        let mut own = hosts.iter().flatten();
        own.any(|own| {
            own.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    };
    Referrer::of(text(header::REFERER), is_own)
}

/// The path that a reader came from at first: those on the way to pay carry it along.
fn came_from(from: &str) -> Cow<'_, str> {
    let (path, query) = from.split_once('?').unwrap_or((from, ""));
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    match pairs.find(|(name, _)| name == "from") {
        Some((_, first)) => first,
        None => Cow::Borrowed(path),
    }
}

impl Site {
    /// Counts something that happens to the article at an address: the one that a reader came from.
    pub(crate) fn count_from(&self, from: &str, counted: Counted) {
        let snapshot = self.snapshot();
        let article = match snapshot.edition.find(&came_from(from)) {
            Some(Target::Piece(entry)) => entry.id,
            // It is counted all the same, of no article.
            Some(Target::Moved(_) | Target::Section(_) | Target::Topic(_) | Target::Author(_))
            | None => ArticleId(0),
        };
        self.counters.count(when(&snapshot, (self.clock)()), article, counted);
    }

    /// Notes that a reader met what is tried.
    pub(crate) fn count_trial(
        &self,
        snapshot: &SiteSnapshot,
        visit: &Visit,
        reader: Reader,
        now: Timestamp,
    ) {
        let (Some(running), Some(arm)) = (&snapshot.publication.experiment, visit.arm) else {
            return;
        };
        let met = match &running.tried {
            Treatment::Message(tried) => {
                let moments = situation(snapshot, visit, now).moments;
                let said = snapshot.publication.messages.pick(moments, tried.placement);
                said.is_some_and(|said| said.moment == tried.moment)
            }
            Treatment::Anonymous(_) => !reader.registered && visit.decision.meter.is_some(),
        };
        if met {
            let crowd = Uniques::tried(arm, running.number);
            self.counters.join(snapshot.day(), crowd, reader);
        }
    }

    /// The experiment that runs and the side of a device in it, as they are written down with what it goes to pay for.
    pub(crate) fn trial_of(&self, headers: &HeaderMap) -> String {
        let snapshot = self.snapshot();
        let publication = &snapshot.publication;
        let Some(running) = &publication.experiment else { return String::new() };
        let arm = self.anonymous_meter.arm(publication, headers);
        arm.map(|arm| format!("{}{}", running.number, arm.name())).unwrap_or_default()
    }

    /// Counts a step that a reader takes who came from this path.
    pub(crate) async fn count_step(&self, headers: &HeaderMap, from: &str, step: FunnelStep) {
        let member = self.signed_in(headers).await.map(|(session, _)| session.account);
        let reads = self.anonymous_meter.reads_from_cookie(headers, self.opens((self.clock)()));
        let arm = self.anonymous_meter.arm(&self.snapshot().publication, headers);
        let wall = self.wall_before(from, member, reads, arm).await;
        self.count_after(from, wall, step);
    }

    /// Counts a reader who registers, coming from this path.
    pub(crate) async fn count_registered(&self, headers: &HeaderMap, from: &str) {
        self.count_step(headers, from, FunnelStep::Registered).await;
        self.count_goal(&self.trial_of(headers), Goal::Registered);
    }

    /// Counts a step of a reader who came from this path, where this wall stood before them.
    pub(crate) fn count_after(&self, from: &str, wall: Option<WallReason>, step: FunnelStep) {
        self.count_from(from, step.counted());
        let when = when(&self.snapshot(), (self.clock)());
        self.counters.count(when, ArticleId(0), Counted::After(wall, step));
    }

    /// The wall that stands now before an account, or before a device with these reads on this side of the experiment,
    /// at the article at a path; none where there is none.
    pub(crate) async fn wall_before(
        &self,
        from: &str,
        account: Option<AccountId>,
        reads: Reads,
        arm: Option<Arm>,
    ) -> Option<WallReason> {
        let snapshot = self.snapshot();
        let entry = match snapshot.edition.find(&came_from(from))? {
            Target::Piece(entry) | Target::Moved(entry) => entry,
            Target::Section(_) | Target::Topic(_) | Target::Author(_) => return None,
        };
        let eyes = match account {
            Some(account) => self.known(account).await.ok()?,
            None => ReaderContext::of_device(reads),
        };
        let policy = snapshot.publication.policy_of(arm);
        match eyes.decide(&policy, &entry.article(), (self.clock)()).outcome {
            Outcome::Wall(reason) => Some(reason),
            Outcome::Open(_) | Outcome::Metered { .. } => None,
        }
    }

    /// Counts what one hopes for in an experiment, for a device on this side, as [`trial_of`](Self::trial_of) has
    /// written it.
    pub(crate) fn count_goal(&self, trial: &str, goal: Goal) {
        let Some((number, arm)) = trial.split_at_checked(trial.len().saturating_sub(1)) else {
            return;
        };
        let (Ok(number), Some(arm)) = (number.parse(), Arm::named(arm)) else { return };
        let snapshot = self.snapshot();
        // What another experiment brought is of no use to this one.
        let running = snapshot.publication.experiment.as_ref();
        if running.is_some_and(|running| running.number == number) {
            let when = when(&snapshot, (self.clock)());
            self.counters.count(when, ArticleId(number), Counted::Treatment(arm, goal));
        }
    }

    /// Writes down what was counted.
    pub async fn write_counters(&self) {
        let haul = self.counters.take();
        if haul.is_empty() {
            return;
        }
        if let Err(error) = self.store.add_to_audience(&haul).await {
            tracing::error!(%error, "what was counted cannot be written down; it is tried again");
            self.counters.restore(haul);
        }
    }

    /// Writes down what is counted, for as long as it is awaited.
    pub async fn keep_counters(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.write_counters().await;
        }
    }
}

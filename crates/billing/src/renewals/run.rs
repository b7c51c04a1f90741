//! A run: what is due is claimed, and several subscriptions are handled at the same time.
//!
//! A claim puts off what is due in the statement that reads it, so that of several servers only one handles it, and they
//! share the work. What a server that was killed has claimed is due again a moment later.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use jiff::SignedDuration;
use masthead_circulation::Subscription;
use masthead_payments::ProcessorError;
use parking_lot::Mutex;

use crate::{
    Billing, BillingError,
    orders::{Answer, Given},
};

/// Subscriptions that are handled at the same time.
const CONCURRENT: usize = 8;
/// Subscriptions that are claimed at once: no more than are handled, so that none waits while it is claimed.
const BATCH: u64 = CONCURRENT as u64;
/// How long a claim lasts: longer than a batch takes with a processor that makes everybody wait.
const CLAIM: SignedDuration = SignedDuration::from_mins(2);
/// Nothing is claimed after this time; what is still due then is left to the next run. With the longest
/// wait for a processor a run stays below five minutes.
const RUN: Duration = Duration::from_mins(1);
/// A processor is away if it answers nothing so often in a row. More rarely it is one lost connection among thousands.
const AWAY: u32 = 3;

impl Billing {
    /// Does what is due, for about a minute at most, and returns how often something was done. Does nothing while the clock has jumped.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be read or written. A subscription that cannot be handled is logged and tried again
    /// later; it does not hold up the others.
    #[tracing::instrument(skip_all)]
    pub async fn renew_due(&self) -> Result<usize, BillingError> {
        let (mut run, mut done) = (Run::start(self), 0);
        loop {
            let ended = join_all((0..CONCURRENT).map(|_| run.work())).await;
            ended.into_iter().collect::<Result<(), _>>()?;
            match mem::take(run.claimed.get_mut()).count {
                0 => return Ok(done),
                // What was handled last may be due again, after a time in which no server ran.
                count => done += count,
            }
        }
    }
}

struct Run<'a> {
    billing: &'a Billing,
    begun: Instant,
    claimed: tokio::sync::Mutex<Claimed>,
    outages: Outages,
}

#[derive(Default)]
struct Claimed {
    waiting: VecDeque<Subscription>,
    /// How many were claimed.
    count: usize,
    /// Whether nothing more is claimed by those that handle.
    is_over: bool,
}

impl<'a> Run<'a> {
    fn start(billing: &'a Billing) -> Self {
        let (claimed, outages) = (tokio::sync::Mutex::default(), Outages::default());
        Self { billing, begun: Instant::now(), claimed, outages }
    }

    /// Handles one subscription after another. Fails at the end if one could neither be handled nor deferred.
    async fn work(&self) -> Result<(), BillingError> {
        let mut ended = Ok(());
        while let Some(subscription) = self.next().await? {
            let handled = self.billing.handle_or_defer(&subscription, &self.outages).await;
            ended = ended.and(handled);
        }
        ended
    }

    async fn next(&self) -> Result<Option<Subscription>, BillingError> {
        let mut claimed = self.claimed.lock().await;
        if claimed.waiting.is_empty() && !claimed.is_over {
            // Also if it fails: the others need not try.
            claimed.is_over = true;
            claimed.waiting = self.claim().await?;
            claimed.count += claimed.waiting.len();
            claimed.is_over = claimed.waiting.is_empty();
        }
        Ok(claimed.waiting.pop_front())
    }

    async fn claim(&self) -> Result<VecDeque<Subscription>, BillingError> {
        let now = self.billing.now();
        if self.begun.elapsed() >= RUN || !self.billing.may_charge() {
            return Ok(VecDeque::new());
        }
        let claimed = self.billing.store.claim_due_subscriptions(now, now + CLAIM, BATCH).await?;
        Ok(claimed.into())
    }
}

/// The processors that answer nothing at the moment. They are not asked any more in a run.
#[derive(Default)]
pub(super) struct Outages(Mutex<HashMap<String, u32>>);

impl Outages {
    pub(super) fn is_away(&self, processor: &str) -> bool {
        self.0.lock().get(processor).is_some_and(|unanswered| *unanswered >= AWAY)
    }

    /// Notes whether a processor has answered.
    pub(super) fn note(&self, processor: &str, given: &Given) {
        let Given::Answered(answer) = given else { return };
        let mut unanswered = self.0.lock();
        if !matches!(answer, Answer::Failed(ProcessorError::Unreachable(_))) {
            unanswered.remove(processor);
            return;
        }
        let count = unanswered.entry(processor.to_owned()).or_default();
        *count += 1;
        if *count == AWAY {
            tracing::warn!(processor, "renewals: processor does not answer, its renewals wait");
        }
    }
}

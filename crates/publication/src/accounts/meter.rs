//! The meter of signed-in readers: which of their reads count, on this server and on all others.
//!
//! A decision that adds no read is made in memory. One that adds a read is made in the database if other
//! servers may use it ([`Store::decide_on_reads`](masthead_store::Store::decide_on_reads)). On SQLite memory
//! decides, and the read is written before it is answered, so that a server that is killed has lost none. While the
//! database is gone, memory decides, and the read waits in the queue. A database that is only busy is waited for,
//! and then the request is refused: memory does not know what other servers have counted.

use std::{
    pin::{Pin, pin},
    time::Duration,
};

use masthead_access::Reads;
use masthead_store::StoreError;
use tokio::time::timeout;

use super::{AccountCache, CachedAccount};

/// How long a request waits for the database, and for other requests of the same account that do, before it asks whether the
/// database is gone.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long it then waits for one that is only busy.
const BUSY: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 6 });

impl AccountCache {
    /// Decides on a member's reads since the second `opens`, and records those that `decide` adds.
    /// Decisions that add reads of one account happen one after another, on all servers together.
    ///
    /// `decide` may be called several times; the answer of the last call is returned.
    ///
    /// # Errors
    ///
    /// Returns an error if the database is busy for too long, or fails while it is there.
    pub async fn visit<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        mut decide: impl FnMut(&mut Reads) -> T,
    ) -> Result<T, StoreError> {
        if !self.store.is_shared() {
            let (answer, queued) = self.decide_in_memory(member, opens, decide);
            // A read that another request has added a moment ago is not on the disk yet.
            if let Some(number) = queued.or_else(|| self.queue.waits_for(member.account)) {
                // As a trait object: callers nest futures nearly as deep as the compiler allows.
                let writing: Pin<Box<dyn Future<Output = ()> + Send>> =
                    Box::pin(self.write_now(number));
                writing.await;
            }
            return Ok(answer);
        }
        if let Some(answer) = decide_without_read(member, opens, &mut decide) {
            return Ok(answer);
        }
        let deciding = self.decide_in_turn(member, opens, &mut decide);
        // Boxed, because most decisions add no read: the future of every request would be as large.
        match Box::pin(self.unless_gone(deciding)).await? {
            Some(answer) => Ok(answer),
            None => Ok(self.decide_in_memory(member, opens, decide).0),
        }
    }

    /// Adds what a device has read to the reads of the account that it signs in to. If the database cannot take them now, they
    /// wait in the queue: they are no decision.
    pub async fn add_reads(&self, member: &CachedAccount, opens: i64, added: &Reads) {
        if let Err(error) = self.visit(member, opens, |reads| reads.merge(added)).await {
            tracing::warn!(%error, "accounts: the reads of a device wait for the database");
            self.decide_in_memory(member, opens, |reads| reads.merge(added));
        }
    }

    /// Decides after other requests of this account. Returns `None` if memory has to decide.
    async fn decide_in_turn<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        mut decide: impl FnMut(&mut Reads) -> T,
    ) -> Result<Option<T>, StoreError> {
        let _turn = member.turn.lock().await;
        // Another request of this account may have counted the article, or the last read, meanwhile.
        if let Some(answer) = decide_without_read(member, opens, &mut decide) {
            return Ok(Some(answer));
        }
        if self.queue.is_behind() {
            return Ok(None);
        }
        match self.decide_in_database(member, opens, &mut decide).await {
            Ok(answer) => Ok(Some(answer)),
            // It was waited for long enough, and the database is there.
            Err(error @ StoreError::Locked(_)) => Err(error),
            // It can be read and not written. What memory decides is written when it can be.
            Err(
                error @ (StoreError::DiskFull | StoreError::ReadOnly | StoreError::WritesRefused),
            ) => {
                tracing::warn!(%error, "accounts: the database cannot be written, memory decides");
                Ok(None)
            }
            Err(error) if error.is_unreachable() => {
                tracing::warn!(%error, "accounts: the connection was lost");
                if self.is_gone().await {
                    return Ok(None);
                }
                // It lets others in, so a connection of the pool was broken, or none was free.
                self.decide_in_database(member, opens, decide).await.map(Some)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the read with this number, with those of other requests that wait for the same. If the database does not take
    /// them, they stay in the queue, and the reader is not kept waiting.
    async fn write_now(&self, number: u64) {
        match timeout(PATIENCE, self.queue.write_up_to(number)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "accounts: reads not written, trying again"),
            Err(_) => tracing::warn!("accounts: writing reads took too long, trying again"),
        }
    }

    /// Learns what other servers have counted. While the database does not answer, the member stays as
    /// it is.
    pub async fn refresh_reads(&self, member: &CachedAccount, opens: i64) {
        if !self.store.is_shared() || self.queue.is_behind() {
            return;
        }
        // As a trait object: callers nest futures nearly as deep as the compiler allows.
        let refreshing: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async {
            let load = async {
                let _turn = member.turn.lock().await;
                self.load_reads(member, opens).await.map(Some)
            };
            let Err(error) = self.unless_gone(load).await else { return };
            tracing::warn!(%error, "accounts: reads of other servers not loaded");
            if error.is_unreachable() {
                self.is_gone().await;
            }
        });
        refreshing.await;
    }

    /// Loads the reads of an account into its member. The caller holds the member's turn.
    pub(super) async fn load_reads(
        &self,
        member: &CachedAccount,
        opens: i64,
    ) -> Result<(), StoreError> {
        loop {
            let changes = member.changes();
            // Before the database is asked: a read that leaves the queue meanwhile is in its answer.
            let unwritten = self.queue.of(member.account);
            let stored = self.store.reads_of(member.account, opens).await?;
            let mut reads = member.reads.lock();
            // Otherwise the answer may be from before a reset of the meter.
            if member.changes() == changes {
                reads.merge(&unwritten);
                reads.merge(&stored);
                return Ok(());
            }
        }
    }

    /// Counts a notification that an account's meter was reset, and forgets what the account has read before. What it has
    /// read since is in the database: on PostgreSQL the next decision asks for it, on SQLite it is loaded here.
    ///
    /// # Errors
    ///
    /// Returns an error if the database does not answer.
    pub(super) async fn reset_reads(&self, member: &CachedAccount) -> Result<(), StoreError> {
        if self.store.is_shared() {
            self.clear_reads(member);
            return Ok(());
        }
        {
            // Otherwise reads that are being written would be in the database, and not in memory.
            let _paused = self.queue.pause().await;
            self.clear_reads(member);
        }
        let _turn = member.turn.lock().await;
        self.load_reads(member, i64::MIN).await
    }

    /// Counts a notification that an account's meter was reset, and forgets what the account has read.
    ///
    /// It does not wait: a request that waits for the database sees the count before it merges the answer.
    pub(super) fn clear_reads(&self, member: &CachedAccount) {
        let mut reads = member.reads.lock();
        member.count_change();
        self.queue.remove(member.account);
        *reads = Reads::default();
    }

    async fn decide_in_database<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        decide: impl FnOnce(&mut Reads) -> T,
    ) -> Result<T, StoreError> {
        let changes = member.changes();
        let unwritten = self.queue.of(member.account);
        let decided = self.store.decide_on_reads(member.account, opens, &unwritten, decide);
        let (answer, after) = decided.await?;
        let mut reads = member.reads.lock();
        // Otherwise the meter may have been reset since. The next request loads what the database has.
        if member.changes() == changes {
            reads.merge(&after);
        }
        Ok(answer)
    }

    /// Whether the database is gone, so that readers who are not in memory cannot be looked up.
    pub async fn are_alone(&self) -> bool {
        self.store.is_shared() && (self.queue.is_behind() || self.is_gone().await)
    }

    /// Waits for an answer of the database. Returns `None` if the database is gone.
    ///
    /// # Errors
    ///
    /// Returns an error if the database is there and does not answer in time, or the answer is one.
    async fn unless_gone<T>(
        &self,
        asked: impl Future<Output = Result<Option<T>, StoreError>>,
    ) -> Result<Option<T>, StoreError> {
        let mut asked = pin!(asked);
        // Another look-up has waited a moment ago.
        let patience = if self.store.is_away() { Duration::ZERO } else { PATIENCE };
        if let Ok(answer) = timeout(patience, &mut asked).await {
            return answer;
        }
        // Both go on: what is asked may be the one that finds out whether the database is gone, and others wait for that.
        tokio::select! {
            biased;
            answer = &mut asked => return answer,
            is_gone = self.is_gone() => if is_gone { return Ok(None) },
        }
        timeout(BUSY, asked).await.unwrap_or(Err(StoreError::TimedOut))
    }

    /// Whether the database is gone. If it is, memory decides on every account until it takes reads again.
    async fn is_gone(&self) -> bool {
        let is_gone = self.store.is_gone().await;
        if is_gone {
            tracing::warn!("accounts: the database is gone, memory decides");
            self.queue.set_behind();
        }
        is_gone
    }

    /// Logs that a session could not be looked up.
    pub(super) fn note_failed_lookup(error: &StoreError) {
        // Those that were not tried follow one that was.
        if !matches!(error, StoreError::Away) {
            tracing::warn!(%error, "accounts: session lookup failed");
        }
    }

    /// Returns the answer, and the number in the queue of the last read that is there because of it.
    fn decide_in_memory<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        decide: impl FnOnce(&mut Reads) -> T,
    ) -> (T, Option<u64>) {
        let mut reads = member.reads.lock();
        reads.forget_before(opens);
        let before = reads.clone();
        let answer = decide(&mut reads);
        let mut queued = None;
        for read in reads.iter().filter(|read| !before.iter().any(|known| known == *read)) {
            queued = Some(self.queue.add(member.account, *read));
        }
        (answer, queued)
    }
}

/// Returns `None` if the decision adds a read.
fn decide_without_read<T>(
    member: &CachedAccount,
    opens: i64,
    decide: impl FnOnce(&mut Reads) -> T,
) -> Option<T> {
    let mut reads = member.reads.lock();
    reads.forget_before(opens);
    let mut after = reads.clone();
    let answer = decide(&mut after);
    (after == *reads).then_some(answer)
}

#[cfg(test)]
mod tests;

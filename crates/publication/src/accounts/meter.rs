//! The meter of signed-in readers: which of their reads count, on this server and on all others.
//!
//! A decision that adds no read is made in memory. One that adds a read is made in the database if other
//! servers may use it ([`Store::decide_on_reads`](masthead_store::Store::decide_on_reads)). On SQLite memory
//! decides, and the read is written before it is answered, so that a server that is killed has lost none. While
//! the database does not answer, memory decides, and the read waits in the queue.

use std::{pin::Pin, time::Duration};

use masthead_access::Reads;
use masthead_store::StoreError;
use tokio::time::timeout;

use super::{AccountCache, CachedAccount};

/// How long a request waits for the database, and for other requests of the same account that do. Then memory decides.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a database that took too long has to show that it answers others.
const PING: Duration = Duration::from_secs(1);

impl AccountCache {
    /// Decides on a member's reads since the second `opens`, and records those that `decide` adds.
    /// Decisions that add reads of one account happen one after another, on all servers together.
    ///
    /// `decide` may be called several times; the answer of the last call is returned.
    pub async fn visit<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        mut decide: impl FnMut(&mut Reads) -> T,
    ) -> T {
        if !self.store.is_shared() {
            let (answer, is_queued) = self.decide_in_memory(member, opens, decide);
            if is_queued {
                // As a trait object: callers nest futures nearly as deep as the compiler allows.
                let writing: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(self.write_now());
                writing.await;
            }
            return answer;
        }
        if let Some(answer) = decide_without_read(member, opens, &mut decide) {
            return answer;
        }
        match self.in_time(self.decide_in_turn(member, opens, &mut decide)).await {
            Some(answer) => answer,
            None => self.decide_in_memory(member, opens, decide).0,
        }
    }

    /// Decides after other requests of this account, in memory if the database fails.
    async fn decide_in_turn<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        mut decide: impl FnMut(&mut Reads) -> T,
    ) -> T {
        let _turn = member.turn.lock().await;
        // Another request of this account may have counted the article, or the last read, meanwhile.
        if let Some(answer) = decide_without_read(member, opens, &mut decide) {
            return answer;
        }
        if !self.queue.is_behind() {
            match self.decide_in_database(member, opens, &mut decide).await {
                Ok(answer) => return answer,
                Err(error) => self.note_failure(&error),
            }
        }
        self.decide_in_memory(member, opens, decide).0
    }

    /// Writes what waits, with the reads of other requests that wait for the same. If the database does not take them,
    /// they stay in the queue, and the reader is not kept waiting.
    async fn write_now(&self) {
        match timeout(PATIENCE, self.queue.write()).await {
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
                self.load_reads(member, opens).await
            };
            if let Some(Err(error)) = self.in_time(load).await {
                self.note_failure(&error);
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

    /// Returns the result of `asked`, or `None` if it takes too long.
    async fn in_time<T>(&self, asked: impl Future<Output = T>) -> Option<T> {
        if let Ok(answer) = timeout(PATIENCE, asked).await {
            return Some(answer);
        }
        tracing::warn!("accounts: the database took too long, memory decides");
        // One locked row is no reason to decide on all other accounts in memory.
        if !matches!(timeout(PING, self.store.ping()).await, Ok(Ok(()))) {
            self.queue.set_behind();
        }
        None
    }

    /// Logs that the database failed. If it could not be reached, memory decides on every account until it takes reads
    /// again.
    fn note_failure(&self, error: &StoreError) {
        tracing::warn!(%error, "accounts: the database failed, memory decides");
        if error.is_unreachable() {
            self.queue.set_behind();
        }
    }

    /// Logs that a session could not be looked up. If the database is away, memory decides on every account.
    pub(super) fn note_failed_lookup(&self, error: &StoreError) {
        // Those that were not tried follow one that was.
        if !matches!(error, StoreError::Away) {
            tracing::warn!(%error, "accounts: session lookup failed");
        }
        if self.store.is_away() {
            self.queue.set_behind();
        }
    }

    /// Returns the answer, and whether there are reads in the queue because of it.
    fn decide_in_memory<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        decide: impl FnOnce(&mut Reads) -> T,
    ) -> (T, bool) {
        let mut reads = member.reads.lock();
        reads.forget_before(opens);
        let before = reads.clone();
        let answer = decide(&mut reads);
        let mut is_queued = false;
        for read in reads.iter().filter(|read| !before.iter().any(|known| known == *read)) {
            self.queue.add(member.account, *read);
            is_queued = true;
        }
        (answer, is_queued)
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

//! The meter of signed-in readers: which of their reads count, on this server and on all others.
//!
//! A decision that adds no read is made in memory. One that adds a read is made in the database if other
//! servers may use it ([`Store::decide_on_reads`](masthead_store::Store::decide_on_reads)). While the
//! database does not answer, and on SQLite, memory decides, and the read waits in the queue.

use std::time::Duration;

use masthead_access::Reads;
use masthead_store::StoreError;

use super::{AccountCache, CachedAccount};

/// How long a request waits for the database to count a read, as long as for a connection. Then memory decides.
const PATIENCE: Duration = Duration::from_secs(5);

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
            return self.decide_in_memory(member, opens, decide);
        }
        if let Some(answer) = decide_without_read(member, opens, &mut decide) {
            return answer;
        }
        let _turn = member.turn.lock().await;
        // Another request of this account may have counted the article, or the last read, meanwhile.
        if let Some(answer) = decide_without_read(member, opens, &mut decide) {
            return answer;
        }
        if !self.queue.is_behind()
            && let Some(answer) = self.decide_in_database(member, opens, &mut decide).await
        {
            return answer;
        }
        self.decide_in_memory(member, opens, decide)
    }

    /// Learns what other servers have counted. While the database does not answer, the member stays as
    /// it is.
    pub async fn refresh_reads(&self, member: &CachedAccount, opens: i64) {
        if !self.store.is_shared() || self.queue.is_behind() {
            return;
        }
        let _turn = member.turn.lock().await;
        self.in_time(self.load_reads(member, opens)).await;
    }

    /// Loads the reads of an account into its member. The caller holds the member's turn.
    pub(super) async fn load_reads(
        &self,
        member: &CachedAccount,
        opens: i64,
    ) -> Result<(), StoreError> {
        // Before the database is asked: a read that leaves the queue meanwhile is in its answer.
        let unwritten = self.queue.of(member.account);
        let stored = self.store.reads_of(member.account, opens).await?;
        let mut reads = member.reads.lock();
        reads.merge(&unwritten);
        reads.merge(&stored);
        Ok(())
    }

    /// Forgets what an account has read, after its meter was reset.
    pub(super) async fn clear_reads(&self, member: &CachedAccount) {
        // An answer of the database from before the reset must not be merged after it.
        let _turn = member.turn.lock().await;
        let mut reads = member.reads.lock();
        self.queue.remove(member.account);
        *reads = Reads::default();
    }

    /// Returns `None` if the database does not answer.
    async fn decide_in_database<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        decide: impl FnOnce(&mut Reads) -> T,
    ) -> Option<T> {
        let unwritten = self.queue.of(member.account);
        let decided = self.store.decide_on_reads(member.account, opens, &unwritten, decide);
        let (answer, reads) = self.in_time(decided).await?;
        member.reads.lock().merge(&reads);
        Some(answer)
    }

    /// Returns the answer of the database, or `None` if it fails or takes too long. Then memory decides
    /// until the database takes reads again.
    async fn in_time<T>(&self, asked: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => {
                tracing::warn!(%error, "accounts: the database failed, memory decides");
            }
            Err(_) => tracing::warn!("accounts: the database took too long, memory decides"),
        }
        self.queue.set_behind();
        None
    }

    fn decide_in_memory<T>(
        &self,
        member: &CachedAccount,
        opens: i64,
        decide: impl FnOnce(&mut Reads) -> T,
    ) -> T {
        let mut reads = member.reads.lock();
        reads.forget_before(opens);
        let before = reads.clone();
        let answer = decide(&mut reads);
        for read in reads.iter().filter(|read| !before.iter().any(|known| known == *read)) {
            self.queue.add(member.account, *read);
        }
        answer
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

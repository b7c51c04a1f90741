//! What a running server notes for `masthead doctor`, which is another process: what only a server sees, such as background tasks that
//! fail, and proxies that send no client's address.
//!
//! The notes are in the folder `servers` of the data directory. Several servers may use it, so each has a number of its own, a file with
//! its state, and a lock that it holds for as long as it runs. A server that is killed leaves a state without a lock.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    net::IpAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
};

use jiff::Timestamp;
use masthead_site::Site;
use masthead_telemetry::TaskState;
use masthead_web::forwarding::ForwardingFault;
use serde::{Deserialize, Serialize};

const FOLDER: &str = "servers";
/// How many servers can have a number in one data directory.
const MAX_SERVERS: u32 = 64;

/// What a server knows of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerState {
    /// The number of its process.
    pub process: u32,
    /// Where it listens.
    pub listen: String,
    /// When this was noted.
    pub at: Timestamp,
    /// The background tasks that fail or hang.
    pub tasks: Vec<FailingTask>,
    /// What was wrong with proxies within the last hour, and their addresses.
    pub proxies: Vec<(ForwardingFault, IpAddr)>,
}

/// A background task that fails or hangs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingTask {
    /// Its name.
    pub name: String,
    /// How it is doing.
    pub state: TaskState,
    /// When it last succeeded; `None` if it never has.
    pub last_success: Option<Timestamp>,
    /// Why its last run failed; empty if it hangs.
    pub error: String,
}

impl ServerState {
    /// The state of this server at `now`.
    pub fn of(site: &Site, listen: &str, now: Timestamp) -> Self {
        let statuses = site.tasks.statuses(now).into_iter();
        let fails = |state| matches!(state, TaskState::Failing | TaskState::Stale);
        let failing = statuses.filter(|task| fails(task.state)).map(|task| FailingTask {
            name: task.name.to_owned(),
            state: task.state,
            last_success: task.last_success,
            error: task.last_error.unwrap_or_default(),
        });
        Self {
            process: process::id(),
            listen: listen.to_owned(),
            at: now,
            tasks: failing.collect(),
            proxies: site.forwarding_faults(),
        }
    }
}

/// Where this server notes its state.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    _lock: File,
}

impl StateFile {
    /// Takes a free number in this data directory until the file is dropped.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be written or locked, or all numbers are taken.
    pub fn create(data: &Path) -> io::Result<Self> {
        let folder = data.join(FOLDER);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        for number in 1..=MAX_SERVERS {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600);
            let lock = options.open(lock_path(&folder, number))?;
            match lock.try_lock() {
                Ok(()) => {
                    let path = state_path(&folder, number);
                    remove_former(&path)?;
                    return Ok(Self { path, _lock: lock });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::other(format!("{MAX_SERVERS} servers use {} already", data.display())))
    }

    /// Notes the state in place of the last. Blocks.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be written.
    pub fn write(&self, state: &ServerState) -> io::Result<()> {
        // Always under the same name, so that servers that are killed leave at most one each.
        let new = self.path.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&new)?.write_all(&serde_json::to_vec(state)?)?;
        fs::rename(&new, &self.path)
    }
}

/// The state of each server that runs with this data directory; `None` for one that has noted nothing yet, or nothing that this version
/// can read.
pub fn running(data: &Path) -> Vec<Option<ServerState>> {
    let folder = data.join(FOLDER);
    let is_locked = |number: &u32| {
        // Shared, so that two that look do not take each other for a server.
        let lock = File::open(lock_path(&folder, *number)).map(|file| file.try_lock_shared());
        matches!(lock, Ok(Err(TryLockError::WouldBlock)))
    };
    let read = |number| serde_json::from_slice(&fs::read(state_path(&folder, number)).ok()?).ok();
    (1..=MAX_SERVERS).filter(is_locked).map(read).collect()
}

fn lock_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number}.lock"))
}

fn state_path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number}.json"))
}

/// Removes what a server has left that had the number before.
fn remove_former(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(listen: &str) -> ServerState {
        let proxies = vec![(ForwardingFault::Missing, IpAddr::from([127, 0, 0, 1]))];
        let failing = FailingTask {
            name: "outbox".to_owned(),
            state: TaskState::Stale,
            last_success: None,
            error: "the relay refuses the password".to_owned(),
        };
        let (listen, at) = (listen.to_owned(), Timestamp::UNIX_EPOCH);
        ServerState { process: 7, listen, at, tasks: vec![failing], proxies }
    }

    #[test]
    fn a_state_is_known_for_as_long_as_its_server_runs() {
        let data = tempfile::tempdir().expect("a folder");
        assert!(running(data.path()).is_empty(), "there is no folder");
        let first = StateFile::create(data.path()).expect("a number");
        let second = StateFile::create(data.path()).expect("another");
        assert_eq!(running(data.path()), [None, None]);
        first.write(&state("127.0.0.1:1")).expect("noted");
        second.write(&state("127.0.0.1:2")).expect("noted");
        assert_eq!(running(data.path()), [Some(state("127.0.0.1:1")), Some(state("127.0.0.1:2"))]);
        drop(first);
        assert_eq!(running(data.path()), [Some(state("127.0.0.1:2"))]);
        // The number is given again, without what the last one noted.
        let third = StateFile::create(data.path()).expect("the first number");
        assert_eq!(running(data.path()), [None, Some(state("127.0.0.1:2"))]);
        drop((second, third));
        assert!(running(data.path()).is_empty());
    }
}

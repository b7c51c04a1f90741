//! A backup in a server: on a thread of its own, which lets requests have the processor first while the file is read again.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rustix::process::nice;
use tokio::{runtime::Handle, sync::oneshot};

use crate::{BackupError, BackupPlan, BackupProgress, WrittenBackup, writer::Unplaced};

/// How much the priority is lowered of work that nobody waits for (nice(2)).
const IDLE: i32 = 10;
/// The entry of a backup that is wanted when it is read again: every one has it.
const SETTINGS: &str = "files/masthead.toml";

/// Lets others have the processor first: work that nobody waits for must not slow a server down. On Linux that is a property of the
/// calling thread, and of those that it starts.
pub fn lower_priority() {
    if let Err(error) = nice(IDLE) {
        tracing::debug!(%error, "backups: priority not lowered");
    }
}

/// A backup that is being made. It is stopped when this is dropped.
pub struct BackupRun {
    shared: Arc<Shared>,
    result: oneshot::Receiver<Result<WrittenBackup, BackupError>>,
}

#[derive(Default)]
struct Shared {
    progress: Mutex<BackupProgress>,
    is_stopped: AtomicBool,
}

/// Starts a backup into the new file `target` on a thread of its own. The file appears under its name only once it was read again and every checksum was right.
///
/// # Errors
///
/// Returns [`BackupError::Thread`] if there can be no other thread.
pub fn start(plan: BackupPlan, target: PathBuf) -> Result<BackupRun, BackupError> {
    let shared = Arc::new(Shared::default());
    let (sender, result) = oneshot::channel();
    let (runtime, of_thread) = (Handle::current(), Arc::clone(&shared));
    let started = thread::Builder::new().name("backup".to_owned()).spawn(move || {
        // The receiver may have been dropped.
        let _ = sender.send(make(&plan, &target, &runtime, &of_thread));
    });
    started.map_err(|_| BackupError::Thread)?;
    Ok(BackupRun { shared, result })
}

impl BackupRun {
    /// Returns how far it is.
    pub fn progress(&self) -> BackupProgress {
        *self.shared.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops it. It may be complete all the same: [`finished`](Self::finished) says so.
    pub fn stop(&self) {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Waits until it is complete and verified, or has failed. May be dropped and called again.
    ///
    /// # Errors
    ///
    /// Returns [`BackupError`] if there is no backup.
    pub async fn finished(&mut self) -> Result<WrittenBackup, BackupError> {
        (&mut self.result).await.unwrap_or(Err(BackupError::Thread))
    }
}

impl Drop for BackupRun {
    fn drop(&mut self) {
        self.stop();
    }
}

fn make(
    plan: &BackupPlan,
    target: &Path,
    runtime: &Handle,
    shared: &Shared,
) -> Result<WrittenBackup, BackupError> {
    let mut on_progress = |progress| {
        *shared.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
        if shared.is_stopped.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let unplaced = runtime.block_on(Unplaced::write(plan, target, &mut on_progress))?;
    // Only now, when this thread starts no other: those of the runtime, which serve requests, would inherit it.
    lower_priority();
    verify(&unplaced, plan)?;
    if shared.is_stopped.load(Ordering::Relaxed) {
        return Err(BackupError::Stopped);
    }
    unplaced.place()
}

fn verify(unplaced: &Unplaced, plan: &BackupPlan) -> Result<(), BackupError> {
    let verified = masthead_archive::verify(unplaced.path(), plan.passphrase.as_deref(), SETTINGS);
    let failed =
        |source| BackupError::NotVerified { path: unplaced.target().to_path_buf(), source };
    verified.map(drop).map_err(failed)
}

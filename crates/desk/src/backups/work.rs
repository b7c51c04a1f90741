//! Making a backup, and deleting old ones. One server at a time makes one, and says every few seconds how far it is; if it is killed,
//! another begins the backup again once its claim has expired.

use std::{fs, io, os::unix::fs::DirBuilderExt, path::Path, time::Duration};

use jiff::Timestamp;
use masthead_backup::{
    BackupError, BackupPlan, BackupProgress, BackupRun, WrittenBackup, start, unfinished,
};
use masthead_store::{
    BackupClaim, BackupCounts, DiscardedFile, FinishedBackup, NewBackup, StoreError, StoredBackup,
};
use tokio::{task::spawn_blocking, time::sleep};

use super::{is_plain_name, schedule::last_due};
use crate::state::DeskState;

/// How often it is noted how far a backup is. A claim lasts much longer.
const NOTED: Duration = Duration::from_secs(2);
/// What is stored of a backup that was begun again and again. The page has words for it.
pub(super) const INTERRUPTED: &str = "interrupted";

/// Why no file is left of a backup.
enum BackupEnd {
    Failed(BackupError),
    /// Another server makes it by now.
    Lost,
    /// This server stops.
    Stopped,
}

impl From<BackupError> for BackupEnd {
    fn from(error: BackupError) -> Self {
        Self::Failed(error)
    }
}

impl DeskState {
    /// Makes the backup that was asked for or is due, deletes discarded files, and tells owners of those that have failed.
    ///
    /// # Errors
    ///
    /// Fails if the database does. A backup that is not made is no failure: owners are told.
    pub async fn run_backups(&self) -> Result<(), StoreError> {
        if self.backups_stop.is_cancelled() {
            return Ok(());
        }
        self.request_due_backup().await?;
        let (server, now) = (self.backups.server.as_str(), self.now());
        let has_passphrase = self.backups.passphrase.is_some();
        let name = |backup: &StoredBackup| {
            file_name(backup.id, backup.is_encrypted || has_passphrase, now)
        };
        if let Some(claim) = self.store.claim_backup(server, name, INTERRUPTED, now).await? {
            self.make_backup(claim).await?;
        }
        self.delete_discarded_backups().await?;
        self.tell_of_failed_backups().await
    }

    async fn request_due_backup(&self) -> Result<(), StoreError> {
        let (settings, now) = (self.settings(), self.now());
        let due = last_due(settings.backups, now, &settings.policy.zone);
        let Some(due) = due else { return Ok(()) };
        let scheduled = NewBackup {
            by: None,
            scheduled_for: Some(due),
            with_pictures: true,
            passphrase: None,
            at: now,
        };
        self.store.request_backup(&scheduled).await.map(drop)
    }

    async fn make_backup(&self, mut claim: BackupClaim) -> Result<(), StoreError> {
        if let Some(abandoned) = claim.abandoned.take() {
            self.remove_backup_file(&abandoned).await;
        }
        let (id, file) = (claim.backup.id, claim.file.clone());
        let passphrase = claim.passphrase.take().or_else(|| self.backups.passphrase.clone());
        let is_encrypted = passphrase.is_some();
        match self.write_backup(&mut claim, &file, passphrase).await {
            Ok(WrittenBackup { rows, pictures, bytes, .. }) => {
                let counts = BackupCounts { rows, all_rows: rows, pictures };
                let bytes = bytes.unwrap_or_default();
                let finished = FinishedBackup { file, bytes, is_encrypted, counts };
                self.finish_backup(&claim, &finished).await
            }
            Err(BackupEnd::Lost) => {
                tracing::warn!(id, "backups: claim has expired, another server makes it");
                Ok(())
            }
            Err(BackupEnd::Stopped) => {
                tracing::info!(id, "backups: interrupted by the stop of the server");
                self.store.release_backup(&claim).await
            }
            Err(BackupEnd::Failed(error)) => {
                // It may have its name already.
                self.remove_backup_file(&file).await;
                self.fail_backup(&claim, &error).await
            }
        }
    }

    /// Stores that a backup is complete. Only then old ones are deleted, and only by settings that were read without an error.
    async fn finish_backup(
        &self,
        claim: &BackupClaim,
        finished: &FinishedBackup,
    ) -> Result<(), StoreError> {
        let FinishedBackup { file, bytes, .. } = finished;
        if !self.store.finish_backup(claim, finished, self.now()).await? {
            tracing::warn!(file, "backups: claim has expired, file deleted");
            self.remove_backup_file(file).await;
            return Ok(());
        }
        tracing::info!(file, bytes, "backups: made and verified");
        if claim.backup.is_scheduled && self.live_settings.reload_error().is_none() {
            let keep = self.settings().backups.keep;
            self.store.discard_old_backups(keep, self.now()).await?;
        }
        Ok(())
    }

    /// Stores that a backup has failed. A scheduled one, which nobody waits for, is begun again if the reason may pass.
    async fn fail_backup(
        &self,
        claim: &BackupClaim,
        error: &BackupError,
    ) -> Result<(), StoreError> {
        let id = claim.backup.id;
        if claim.backup.is_scheduled && error.is_passing() && !claim.is_last_attempt() {
            tracing::warn!(%error, id, attempts = claim.attempts, "backups: not made, it is tried again");
            return Ok(());
        }
        tracing::error!(%error, id, "backups: not made");
        self.store.fail_backup(claim, &error.to_string(), self.now()).await
    }

    /// Interrupts the backup that this server makes, because it stops. Any server may begin it again.
    pub fn stop_backups(&self) {
        self.backups_stop.cancel();
    }

    async fn write_backup(
        &self,
        claim: &mut BackupClaim,
        file: &str,
        passphrase: Option<String>,
    ) -> Result<WrittenBackup, BackupEnd> {
        let folder = self.backups.folder.clone();
        let plan = BackupPlan {
            store: self.store.clone(),
            pictures: claim.backup.with_pictures.then(|| self.media.clone()),
            files: self.backups.files.clone(),
            passphrase,
        };
        let target = folder.join(file);
        let prepared = spawn_blocking(move || prepare(&folder)).await;
        prepared.map_err(|_| BackupError::Thread)??;
        let mut run = start(plan, target)?;
        loop {
            tokio::select! {
                written = run.finished() => return Ok(written?),
                () = self.backups_stop.cancelled() => return Err(BackupEnd::Stopped),
                () = sleep(NOTED) => {
                    if let Err(end) = self.note_progress(claim, &run).await {
                        run.stop();
                        // It may have got its name already, which no row has any more.
                        if run.finished().await.is_ok() {
                            self.remove_backup_file(file).await;
                        }
                        return Err(end);
                    }
                }
            }
        }
    }

    /// Notes how far a backup is. While the database cannot be written, the backup goes on until its claim has expired.
    async fn note_progress(
        &self,
        claim: &mut BackupClaim,
        run: &BackupRun,
    ) -> Result<(), BackupEnd> {
        let BackupProgress { rows, all_rows, pictures } = run.progress();
        let counts = BackupCounts { rows, all_rows, pictures };
        match self.store.advance_backup(claim, counts, self.now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(BackupEnd::Lost),
            Err(error) => {
                tracing::warn!(%error, "backups: progress not noted");
                Ok(())
            }
        }
    }

    async fn delete_discarded_backups(&self) -> Result<(), StoreError> {
        let now = self.now();
        for DiscardedFile { id, file, server } in self.store.discarded_backups().await? {
            let is_gone = self.remove_backup_file(&file).await;
            // That of another server is deleted there.
            if is_gone.unwrap_or(server == self.backups.server) {
                self.store.note_deleted_backup(id, now).await?;
            }
        }
        self.store.give_up_lost_backups(now).await
    }

    /// Deletes a file of a backup. Returns whether it is deleted; `None` if this server has no such file.
    async fn remove_backup_file(&self, file: &str) -> Option<bool> {
        if !is_plain_name(file) {
            return None;
        }
        match tokio::fs::remove_file(self.backups.folder.join(file)).await {
            Ok(()) => Some(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::error!(%error, file, "backups: file not deleted, it is tried again");
                Some(false)
            }
        }
    }
}

/// Creates the folder, which only this user can read, and deletes what backups that were killed have left there.
fn prepare(folder: &Path) -> Result<(), BackupError> {
    let created = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.map_err(|source| BackupError::Folder { folder: folder.to_path_buf(), source })?;
    for path in unfinished::remove_abandoned(folder) {
        tracing::info!(path = %path.display(), "backups: deleted what was interrupted");
    }
    Ok(())
}

/// The name of a file. No two attempts have the same, on no server.
fn file_name(id: i32, is_encrypted: bool, now: Timestamp) -> String {
    let ending = if is_encrypted { "backup" } else { "tar.zst" };
    format!("masthead-{}-{id}.{ending}", now.strftime("%Y-%m-%dT%H%M%SZ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_when_and_are_plain() {
        let at = "2027-02-03T03:00:04Z".parse().expect("a time");
        let name = file_name(7, false, at);
        assert_eq!(name, "masthead-2027-02-03T030004Z-7.tar.zst");
        assert!(is_plain_name(&name));
        assert!(file_name(7, true, at).ends_with("-7.backup"));
    }
}

//! Making a backup, and deleting old ones. One server at a time makes one, and says every few seconds how far it is; if it is killed,
//! another begins the backup again once its claim has expired.

use std::{fs, io, os::unix::fs::DirBuilderExt, path::Path, time::Duration};

use jiff::Timestamp;
use masthead_backup::{
    BackupError, BackupPlan, BackupProgress, BackupRun, WrittenBackup, start, unfinished,
};
use masthead_store::{
    BackupClaim, BackupCounts, BackupState, FinishedBackup, NewBackup, StoreError,
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
}

impl From<BackupError> for BackupEnd {
    fn from(error: BackupError) -> Self {
        Self::Failed(error)
    }
}

impl DeskState {
    /// Makes the backup that was asked for or is due, deletes the files of old ones, and tells owners of those that have failed.
    ///
    /// # Errors
    ///
    /// Fails if the database does. A backup that is not made is no failure: owners are told.
    pub async fn run_backups(&self) -> Result<(), StoreError> {
        self.request_due_backup().await?;
        let server = self.backups.server.as_str();
        if let Some(claim) = self.store.claim_backup(server, INTERRUPTED, self.now()).await? {
            self.make_backup(claim).await?;
        }
        self.delete_old_backups().await?;
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
        let id = claim.backup.id;
        let passphrase = claim.passphrase.take().or_else(|| self.backups.passphrase.clone());
        let is_encrypted = passphrase.is_some();
        let file = file_name(id, is_encrypted, self.now());
        match self.write_backup(&mut claim, &file, passphrase).await {
            Ok(written) => {
                let counts = BackupCounts {
                    rows: written.rows,
                    all_rows: written.rows,
                    pictures: written.pictures,
                };
                let bytes = written.bytes;
                let finished = FinishedBackup { file, bytes, is_encrypted, counts };
                if !self.store.finish_backup(&claim, &finished, self.now()).await? {
                    self.remove_backup_file(&finished.file).await;
                    return Ok(());
                }
                tracing::info!(file = finished.file, bytes, "backups: made and verified");
                // Only once there is a new one: settings may be incomplete for a moment, and would delete those that are kept.
                if claim.backup.is_scheduled && self.live_settings.reload_error().is_none() {
                    let keep = self.settings().backups.keep;
                    self.store.discard_old_backups(keep, self.now()).await?;
                }
                Ok(())
            }
            Err(BackupEnd::Lost) => {
                tracing::warn!(id, "backups: claim has expired, another server makes it");
                Ok(())
            }
            Err(BackupEnd::Failed(error)) => {
                tracing::error!(%error, id, "backups: not made");
                self.store.fail_backup(&claim, &error.to_string(), self.now()).await
            }
        }
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
            target: folder.join(file),
            passphrase,
        };
        let prepared = spawn_blocking(move || prepare(&folder)).await;
        prepared.map_err(|_| BackupError::Thread)??;
        let mut run = start(plan)?;
        loop {
            tokio::select! {
                written = run.finished() => return Ok(written?),
                () = sleep(NOTED) => self.note_progress(claim, &run).await?,
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

    async fn delete_old_backups(&self) -> Result<(), StoreError> {
        let now = self.now();
        for backup in self.store.discarded_backups().await? {
            let BackupState::Discarded { file, .. } = &backup.state else { continue };
            let is_gone = self.remove_backup_file(file).await;
            // That of another server is deleted there.
            if is_gone.unwrap_or(backup.server == self.backups.server) {
                self.store.note_deleted_backup(backup.id, now).await?;
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

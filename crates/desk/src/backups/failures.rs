//! Emails to owners about a backup that was not made.

use masthead_circulation::{Account, staff::Role};
use masthead_mail::emails::{self, NotificationContext, NotificationItem};
use masthead_publication::ThemeError;
use masthead_store::{BackupState, Email, StoreError, StoredBackup};

use super::{PAGE, work::INTERRUPTED};
use crate::{state::DeskState, words::DeskWords};

/// Why a backup was not made, in words. What the system says is in English.
pub(super) fn fault_in_words(fault: &str, words: DeskWords) -> String {
    match fault {
        INTERRUPTED => words.text("backups_interrupted").to_owned(),
        fault => fault.to_owned(),
    }
}

impl DeskState {
    /// What owners are told if the last backup was not made; `None` if it was, or goes on.
    pub(crate) async fn last_backup_fault(
        &self,
        words: DeskWords,
    ) -> Result<Option<String>, StoreError> {
        let last = self.store.backups(1).await?.pop();
        let Some(BackupState::Failed { at, fault }) = last.map(|last| last.state) else {
            return Ok(None);
        };
        let time = words.date_time(at, &self.publication().zone);
        let fault = fault_in_words(&fault, words);
        Ok(Some(words.fill("server_backup", &[("time", &time), ("fault", &fault)])))
    }

    /// Writes an email about each backup that has failed to every owner. Each is told of once, however many servers there are.
    pub(super) async fn tell_of_failed_backups(&self) -> Result<(), StoreError> {
        let failed = self.store.failed_backups_to_tell().await?;
        if failed.is_empty() {
            return Ok(());
        }
        let staff = self.store.all_staff().await?;
        let owners = staff.into_iter().filter(|(staff, _)| staff.role == Role::Owner);
        let owners: Vec<Account> = owners.map(|(_, account)| account).collect();
        for backup in failed {
            let mut written = Vec::new();
            for owner in &owners {
                match self.email_of_failure(owner, &backup).await? {
                    Ok(email) => written.push(email),
                    Err(error) => tracing::error!(%error, "backups: email not written"),
                }
            }
            if self.store.tell_of_failed_backup(backup.id, &written, self.now()).await? {
                self.outbox_wakeup.notify_one();
            }
        }
        Ok(())
    }

    async fn email_of_failure(
        &self,
        to: &Account,
        backup: &StoredBackup,
    ) -> Result<Result<Email, ThemeError>, StoreError> {
        let publication = self.publication();
        let own = self.store.staff_settings(to.id).await?.unwrap_or_default().language;
        let ours = || DeskWords::in_language(self.settings().locale.tag());
        let words = DeskWords::in_language(&own).or_else(ours).unwrap_or_default();
        let fault = match &backup.state {
            BackupState::Failed { fault, .. } => fault_in_words(fault, words),
            BackupState::Open | BackupState::Done { .. } | BackupState::Discarded { .. } => {
                String::new()
            }
        };
        let time = words.date_time(backup.at, &publication.zone);
        let text = words.fill("backups_email_text", &[("time", &time), ("fault", &fault)]);
        let items = [NotificationItem { text, quote: Vec::new() }];
        let subject = words.text("backups_email_subject");
        let context = NotificationContext {
            publication: &publication.name,
            lang: words.tag(),
            subject,
            headline: subject,
            items: &items,
            button: words.text("backups_email_button"),
            link: &format!("{}{PAGE}", publication.address),
            settings: words.text("backups_email_why"),
            settings_link: &format!("{}/desk", publication.address),
        };
        Ok(emails::notification(to, &context))
    }
}

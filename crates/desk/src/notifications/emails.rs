//! Emails about notifications, and the task that sends them. An email has a comment, and nothing of the article but its headline.

use jiff::{Timestamp, tz::TimeZone};
use masthead_circulation::{Account, NotificationEvent, staff::Staff};
use masthead_mail::emails::{self, NotificationContext, NotificationItem};
use masthead_publication::theme::ThemeError;
use masthead_store::{Email, Notification, StaffEmail, StoreError};

use super::words::{address, event_label, sentence};
use crate::{newsroom::story::story_address, state::DeskState, words::DeskWords};

/// Emails that are written in one run.
const MAX_EMAILS: u64 = 200;
/// Characters of a comment in an email.
const MAX_PASSAGE: usize = 300;

impl DeskState {
    /// Reminds of deadlines, and writes the emails about what the staff were told. One that fails holds up no other, and is tried
    /// again later.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    pub async fn tell_staff(&self) -> Result<(), StoreError> {
        let reminded = self.store.remind_of_deadlines(self.now()).await;
        let written = self.write_staff_emails().await;
        let disputed = self.tell_of_disputes().await;
        let refunded = self.tell_of_refunds().await;
        reminded.and(written).and(disputed).and(refunded)
    }

    async fn write_staff_emails(&self) -> Result<(), StoreError> {
        let now = self.now();
        let due = self.store.due_staff_emails(now, MAX_EMAILS).await?;
        if due.is_empty() {
            return Ok(());
        }
        let everybody = self.store.all_staff().await?;
        let mut first = Ok(());
        for told in &due {
            let written = match self.notification_email(told, &everybody) {
                Ok(email) => self.send_staff_email(told, &email, now).await,
                Err(error) => {
                    let (account, article) = (told.account.id, told.article);
                    tracing::error!(%error, article = article.0, "notifications: email not written");
                    self.store.defer_staff_email(account, article, now).await
                }
            };
            first = first.and(written);
        }
        first
    }

    async fn send_staff_email(
        &self,
        told: &StaffEmail,
        email: &Email,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.store.send_staff_email(told, email, now).await? {
            self.outbox_wakeup.notify_one();
        }
        Ok(())
    }

    fn notification_email(
        &self,
        told: &StaffEmail,
        everybody: &[(Staff, Account)],
    ) -> Result<Email, ThemeError> {
        let publication = self.publication();
        let ours = || DeskWords::in_language(self.settings().locale.tag());
        let words = DeskWords::in_language(&told.language).or_else(ours).unwrap_or_default();
        let first = told.notifications.first();
        let headline = first.map(|told| told.headline.as_str()).unwrap_or_default();
        let headline = if headline.is_empty() { words.text("no_headline") } else { headline };
        let subject = match told.notifications.as_slice() {
            [only] => words.fill(
                "notify_subject",
                &[("event", &event_label(only.event, words)), ("headline", &headline)],
            ),
            several => words.count_and_fill(
                "notify_subjects",
                several.len() as u64,
                &[("headline", &headline)],
            ),
        };
        let items: Vec<NotificationItem> = told
            .notifications
            .iter()
            .map(|told| item(told, everybody, &publication.zone, words))
            .collect();
        let path = match told.notifications.as_slice() {
            [only] => address(only),
            _ => story_address(told.article),
        };
        let context = NotificationContext {
            publication: &publication.name,
            lang: words.tag(),
            subject: &subject,
            headline,
            items: &items,
            button: words.text("notify_button"),
            link: &format!("{}{path}", publication.address),
            settings: words.text("notify_settings_hint"),
            settings_link: &format!("{}/desk/notifications/settings", publication.address),
        };
        emails::notification(&told.account, &context)
    }
}

fn item(
    told: &Notification,
    everybody: &[(Staff, Account)],
    zone: &TimeZone,
    words: DeskWords,
) -> NotificationItem {
    let text = sentence(told, everybody, zone, words);
    let is_comment =
        matches!(told.event, NotificationEvent::Mentioned | NotificationEvent::Commented);
    let quote = if is_comment { passage(&told.detail) } else { told.detail.clone() };
    NotificationItem { text, quote: quote.lines().map(str::to_owned).collect() }
}

/// The beginning of a comment.
fn passage(text: &str) -> String {
    match text.char_indices().nth(MAX_PASSAGE) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_comments_are_cut_between_characters() {
        assert_eq!(passage("Yes."), "Yes.");
        let long = passage(&"ä".repeat(MAX_PASSAGE + 1));
        assert_eq!(long.chars().count(), MAX_PASSAGE + 1);
        assert!(long.ends_with("ä…"));
    }
}

//! Emails to everybody who helps readers, about what a bank or a processor has done with a payment.

use masthead_circulation::{Account, Payment, staff::Permission};
use masthead_mail::emails::{self, NotificationContext, NotificationItem};
use masthead_publication::theme::ThemeError;
use masthead_store::{Email, StoreError};

use crate::{readers::payment::payment_address, state::DeskState, words::DeskWords};

/// What an email says.
pub(crate) struct PaymentNews {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

impl DeskState {
    /// Everybody who helps readers.
    pub(crate) async fn reader_helpers(&self) -> Result<Vec<Account>, StoreError> {
        let everybody = self.store.all_staff().await?.into_iter();
        let helpers = everybody.filter(|(staff, _)| staff.role.may(Permission::SupportReaders));
        Ok(helpers.map(|(_, account)| account).collect())
    }

    /// Writes an email to each, in their language. One that cannot be written is logged, and left out.
    pub(crate) async fn emails_about(
        &self,
        helpers: &[Account],
        payment: &Payment,
        news: impl Fn(DeskWords) -> PaymentNews,
    ) -> Result<Vec<Email>, StoreError> {
        let mut written = Vec::new();
        for helper in helpers {
            let own = self.store.staff_settings(helper.id).await?.unwrap_or_default().language;
            let ours = || DeskWords::in_language(self.settings().locale.tag());
            let words = DeskWords::in_language(&own).or_else(ours).unwrap_or_default();
            match self.email_about(helper, payment, &news(words), words) {
                Ok(email) => written.push(email),
                Err(error) => {
                    tracing::error!(%error, payment = payment.number.0, "payments: email not written");
                }
            }
        }
        Ok(written)
    }

    fn email_about(
        &self,
        to: &Account,
        payment: &Payment,
        news: &PaymentNews,
        words: DeskWords,
    ) -> Result<Email, ThemeError> {
        let publication = self.publication();
        let items = [NotificationItem { text: news.text.clone(), quote: Vec::new() }];
        let context = NotificationContext {
            publication: &publication.name,
            lang: words.tag(),
            subject: &news.subject,
            headline: &news.subject,
            items: &items,
            button: words.text("dispute_email_button"),
            link: &format!("{}{}", publication.address, payment_address(payment)),
            settings: words.text("dispute_email_why"),
            settings_link: &format!("{}/desk", publication.address),
        };
        emails::notification(to, &context)
    }
}

//! Refunds that were made at a payment processor and not from here: what staff are shown of them, and the emails that tell of each.

use jiff::tz::TimeZone;
use masthead_circulation::{Payment, PaymentNumber};
use masthead_store::{RefundElsewhere, StoreError};

use crate::{payment_news::PaymentNews, state::DeskState, words::DeskWords};

/// Refunds that staff are told of in one run.
const MAX_TOLD: u64 = 50;

/// All that is said of those of these refunds that are of a payment; empty if there are none.
pub(crate) fn of_payment(
    payment: PaymentNumber,
    refunds: &[RefundElsewhere],
    zone: &TimeZone,
    words: DeskWords,
) -> String {
    let own = refunds.iter().filter(|refund| refund.payment == payment);
    own.map(|refund| in_words(refund, zone, words)).collect::<Vec<_>>().join(" ")
}

fn in_words(refund: &RefundElsewhere, zone: &TimeZone, words: DeskWords) -> String {
    let name = if refund.is_failed { "elsewhere_failed" } else { "elsewhere_made" };
    let (amount, date) = (words.money(refund.amount), words.date(refund.made, zone));
    words.fill(name, &[("amount", &amount), ("date", &date), ("processor", &refund.processor)])
}

impl DeskState {
    /// Writes an email about each refund that was made elsewhere, or has failed since, to everybody who helps readers. Each is told of once,
    /// however many servers there are.
    ///
    /// # Errors
    ///
    /// Fails if the database does. One email that cannot be written is logged, and holds up no other.
    pub(crate) async fn tell_of_refunds(&self) -> Result<(), StoreError> {
        let refunds = self.store.refunds_to_tell(MAX_TOLD).await?;
        if refunds.is_empty() {
            return Ok(());
        }
        let helpers = self.reader_helpers().await?;
        for refund in &refunds {
            let Some(payment) = self.store.payment(refund.payment).await? else { continue };
            let news = |words: DeskWords| self.news_of(refund, &payment, words);
            let written = self.emails_about(&helpers, &payment, news).await?;
            if self.store.tell_of_refund(refund, &written, self.now()).await? {
                self.outbox_wakeup.notify_one();
            }
        }
        Ok(())
    }

    fn news_of(
        &self,
        refund: &RefundElsewhere,
        payment: &Payment,
        words: DeskWords,
    ) -> PaymentNews {
        let subject =
            if refund.is_failed { "elsewhere_subject_failed" } else { "elsewhere_subject_made" };
        PaymentNews {
            subject: words.fill(subject, &[("number", &payment.number)]),
            text: in_words(refund, &self.publication().zone, words),
        }
    }
}

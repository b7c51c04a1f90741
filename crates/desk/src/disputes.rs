//! Disputes (charge-backs): what staff are shown of them, and the emails that tell of each.

use jiff::tz::TimeZone;
use masthead_circulation::{Dispute, DisputeStatus, Payment};
use masthead_store::StoreError;

use crate::{payment_news::PaymentNews, state::DeskState, words::DeskWords};

/// Disputes that staff are told of in one run.
const MAX_TOLD: u64 = 50;

/// What has become of a dispute, in words, with the deadline for evidence.
pub(crate) fn in_words(dispute: &Dispute, zone: &TimeZone, words: DeskWords) -> String {
    let name = match dispute.status {
        DisputeStatus::Inquiry => "dispute_inquiry",
        DisputeStatus::InquiryClosed => "dispute_inquiry_closed",
        DisputeStatus::NeedsResponse => "dispute_needs_response",
        DisputeStatus::UnderReview => "dispute_under_review",
        DisputeStatus::Won => "dispute_won",
        DisputeStatus::Lost => "dispute_lost",
    };
    let none = words.text("dispute_no_reason");
    let reason = if dispute.reason.is_empty() { none } else { &dispute.reason };
    let (amount, date) = (words.money(dispute.amount), words.date(dispute.opened, zone));
    let said = words.fill(name, &[("amount", &amount), ("date", &date), ("reason", &reason)]);
    match dispute.evidence_due.filter(|_| dispute.status.is_open()) {
        Some(due) => {
            let due = words.fill("dispute_due", &[("date", &words.date_time(due, zone))]);
            format!("{said} {due}")
        }
        None => said,
    }
}

/// All that is said of the disputes about a payment; empty if there are none.
pub(crate) fn of_payment(
    payment: &Payment,
    disputes: &[Dispute],
    zone: &TimeZone,
    words: DeskWords,
) -> String {
    let own = disputes.iter().filter(|dispute| dispute.payment == payment.number);
    own.map(|dispute| in_words(dispute, zone, words)).collect::<Vec<_>>().join(" ")
}

fn subject(status: DisputeStatus) -> &'static str {
    match status {
        DisputeStatus::Inquiry => "dispute_subject_inquiry",
        DisputeStatus::InquiryClosed => "dispute_subject_closed",
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => "dispute_subject_open",
        DisputeStatus::Won => "dispute_subject_won",
        DisputeStatus::Lost => "dispute_subject_lost",
    }
}

impl DeskState {
    /// Writes an email about each dispute that is new, or has another outcome, to everybody who helps readers. Each is told of once,
    /// however many servers there are.
    ///
    /// # Errors
    ///
    /// Fails if the database does. One email that cannot be written is logged, and holds up no other.
    pub(crate) async fn tell_of_disputes(&self) -> Result<(), StoreError> {
        let disputes = self.store.disputes_to_tell(MAX_TOLD).await?;
        if disputes.is_empty() {
            return Ok(());
        }
        let helpers = self.reader_helpers().await?;
        for dispute in &disputes {
            let Some(payment) = self.store.payment(dispute.payment).await? else { continue };
            let zone = self.publication().zone;
            let news = |words: DeskWords| PaymentNews {
                subject: words.fill(subject(dispute.status), &[("number", &payment.number)]),
                text: in_words(dispute, &zone, words),
            };
            let written = self.emails_about(&helpers, &payment, news).await?;
            if self.store.tell_of_dispute(dispute, &written, self.now()).await? {
                self.outbox_wakeup.notify_one();
            }
        }
        Ok(())
    }
}

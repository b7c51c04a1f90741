//! Sending: several servers may work off one outbox. A server claims an email for one try, and nobody else tries it
//! until the server has reported a result or its claim has run out.

use jiff::Timestamp;
use masthead_circulation::{AuditAction, AuditChange, EmailAddress};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
    sea_query::{Expr, SimpleExpr},
};

use super::{EmailId, EmailState, OutboxEntry, read};
use crate::{
    Store, StoreError,
    audit_log::{AuditRecord, record},
    queues::readable,
    records::{audit_entry, outbox_entry as row},
};

/// The fault of an email that waits and cannot be read.
const UNREADABLE: &str = "its recipient cannot be read; it is tried again in an hour";

/// The right to try an email once. It ends when the email is due again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    id: EmailId,
    /// When the email is due again if no result is reported, in seconds. It is particular to the claim, because only
    /// an email that is due can be claimed.
    until: i64,
}

/// The result of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryResult {
    /// The relay has accepted it.
    Sent,
    /// It will be tried again.
    Retry {
        /// When.
        at: Timestamp,
        /// How many of the tries so far count.
        tries: u32,
        /// Why it was not sent.
        fault: String,
    },
    /// It will not be tried again.
    Failed {
        /// Why it was not sent.
        fault: String,
    },
}

/// The email that a delivery report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BouncedEmail<'a> {
    /// The one with this [`OutboxEntry::message_id`], to whatever address it was forwarded.
    WithMessageId(&'a str),
    /// The report has no Message-ID: the latest one that was sent to this address.
    LatestTo(&'a EmailAddress),
}

/// What came of a delivery report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BounceOutcome {
    /// The email is noted as one that came back.
    Noted {
        /// Its number.
        id: EmailId,
        /// The address that it was sent to.
        to: String,
    },
    /// It has failed or come back before.
    NotedBefore {
        /// Its number.
        id: EmailId,
        /// The address that it was sent to.
        to: String,
    },
    /// No such email was sent.
    Unknown,
}

impl Store {
    /// At most `limit` emails that should be sent now: those that expire first, and of either kind the longest waiting
    /// first, so that a link to sign in does not wait behind thousands of receipts.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn due_emails(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::State.eq(EmailState::Waiting.name()))
            .filter(row::Column::Due.lte(now.as_second()))
            .order_by_asc(Expr::col(row::Column::Expires).is_null())
            .order_by_asc(row::Column::Due)
            .order_by_asc(row::Column::Id)
            .limit(limit)
            .all(&self.database)
            .await?;
        // The reason would have the recipient.
        let read = |row| read(row).map_err(|_| StoreError::unreadable(UNREADABLE));
        let rows = readable("outbox", rows, |row| row.id, read);
        let columns = (row::Column::Due, row::Column::Id);
        let fault = |row: UpdateMany<_>| row.col_expr(row::Column::Fault, Expr::value(UNREADABLE));
        rows.put_off::<row::Entity>(&self.database, columns, now, fault).await
    }

    /// Claims a due email for one try, from `now` until `until`: if this server crashes, the email becomes due again
    /// then.
    ///
    /// Returns `None` if the email is not due, because another server was quicker.
    #[tracing::instrument(skip_all)]
    pub async fn claim_email(
        &self,
        email: &OutboxEntry,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let until = until.as_second();
        let claimed = row::Entity::update_many()
            .col_expr(row::Column::Due, Expr::value(until))
            .col_expr(row::Column::Tries, Expr::col(row::Column::Tries).add(1))
            // An email with a fault waits for its next try; this one is being tried.
            .col_expr(row::Column::Fault, Expr::value(""))
            .filter(row::Column::Id.eq(email.id.0))
            .filter(row::Column::State.eq(EmailState::Waiting.name()))
            .filter(row::Column::Due.lte(now.as_second()))
            .exec(&self.database)
            .await?;
        Ok((claimed.rows_affected == 1).then_some(Claim { id: email.id, until }))
    }

    /// Records the result of a try.
    ///
    /// An email that was sent is never tried again, whatever another server reports about it. Other results count only
    /// while the claim lasts.
    #[tracing::instrument(skip_all)]
    pub async fn finish_email(
        &self,
        claim: Claim,
        result: &DeliveryResult,
    ) -> Result<(), StoreError> {
        let email = row::Entity::update_many().filter(row::Column::Id.eq(claim.id.0));
        let claimed = |email: UpdateMany<row::Entity>| {
            email
                .filter(row::Column::State.eq(EmailState::Waiting.name()))
                .filter(row::Column::Due.eq(claim.until))
        };
        let update = match result {
            DeliveryResult::Sent => finished(email, EmailState::Sent, Expr::value("")),
            DeliveryResult::Failed { fault } => {
                finished(claimed(email), EmailState::Failed, Expr::value(fault.as_str()))
            }
            DeliveryResult::Retry { at, tries, fault } => claimed(email)
                .col_expr(row::Column::Tries, Expr::value(*tries))
                .col_expr(row::Column::Due, Expr::value(at.as_second()))
                .col_expr(row::Column::Fault, Expr::value(fault.as_str())),
        };
        update.exec(&self.database).await?;
        Ok(())
    }

    /// Makes all emails that wait for another try due now, for the command line. Returns how many there are.
    #[tracing::instrument(skip_all)]
    pub async fn retry_emails(&self, now: Timestamp) -> Result<u64, StoreError> {
        let transaction = self.begin().await?;
        let waiting = row::Entity::update_many()
            .col_expr(row::Column::Due, Expr::value(now.as_second()))
            .filter(row::Column::State.eq(EmailState::Waiting.name()))
            .filter(row::Column::Due.gt(now.as_second()))
            // An email without a fault is being tried, maybe by another server.
            .filter(row::Column::Fault.ne(""))
            .exec(&transaction)
            .await?;
        if waiting.rows_affected > 0 {
            let changes = vec![AuditChange::fact("emails", waiting.rows_affected)];
            let new = AuditRecord::new(None, now, AuditAction::RetriedEmails);
            record(&transaction, AuditRecord { changes, ..new }).await?;
        }
        transaction.commit().await?;
        Ok(waiting.rows_affected)
    }

    /// Returns whether an operator has asked for waiting emails to be tried, after this entry of the audit log.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn emails_were_retried_after(&self, audit_entry: i32) -> Result<bool, StoreError> {
        let retried = audit_entry::Entity::find()
            .select_only()
            .column(audit_entry::Column::Id)
            .filter(audit_entry::Column::Id.gt(audit_entry))
            .filter(audit_entry::Column::Action.eq(AuditAction::RetriedEmails.name()))
            .into_tuple::<i32>()
            .one(&self.database)
            .await?;
        Ok(retried.is_some())
    }

    /// Records that an email came back. Anybody can send reports, so one about an email that was not sent changes nothing.
    #[tracing::instrument(skip_all)]
    pub async fn mark_bounced(
        &self,
        email: BouncedEmail<'_>,
        fault: &str,
    ) -> Result<BounceOutcome, StoreError> {
        let which = match email {
            // Only the recipient, and the servers on the way, know this number.
            BouncedEmail::WithMessageId(message_id) if !message_id.is_empty() => {
                row::Column::MessageId.eq(message_id)
            }
            BouncedEmail::WithMessageId(_) => return Ok(BounceOutcome::Unknown),
            BouncedEmail::LatestTo(to) => row::Column::Recipient.eq(to.as_str()),
        };
        let sent = row::Entity::find()
            .filter(which)
            .filter(row::Column::State.is_in([EmailState::Sent.name(), EmailState::Failed.name()]))
            // Those that came back are asked about last.
            .order_by_desc(row::Column::State.eq(EmailState::Sent.name()))
            .order_by_desc(row::Column::Id)
            .one(&self.database)
            .await?;
        let Some(row::Model { id, recipient: to, .. }) = sent else {
            return Ok(BounceOutcome::Unknown);
        };
        let email = row::Entity::update_many()
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::State.eq(EmailState::Sent.name()));
        let marked = finished(email, EmailState::Failed, Expr::value(fault));
        let id = EmailId(id);
        Ok(match marked.exec(&self.database).await?.rows_affected {
            0 => BounceOutcome::NotedBefore { id, to },
            _ => BounceOutcome::Noted { id, to },
        })
    }
}

/// Ends an email in this state, and blanks its text.
pub(super) fn finished(
    email: UpdateMany<row::Entity>,
    state: EmailState,
    fault: SimpleExpr,
) -> UpdateMany<row::Entity> {
    email
        .col_expr(row::Column::State, Expr::value(state.name()))
        .col_expr(row::Column::Fault, fault)
        .col_expr(row::Column::Text, Expr::value(""))
        .col_expr(row::Column::Html, Expr::value(""))
        .col_expr(row::Column::Body, Expr::value(None::<Vec<u8>>))
}

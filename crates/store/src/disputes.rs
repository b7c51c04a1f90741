//! Disputes about payments. Each is a row, whatever messages come about it, how often and in which order: what is stored is what the
//! processor has answered when it was asked last, and what is decided is not opened again ([`answers`]).
//!
//! Rows are locked as refunds lock them: subscription, account, payment. So a change of plan is decided before or after a dispute.

mod answers;

use jiff::Timestamp;
use masthead_circulation::{
    AccountId, Actor, Dispute, DisputeStatus, Money, Payment, PaymentNumber,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use strum::VariantArray as _;

pub use self::answers::DisputeQuestion;
use crate::{
    Email, Store, StoreError,
    ids::Key,
    outbox, parse_stored, payments,
    queues::readable,
    records::dispute as row,
    refunds::{lock, note},
    time,
};

/// The states in which nothing is decided.
const OPEN: [DisputeStatus; 3] =
    [DisputeStatus::Inquiry, DisputeStatus::NeedsResponse, DisputeStatus::UnderReview];

impl Store {
    /// Records what a processor has answered to a question about a dispute of a payment, and notes it in the history of the subscription
    /// if that is new. Returns `false` if it was known, or if what is known is newer or at a later stage.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn record_dispute(
        &self,
        dispute: &Dispute,
        question: DisputeQuestion,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let account = lock(&transaction, payment).await?;
        payments::lock(&transaction, payment.number).await?;
        let key = (dispute.processor.clone(), dispute.reference.clone());
        let known = row::Entity::find_by_id(key).one(&transaction).await?;
        let before = known.map(read).transpose()?;
        let is_new = before.as_ref().is_none_or(|before| !says_the_same(before, dispute));
        let is_to_tell = before.as_ref().is_none_or(|before| is_news(before, dispute));
        let answer = Dispute { account, ..dispute.clone() };
        if !answers::save(&transaction, &answer, question, is_to_tell).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        if before.is_none_or(|before| before.status != dispute.status) {
            note(&transaction, payment, &Actor::Processor, event(dispute.status), now).await?;
        }
        transaction.commit().await?;
        Ok(is_new)
    }

    /// The disputes about an account's payments, the latest first.
    #[tracing::instrument(skip_all)]
    pub async fn disputes_of(&self, account: AccountId) -> Result<Vec<Dispute>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Account.eq(Key(account)))
            .order_by_desc(row::Column::Opened)
            .all(&self.database)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The disputes about these payments.
    #[tracing::instrument(skip_all)]
    pub async fn disputes_of_payments(
        &self,
        payments: &[PaymentNumber],
    ) -> Result<Vec<Dispute>, StoreError> {
        of_payments(&self.database, payments.iter().copied()).await
    }

    /// The disputes about these payments, without those that cannot be read. The log says which these are.
    #[tracing::instrument(skip_all)]
    pub async fn readable_disputes_of(
        &self,
        payments: &[PaymentNumber],
    ) -> Result<Vec<Dispute>, StoreError> {
        let rows = rows_of(&self.database, payments.iter().copied()).await?;
        Ok(readable("disputes", rows, |row| row.reference.clone(), read).read)
    }

    /// At most `most` disputes that are not decided, the most urgent first.
    #[tracing::instrument(skip_all)]
    pub async fn open_disputes(&self, most: u64) -> Result<Vec<Dispute>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::Status.is_in(OPEN.map(DisputeStatus::name)))
            .order_by_asc(Expr::col(row::Column::EvidenceDue).is_null())
            .order_by_asc(row::Column::EvidenceDue)
            .order_by_asc(row::Column::Opened)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(readable("open disputes", rows, |row| row.reference.clone(), read).read)
    }

    /// At most `most` disputes that staff were not told of as they are. A server of a newer version tells of what this one cannot read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn disputes_to_tell(&self, most: u64) -> Result<Vec<Dispute>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::IsTold.eq(false))
            .filter(row::Column::Status.is_in(DisputeStatus::VARIANTS.iter().map(|it| it.name())))
            .order_by_asc(row::Column::Opened)
            .limit(most)
            .all(&self.database)
            .await?;
        Ok(readable("disputes", rows, |row| row.reference.clone(), read).read)
    }

    /// Stores the emails that tell staff of a dispute as it is. Returns `false`, and stores nothing, if another server did, or if the
    /// dispute has changed since it was read.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_dispute(
        &self,
        dispute: &Dispute,
        emails: &[Email],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        let told = row::Entity::update_many()
            .col_expr(row::Column::IsTold, Expr::value(true))
            .filter(row::Column::Processor.eq(&dispute.processor))
            .filter(row::Column::Reference.eq(&dispute.reference))
            .filter(row::Column::Status.eq(dispute.status.name()))
            .filter(match dispute.evidence_due {
                Some(due) => row::Column::EvidenceDue.eq(due.as_second()),
                None => row::Column::EvidenceDue.is_null(),
            })
            .filter(row::Column::IsTold.eq(false))
            .exec(&transaction)
            .await?;
        if told.rows_affected == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        outbox::enqueue(&transaction, &self.email_sealer(), emails, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// The disputes about these payments.
pub(crate) async fn of_payments(
    database: &impl ConnectionTrait,
    payments: impl Iterator<Item = PaymentNumber>,
) -> Result<Vec<Dispute>, StoreError> {
    rows_of(database, payments).await?.into_iter().map(read).collect()
}

async fn rows_of(
    database: &impl ConnectionTrait,
    payments: impl Iterator<Item = PaymentNumber>,
) -> Result<Vec<row::Model>, StoreError> {
    let about = row::Column::Payment.is_in(payments.map(Key));
    Ok(row::Entity::find().filter(about).all(database).await?)
}

/// What the history of a subscription says of a dispute.
fn event(status: DisputeStatus) -> &'static str {
    match status {
        DisputeStatus::Inquiry => "dispute-inquiry",
        DisputeStatus::InquiryClosed => "dispute-inquiry-closed",
        DisputeStatus::NeedsResponse => "dispute-opened",
        DisputeStatus::UnderReview => "dispute-under-review",
        DisputeStatus::Won => "dispute-won",
        DisputeStatus::Lost => "dispute-lost",
    }
}

/// Whether nothing is new; when it was opened does not change.
fn says_the_same(before: &Dispute, now: &Dispute) -> bool {
    let second = |at: Timestamp| at.as_second();
    before.status == now.status
        && before.amount == now.amount
        && before.reason == now.reason
        && before.evidence_due.map(second) == now.evidence_due.map(second)
}

/// Whether staff are told: something was opened or decided, a bank has taken or given back money, or evidence is due earlier than they
/// know. That the bank looks at what they have sent is no news to them.
fn is_news(before: &Dispute, now: &Dispute) -> bool {
    let second = |at: Timestamp| at.as_second();
    let due = (before.evidence_due.map(second), now.evidence_due.map(second));
    let is_due_earlier = match due {
        (Some(known), Some(due)) => due < known,
        (None, Some(_)) => now.status.is_open(),
        (_, None) => false,
    };
    before.status.is_open() != now.status.is_open()
        || before.status.takes_money() != now.status.takes_money()
        || is_due_earlier
}

fn read(row: row::Model) -> Result<Dispute, StoreError> {
    let currency = row.currency.parse().map_err(StoreError::unreadable)?;
    Ok(Dispute {
        status: parse_stored("the status of a dispute", &row.status)?,
        processor: row.processor,
        reference: row.reference,
        payment: row.payment.0,
        account: row.account.map(|key| key.0),
        amount: Money::of(row.minor.unsigned_abs(), currency),
        reason: row.reason,
        opened: time(row.opened),
        evidence_due: row.evidence_due.map(time),
    })
}

//! Which of several answers about a dispute is stored.
//!
//! Several servers may ask a processor about the same dispute, and answers may arrive in another order than they were asked for. So each
//! question takes the next number of the database before the processor is asked. A dispute goes through stages, and never back: an
//! inquiry, a closed inquiry, the dispute itself, and its decision. An answer replaces what is stored at an earlier stage, and at its own
//! stage unless its question was asked earlier. What is stored in the end depends on no order of arrival and on no clock: a message about a
//! change comes after it, and the answer to its question has that change.

use std::cmp::Ordering;

use masthead_circulation::{Dispute, DisputeStatus};
use sea_orm::{
    ActiveValue::Set,
    Condition, DatabaseTransaction, EntityTrait, ExprTrait,
    sea_query::{Expr, OnConflict},
};
use strum::VariantArray as _;

use crate::{
    Store, StoreError,
    ids::Key,
    records::{dispute as row, edition},
};

/// The number of a question about disputes. A later question has a greater one, on every server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DisputeQuestion(i64);

impl Store {
    /// Takes the number of a question about disputes, before a processor is asked it.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    #[tracing::instrument(skip_all)]
    pub async fn next_dispute_question(&self) -> Result<DisputeQuestion, StoreError> {
        let next = Expr::col(edition::Column::DisputeQuestions).add(1);
        let transaction = self.begin().await?;
        edition::Entity::update_many()
            .col_expr(edition::Column::DisputeQuestions, next)
            .exec(&transaction)
            .await?;
        // The row is locked until the end, so that no other question has the same number.
        let row = edition::Entity::find().one(&transaction).await?;
        transaction.commit().await?;
        Ok(DisputeQuestion(row.map(|row| row.dispute_questions).unwrap_or_default()))
    }
}

/// Stores a dispute as the answer to a question says. Staff are told of it if `is_to_tell`. Returns `false`, and stores nothing, if what
/// is stored is newer or at a later stage.
pub(super) async fn save(
    transaction: &DatabaseTransaction,
    dispute: &Dispute,
    question: DisputeQuestion,
    is_to_tell: bool,
) -> Result<bool, StoreError> {
    let new = row::ActiveModel {
        processor: Set(dispute.processor.clone()),
        reference: Set(dispute.reference.clone()),
        payment: Set(Key(dispute.payment)),
        account: Set(dispute.account.map(Key)),
        minor: Set(i64::try_from(dispute.amount.minor()).unwrap_or(i64::MAX)),
        currency: Set(dispute.amount.currency().code().to_owned()),
        reason: Set(dispute.reason.clone()),
        status: Set(dispute.status.name().to_owned()),
        opened: Set(dispute.opened.as_second()),
        evidence_due: Set(dispute.evidence_due.map(jiff::Timestamp::as_second)),
        is_told: Set(false),
        asked: Set(question.0),
    };
    let mut changed = vec![
        row::Column::Minor,
        row::Column::Currency,
        row::Column::Reason,
        row::Column::Status,
        row::Column::EvidenceDue,
        row::Column::Asked,
    ];
    changed.extend(is_to_tell.then_some(row::Column::IsTold));
    let instead = OnConflict::columns([row::Column::Processor, row::Column::Reference])
        .update_columns(changed)
        .action_cond_where(is_replaced_by(dispute.status, question))
        .to_owned();
    let saved =
        row::Entity::insert(new).on_conflict(instead).exec_without_returning(transaction).await?;
    Ok(saved > 0)
}

/// Whether what is stored is replaced by an answer with this status.
fn is_replaced_by(status: DisputeStatus, question: DisputeQuestion) -> Condition {
    let stored = |column: row::Column| Expr::col((row::Entity, column));
    let is_at = |place: Ordering| {
        let all = DisputeStatus::VARIANTS.iter();
        let stages = all.filter(move |it| stage(**it).cmp(&stage(status)) == place);
        stored(row::Column::Status).is_in(stages.map(|it| it.name()))
    };
    let is_older = stored(row::Column::Asked).lte(question.0);
    Condition::any().add(is_at(Ordering::Less)).add(is_at(Ordering::Equal).and(is_older))
}

/// The stage of a dispute: a later one is never left for an earlier one.
fn stage(status: DisputeStatus) -> u8 {
    match status {
        DisputeStatus::Inquiry => 0,
        DisputeStatus::InquiryClosed => 1,
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => 2,
        DisputeStatus::Won | DisputeStatus::Lost => 3,
    }
}

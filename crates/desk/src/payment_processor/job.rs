//! A check of the payment processor as a job. It is stored before anything is charged, with the idempotency key of the charge. If the
//! browser or the server goes away in between, or the processor gives no answer, a server goes on with the same key: what was charged
//! is charged once, and refunded.

use std::time::Duration;

use jiff::SignedDuration;
use masthead_circulation::{AuditAction, AuditChange, Currency, Money};
use masthead_payments::{
    AccountMode, CheckFault, CheckStep, CheckedStep, Processor, ProcessorCheck,
};
use masthead_store::{DeskJob, JobEnd, StoreError};
use masthead_telemetry::TaskError;
use serde::{Deserialize, Serialize};

use crate::{
    error::DeskError,
    jobs::{JobKind, JobNext, JobPart, parameters, stopped},
    staff::CurrentStaff,
    state::DeskState,
};

/// The longest time that a check may take. A claim of a job is longer.
const PATIENCE: Duration = Duration::from_mins(1);
/// When a check without an answer is tried again.
const RETRY: SignedDuration = SignedDuration::from_mins(10);
/// How long a processor remembers an idempotency key; Stripe does for a day. After that, nothing is tried again.
const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(23);

/// What is to be done.
#[derive(Debug, Deserialize, Serialize)]
struct StoredCheck {
    processor: String,
    /// In minor units.
    amount: u64,
    currency: String,
    key: String,
}

/// What came of a check.
pub(super) enum CheckResult {
    /// These steps were made. Some may be tried again.
    Answered { steps: Vec<CheckedStep>, is_open: bool },
    /// The processor did not answer in time. It is tried again.
    NoAnswer,
}

/// The processor that readers pay at, if it is a company.
pub(super) fn checkable(desk: &DeskState) -> Option<&dyn Processor> {
    let current = desk.billing.processors().current()?;
    (current.mode() != AccountMode::Practice).then_some(current)
}

/// Stores a check, and makes it.
pub(super) async fn start(
    desk: &DeskState,
    staff: &CurrentStaff,
    processor: &dyn Processor,
    amount: Money,
) -> Result<CheckResult, DeskError> {
    let now = desk.now();
    let check = StoredCheck {
        processor: processor.name().to_owned(),
        amount: amount.minor(),
        currency: amount.currency().code().to_owned(),
        key: format!("check-{}", now.as_millisecond()),
    };
    let kind = JobKind::ProcessorCheck;
    let (stored, by) = (parameters(kind, &check)?, staff.account.id);
    let mut job = desk.store.add_claimed_job(kind.name(), &stored, by, now).await?;
    let result = run(desk, processor, (&check, amount), &job).await?;
    match &result {
        CheckResult::Answered { is_open: false, .. } => {
            let (progress, end) = (job.progress, Some(JobEnd::Done));
            desk.store.advance_job(&mut job, progress, end, desk.now()).await?;
        }
        CheckResult::Answered { .. } | CheckResult::NoAnswer => {
            desk.store.postpone_job(&job, desk.now() + RETRY).await?;
        }
    }
    Ok(result)
}

/// Goes on with a check that another request or server has not finished.
pub(crate) async fn run_part(desk: &DeskState, job: &DeskJob) -> Result<JobPart, TaskError> {
    let check: StoredCheck = serde_json::from_str(&job.parameters)?;
    let currency: Currency = check.currency.parse()?;
    let amount = Money::of(check.amount, currency);
    let processor = checkable(desk).filter(|current| current.name() == check.processor);
    let is_late = job.at + KEY_LIFETIME < desk.now();
    let Some(processor) = processor.filter(|_| !is_late) else {
        let (name, key) = (&check.processor, &check.key);
        tracing::error!(
            name,
            key,
            "processor: check given up; look for its charge at the processor"
        );
        return Ok(stopped(job));
    };
    let next = match run(desk, processor, (&check, amount), job).await? {
        CheckResult::Answered { is_open: false, .. } => JobNext::End(JobEnd::Done),
        CheckResult::Answered { .. } | CheckResult::NoAnswer => JobNext::Later(RETRY),
    };
    Ok(JobPart { progress: job.progress, next })
}

/// Makes a check and, if nothing of it is open, writes what came of it to the audit log.
async fn run(
    desk: &DeskState,
    processor: &dyn Processor,
    (check, amount): (&StoredCheck, Money),
    job: &DeskJob,
) -> Result<CheckResult, StoreError> {
    let address = desk.publication().address;
    let request = ProcessorCheck { address: &address, amount, key: &check.key };
    let Ok(steps) = tokio::time::timeout(PATIENCE, processor.check(&request)).await else {
        return Ok(CheckResult::NoAnswer);
    };
    let is_open = is_open(&steps, processor.mode());
    if !is_open {
        record(desk, processor.name(), &steps, job).await?;
    }
    Ok(CheckResult::Answered { steps, is_open })
}

/// Whether something may be charged that is not refunded: the charge or the refund has no answer, or, if something is charged at all,
/// nothing was asked for because the processor does not answer.
fn is_open(steps: &[CheckedStep], mode: AccountMode) -> bool {
    let has_no_answer = |step: &CheckedStep| matches!(step.fault, Some(CheckFault::NoAnswer(_)));
    steps.iter().filter(|step| has_no_answer(step)).any(|step| match step.step {
        CheckStep::Key => mode == AccountMode::Test,
        CheckStep::Endpoint | CheckStep::Disputes => false,
        CheckStep::Charge | CheckStep::Refund => true,
    })
}

/// Writes what came of the check to the audit log.
async fn record(
    desk: &DeskState,
    name: &str,
    steps: &[CheckedStep],
    job: &DeskJob,
) -> Result<(), StoreError> {
    let failed: Vec<&str> =
        steps.iter().filter(|step| step.fault.is_some()).map(|step| step_key(step.step)).collect();
    let passed: Vec<&str> =
        steps.iter().filter(|step| step.fault.is_none()).map(|step| step_key(step.step)).collect();
    let changes = [("passed", passed), ("failed", failed)]
        .into_iter()
        .filter(|(_, steps)| !steps.is_empty())
        .map(|(key, steps)| AuditChange::fact(key, steps.join(", ")))
        .collect();
    let action = AuditAction::CheckedProcessor;
    desk.store.record_action(action, name, changes, job.by, desk.now()).await
}

/// The name of a step in the audit log.
fn step_key(step: CheckStep) -> &'static str {
    match step {
        CheckStep::Key => "key",
        CheckStep::Endpoint => "endpoint",
        CheckStep::Disputes => "disputes",
        CheckStep::Charge => "charge",
        CheckStep::Refund => "refund",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: CheckStep, fault: Option<CheckFault>) -> CheckedStep {
        CheckedStep { step, fault }
    }

    #[test]
    fn a_charge_whose_refund_is_not_known_is_tried_again() {
        let silent = || Some(CheckFault::NoAnswer("it took too long".into()));
        let refused = || Some(CheckFault::Refused("400".into()));
        let (test, live) = (AccountMode::Test, AccountMode::Live);
        for (last, mode, expected) in [
            (step(CheckStep::Charge, silent()), test, true),
            (step(CheckStep::Refund, silent()), test, true),
            (step(CheckStep::Key, silent()), test, true),
            // With a live key nothing is charged.
            (step(CheckStep::Key, silent()), live, false),
            (step(CheckStep::Endpoint, silent()), test, false),
            (step(CheckStep::Disputes, silent()), test, false),
            (step(CheckStep::Charge, refused()), test, false),
            (step(CheckStep::Refund, refused()), test, false),
            (step(CheckStep::Refund, None), test, false),
        ] {
            let steps = [step(CheckStep::Endpoint, None), last];
            assert_eq!(is_open(&steps, mode), expected, "{steps:?}");
        }
    }
}

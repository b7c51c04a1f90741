//! Importing a file of readers, part by part. A part that is repeated, because the server was killed, changes nothing more.

use jiff::Timestamp;
use masthead_billing::{
    BillingError,
    staff_actions::{Complimentary, EntryError},
};
use masthead_circulation::{AccountId, EmailAddress, StaffActor, State};
use masthead_store::{
    AddedReader, DeskJob, ImportCounts, JobEnd, JobProgress, ReaderAddition, StoreError,
};
use masthead_telemetry::TaskError;
use serde::{Deserialize, Serialize};

use super::{
    details::{ImportOptions, RowRemark, RowReport, RowResult},
    row::{GivenSubscription, ImportRow},
};
use crate::{
    jobs::{JobNext, JobPart, stopped},
    state::DeskState,
};

/// Readers in one part.
pub(super) const PART: usize = 50;
/// How often a reader is tried whose subscriptions others change at the same time.
const ATTEMPTS: usize = 3;

/// What is to be done.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ReaderImportJob {
    /// The number of the file.
    pub import: i32,
}

/// Imports the next part.
pub(crate) async fn run_part(desk: &DeskState, job: &DeskJob) -> Result<JobPart, TaskError> {
    let ReaderImportJob { import } = serde_json::from_str(&job.parameters)?;
    let Some(file) = desk.store.reader_import(import).await? else { return Ok(stopped(job)) };
    let number = i32::try_from(job.progress.position).unwrap_or(i32::MAX).saturating_add(1);
    let Some(part) = desk.store.reader_import_part(import, number).await? else {
        desk.store.finish_reader_import(import, desk.now()).await?;
        return Ok(JobPart { progress: job.progress, next: JobNext::End(JobEnd::Done) });
    };
    let mut progress = JobProgress { position: number.into(), ..job.progress };
    // It was noted by a server that was killed right after.
    if part.report.is_none() {
        let options: ImportOptions = serde_json::from_str(&file.options)?;
        let rows: Vec<ImportRow> = serde_json::from_str(&part.readers)?;
        let mut reports = Vec::with_capacity(rows.len());
        for row in rows {
            reports.push(import_row(desk, job.by, &row, &options).await?);
        }
        let report = serde_json::to_string(&reports)?;
        desk.store.report_import_part(import, number, &report, counts(&reports)).await?;
        progress.done += reports.len() as u64;
    }
    Ok(JobPart { progress, next: JobNext::Part })
}

fn counts(reports: &[RowReport]) -> ImportCounts {
    let count = |result| reports.iter().filter(|row| row.result == result).count() as u64;
    ImportCounts {
        added: count(RowResult::Added),
        changed: count(RowResult::Changed),
        unchanged: count(RowResult::Unchanged),
        refused: count(RowResult::Refused),
    }
}

/// Imports one reader.
async fn import_row(
    desk: &DeskState,
    by: Option<AccountId>,
    row: &ImportRow,
    options: &ImportOptions,
) -> Result<RowReport, StoreError> {
    let refused = |remark| RowReport {
        line: row.line,
        result: RowResult::Refused,
        reader: None,
        remark: Some(remark),
    };
    let Ok(email) = row.email.parse::<EmailAddress>() else {
        return Ok(refused(RowRemark::Failed));
    };
    let mut labels = row.labels.clone();
    if !options.label.is_empty() && !labels.contains(&options.label) {
        labels.push(options.label.clone());
    }
    let (name, note) = (row.name.as_str(), row.note.as_str());
    let new = AddedReader { email: &email, name, labels: &labels, note, unless_left: true, by };
    let added = match &row.given {
        Some(given) => add_subscriber(desk, &new, given, options).await?,
        None => add_reader(desk, &new, None).await?,
    };
    Ok(match added {
        Ok((added, remark)) => RowReport {
            line: row.line,
            result: result(&added),
            reader: Some(added.account.id.0),
            remark,
        },
        Err(remark) => refused(remark),
    })
}

fn result(added: &ReaderAddition) -> RowResult {
    match (added.is_new, added.is_changed) {
        (true, _) => RowResult::Added,
        (false, true) => RowResult::Changed,
        (false, false) => RowResult::Unchanged,
    }
}

/// A reader, and what is said about them; or why they were refused.
type Addition = Result<(ReaderAddition, Option<RowRemark>), RowRemark>;

async fn add_reader(
    desk: &DeskState,
    new: &AddedReader<'_>,
    remark: Option<RowRemark>,
) -> Result<Addition, StoreError> {
    let added = desk.store.add_reader(new, desk.now()).await?;
    Ok(added.map(|added| (added, remark)).ok_or(RowRemark::HasLeft))
}

async fn add_subscriber(
    desk: &DeskState,
    new: &AddedReader<'_>,
    given: &GivenSubscription,
    options: &ImportOptions,
) -> Result<Addition, StoreError> {
    let zone = desk.publication().zone;
    if given.is_over(desk.now(), &zone) {
        return add_reader(desk, new, Some(RowRemark::Ended)).await;
    }
    let ends = given.ends(&zone);
    let wanted = Complimentary { price: &given.price, ends, is_announced: options.emails };
    for _ in 0..ATTEMPTS {
        let actor = StaffActor { by: new.by, reason: options.reason.clone() };
        match desk.billing.add_subscriber(new, wanted, Some(actor)).await {
            Ok(added) => return Ok(Ok((added, None))),
            Err(EntryError::HasOne { .. }) => {
                let remark = other_subscription(desk, new.email, given, ends).await?;
                return add_reader(desk, new, remark).await;
            }
            Err(EntryError::HasLeft) => return Ok(Err(RowRemark::HasLeft)),
            Err(EntryError::NoPrice { .. }) => return Ok(Err(RowRemark::NoPrice)),
            Err(EntryError::Failed(BillingError::Store(error))) => return Err(error),
            // Somebody else has changed their subscriptions since they were read.
            Err(EntryError::Overtaken(_)) => {}
            Err(error) => {
                tracing::error!(%error, "readers: not imported");
                return Ok(Err(RowRemark::Failed));
            }
        }
    }
    Ok(Err(RowRemark::Failed))
}

/// What is said about a reader who has a subscription already: nothing if it is the one of the file.
async fn other_subscription(
    desk: &DeskState,
    email: &EmailAddress,
    given: &GivenSubscription,
    ends: Option<Timestamp>,
) -> Result<Option<RowRemark>, StoreError> {
    let Some(account) = desk.store.account_at(email).await? else { return Ok(None) };
    let held = desk.store.subscriptions_of(account.id).await?;
    let is_given = held.iter().any(|held| {
        let is_same_end = match (held.state, ends) {
            (State::Cancelling { ends, trial: false }, Some(wanted)) => ends == wanted,
            (State::Cancelling { .. }, None) | (_, Some(_)) => false,
            (state, None) => !state.is_over(desk.now()),
        };
        held.terms.amount.is_zero() && held.terms.price == given.price && is_same_end
    });
    Ok((!is_given).then_some(RowRemark::HasSubscription))
}

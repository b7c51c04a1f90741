//! Importing a file of readers, part by part and line by line. What came of a line is stored together with the reader, so that the job
//! continues at the first line that was not imported, wherever it was stopped or the server was killed.

use jiff::Timestamp;
use masthead_billing::{
    BillingError,
    staff_actions::{Complimentary, EntryError},
};
use masthead_circulation::{AccountId, EmailAddress, StaffActor, State};
use masthead_store::{
    AddedReader, DeskJob, ImportLine, ImportRemark, ImportedLine, JobEnd, JobProgress,
    ReaderImportPart, StoreError,
};
use masthead_telemetry::TaskError;
use serde::{Deserialize, Serialize};

use super::{
    details::ImportOptions,
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
    let options: ImportOptions = serde_json::from_str(&file.options)?;
    let position = match import_part(desk, job.by, part, &options).await {
        // It is read again, if this server still has the job.
        Err(StoreError::ImportedElsewhere) => job.progress.position,
        imported => {
            imported?;
            number.into()
        }
    };
    let progress = JobProgress { position, ..job.progress };
    Ok(JobPart { progress, next: JobNext::Part })
}

/// Imports the lines of a part that are not imported yet.
async fn import_part(
    desk: &DeskState,
    by: Option<AccountId>,
    mut part: ReaderImportPart,
    options: &ImportOptions,
) -> Result<(), StoreError> {
    if part.readers.is_empty() {
        return Ok(());
    }
    let rows: Vec<ImportRow> = serde_json::from_str(&part.readers)?;
    for row in rows.iter().skip(part.lines.len()) {
        let line = import_row(desk, by, (row, &part), options).await?;
        part.lines.push(line);
    }
    desk.store.empty_import_part(&part).await
}

/// Imports one reader, who is in the next line of the part.
async fn import_row(
    desk: &DeskState,
    by: Option<AccountId>,
    (row, part): (&ImportRow, &ReaderImportPart),
    options: &ImportOptions,
) -> Result<ImportedLine, StoreError> {
    let line = ImportLine { part, line: row.line, remark: None };
    let refuse = async |remark| {
        let line = ImportLine { remark: Some(remark), ..line };
        desk.store.refuse_import_line(&line).await
    };
    let Ok(email) = row.email.parse::<EmailAddress>() else {
        return refuse(ImportRemark::Failed).await;
    };
    let mut labels = row.labels.clone();
    if !options.label.is_empty() && !labels.contains(&options.label) {
        labels.push(options.label.clone());
    }
    let new = AddedReader {
        email: &email,
        name: &row.name,
        labels: &labels,
        note: &row.note,
        unless_left: true,
        by,
        line: Some(line),
    };
    let added = match &row.given {
        Some(given) => add_subscriber(desk, (new, line), given, options).await?,
        None => add_reader(desk, (new, line), None).await?,
    };
    match added {
        Ok(imported) => Ok(imported),
        Err(remark) => refuse(remark).await,
    }
}

/// What came of a line, or why the reader is refused.
type Addition = Result<ImportedLine, ImportRemark>;

async fn add_reader(
    desk: &DeskState,
    (new, line): (AddedReader<'_>, ImportLine<'_>),
    remark: Option<ImportRemark>,
) -> Result<Addition, StoreError> {
    let line = ImportLine { remark, ..line };
    let new = AddedReader { line: Some(line), ..new };
    let added = desk.store.add_reader(&new, desk.now()).await?;
    Ok(added.map(|added| line.added(&added)).ok_or(ImportRemark::HasLeft))
}

async fn add_subscriber(
    desk: &DeskState,
    (new, line): (AddedReader<'_>, ImportLine<'_>),
    given: &GivenSubscription,
    options: &ImportOptions,
) -> Result<Addition, StoreError> {
    let zone = desk.publication().zone;
    if given.is_over(desk.now(), &zone) {
        return add_reader(desk, (new, line), Some(ImportRemark::Ended)).await;
    }
    let ends = given.ends(&zone);
    let wanted = Complimentary { price: &given.price, ends, is_announced: options.emails };
    for _ in 0..ATTEMPTS {
        let actor = StaffActor { by: new.by, reason: options.reason.clone() };
        match desk.billing.add_subscriber(&new, wanted, Some(actor)).await {
            Ok(added) => return Ok(Ok(line.added(&added))),
            Err(EntryError::HasOne { .. }) => {
                let remark = other_subscription(desk, new.email, given, ends).await?;
                return add_reader(desk, (new, line), remark).await;
            }
            Err(EntryError::HasLeft) => return Ok(Err(ImportRemark::HasLeft)),
            Err(EntryError::NoPrice { .. }) => return Ok(Err(ImportRemark::NoPrice)),
            Err(EntryError::Failed(BillingError::Store(error))) => return Err(error),
            // Somebody else has changed their subscriptions since they were read.
            Err(EntryError::Overtaken(_)) => {}
            Err(error) => {
                tracing::error!(%error, "readers: not imported");
                return Ok(Err(ImportRemark::Failed));
            }
        }
    }
    Ok(Err(ImportRemark::Failed))
}

/// What is said about a reader who has a subscription already: nothing if it is the one of the file.
async fn other_subscription(
    desk: &DeskState,
    email: &EmailAddress,
    given: &GivenSubscription,
    ends: Option<Timestamp>,
) -> Result<Option<ImportRemark>, StoreError> {
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
    Ok((!is_given).then_some(ImportRemark::HasSubscription))
}

//! `/desk/payment-processor`: where readers pay, and a check of it.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, response::Response};
use jiff::SignedDuration;
use masthead_circulation::{AuditAction, AuditChange, Currency, Digest, Money};
use masthead_payments::{
    AccountMode, CheckFault, CheckStep, CheckedStep, Processor, ProcessorCheck, processor_keys,
};
use masthead_publication::Sales;
use masthead_store::RateLimit;
use serde::Serialize;

use crate::{
    error::Handled, form::form_status, staff::CurrentStaff, state::DeskState, templates::Page,
    words::DeskWords,
};

/// How many checks the whole desk may make.
const OF_DESK: RateLimit = RateLimit { times: 6, within: SignedDuration::from_hours(1) };
/// The longest time that a check may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// What is charged if nothing is sold yet, in minor units of [`FALLBACK`].
const AMOUNT: u64 = 1000;
/// The currency that is charged if nothing is sold yet.
const FALLBACK: &str = "EUR";

/// The context of the page.
#[derive(Default, Serialize)]
struct ProcessorPage {
    /// Where readers pay, in words.
    state: String,
    /// The address for its messages; empty if it sends none.
    webhook: String,
    /// What a check does, in words; empty if there is nothing to check.
    check: String,
    /// The label of the button.
    button: String,
    keys: String,
    invoices: bool,
    steps: Vec<StepResult>,
    fault: String,
}

/// What came of a step, in words.
#[derive(Clone, Debug, Default, Serialize)]
struct StepResult {
    name: String,
    result: String,
    is_good: bool,
}

impl Page for ProcessorPage {
    const TEMPLATE: &'static str = "payment-processor.html";

    fn status(&self) -> http::StatusCode {
        form_status(&self.fault)
    }
}

/// `GET /desk/payment-processor`
pub(crate) async fn page(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    Ok(show(&desk, &staff, &[], ""))
}

/// `POST /desk/payment-processor`: checks the processor.
pub(crate) async fn check(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let words = staff.words;
    let Some(processor) = checkable(&desk) else {
        return Ok(show(&desk, &staff, &[], words.text("processor_fault_none")));
    };
    let limit = Digest::of(&[b"processor checks\n"]);
    if !desk.store.claim_rate(&limit, OF_DESK, desk.now()).await? {
        return Ok(show(&desk, &staff, &[], words.text("processor_fault_limit")));
    }
    let Some(amount) = amount(&desk) else {
        return Ok(show(&desk, &staff, &[], words.text("processor_fault_none")));
    };
    let address = desk.publication().address;
    let key = format!("check-{}", desk.now().as_millisecond());
    let request = ProcessorCheck { address: &address, amount, key: &key };
    let Ok(steps) = tokio::time::timeout(PATIENCE, processor.check(&request)).await else {
        record(&desk, &staff, processor.name(), &[]).await?;
        return Ok(show(&desk, &staff, &[], words.text("processor_fault_slow")));
    };
    record(&desk, &staff, processor.name(), &steps).await?;
    Ok(show(&desk, &staff, &steps, ""))
}

/// The processor that readers pay at, if it is a company.
fn checkable(desk: &DeskState) -> Option<&dyn Processor> {
    let current = desk.billing.processors().current()?;
    (current.mode() != AccountMode::Practice).then_some(current)
}

/// The amount of a test charge: a price that is sold, which is one that the processor charges in its currency.
fn amount(desk: &DeskState) -> Option<Money> {
    let catalogue = desk.catalogue();
    let mut sold = catalogue.prices().iter().map(|price| price.amount);
    sold.find(|amount| !amount.is_zero())
        .or_else(|| FALLBACK.parse().ok().map(|currency: Currency| Money::of(AMOUNT, currency)))
}

/// Writes what came of the check to the audit log.
async fn record(
    desk: &DeskState,
    staff: &CurrentStaff,
    name: &str,
    steps: &[CheckedStep],
) -> Result<(), masthead_store::StoreError> {
    let failed: Vec<&str> =
        steps.iter().filter(|step| step.fault.is_some()).map(|step| step_key(step.step)).collect();
    let passed: Vec<&str> =
        steps.iter().filter(|step| step.fault.is_none()).map(|step| step_key(step.step)).collect();
    let changes = [("passed", passed), ("failed", failed)]
        .into_iter()
        .filter(|(_, steps)| !steps.is_empty())
        .map(|(key, steps)| AuditChange::fact(key, steps.join(", ")))
        .collect();
    let (action, by) = (AuditAction::CheckedProcessor, Some(staff.account.id));
    desk.store.record_action(action, name, changes, by, desk.now()).await
}

/// The name of a step in the audit log.
fn step_key(step: CheckStep) -> &'static str {
    match step {
        CheckStep::Key => "key",
        CheckStep::Endpoint => "endpoint",
        CheckStep::Charge => "charge",
        CheckStep::Refund => "refund",
    }
}

fn show(desk: &DeskState, staff: &CurrentStaff, steps: &[CheckedStep], fault: &str) -> Response {
    let (words, publication) = (staff.words, desk.settings());
    let current = desk.billing.processors().current();
    let mode = current.map(Processor::mode);
    let state = match (publication.sales, mode) {
        (_, Some(AccountMode::Live)) => "processor_live",
        (_, Some(AccountMode::Test)) => "processor_test",
        (Sales::Sandbox, _) => "processor_sandbox",
        _ => "processor_none",
    };
    let (check, button) = match mode {
        Some(AccountMode::Live) => ("processor_check_live", "processor_button_live"),
        Some(AccountMode::Test) => ("processor_check_test", "processor_button_test"),
        _ => ("", ""),
    };
    let text =
        |name: &str| if name.is_empty() { String::new() } else { words.text(name).to_owned() };
    let sends = current.filter(|current| current.sends_webhooks());
    let page = ProcessorPage {
        state: text(state),
        webhook: sends
            .map(|current| format!("{}/webhooks/{}", publication.address, current.name()))
            .unwrap_or_default(),
        check: text(check),
        button: text(button),
        keys: processor_keys(),
        invoices: !publication.transfer.is_empty(),
        steps: steps.iter().map(|step| result(step, words)).collect(),
        fault: fault.to_owned(),
    };
    desk.page(staff, &page)
}

fn result(CheckedStep { step, fault }: &CheckedStep, words: DeskWords) -> StepResult {
    let name = words.text(match step {
        CheckStep::Key => "processor_step_key",
        CheckStep::Endpoint => "processor_step_endpoint",
        CheckStep::Charge => "processor_step_charge",
        CheckStep::Refund => "processor_step_refund",
    });
    let result = match fault {
        None => words.text("processor_passed").to_owned(),
        Some(CheckFault::Refused(answer)) => words.fill("processor_refused", &[("answer", answer)]),
        Some(CheckFault::NoEndpoint(url)) => words.fill("processor_no_endpoint", &[("url", url)]),
        Some(CheckFault::Disabled) => words.text("processor_disabled").to_owned(),
        Some(CheckFault::MissingEvents(events)) => {
            words.fill("processor_events", &[("events", &events.join(", "))])
        }
        Some(CheckFault::UnclearMode) => words.text("processor_unclear").to_owned(),
    };
    StepResult { name: name.to_owned(), result, is_good: fault.is_none() }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::templates::tests::{Rendered, Samples};

    impl Samples for ProcessorPage {
        fn samples() -> Vec<Self> {
            let text = || "a".to_owned();
            let full = Self {
                state: text(),
                webhook: text(),
                check: text(),
                button: text(),
                keys: text(),
                invoices: true,
                steps: vec![
                    StepResult::default(),
                    StepResult { is_good: true, ..StepResult::default() },
                ],
                fault: text(),
            };
            vec![Self::default(), full]
        }
    }

    pub(crate) fn render(rendered: &mut Rendered) {
        rendered.page::<ProcessorPage>();
    }

    #[test]
    fn every_fault_is_explained_in_every_language() {
        let faults = [
            CheckFault::Refused("401".into()),
            CheckFault::NoEndpoint("https://paper.example".into()),
            CheckFault::Disabled,
            CheckFault::MissingEvents(vec!["refund.failed"]),
            CheckFault::UnclearMode,
        ];
        for words in DeskWords::all() {
            for fault in faults.clone() {
                let step = CheckedStep { step: CheckStep::Endpoint, fault: Some(fault) };
                let StepResult { result, is_good, .. } = result(&step, words);
                assert!(!is_good && !result.contains(['{', '}']), "{result}");
            }
        }
    }
}

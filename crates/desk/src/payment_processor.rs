//! `/desk/payment-processor`: where readers pay, and a check of it.

pub(crate) mod job;

use std::sync::Arc;

use axum::{extract::State, response::Response};
use jiff::SignedDuration;
use masthead_circulation::{Currency, Digest, Money};
use masthead_payments::{
    AccountMode, CheckFault, CheckStep, CheckedStep, Processor, processor_keys,
};
use masthead_publication::Sales;
use masthead_store::RateLimit;
use serde::Serialize;

use self::job::{CheckResult, checkable};
use crate::{
    error::Handled, form::form_status, staff::CurrentStaff, state::DeskState, templates::Page,
    words::DeskWords,
};

/// How many checks the whole desk may make.
const OF_DESK: RateLimit = RateLimit { times: 6, within: SignedDuration::from_hours(1) };
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
    Ok(show(&desk, &staff, (&[], false), ""))
}

/// `POST /desk/payment-processor`: checks the processor.
pub(crate) async fn check(State(desk): State<Arc<DeskState>>, staff: CurrentStaff) -> Handled {
    let Some(processor) = checkable(&desk) else {
        return Ok(refused(&desk, &staff, "processor_fault_none"));
    };
    let limit = Digest::of(&[b"processor checks\n"]);
    if !desk.store.claim_rate(&limit, OF_DESK, desk.now()).await? {
        return Ok(refused(&desk, &staff, "processor_fault_limit"));
    }
    let Some(amount) = amount(&desk) else {
        return Ok(refused(&desk, &staff, "processor_fault_none"));
    };
    match job::start(&desk, &staff, processor, amount).await? {
        CheckResult::Answered { steps, is_open } => Ok(show(&desk, &staff, (&steps, is_open), "")),
        CheckResult::NoAnswer => Ok(refused(&desk, &staff, "processor_fault_slow")),
    }
}

fn refused(desk: &DeskState, staff: &CurrentStaff, fault: &str) -> Response {
    show(desk, staff, (&[], false), staff.words.text(fault))
}

/// The amount of a test charge: a price that is sold, which is one that the processor charges in its currency.
fn amount(desk: &DeskState) -> Option<Money> {
    let catalogue = desk.catalogue();
    let mut sold = catalogue.prices().iter().map(|price| price.amount);
    sold.find(|amount| !amount.is_zero())
        .or_else(|| FALLBACK.parse().ok().map(|currency: Currency| Money::of(AMOUNT, currency)))
}

/// The page, with the steps of a check, and whether it is tried again.
fn show(
    desk: &DeskState,
    staff: &CurrentStaff,
    (steps, is_open): (&[CheckedStep], bool),
    fault: &str,
) -> Response {
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
        steps: steps.iter().map(|step| result(step, is_open, words)).collect(),
        fault: fault.to_owned(),
    };
    desk.page(staff, &page)
}

fn result(
    CheckedStep { step, fault }: &CheckedStep,
    is_open: bool,
    words: DeskWords,
) -> StepResult {
    let name = words.text(match step {
        CheckStep::Key => "processor_step_key",
        CheckStep::Endpoint => "processor_step_endpoint",
        CheckStep::Disputes => "processor_step_disputes",
        CheckStep::Charge => "processor_step_charge",
        CheckStep::Refund => "processor_step_refund",
    });
    let result = match fault {
        None => words.text("processor_passed").to_owned(),
        Some(CheckFault::Refused(answer)) => words.fill("processor_refused", &[("answer", answer)]),
        Some(CheckFault::NoAnswer(answer)) if is_open => {
            words.fill("processor_no_answer_again", &[("answer", answer)])
        }
        Some(CheckFault::NoAnswer(answer)) => {
            words.fill("processor_no_answer", &[("answer", answer)])
        }
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
            CheckFault::NoAnswer("it took too long".into()),
            CheckFault::NoEndpoint("https://paper.example".into()),
            CheckFault::Disabled,
            CheckFault::MissingEvents(vec!["refund.failed"]),
            CheckFault::UnclearMode,
        ];
        for words in DeskWords::all() {
            for fault in faults.clone() {
                let step = CheckedStep { step: CheckStep::Endpoint, fault: Some(fault) };
                for is_open in [false, true] {
                    let StepResult { result, is_good, .. } = result(&step, is_open, words);
                    assert!(!is_good && !result.contains(['{', '}']), "{result}");
                }
            }
        }
    }
}

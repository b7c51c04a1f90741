//! Disputes (<https://docs.stripe.com/api/disputes>). The payment is found by the order that its Payment Intent is marked with.

use jiff::Timestamp;
use masthead_circulation::{Currency, DisputeStatus};
use miniserde::{Deserialize, json};
use serde::Serialize;
use stripe::StripeError;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Stripe,
    amounts::from_stripe,
    errors::fault,
    lookup::Since,
    objects::{Found, PaymentIntent, expanded},
};
use crate::{DisputeReport, ListedDispute, ProcessorError, ProcessorList};

/// The most disputes that Stripe lists at once.
const LISTED: u32 = 100;
/// Pages that are read of the list, the latest disputes first.
const PAGES: usize = 50;

/// <https://docs.stripe.com/api/disputes/object>
#[derive(Deserialize)]
struct StripeDispute {
    id: String,
    amount: u64,
    currency: String,
    status: String,
    reason: Option<String>,
    created: i64,
    /// Its number, or the whole of it in a list.
    payment_intent: Option<json::Value>,
    evidence_details: Option<EvidenceDetails>,
}

#[derive(Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

/// <https://docs.stripe.com/api/disputes/list>
#[derive(Serialize)]
struct DisputesSince<'a> {
    created: Since,
    limit: u32,
    expand: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

impl Stripe {
    /// Returns what has become of a dispute.
    pub(super) async fn dispute_report(
        &self,
        reference: &str,
    ) -> Result<DisputeReport, ProcessorError> {
        let request = RequestBuilder::new(StripeMethod::Get, format!("/disputes/{reference}"));
        let answer: Result<StripeDispute, StripeError> =
            request.customize().send(&self.client).await;
        let dispute = answer.map_err(|error| unless_unknown(&error))?;
        self.report_of(&dispute).await
    }

    /// Returns the disputes that were opened since `since`. One that cannot be read holds up no other: its messages are asked about
    /// again.
    pub(super) async fn list_disputes(
        &self,
        since: Timestamp,
    ) -> Result<ProcessorList<ListedDispute>, ProcessorError> {
        let created = || Since { gte: since.as_second().max(0) };
        let mut found = Vec::new();
        let mut last: Option<String> = None;
        for _ in 0..PAGES {
            let (limit, starting_after) = (LISTED, last.as_deref());
            let expand = ["data.payment_intent"];
            let query = DisputesSince { created: created(), limit, expand, starting_after };
            let request = RequestBuilder::new(StripeMethod::Get, "/disputes").query(&query);
            let page: Found<StripeDispute> = self.ask(request).await?;
            for dispute in &page.data {
                match self.report_of(dispute).await {
                    Ok(report) => {
                        let reference = dispute.id.clone();
                        found.push(ListedDispute { reference, report });
                    }
                    Err(error @ ProcessorError::Unreachable(_)) => return Err(error),
                    Err(error) => {
                        tracing::warn!(%error, reference = dispute.id, "stripe: dispute not read");
                    }
                }
            }
            last = page.data.into_iter().next_back().map(|dispute| dispute.id);
            if last.is_none() || page.has_more != Some(true) {
                return Ok(found.into());
            }
        }
        tracing::warn!(
            read = found.len(),
            "stripe: more disputes than are read; older ones are left out"
        );
        Ok(ProcessorList { found, is_cut: true })
    }

    async fn report_of(&self, dispute: &StripeDispute) -> Result<DisputeReport, ProcessorError> {
        let order = match &dispute.payment_intent {
            None | Some(json::Value::Null) => None,
            Some(json::Value::String(intent)) => {
                let path = format!("/payment_intents/{intent}");
                let request = RequestBuilder::new(StripeMethod::Get, path);
                let intent: PaymentIntent =
                    self.ask(request).await.map_err(ProcessorError::into_undecided)?;
                intent.order().map(str::to_owned)
            }
            Some(whole) => expanded::<PaymentIntent>(whole)
                .and_then(|intent| intent.order().map(str::to_owned)),
        };
        report(dispute, order)
    }
}

/// Only that Stripe does not know an object is an answer. A key without permission to read it, for example, is not.
pub(super) fn unless_unknown(error: &StripeError) -> ProcessorError {
    let is_unknown = matches!(error, StripeError::Stripe(_, 404));
    if is_unknown { fault(error) } else { fault(error).into_undecided() }
}

fn report(dispute: &StripeDispute, order: Option<String>) -> Result<DisputeReport, ProcessorError> {
    let not_known = |what: &str| ProcessorError::Undecided(format!("a dispute with {what}"));
    let currency = dispute.currency.to_uppercase().parse::<Currency>();
    let currency = currency.map_err(|_| not_known("an unknown currency"))?;
    let status = status(&dispute.status).ok_or_else(|| not_known("an unknown status"))?;
    let at = |second: i64| Timestamp::from_second(second).ok();
    let due = dispute.evidence_details.as_ref().and_then(|details| details.due_by);
    Ok(DisputeReport {
        order,
        amount: from_stripe(dispute.amount, currency),
        reason: dispute.reason.clone().unwrap_or_default().replace('_', " "),
        status,
        opened: at(dispute.created).ok_or_else(|| not_known("no time"))?,
        evidence_due: due.and_then(at),
    })
}

fn status(name: &str) -> Option<DisputeStatus> {
    Some(match name {
        "warning_needs_response" | "warning_under_review" => DisputeStatus::Inquiry,
        "warning_closed" | "prevented" => DisputeStatus::InquiryClosed,
        "needs_response" => DisputeStatus::NeedsResponse,
        "under_review" => DisputeStatus::UnderReview,
        "won" => DisputeStatus::Won,
        "lost" => DisputeStatus::Lost,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stripe_says_of_a_dispute_is_read() {
        let read = |status: &str, intent: &str| {
            let text = format!(
                r#"{{"id":"dp_1","amount":1200,"currency":"usd","status":"{status}","created":1700000000,
                "reason":"product_not_received","payment_intent":{intent},
                "evidence_details":{{"due_by":1700600000}}}}"#
            );
            json::from_str::<StripeDispute>(&text).expect("a dispute")
        };
        let known = report(&read("needs_response", "null"), Some("order".into())).expect("known");
        assert_eq!(known.status, DisputeStatus::NeedsResponse);
        assert_eq!((known.reason.as_str(), known.amount.minor()), ("product not received", 1200));
        assert_eq!(known.evidence_due.map(Timestamp::as_second), Some(1_700_600_000));
        assert!(report(&read("something", "null"), None).is_err(), "it is asked about again");
        for (name, taken) in [
            ("warning_needs_response", false),
            ("warning_closed", false),
            ("under_review", true),
            ("won", false),
            ("lost", true),
        ] {
            assert_eq!(status(name).map(DisputeStatus::takes_money), Some(taken), "{name}");
        }
    }
}

//! Checking the account: its key, its endpoint and, with a key of the test mode, a charge that is refunded again.

use masthead_circulation::Money;
use miniserde::{Deserialize, json};
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{
    Stripe,
    amounts::to_stripe,
    errors::fault,
    objects::{Found, MadeRefund, PaymentIntent},
};
use crate::{AccountMode, CheckFault, CheckStep, CheckedStep, ProcessorCheck, ProcessorError};

/// The messages that the guide's chapter on Stripe asks for.
const EVENTS: [&str; 16] = [
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_method.automatically_updated",
    "payment_method.updated",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
];

/// Stripe's own test card (<https://docs.stripe.com/testing>). It exists in test mode only.
const TEST_CARD: &str = "pm_card_visa";

/// <https://docs.stripe.com/api/balance/balance_object>
#[derive(Deserialize)]
pub(super) struct Balance {
    livemode: bool,
}

/// <https://docs.stripe.com/api/webhook_endpoints/object>
#[derive(Deserialize)]
struct WebhookEndpoint {
    url: String,
    status: String,
    enabled_events: Vec<String>,
}

#[derive(Serialize)]
struct TestCharge<'a> {
    amount: u64,
    currency: String,
    payment_method: &'a str,
    payment_method_types: [&'static str; 1],
    confirm: bool,
    description: &'a str,
}

#[derive(Serialize)]
struct TestRefund<'a> {
    payment_intent: &'a str,
}

impl Stripe {
    /// Whether the key is one of the live or of the test mode, by its beginning.
    pub(super) fn account_mode(&self) -> AccountMode {
        let key = &self.account.secret_key;
        let is_test = ["sk_test_", "rk_test_"].iter().any(|start| key.starts_with(start));
        if is_test { AccountMode::Test } else { AccountMode::Live }
    }

    /// Checks the account. Only a key that both begins as one of the test mode and is one by Stripe's answer charges anything.
    pub(super) async fn check_account(&self, check: &ProcessorCheck<'_>) -> Vec<CheckedStep> {
        let (key, livemode) = match self.balance().await {
            Ok(balance) => (None, Some(balance.livemode)),
            Err(fault) => (Some(fault), None),
        };
        let mut steps = vec![CheckedStep { step: CheckStep::Key, fault: key }];
        let fault = self.endpoint_fault(check.address).await;
        steps.push(CheckedStep { step: CheckStep::Endpoint, fault });
        let fault = self.disputes_fault().await;
        steps.push(CheckedStep { step: CheckStep::Disputes, fault });
        match (self.account_mode(), livemode) {
            (AccountMode::Test, Some(false)) => steps.extend(self.test_charge(check).await),
            (AccountMode::Test, Some(true)) => {
                let fault = Some(CheckFault::UnclearMode);
                steps.push(CheckedStep { step: CheckStep::Charge, fault });
            }
            (AccountMode::Test, None) | (AccountMode::Live | AccountMode::Practice, _) => {}
        }
        steps
    }

    /// Reads the balance, for which a restricted key needs a permission.
    pub(super) async fn balance(&self) -> Result<Balance, CheckFault> {
        let request = RequestBuilder::new(StripeMethod::Get, "/balance");
        self.ask(request).await.map_err(|error| refused(&error))
    }

    async fn endpoint_fault(&self, address: &str) -> Option<CheckFault> {
        let wanted = format!("{address}/webhooks/stripe");
        let request = RequestBuilder::new(StripeMethod::Get, "/webhook_endpoints?limit=100");
        let found = match self.ask::<Found<WebhookEndpoint>>(request).await {
            Ok(found) => found.data,
            Err(error) => return Some(refused(&error)),
        };
        let ours: Vec<_> = found.into_iter().filter(|endpoint| endpoint.url == wanted).collect();
        if ours.is_empty() {
            return Some(CheckFault::NoEndpoint(wanted));
        }
        let Some(endpoint) = ours.iter().find(|endpoint| endpoint.status == "enabled") else {
            return Some(CheckFault::Disabled);
        };
        let sends = |event: &str| {
            endpoint.enabled_events.iter().any(|enabled| enabled == "*" || enabled == event)
        };
        let missing: Vec<_> = EVENTS.into_iter().filter(|event| !sends(event)).collect();
        (!missing.is_empty()).then_some(CheckFault::MissingEvents(missing))
    }

    /// Tries to read disputes, for which a restricted key needs a permission of its own.
    async fn disputes_fault(&self) -> Option<CheckFault> {
        let request = RequestBuilder::new(StripeMethod::Get, "/disputes?limit=1");
        self.ask::<Found<json::Value>>(request).await.err().map(|error| refused(&error))
    }

    /// Charges Stripe's test card, and refunds it. Done again with the same key, it charges and refunds nothing more.
    async fn test_charge(&self, check: &ProcessorCheck<'_>) -> Vec<CheckedStep> {
        let intent = match self.charge_test_card(check.amount, check.key).await {
            Ok(intent) => intent,
            Err(error) => {
                let fault = Some(refused(&error));
                return vec![CheckedStep { step: CheckStep::Charge, fault }];
            }
        };
        let charge = CheckedStep {
            step: CheckStep::Charge,
            fault: (intent.status != "succeeded")
                .then(|| CheckFault::Refused(intent.status.clone())),
        };
        if charge.fault.is_some() {
            return vec![charge];
        }
        let form = TestRefund { payment_intent: &intent.id };
        let key = format!("{}-refund", check.key);
        let fault = match self.create::<MadeRefund>("/refunds", &form, &key).await {
            Ok(made) if made.is_valid() => None,
            Ok(made) => Some(CheckFault::Refused(made.failure())),
            Err(error) => Some(refused(&fault(&error))),
        };
        vec![charge, CheckedStep { step: CheckStep::Refund, fault }]
    }

    async fn charge_test_card(
        &self,
        amount: Money,
        key: &str,
    ) -> Result<PaymentIntent, ProcessorError> {
        let form = TestCharge {
            amount: to_stripe(amount)?,
            currency: amount.currency().code().to_lowercase(),
            payment_method: TEST_CARD,
            payment_method_types: ["card"],
            confirm: true,
            description: "Masthead: test charge",
        };
        self.create("/payment_intents", &form, key).await.map_err(|error| fault(&error))
    }
}

fn refused(error: &ProcessorError) -> CheckFault {
    match error {
        ProcessorError::Misunderstood(_) => CheckFault::Refused(error.to_string()),
        ProcessorError::Unreachable(_) | ProcessorError::Undecided(_) => {
            CheckFault::NoAnswer(error.to_string())
        }
    }
}

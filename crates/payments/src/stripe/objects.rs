//! Stripe's objects, as far as they are read here.

use masthead_circulation::Card as KnownCard;
use miniserde::{Deserialize, json};

use super::mandate_of;
use crate::CheckoutOutcome;

/// A session in which nothing is expanded.
#[derive(Deserialize)]
pub(super) struct NewCheckoutSession {
    pub id: String,
    pub url: Option<String>,
}

/// <https://docs.stripe.com/api/checkout/sessions/object>
#[derive(Deserialize)]
pub(super) struct CheckoutSession {
    status: Option<String>,
    payment_status: Option<String>,
    customer: Option<String>,
    payment_intent: Option<json::Value>,
    setup_intent: Option<json::Value>,
}

/// An expanded Payment Intent or Setup Intent, which carries the card.
#[derive(Deserialize)]
struct Intent {
    payment_method: Option<PaymentMethod>,
}

/// <https://docs.stripe.com/api/payment_methods/object>
#[derive(Deserialize)]
pub(super) struct PaymentMethod {
    pub id: String,
    pub card: Option<Card>,
}

#[derive(Deserialize)]
pub(super) struct Card {
    brand: String,
    last4: String,
    exp_year: i16,
    exp_month: i8,
}

/// <https://docs.stripe.com/api/payment_intents/object>
#[derive(Deserialize)]
pub(super) struct PaymentIntent {
    pub id: String,
    pub status: String,
    metadata: Option<OrderOf>,
}

/// What marks a Payment Intent.
#[derive(Deserialize)]
struct OrderOf {
    order: Option<String>,
}

/// <https://docs.stripe.com/api/refunds/object>
#[derive(Deserialize)]
pub(super) struct MadeRefund {
    /// As Stripe writes it.
    pub amount: u64,
    pub created: i64,
    status: Option<String>,
    failure_reason: Option<String>,
    metadata: Option<PaymentOf>,
}

/// What marks a refund that was made from here.
#[derive(Deserialize)]
struct PaymentOf {
    payment: Option<String>,
    attempt: Option<String>,
}

/// A page of a list, or the results of a search.
#[derive(Deserialize)]
pub(super) struct Found<T> {
    pub data: Vec<T>,
    pub has_more: Option<bool>,
}

impl CheckoutSession {
    /// Returns the id of the Payment Intent that paid it, or `None` if none did.
    pub fn intent(&self) -> Option<String> {
        match self.payment_intent.as_ref()? {
            json::Value::String(number) => Some(number.clone()),
            value => expanded::<PaymentIntent>(value).map(|intent| intent.id),
        }
    }

    /// What became of it.
    pub fn outcome(&self) -> CheckoutOutcome {
        let paid = matches!(self.payment_status.as_deref(), Some("paid" | "no_payment_required"));
        let intents = [&self.payment_intent, &self.setup_intent];
        let intent = intents.into_iter().flatten().find_map(expanded::<Intent>);
        let method = intent.and_then(|intent| intent.payment_method);
        match (self.status.as_deref(), &self.customer, method) {
            (Some("complete"), Some(customer), Some(method)) if paid => {
                CheckoutOutcome::Paid(mandate_of(customer, &method))
            }
            (Some("expired"), ..) => CheckoutOutcome::Over,
            _ => CheckoutOutcome::Open,
        }
    }
}

impl PaymentIntent {
    /// Returns the order that it is marked with, or `None` if it was not marked.
    pub fn order(&self) -> Option<&str> {
        self.metadata.as_ref()?.order.as_deref()
    }
}

impl MadeRefund {
    /// Returns the payment that it is marked with, or `None` if it was not marked.
    pub fn payment(&self) -> Option<&str> {
        self.metadata.as_ref()?.payment.as_deref()
    }

    /// Returns whether it may have been made in this attempt. Earlier versions did not mark the attempt.
    pub fn is_of_attempt(&self, attempt: u32) -> bool {
        self.attempt().is_none_or(|marked| marked == attempt)
    }

    /// Returns whether it is marked with this attempt.
    pub fn is_marked(&self, attempt: u32) -> bool {
        self.attempt() == Some(attempt)
    }

    fn attempt(&self) -> Option<u32> {
        self.metadata.as_ref()?.attempt.as_deref()?.parse().ok()
    }

    /// Returns `false` if the money did not go back.
    pub fn is_valid(&self) -> bool {
        !matches!(self.status.as_deref(), Some("failed" | "canceled"))
    }

    /// Returns why the money did not go back, in Stripe's word.
    pub fn failure(&self) -> String {
        let reason = self.failure_reason.as_deref().or(self.status.as_deref());
        format!("the refund failed: {}", reason.unwrap_or("unknown"))
    }
}

/// Returns the object in the place of a reference, or `None` if it is only an id.
pub(super) fn expanded<T: Deserialize>(value: &json::Value) -> Option<T> {
    json::from_str(&json::to_string(value)).ok()
}

impl Card {
    /// The card as it is shown.
    pub fn known(&self) -> KnownCard {
        let mut brand = self.brand.clone();
        // Stripe writes "visa"; readers know it as "Visa".
        if let Some(first) = brand.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        KnownCard { brand, last4: self.last4.clone(), year: self.exp_year, month: self.exp_month }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// The API's own example of an object, as JSON.
    fn example(examples: &json::Value, name: &str) -> Option<String> {
        let json::Value::Object(all) = examples else { return None };
        let json::Value::Object(resources) = all.get("resources")? else { return None };
        resources.get(name).map(json::to_string)
    }

    #[test]
    fn the_apis_own_examples_are_read() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data/stripe/fixtures3.json");
        let Ok(text) = fs::read_to_string(&file) else {
            eprintln!("not tested: {} is not there", file.display());
            return;
        };
        let examples: json::Value = json::from_str(&text).expect("JSON");
        let read = |name: &str| example(&examples, name).expect("an example");
        assert!(json::from_str::<NewCheckoutSession>(&read("checkout.session")).is_ok());
        let session: CheckoutSession =
            json::from_str(&read("checkout.session")).expect("a session");
        assert_eq!(session.outcome(), CheckoutOutcome::Open);
        let method: PaymentMethod = json::from_str(&read("payment_method")).expect("a method");
        let card = method.card.expect("a card").known();
        assert_eq!((card.brand.as_str(), card.last4.as_str()), ("Visa", "4242"));
        let intent: PaymentIntent = json::from_str(&read("payment_intent")).expect("an intent");
        assert!(intent.id.starts_with("pi_"));
    }

    #[test]
    fn a_refund_without_an_attempt_is_of_any() {
        let refund = |attempt: &str| {
            let text = format!(
                r#"{{"amount":900,"created":1,"metadata":{{"payment":"order-7"{attempt}}}}}"#
            );
            json::from_str::<MadeRefund>(&text).expect("a refund")
        };
        assert!(refund("").is_of_attempt(0) && refund("").is_of_attempt(2));
        let second = refund(r#","attempt":"1""#);
        assert!(second.is_of_attempt(1) && !second.is_of_attempt(0));
    }

    #[test]
    fn a_session_is_paid_if_it_is_complete_and_says_so() {
        let session = |status: &str, paid: &str, kind: &str| {
            let intent = r#"{"payment_method":{"id":"pm_1","card":{"brand":"visa","last4":"4242","exp_year":2030,"exp_month":4}}}"#;
            let text = format!(
                r#"{{"status":"{status}","payment_status":"{paid}","customer":"cus_1","{kind}":{intent}}}"#
            );
            json::from_str::<CheckoutSession>(&text).expect("a session").outcome()
        };
        for (paid, kind) in [("paid", "payment_intent"), ("no_payment_required", "setup_intent")] {
            let CheckoutOutcome::Paid(mandate) = session("complete", paid, kind) else {
                panic!("{paid}")
            };
            assert_eq!(mandate.reference, "cus_1/pm_1");
        }
        assert_eq!(session("complete", "unpaid", "payment_intent"), CheckoutOutcome::Open);
        assert_eq!(session("open", "unpaid", "payment_intent"), CheckoutOutcome::Open);
        assert_eq!(session("expired", "unpaid", "payment_intent"), CheckoutOutcome::Over);
    }
}

//! Stripe's messages (<https://docs.stripe.com/webhooks>).

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use masthead_circulation::PaymentNumber;
use miniserde::{Deserialize, json};
use sha2::Sha256;

use crate::{WebhookError, WebhookMessage, WebhookSubject};

/// The header with the signature.
pub(super) const SIGNATURE: &str = "stripe-signature";
/// How old a message may be, and how far ahead Stripe's clock.
const REPLAY: SignedDuration = SignedDuration::from_mins(5);
/// How many signatures of a message are compared. Stripe sends one for each secret that is in force, which are two while one is replaced.
const MAX_SIGNATURES: usize = 8;

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: Option<String>,
    customer: Option<json::Value>,
    payment_intent: Option<json::Value>,
    metadata: Option<Marks>,
}

#[derive(Deserialize)]
struct Marks {
    order: Option<String>,
    payment: Option<String>,
}

/// Reads a message that arrived with the header `Stripe-Signature` at `now`.
pub(super) fn read(
    body: &[u8],
    signature: &str,
    secret: &str,
    now: Timestamp,
) -> Result<WebhookMessage, WebhookError> {
    let values = |name: &'static str| {
        let pairs = signature.split(',').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(known, _)| *known == name).map(|(_, value)| value)
    };
    let time = values("t").next().ok_or(WebhookError::Forged)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .ok()
        .filter(|_| !secret.is_empty())
        .ok_or(WebhookError::Forged)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    // Compared in constant time.
    let signed = |value: &str| {
        hex::decode(value).is_ok_and(|value| mac.clone().verify_slice(&value).is_ok())
    };
    if !values("v1").take(MAX_SIGNATURES).any(signed) {
        return Err(WebhookError::Forged);
    }
    let sent = time.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let age = now.duration_since(sent.ok_or(WebhookError::Forged)?);
    if age.abs() > REPLAY {
        return Err(WebhookError::Late);
    }
    let text = std::str::from_utf8(body).map_err(|_| WebhookError::Malformed)?;
    let Event { id, kind, data } = json::from_str(text).map_err(|_| WebhookError::Malformed)?;
    Ok(WebhookMessage { id, subject: subject(&kind, data.object) })
}

fn subject(kind: &str, object: Object) -> WebhookSubject {
    if kind.starts_with("refund.") || kind.starts_with("charge.refund.") {
        let payment = object.metadata.as_ref().and_then(|metadata| metadata.payment.as_ref());
        let payment = payment.and_then(|number| number.parse().ok()).map(PaymentNumber);
        return payment.map_or_else(|| refund_of(&object), WebhookSubject::Refund);
    }
    if kind == "charge.refunded" {
        return refund_of(&object);
    }
    if kind.starts_with("charge.dispute.") {
        return object.id.map_or(WebhookSubject::Nothing, WebhookSubject::Dispute);
    }
    let order = object.metadata.and_then(|metadata| metadata.order);
    let customer = match object.customer {
        Some(json::Value::String(customer)) => Some(customer),
        _ => None,
    };
    match (kind.split('.').next().unwrap_or_default(), object.id) {
        ("checkout", Some(id)) => WebhookSubject::Checkout(id),
        ("payment_intent", _) => order.map_or(WebhookSubject::Nothing, WebhookSubject::Order),
        ("payment_method", Some(id)) => customer.map_or(WebhookSubject::Nothing, |customer| {
            WebhookSubject::Card(format!("{customer}/{id}"))
        }),
        _ => WebhookSubject::Nothing,
    }
}

/// A refund of the Payment Intent that a refund or a charge names.
fn refund_of(object: &Object) -> WebhookSubject {
    match &object.payment_intent {
        Some(json::Value::String(intent)) => WebhookSubject::RefundOf(intent.clone()),
        _ => WebhookSubject::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_test";
    const BODY: &[u8] =
        br#"{"id":"evt_1","type":"checkout.session.completed","data":{"object":{"id":"cs_1"}}}"#;

    fn now() -> Timestamp {
        Timestamp::from_second(1_700_000_000).expect("a time")
    }

    fn signed(body: &[u8], secret: &str, at: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
        mac.update(format!("{at}.").as_bytes());
        mac.update(body);
        format!("t={at},v1={},v0=00", hex::encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn a_signed_message_is_accepted() {
        let message = read(BODY, &signed(BODY, SECRET, 1_700_000_000), SECRET, now());
        let subject = WebhookSubject::Checkout("cs_1".to_owned());
        assert_eq!(message, Ok(WebhookMessage { id: "evt_1".to_owned(), subject }));
        // While a secret is rolled there are two signatures.
        let header = format!("t=1700000000,v1=00,{}", signed(BODY, SECRET, 1_700_000_000));
        assert!(
            read(BODY, &header.replacen("t=1700000000,v1=00,t=", "v1=00,t=", 1), SECRET, now())
                .is_ok()
        );
    }

    #[test]
    fn only_the_first_signatures_are_compared() {
        let signed = signed(BODY, SECRET, 1_700_000_000);
        let (time, signature) = signed.split_once(',').expect("a time");
        let after = |others: usize| format!("{time},{}{signature}", "v1=00,".repeat(others));
        assert!(read(BODY, &after(MAX_SIGNATURES - 1), SECRET, now()).is_ok());
        assert_eq!(read(BODY, &after(MAX_SIGNATURES), SECRET, now()), Err(WebhookError::Forged));
    }

    #[test]
    fn forged_late_and_malformed_messages_are_refused() {
        let verify_webhook = |body: &[u8], header: &str| read(body, header, SECRET, now());
        assert_eq!(
            verify_webhook(BODY, &signed(BODY, "whsec_other", 1_700_000_000)),
            Err(WebhookError::Forged)
        );
        assert_eq!(
            verify_webhook(b"{}", &signed(BODY, SECRET, 1_700_000_000)),
            Err(WebhookError::Forged)
        );
        for header in ["", "t=1700000000", "v1=00", "t=x,v1=zz", "t=1700000000,v1="] {
            assert_eq!(verify_webhook(BODY, header), Err(WebhookError::Forged), "{header}");
        }
        assert_eq!(
            read(BODY, &signed(BODY, "", 1_700_000_000), "", now()),
            Err(WebhookError::Forged)
        );
        assert_eq!(
            verify_webhook(BODY, &signed(BODY, SECRET, 1_699_999_699)),
            Err(WebhookError::Late)
        );
        assert_eq!(
            verify_webhook(BODY, &signed(BODY, SECRET, 1_700_000_301)),
            Err(WebhookError::Late)
        );
        assert!(verify_webhook(BODY, &signed(BODY, SECRET, 1_699_999_700)).is_ok());
        assert_eq!(
            verify_webhook(b"[]", &signed(b"[]", SECRET, 1_700_000_000)),
            Err(WebhookError::Malformed)
        );
    }

    #[test]
    fn a_message_names_what_to_ask_about() {
        let subject = |body: &str| {
            let header = signed(body.as_bytes(), SECRET, 1_700_000_000);
            read(body.as_bytes(), &header, SECRET, now()).expect("accepted").subject
        };
        let event = |kind: &str, object: &str| {
            format!(r#"{{"id":"evt","type":"{kind}","data":{{"object":{object}}}}}"#)
        };
        let paid =
            event("payment_intent.succeeded", r#"{"id":"pi_1","metadata":{"order":"7-1-0"}}"#);
        assert_eq!(subject(&paid), WebhookSubject::Order("7-1-0".to_owned()));
        let other = event("payment_intent.succeeded", r#"{"id":"pi_1","metadata":{}}"#);
        assert_eq!(subject(&other), WebhookSubject::Nothing);
        let card =
            event("payment_method.automatically_updated", r#"{"id":"pm_1","customer":"cus_1"}"#);
        assert_eq!(subject(&card), WebhookSubject::Card("cus_1/pm_1".to_owned()));
        for kind in ["refund.failed", "refund.updated", "refund.created", "charge.refund.updated"] {
            let refund = event(kind, r#"{"id":"re_1","metadata":{"payment":"7"}}"#);
            assert_eq!(subject(&refund), WebhookSubject::Refund(PaymentNumber(7)), "{kind}");
            let other = event(kind, r#"{"id":"re_1","metadata":{}}"#);
            assert_eq!(subject(&other), WebhookSubject::Nothing, "{kind}");
            let elsewhere = event(kind, r#"{"id":"re_1","payment_intent":"pi_1","metadata":{}}"#);
            assert_eq!(subject(&elsewhere), WebhookSubject::RefundOf("pi_1".to_owned()), "{kind}");
        }
        let charge = r#"{"id":"ch_1","object":"charge","amount_refunded":1200,"payment_intent":"pi_1",
            "customer":"cus_1","metadata":{"order":"7-1-0"}}"#;
        let charge = event("charge.refunded", charge);
        assert_eq!(subject(&charge), WebhookSubject::RefundOf("pi_1".to_owned()));
        for kind in ["created", "updated", "closed", "funds_withdrawn", "funds_reinstated"] {
            let kind = format!("charge.dispute.{kind}");
            let dispute =
                event(&kind, r#"{"id":"dp_1","metadata":{"payment":"7","order":"7-1-0"}}"#);
            assert_eq!(subject(&dispute), WebhookSubject::Dispute("dp_1".to_owned()), "{kind}");
        }
        assert_eq!(
            subject(&event("invoice.paid", r#"{"id":"in_1","customer":{"id":"cus_1"}}"#)),
            WebhookSubject::Nothing
        );
    }
}

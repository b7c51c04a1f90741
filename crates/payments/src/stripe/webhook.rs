//! Stripe's messages (<https://docs.stripe.com/webhooks>). What one says is not believed: it only says
//! what to ask after.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use miniserde::{Deserialize, json};
use sha2::Sha256;

/// How old a message may be, and how far ahead Stripe's clock.
pub const REPLAY: SignedDuration = SignedDuration::from_mins(5);

/// A message that Stripe has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub id: String,
    /// What it is about.
    pub about: About,
}

/// What to ask after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The checkout that Stripe knows by this reference.
    Checkout(String),
    /// The order with this key.
    Order(String),
    /// The card of this customer: customer and payment method, as mandates refer to them.
    Card(String),
    /// Nothing that concerns us.
    Nothing,
}

/// Why a message is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Stripe has not signed it, or not with this secret.
    #[error("the signature is not Stripe's; check webhook_secret under [payments]")]
    Forged,
    /// It was signed too long ago, or in the future.
    #[error("the message is older than five minutes, or this machine's clock is wrong")]
    Late,
    /// It was signed, and makes no sense.
    #[error("the message is no event")]
    Senseless,
}

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
    metadata: Option<OrderOf>,
}

#[derive(Deserialize)]
struct OrderOf {
    order: Option<String>,
}

/// Reads a message that came with the header `Stripe-Signature` at `now`.
pub fn read(
    body: &[u8],
    signature: &str,
    secret: &str,
    now: Timestamp,
) -> Result<Message, WebhookError> {
    let values = |name: &str| {
        let pairs = signature.split(',').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(known, _)| *known == name).map(|(_, value)| value).collect::<Vec<_>>()
    };
    let time = *values("t").first().ok_or(WebhookError::Forged)?;
    let signed = |value: &str| {
        let Ok(value) = hex::decode(value) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        // In the same time, however much of it is right.
        mac.verify_slice(&value).is_ok()
    };
    if secret.is_empty() || !values("v1").into_iter().any(signed) {
        return Err(WebhookError::Forged);
    }
    let sent = time.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let age = now.duration_since(sent.ok_or(WebhookError::Forged)?);
    if age.abs() > REPLAY {
        return Err(WebhookError::Late);
    }
    let text = std::str::from_utf8(body).map_err(|_| WebhookError::Senseless)?;
    let Event { id, kind, data } = json::from_str(text).map_err(|_| WebhookError::Senseless)?;
    Ok(Message { id, about: about(&kind, data.object) })
}

fn about(kind: &str, object: Object) -> About {
    let order = object.metadata.and_then(|metadata| metadata.order);
    let customer = match object.customer {
        Some(json::Value::String(customer)) => Some(customer),
        _ => None,
    };
    match (kind.split('.').next().unwrap_or_default(), object.id) {
        ("checkout", Some(id)) => About::Checkout(id),
        ("payment_intent", _) => order.map_or(About::Nothing, About::Order),
        ("payment_method", Some(id)) => {
            customer.map_or(About::Nothing, |customer| About::Card(format!("{customer}/{id}")))
        }
        _ => About::Nothing,
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
    fn a_signed_message_is_heard() {
        let message = read(BODY, &signed(BODY, SECRET, 1_700_000_000), SECRET, now());
        let about = About::Checkout("cs_1".to_owned());
        assert_eq!(message, Ok(Message { id: "evt_1".to_owned(), about }));
        // While a secret is rolled there are two signatures.
        let header = format!("t=1700000000,v1=00,{}", signed(BODY, SECRET, 1_700_000_000));
        assert!(
            read(BODY, &header.replacen("t=1700000000,v1=00,t=", "v1=00,t=", 1), SECRET, now())
                .is_ok()
        );
    }

    #[test]
    fn forged_late_and_senseless_ones_are_not() {
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
            Err(WebhookError::Senseless)
        );
    }

    #[test]
    fn a_message_says_what_to_ask_after() {
        let about = |body: &str| {
            let header = signed(body.as_bytes(), SECRET, 1_700_000_000);
            read(body.as_bytes(), &header, SECRET, now()).expect("heard").about
        };
        let event = |kind: &str, object: &str| {
            format!(r#"{{"id":"evt","type":"{kind}","data":{{"object":{object}}}}}"#)
        };
        let paid =
            event("payment_intent.succeeded", r#"{"id":"pi_1","metadata":{"order":"7-1-0"}}"#);
        assert_eq!(about(&paid), About::Order("7-1-0".to_owned()));
        let other = event("payment_intent.succeeded", r#"{"id":"pi_1","metadata":{}}"#);
        assert_eq!(about(&other), About::Nothing);
        let card =
            event("payment_method.automatically_updated", r#"{"id":"pm_1","customer":"cus_1"}"#);
        assert_eq!(about(&card), About::Card("cus_1/pm_1".to_owned()));
        assert_eq!(
            about(&event("invoice.paid", r#"{"id":"in_1","customer":{"id":"cus_1"}}"#)),
            About::Nothing
        );
    }
}

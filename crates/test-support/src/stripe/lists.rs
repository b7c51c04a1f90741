//! Refunds, disputes, and the lists and searches in which payments and refunds are found.

use std::{collections::HashMap, sync::atomic::Ordering};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Form, StripeDouble, refused};

impl StripeDouble {
    /// Refunds a Payment Intent. `localstripe` only supports refunds of charges, as the older API
    /// does.
    pub(super) async fn refund(&self, form: Form) -> (StatusCode, Bytes) {
        let refusal = self.0.refusal.lock().expect("a lock").clone();
        if !refusal.is_empty() {
            return refused(&refusal);
        }
        let intent = form.iter().find(|(name, _)| name == "payment_intent");
        let (_, intent) = intent.expect("a payment intent");
        let charge = self.charge_of(intent).await;
        let rest = form.into_iter().filter(|(name, _)| name != "payment_intent");
        let form = rest.chain([("charge".to_owned(), charge)]).collect();
        self.localstripe(&Method::POST, "/v1/refunds", form).await.expect("an answer")
    }

    /// Lists the refunds of a Payment Intent.
    pub(super) async fn refunds_of(&self, path: &str) -> (StatusCode, Bytes) {
        let query = path.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let mut query = form_urlencoded::parse(query.as_bytes());
        let intent = query.find(|(name, _)| name == "payment_intent").expect("a payment intent");
        let charge = self.charge_of(&intent.1).await;
        let path = format!("/v1/refunds?charge={charge}&limit=100");
        let listed = self.localstripe(&Method::GET, &path, Vec::new()).await.expect("an answer");
        let mut list: Value = serde_json::from_slice(&listed.1).expect("JSON");
        for refund in list["data"].as_array_mut().expect("a list") {
            refund["payment_intent"] = json!(intent.1);
            self.fail_as_told(refund);
        }
        (listed.0, Bytes::from(list.to_string()))
    }

    fn fail_as_told(&self, refund: &mut Value) {
        if self.0.refunds_failed.load(Ordering::Relaxed) {
            refund["status"] = json!("failed");
            refund["failure_reason"] = json!("expired_or_canceled_card");
        }
    }

    /// Lists all refunds, with the Payment Intent of each.
    pub(super) async fn list_refunds(&self, path: &str) -> (StatusCode, Bytes) {
        let query = path.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let query: HashMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let since: i64 = query.get("created[gte]").map_or(0, |at| at.parse().expect("a time"));
        let intents = self.intents().await;
        let path = "/v1/refunds?limit=100";
        let listed = self.localstripe(&Method::GET, path, Vec::new()).await.expect("an answer");
        let mut list: Value = serde_json::from_slice(&listed.1).expect("JSON");
        let all = list["data"].as_array_mut().expect("a list");
        all.retain(|refund| refund["created"].as_i64() >= Some(since));
        for refund in all {
            let of = |intent: &&Value| intent["charges"]["data"][0]["id"] == refund["charge"];
            let intent = intents.iter().find(of).cloned().unwrap_or_default();
            refund["payment_intent"] = intent;
            self.fail_as_told(refund);
        }
        (listed.0, Bytes::from(list.to_string()))
    }

    /// Refunds a part of what was paid by an order in Stripe's dashboard, and returns the number of the Payment Intent.
    pub async fn refund_in_dashboard(&self, order: &str, amount: u64) -> String {
        let all = self.intents().await;
        let intent = all.iter().find(|intent| intent["metadata"]["order"] == order);
        let intent = intent.and_then(|it| it["id"].as_str()).expect("a payment").to_owned();
        let form = vec![("charge".to_owned(), self.charge_of(&intent).await)];
        let form = form.into_iter().chain([("amount".to_owned(), amount.to_string())]).collect();
        let made = self.localstripe(&Method::POST, "/v1/refunds", form).await.expect("an answer");
        assert_eq!(made.0, StatusCode::OK);
        intent
    }

    /// Lists the Payment Intents of a customer.
    pub(super) async fn intents_of(&self, path: &str) -> (StatusCode, Bytes) {
        let query = path.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let mut query = form_urlencoded::parse(query.as_bytes());
        let customer = query.find(|(name, _)| name == "customer").expect("a customer").1;
        let all = self.intents().await;
        let found: Vec<&Value> =
            all.iter().filter(|intent| intent["customer"] == *customer).collect();
        let list = json!({ "data": found, "has_more": false });
        (StatusCode::OK, Bytes::from(list.to_string()))
    }

    async fn intents(&self) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        loop {
            let last = found.last().and_then(|intent| intent["id"].as_str());
            let after = last.map(|id| format!("&starting_after={id}")).unwrap_or_default();
            let path = format!("/v1/payment_intents?limit=100{after}");
            let page = self.localstripe(&Method::GET, &path, Vec::new()).await;
            let page: Value =
                serde_json::from_slice(&page.expect("an answer").1).expect("a page in JSON");
            found.extend(page["data"].as_array().expect("a list").iter().cloned());
            if page["has_more"] != true {
                return found;
            }
        }
    }

    /// Returns what was collected: the order and the amount of every payment that has succeeded.
    pub async fn collected(&self) -> Vec<(String, u64)> {
        let order =
            |intent: &Value| intent["metadata"]["order"].as_str().unwrap_or_default().to_owned();
        let amount = |intent: &Value| intent["amount"].as_u64().unwrap_or_default();
        let all = self.intents().await;
        let paid = all.iter().filter(|intent| intent["status"] == "succeeded");
        paid.map(|intent| (order(intent), amount(intent))).collect()
    }

    async fn charge_of(&self, intent: &str) -> String {
        let path = format!("/v1/payment_intents/{intent}");
        let (_, known) =
            self.localstripe(&Method::GET, &path, Vec::new()).await.expect("an answer");
        let known: Value = serde_json::from_slice(&known).expect("JSON");
        known["charges"]["data"][0]["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Returns the amounts of all refunds, latest first.
    pub async fn refunds(&self) -> Vec<u64> {
        let (_, all) =
            self.localstripe(&Method::GET, "/v1/refunds", Vec::new()).await.expect("an answer");
        let all: Value = serde_json::from_slice(&all).expect("JSON");
        let all = all["data"].as_array().expect("a list").iter();
        all.filter_map(|refund| refund["amount"].as_u64()).collect()
    }

    /// Searches Payment Intents by the order in their metadata.
    pub(super) async fn search(&self, path: &str) -> (StatusCode, Bytes) {
        let query = path.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let query: HashMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let order = query["query"].rsplit('\'').nth(1).expect("an order").to_owned();
        let all = self.intents().await;
        let known = all.iter().filter(|_| !self.0.search_lags.load(Ordering::Relaxed));
        let found: Vec<&Value> =
            known.filter(|intent| intent["metadata"]["order"] == order).collect();
        (StatusCode::OK, Bytes::from(json!({ "data": found }).to_string()))
    }

    /// Has the bank dispute the payment of an order, or say what has become of that dispute.
    pub async fn dispute(&self, id: &str, order: &str, status: &str) {
        let all = self.intents().await;
        let intent = all.iter().find(|intent| intent["metadata"]["order"] == order);
        let intent = intent.expect("a payment");
        let dispute = json!({
            "id": id,
            "object": "dispute",
            "amount": intent["amount"],
            "currency": intent["currency"],
            "status": status,
            "reason": "product_not_received",
            "created": 1_795_000_000,
            "payment_intent": intent["id"],
            "evidence_details": { "due_by": 1_795_600_000 },
        });
        self.0.disputes.lock().expect("a lock").insert(id.to_owned(), dispute);
    }

    /// Lists the disputes that were opened since a time, the latest first, in pages of three at most.
    pub(super) async fn list_disputes(&self, path: &str) -> (StatusCode, Bytes) {
        let query = path.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let query: HashMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let since: i64 = query.get("created[gte]").map_or(0, |at| at.parse().expect("a time"));
        let intents = self.intents().await;
        let mut all: Vec<Value> =
            self.0.disputes.lock().expect("a lock").values().cloned().collect();
        all.retain(|dispute| dispute["created"].as_i64() >= Some(since));
        all.sort_by_key(|dispute| dispute["id"].as_str().map(str::to_owned));
        all.reverse();
        if let Some(last) = query.get("starting_after") {
            let at = all.iter().position(|dispute| dispute["id"] == **last).expect("a dispute");
            all.drain(..=at);
        }
        let has_more = all.len() > 3;
        all.truncate(3);
        if query.get("expand[0]").is_some_and(|what| what == "data.payment_intent") {
            for dispute in &mut all {
                let whole = intents.iter().find(|intent| intent["id"] == dispute["payment_intent"]);
                dispute["payment_intent"] = whole.cloned().unwrap_or_default();
            }
        }
        let list = json!({ "object": "list", "data": all, "has_more": has_more });
        (StatusCode::OK, Bytes::from(list.to_string()))
    }

    /// Returns a dispute, as Stripe answers a question about it.
    pub(super) fn known_dispute(&self, id: &str) -> (StatusCode, Bytes) {
        match self.0.disputes.lock().expect("a lock").get(id) {
            Some(dispute) => (StatusCode::OK, Bytes::from(dispute.to_string())),
            None => {
                let error = json!({ "error": { "message": "No such dispute", "type": "invalid_request_error" } });
                (StatusCode::NOT_FOUND, Bytes::from(error.to_string()))
            }
        }
    }
}

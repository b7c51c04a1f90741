//! A double of Stripe that collects every order, takes its time for it, and counts.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Json, Router, extract::State, routing::post};
use http::HeaderMap;
use masthead_payments::stripe::StripeAccount;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::BenchError;

/// How long a call takes.
const TAKES: Duration = Duration::from_millis(300);

/// See the module's documentation.
pub struct SlowProcessor {
    api: String,
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    calls: usize,
    orders: HashSet<String>,
    in_flight: usize,
    most_in_flight: usize,
}

impl SlowProcessor {
    /// Starts it on the loopback interface.
    pub async fn start() -> Result<Self, BenchError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let api = format!("http://{}", listener.local_addr()?);
        let books = Arc::new(Mutex::default());
        let router = Router::new()
            .route("/v1/payment_intents", post(collect))
            .with_state(Arc::clone(&books));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { api, books })
    }

    /// The publication's account there.
    pub fn account(&self) -> StripeAccount {
        StripeAccount {
            secret_key: "sk_test_bench".to_owned(),
            webhook_secret: "whsec_bench".to_owned(),
            tax: false,
            api: Some(self.api.clone()),
        }
    }

    /// How many calls there were, for how many orders, and how many at the same time.
    pub fn counts(&self) -> (usize, usize, usize) {
        let books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        (books.calls, books.orders.len(), books.most_in_flight)
    }
}

async fn collect(State(books): State<Arc<Mutex<Books>>>, headers: HeaderMap) -> Json<Value> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    {
        let mut books = books.lock().unwrap_or_else(PoisonError::into_inner);
        books.calls += 1;
        books.orders.insert(key.to_owned());
        books.in_flight += 1;
        books.most_in_flight = books.most_in_flight.max(books.in_flight);
    }
    tokio::time::sleep(TAKES).await;
    books.lock().unwrap_or_else(PoisonError::into_inner).in_flight -= 1;
    Json(
        json!({ "id": format!("pi_{}", key.len()), "object": "payment_intent", "status": "succeeded" }),
    )
}

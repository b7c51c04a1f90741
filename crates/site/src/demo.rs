//! What only the demonstration has: its outbox, for there is nobody to send mail to.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use masthead_store::{Posted, StoreError};
use serde_json::json;

use crate::{
    contexts::{LetterContext, OutboxContext},
    response,
    site::Site,
    theme::Template,
};

/// Letters on the page.
const MOST: u64 = 50;
/// A letter brings its own styles, and nothing else.
const LETTER_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

/// The addresses of the demonstration.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/demo/outbox", get(outbox))
        .route("/demo/outbox.json", get(outbox_json))
        .route("/demo/outbox/{number}", get(letter))
}

async fn outbox(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let letters = match site.store.letters(MOST).await {
        Ok(letters) => letters,
        Err(error) => return failed(&error),
    };
    let printing = site.printing();
    let letter = |posted: Posted| LetterContext {
        href: format!("/demo/outbox/{}", posted.id),
        to: posted.letter.to.to_string(),
        subject: posted.letter.subject,
        text: posted.letter.text,
    };
    let context = OutboxContext {
        chrome: printing.layout().bare_chrome(printing.theme.word("outbox")),
        letters: letters.into_iter().map(letter).collect(),
    };
    site.personal_page(StatusCode::OK, &headers, Template::Outbox, &context)
}

async fn outbox_json(State(site): State<Arc<Site>>) -> Response {
    match site.store.letters(MOST).await {
        Ok(letters) => {
            let letter = |posted: Posted| {
                let letter = posted.letter;
                json!({
                    "href": format!("/demo/outbox/{}", posted.id),
                    "to": letter.to.to_string(),
                    "kind": letter.kind,
                    "subject": letter.subject,
                    "text": letter.text,
                    "html": letter.html,
                    "written": posted.written.to_string(),
                    "state": posted.state.name(),
                })
            };
            let letters: Vec<_> = letters.into_iter().map(letter).collect();
            let mut answer = response::plain(StatusCode::OK, json!(letters).to_string());
            let media_type = HeaderValue::from_static("application/json");
            answer.headers_mut().insert(header::CONTENT_TYPE, media_type);
            answer
        }
        Err(error) => failed(&error),
    }
}

async fn letter(
    State(site): State<Arc<Site>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Response {
    let letters = match site.store.letters(MOST).await {
        Ok(letters) => letters,
        Err(error) => return failed(&error),
    };
    let found = letters.into_iter().find(|posted| posted.id.to_string() == number);
    let Some(posted) = found else { return site.not_found(&headers).await };
    let mut answer = response::plain(StatusCode::OK, posted.letter.html);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, LETTER_POLICY);
    answer
}

fn failed(error: &StoreError) -> Response {
    tracing::error!(%error, "the outbox cannot be read");
    response::broken()
}

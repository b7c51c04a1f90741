//! Where a reader admits an app, by the code that it shows (RFC 8628, section 3.3).

use std::sync::Arc;

use axum::{extract::State, response::IntoResponse};
use masthead_circulation::{
    Account,
    app::{AppAnswer, AppRequest, Scope, Scopes, code_digest},
};
use masthead_publication::{
    ReaderLinks, SiteSnapshot, Template, compression::Encoding, contexts::AppContext,
};
use masthead_store::StoreError;
use masthead_telemetry::security::SecurityEvent;
use serde::Deserialize;

use crate::{
    error::{Handled, SiteError},
    extract::{
        Accepts, ClientAddress, ConfirmedForm, ConfirmedReader, UrlQuery, limit::admit_app_code,
    },
    notice::Notice,
    pages::form_status,
    state::Site,
};

#[derive(Deserialize)]
pub(super) struct CodeQuery {
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
pub(super) struct AnswerForm {
    code: String,
    answer: String,
}

/// The page that asks for the code and then whether to admit the app.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    client: ClientAddress,
    UrlQuery(query): UrlQuery<CodeQuery>,
    Accepts(encoding): Accepts,
    reader: Result<ConfirmedReader, SiteError>,
) -> Handled {
    admit_app_code(&site, client, &query.code)?;
    let ConfirmedReader(reader) = reader?;
    code_page(&site, &query.code, &reader.account, encoding).await
}

async fn code_page(site: &Site, code: &str, account: &Account, encoding: Encoding) -> Handled {
    let waiting = if code.is_empty() { None } else { waiting_app(site, code).await? };
    let is_faulty = waiting.is_none() && !code.is_empty();
    let snapshot = site.snapshot();
    let fault = if is_faulty { snapshot.theme.word("fault_app") } else { "" };
    let context = AppContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("app")),
        code: code.to_owned(),
        scopes: waiting.as_ref().map(|app| scope_words(&snapshot, app.scopes)).unwrap_or_default(),
        app: waiting.map(|waiting| waiting.name).unwrap_or_default(),
        email: account.email.to_string(),
        fault: fault.to_owned(),
    };
    site.personal_page(
        encoding,
        form_status(is_faulty),
        ReaderLinks::Account,
        Template::App,
        &context,
    )
}

/// What an app may do, in the theme's words.
pub(super) fn scope_words(snapshot: &SiteSnapshot, scopes: Scopes) -> Vec<String> {
    let word = |scope| match scope {
        Scope::Articles => "app_scope_articles",
        Scope::Account => "app_scope_account",
    };
    scopes.iter().map(|scope| snapshot.theme.word(word(scope)).to_owned()).collect()
}

/// The app that waits with this code.
async fn waiting_app(site: &Site, code: &str) -> Result<Option<AppRequest>, StoreError> {
    let found = site.store.app_request_by_code(&code_digest(code)).await?;
    let now = (site.clock)();
    Ok(found.filter(|found| found.answer == AppAnswer::None && !found.is_over(now)))
}

/// Admits or refuses an app.
pub(super) async fn answer(
    State(site): State<Arc<Site>>,
    client: ClientAddress,
    Accepts(encoding): Accepts,
    ConfirmedForm { reader, form }: ConfirmedForm<AnswerForm>,
) -> Handled {
    admit_app_code(&site, client, &form.code)?;
    let is_admitted = form.answer == "yes";
    let by = is_admitted.then_some(&*reader.session);
    let is_known = waiting_app(&site, &form.code).await?.is_some();
    let now = (site.clock)();
    if !is_known || !site.store.answer_app_request(&code_digest(&form.code), by, now).await? {
        return code_page(&site, &form.code, &reader.account, encoding).await;
    }
    let answer = if is_admitted { "approved" } else { "refused" };
    site.security_log.record(&reader.entry(SecurityEvent::AppAnswered).detail(answer));
    let notice = if is_admitted { Notice::AppAdmitted } else { Notice::AppRefused };
    Ok(notice.into_response())
}

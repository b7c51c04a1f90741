//! The layers around readers' routes: they keep forms of other sites out, bound how long a request waits for the database,
//! and say in full what a handler's [`SiteError`] or [`Notice`](crate::notice::Notice) left pending.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use masthead_publication::{ReaderLinks, accounts::Credential, compression::Encoding};
use masthead_web::form::check_same_site;
use serde_json::json;

use crate::{
    error::SiteError,
    notice::{Notice, Pending},
    response, return_to,
    state::Site,
};

/// The layer of routes that people see: errors become pages.
pub(crate) async fn with_pages(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let client = PageClient::of(&site, request.headers());
    let order = checkout_before(&site, request.headers());
    let mut response = run(&site, request, next).await;
    if let (Some(order), Some(pending)) = (order, response.extensions_mut().get_mut::<Pending>()) {
        pending.lead_back_to_order(order);
    }
    render(&site, client, response).await
}

/// The checkout that a request comes from; `None` if it comes from another page.
fn checkout_before(site: &Site, headers: &HeaderMap) -> Option<String> {
    let page = return_to::referrer_path(headers, &site.live.peek().publication.address);
    return_to::is_checkout(&page).then_some(page)
}

/// What a page of an error depends on.
#[derive(Clone, Copy)]
pub(crate) struct PageClient {
    encoding: Encoding,
    links: ReaderLinks,
}

impl PageClient {
    /// Of a request with these headers. Who has a session is not looked up: the page may say that the database is away.
    pub(crate) fn of(site: &Site, headers: &HeaderMap) -> Self {
        let is_guest = Credential::of_browser(headers, site.cookies.session).is_none();
        let links = if is_guest { ReaderLinks::Guest } else { ReaderLinks::Account };
        Self { encoding: Encoding::accepted(headers), links }
    }
}

/// The layer of routes that the site's own scripts ask: errors become their status and an empty object, because the
/// page has the words. A script does not follow a redirect to a page, so it is told where to send its reader.
pub(crate) async fn for_scripts(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let response = run(&site, request, next).await;
    if response.status() == StatusCode::SEE_OTHER {
        return sign_in_first(&response);
    }
    match response.extensions().get::<Pending>() {
        Some(_) => response::json(response.status(), &json!({})),
        None => response,
    }
}

/// The layer of a route whose failure has words of its own: what has not happened, and what to do. It also covers what
/// fails before the handler, such as looking up who is signed in, and a request that is ended because the database is away.
pub(crate) async fn failing_with(
    State(notice): State<Notice>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(failure) = request.extensions().get::<FailureNotice>() {
        failure.0.get_or_init(|| notice);
    }
    next.run(request).await
}

/// The response to a script whose reader has to sign in first.
fn sign_in_first(redirect: &Response) -> Response {
    let to = redirect.headers().get(header::LOCATION);
    let to = to.and_then(|to| to.to_str().ok()).unwrap_or("/sign-in");
    response::json(StatusCode::UNAUTHORIZED, &json!({ "to": to }))
}

/// The notice that [`failing_with`] gives to the failure of a request.
#[derive(Clone, Default)]
struct FailureNotice(Arc<OnceLock<Notice>>);

async fn run(site: &Site, mut request: Request, next: Next) -> Response {
    let checked = check_same_site(&request, &site.live.peek().publication.address);
    if let Err(error) = checked {
        return SiteError::from(error).into_response();
    }
    let failure = FailureNotice::default();
    request.extensions_mut().insert(failure.clone());
    let ran = site.store.bounded(next.run(request)).await;
    let mut response = ran.unwrap_or_else(|error| SiteError::from(error).into_response());
    let has_failed = response.status().is_server_error();
    if let (Some(pending), Some(notice), true) =
        (response.extensions_mut().get_mut::<Pending>(), failure.0.get(), has_failed)
    {
        pending.notice.get_or_insert(*notice);
    }
    response
}

/// Renders what is pending in a response. If that fails as well, the response stays the line of text that it is.
pub(crate) async fn render(site: &Site, client: PageClient, response: Response) -> Response {
    let PageClient { encoding, links } = client;
    let Some(pending) = response.extensions().get::<Pending>() else { return response };
    let status = response.status();
    let page = match pending.notice {
        Some(notice) => site.notice_page(encoding, status, links, (notice, &pending.from)),
        None => site.error_page(encoding, status).await,
    };
    let mut page = match page {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(%error, "pages: error page cannot be rendered");
            return response;
        }
    };
    page.headers_mut().insert(header::CACHE_CONTROL, response::NO_STORE);
    for name in [header::SET_COOKIE, header::ALLOW, header::RETRY_AFTER] {
        for value in response.headers().get_all(&name) {
            page.headers_mut().append(&name, value.clone());
        }
    }
    page
}

/// The response to a method that no handler of the address takes.
pub(crate) async fn method_not_allowed() -> SiteError {
    SiteError::MethodNotAllowed { allow: None }
}

//! The gate: lets in who may come in.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Method, StatusCode};
use masthead_circulation::{
    Account, Secret, Session,
    staff::{DESK_SESSION_LIFETIME, Staff},
};
use masthead_store::StoreError;
use masthead_web::{cookies, form};

use crate::{Desk, pages::Said, routes::Needs};

/// Somebody who works here and has signed in today.
#[derive(Clone, Debug)]
pub(crate) struct Insider {
    pub account: Account,
    pub staff: Staff,
}

/// Whoever comes.
enum Comer {
    Insider(Insider),
    /// Nobody is signed in.
    Stranger,
    /// Somebody signed in too long ago.
    Tired,
    /// A reader.
    Reader,
}

/// Lets a request through to what needs this, and nobody else's form.
pub(crate) async fn keep(
    State((desk, needs)): State<(Arc<Desk>, Needs)>,
    mut request: Request,
    next: Next,
) -> Response {
    let writes = request.method() != Method::GET && request.method() != Method::HEAD;
    if writes && !form::is_same_site(request.headers(), &desk.imprint().address) {
        return desk.say(StatusCode::FORBIDDEN, None, &Said::FOREIGN);
    }
    if needs == Needs::Nothing {
        return next.run(request).await;
    }
    let insider = match comer(&desk, request.headers()).await {
        Ok(Comer::Insider(insider)) => insider,
        Ok(Comer::Reader) => return desk.say(StatusCode::FORBIDDEN, None, &Said::NO_STAFF),
        Ok(Comer::Stranger | Comer::Tired) if writes => {
            return desk.say(StatusCode::UNAUTHORIZED, None, &Said::SIGN_IN_AGAIN);
        }
        Ok(Comer::Stranger) => return sign_in(&request, ""),
        Ok(Comer::Tired) => return sign_in(&request, "&again=true"),
        Err(error) => return desk.failed(&error),
    };
    if !needs.admit(insider.staff.role) {
        return desk.say(StatusCode::FORBIDDEN, Some(&insider), &Said::OTHERS);
    }
    request.extensions_mut().insert(insider);
    next.run(request).await
}

async fn comer(desk: &Desk, headers: &HeaderMap) -> Result<Comer, StoreError> {
    let Some(session) = session(desk, headers).await? else { return Ok(Comer::Stranger) };
    let store = &desk.on.store;
    let now = desk.now();
    let account = store.account(session.account).await?;
    let staff = store.staff(session.account).await?;
    let (Some(account), Some(staff)) = (account, staff) else { return Ok(Comer::Reader) };
    if now.duration_since(session.begun) >= DESK_SESSION_LIFETIME {
        return Ok(Comer::Tired);
    }
    Ok(Comer::Insider(Insider { account, staff }))
}

/// The session that a device brings.
pub(crate) async fn session(
    desk: &Desk,
    headers: &HeaderMap,
) -> Result<Option<Session>, StoreError> {
    let secret = cookies::get(headers, desk.on.cookies.session);
    let Some(secret) = secret.and_then(|secret| secret.parse::<Secret>().ok()) else {
        return Ok(None);
    };
    let session = desk.on.store.session(&secret.digest()).await?;
    Ok(session.filter(|session| !session.is_over(desk.now())))
}

/// Leads to the site's own page for it, and back.
fn sign_in(request: &Request, more: &str) -> Response {
    let here = request.uri().path_and_query().map_or("/desk", |here| here.as_str());
    let address = format!("/sign-in?from={}{more}", form::encode_query(here));
    form::see_other(&address, &[])
}

/// What a gate has let through.
pub(crate) type Inside = axum::Extension<Insider>;

/// Where a browser that is signed in from here on is led.
pub(crate) fn led_in(cookie: String) -> Response {
    form::see_other("/desk", &[cookie])
}

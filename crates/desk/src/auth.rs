//! Authentication and permissions: the middleware in front of every address.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};
use masthead_circulation::{
    Secret, Session,
    staff::{DESK_SESSION_LIFETIME, Permission, Role},
};
use masthead_store::StoreError;
use masthead_web::{cookies, form};

use crate::{
    error::{DeskError, PendingNotice},
    http::see_other,
    notice::Notice,
    staff::CurrentStaff,
    state::DeskState,
};

/// Who may open an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone: what is there is no secret, or the address itself is one.
    Public,
    /// All staff.
    Staff,
    /// Staff whose role includes this.
    May(Permission),
}

impl Access {
    /// Whether somebody in this role is admitted.
    pub fn admits(self, role: Role) -> bool {
        match self {
            Self::Public | Self::Staff => true,
            Self::May(permission) => role.may(permission),
        }
    }
}

/// What a request's session says.
enum AuthState {
    Staff(CurrentStaff),
    /// Nobody is signed in.
    SignedOut,
    /// The session is older than a working day.
    SessionTooOld,
    /// A reader is signed in.
    NotStaff,
}

/// Lets a request through if `Access` admits its sender and, if it changes something, it comes from a page of ours.
/// A [`DeskError`] on the way back becomes a page here. A request that waits for a database that is away is ended.
pub(crate) async fn require(
    State((desk, access)): State<(Arc<DeskState>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let admitted = desk.store.bounded(admit(&desk, access, request, next)).await;
    let (staff, response) =
        admitted.unwrap_or_else(|error| (None, DeskError::from(error).into_response()));
    let Some(PendingNotice(notice)) = response.extensions().get() else { return response };
    let mut page = desk.notice(response.status(), staff.as_ref(), *notice);
    if let Some(seconds) = response.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    page
}

async fn admit(
    desk: &DeskState,
    access: Access,
    mut request: Request,
    next: Next,
) -> (Option<CurrentStaff>, Response) {
    let writes = request.method() != Method::GET && request.method() != Method::HEAD;
    let refuse = |error: DeskError| (None, error.into_response());
    if writes && !form::is_same_site(request.headers(), &desk.publication().address) {
        return refuse(Notice::ForeignForm.into());
    }
    if access == Access::Public {
        return (None, next.run(request).await);
    }
    let staff = match auth_state(desk, request.headers()).await {
        Ok(AuthState::Staff(staff)) => staff,
        Ok(AuthState::NotStaff) => return refuse(Notice::NotStaff.into()),
        Ok(AuthState::SignedOut | AuthState::SessionTooOld) if writes => {
            return refuse(Notice::SignInAgain.into());
        }
        Ok(AuthState::SignedOut) => return (None, sign_in(&request, "")),
        Ok(AuthState::SessionTooOld) => return (None, sign_in(&request, "&again=true")),
        Err(error) => return refuse(error.into()),
    };
    if !access.admits(staff.staff.role) {
        return (Some(staff), DeskError::from(Notice::NotPermitted).into_response());
    }
    request.extensions_mut().insert(staff.clone());
    (Some(staff), next.run(request).await)
}

async fn auth_state(desk: &DeskState, headers: &HeaderMap) -> Result<AuthState, StoreError> {
    let Some(session) = session(desk, headers).await? else { return Ok(AuthState::SignedOut) };
    let account = desk.store.account(session.account).await?;
    let staff = desk.store.staff(session.account).await?;
    let (Some(account), Some(staff)) = (account, staff) else { return Ok(AuthState::NotStaff) };
    if desk.now().duration_since(session.begun) >= DESK_SESSION_LIFETIME {
        return Ok(AuthState::SessionTooOld);
    }
    Ok(AuthState::Staff(CurrentStaff { account, staff }))
}

/// The session named by a request's cookie. Returns `None` if there is none or it is over.
pub(crate) async fn session(
    desk: &DeskState,
    headers: &HeaderMap,
) -> Result<Option<Session>, StoreError> {
    let secret = cookies::get(headers, desk.cookies.session);
    let Some(secret) = secret.and_then(|secret| secret.parse::<Secret>().ok()) else {
        return Ok(None);
    };
    let session = desk.store.session(&secret.digest()).await?;
    Ok(session.filter(|session| !session.is_over(desk.now())))
}

/// Redirects to the site's sign-in page, and from there back to here.
fn sign_in(request: &Request, more: &str) -> Response {
    let here = request.uri().path_and_query().map_or("/desk", |here| here.as_str());
    see_other(&format!("/sign-in?from={}{more}", form::encode_query(here)))
}

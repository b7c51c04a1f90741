//! Authentication and permissions: the middleware in front of every address.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::{
    AccountId, DeskSession, Secret, Session,
    staff::{Permission, Role},
};
use masthead_publication::step_up::{
    Confirmation, MissingFactor, confirm_address, confirmation, missing_factor,
};
use masthead_store::{KeptForm, StoreError};
use masthead_telemetry::security::SecurityEvent;
use masthead_web::{
    client::origin,
    cookies,
    form::{self, FormError},
};

use crate::{
    error::{DeskError, Handled, PendingNotice},
    form::MAX_CHARACTERS,
    http::{see_other, wants_json, without_control_characters},
    kept_forms,
    notice::Notice,
    notifications,
    security_log::{self, Answer, LoggedEvents, LoggedRequest},
    staff::CurrentStaff,
    state::DeskState,
    words::DeskWords,
};

/// How outdated the time may be at which a session was last used at the desk.
const SEEN_RESOLUTION: SignedDuration = SignedDuration::from_mins(5);

/// Where the editor sends pictures.
pub(crate) const PICTURES: &str = "/desk/pictures";

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

/// What an address takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requirement {
    /// Who may open it.
    pub access: Access,
    /// Whether they must have proved a moment ago who they are.
    pub confirmed: bool,
    /// Whether their second factor is needed.
    pub factor: FactorRule,
    /// Whether opening it shows that somebody is at the desk, so that their session goes on.
    pub activity: bool,
    /// The pattern of the address.
    pub pattern: &'static str,
    /// What the security log is told.
    pub logged: LoggedEvents,
}

/// When an address needs a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorRule {
    /// If the account has one, or its role needs one.
    Shown,
    /// If the account has one: where those set one up whose role needs it.
    ShownIfAny,
    /// Never: where it is shown.
    NotYet,
}

/// What a request's session says.
enum AuthState {
    Staff(CurrentStaff, Box<Session>),
    /// Nobody is signed in.
    SignedOut,
    /// The session is older than a working day, or was not used for hours.
    SessionTooOld,
    /// A reader is signed in.
    NotStaff(AccountId),
}

/// Lets a request through if `Access` admits its sender and, if it changes something, it comes from a page of ours.
/// A [`DeskError`] on the way back becomes a page here. A request that waits for a database that is away is ended.
pub(crate) async fn require(
    State((desk, needs)): State<(Arc<DeskState>, Requirement)>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(clean) = without_control_characters(request.uri()) {
        *request.uri_mut() = clean;
    }
    let by_script = is_by_script(&request);
    let words = desk.words(request.headers());
    let logged = LoggedRequest {
        pattern: needs.pattern,
        events: needs.logged,
        origin: origin(request.extensions(), request.headers()),
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
    };
    let admitted = desk.store.bounded(admit(&desk, needs, (request, words), next)).await;
    let answer = admitted
        .unwrap_or_else(|error| Answer::instead(None, DeskError::from(error).into_response()));
    security_log::record(&desk, &logged, &answer);
    let Answer { staff, was_handled, mut response, .. } = answer;
    if was_handled {
        note_save(&desk, needs, logged.method.is_safe(), staff.as_ref(), &mut response);
    }
    let Some(PendingNotice(notice)) = response.extensions().get() else { return response };
    let mut page = if by_script {
        notice.for_script(words, response.status())
    } else {
        desk.notice(response.status(), staff.as_ref(), *notice, words)
    };
    if let Some(seconds) = response.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    page
}

/// How long a page may take to say that a form was saved, in seconds.
const SAVED_LIFETIME: i64 = 60;

/// After a form of the settings was saved, notes it for the next page; once that has said so, forgets it.
fn note_save(
    desk: &DeskState,
    needs: Requirement,
    is_read: bool,
    staff: Option<&CurrentStaff>,
    response: &mut Response,
) {
    let saves = needs.logged.changes == Some(SecurityEvent::SettingsChanged);
    let has_said = is_read && staff.is_some_and(|staff| staff.has_saved);
    let cookie = if saves && !is_read && response.status() == StatusCode::SEE_OTHER {
        desk.cookies.set(desk.cookies.saved, "yes", SAVED_LIFETIME)
    } else if has_said && response.status() == StatusCode::OK {
        desk.cookies.set(desk.cookies.saved, "", 0)
    } else {
        return;
    };
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Whether a script sends a request rather than a page. It is never redirected to a page, which it could not show.
fn is_by_script(request: &Request) -> bool {
    let is_upload = request.uri().path() == PICTURES && request.method() == Method::POST;
    wants_json(request.headers()) || is_upload
}

async fn admit(
    desk: &DeskState,
    needs: Requirement,
    (mut request, words): (Request, DeskWords),
    next: Next,
) -> Answer {
    let writes = !request.method().is_safe();
    let refuse = |error: DeskError| Answer::instead(None, error.into_response());
    if writes && !form::is_same_site(request.headers(), &desk.publication().address) {
        return refuse(Notice::ForeignForm.into());
    }
    request.extensions_mut().insert(words);
    if needs.access == Access::Public {
        return Answer::instead(None, next.run(request).await);
    }
    let (mut staff, session) =
        match auth_state(desk, needs, request.headers(), (words, returnable(&request))).await {
            Ok(AuthState::Staff(staff, session)) => (staff, session),
            Ok(AuthState::NotStaff(reader)) => {
                return Answer { account: Some(reader), ..refuse(Notice::NotStaff.into()) };
            }
            Ok(AuthState::SignedOut | AuthState::SessionTooOld)
                if writes || is_by_script(&request) =>
            {
                return refuse(Notice::SignInAgain.into());
            }
            Ok(AuthState::SignedOut) => return Answer::instead(None, sign_in(&request)),
            Ok(AuthState::SessionTooOld) => return Answer::instead(None, sign_in_again(&request)),
            Err(error) => return refuse(error.into()),
        };
    if let Some(instead) = stopped(desk, needs, (&staff, &*session), &mut request).await {
        return Answer::instead(Some(staff), instead);
    }
    // Scripts show no header.
    if needs.activity && !is_by_script(&request) {
        match notifications::unread(desk, &staff).await {
            Ok(unread) => staff.unread = unread,
            Err(error) => return refuse(error.into()),
        }
    }
    request.extensions_mut().insert(staff.clone());
    let response = next.run(request).await;
    Answer { was_handled: true, ..Answer::instead(Some(staff), response) }
}

/// Returns the response to a member of the staff who may not do this, or has to show something first.
async fn stopped(
    desk: &DeskState,
    needs: Requirement,
    (staff, session): (&CurrentStaff, &Session),
    request: &mut Request,
) -> Option<Response> {
    if !needs.access.admits(staff.staff.role) {
        return Some(DeskError::from(Notice::NotPermitted).into_response());
    }
    match missing_proof(desk, needs, (staff, session)).await {
        Ok(None) => None,
        Ok(Some(missing)) => {
            let request = std::mem::take(request);
            let away = confirm_first(desk, missing, staff, request).await;
            Some(away.unwrap_or_else(IntoResponse::into_response))
        }
        Err(error) => Some(DeskError::from(error).into_response()),
    }
}

async fn auth_state(
    desk: &DeskState,
    needs: Requirement,
    headers: &HeaderMap,
    (words, here): (DeskWords, String),
) -> Result<AuthState, StoreError> {
    let Some(session) = session(desk, headers).await? else { return Ok(AuthState::SignedOut) };
    let account = desk.store.account(session.account).await?;
    let staff = desk.store.staff(session.account).await?;
    let (Some(account), Some(staff)) = (account, staff) else {
        return Ok(AuthState::NotStaff(session.account));
    };
    let now = desk.now();
    if session.at_desk(now) != DeskSession::Open {
        return Ok(AuthState::SessionTooOld);
    }
    if needs.activity && now.duration_since(session.seen) >= SEEN_RESOLUTION {
        desk.store.touch_session(&session.key, now).await?;
    }
    let has_saved = cookies::get(headers, desk.cookies.saved).is_some();
    let staff =
        CurrentStaff { account, staff, session: session.key, has_saved, words, unread: 0, here };
    Ok(AuthState::Staff(staff, Box::new(session)))
}

/// The session named by a request's cookie. Returns `None` if there is none, it is over, or it belongs to an app.
pub(crate) async fn session(
    desk: &DeskState,
    headers: &HeaderMap,
) -> Result<Option<Session>, StoreError> {
    let secret = cookies::get(headers, desk.cookies.session);
    let Some(secret) = secret.and_then(|secret| secret.parse::<Secret>().ok()) else {
        return Ok(None);
    };
    let session = desk.store.session(&secret.digest()).await?;
    Ok(session.filter(|session| session.at_desk(desk.now()) != DeskSession::None))
}

/// Redirects to the site's sign-in page, and from there back to here.
fn sign_in(request: &Request) -> Response {
    see_other(&format!("/sign-in?from={}", form::encode_query(here(request))))
}

/// The same for somebody who is signed in.
fn sign_in_again(request: &Request) -> Response {
    see_other(&confirm_address(here(request)))
}

fn here(request: &Request) -> &str {
    request.uri().path_and_query().map_or("/desk", |here| here.as_str())
}

/// The address of a page, to return to. Empty if it cannot be opened again, because it is the answer to a form.
fn returnable(request: &Request) -> String {
    if request.method() == Method::GET { here(request).to_owned() } else { String::new() }
}

/// What a member of the staff has to show before a request.
enum MissingProof {
    /// That it is still them.
    Confirmation(Confirmation),
    /// They have to set up a second factor.
    SetUp,
}

async fn missing_proof(
    desk: &DeskState,
    needs: Requirement,
    (staff, session): (&CurrentStaff, &Session),
) -> Result<Option<MissingProof>, StoreError> {
    if needs.factor == FactorRule::NotYet {
        return Ok(None);
    }
    let relying_party = desk.relying_party();
    let relying_party = relying_party.as_deref();
    match missing_factor(&desk.store, session, staff.staff.role, relying_party).await? {
        Some(MissingFactor::NotShown) => {
            return Ok(Some(MissingProof::Confirmation(Confirmation::SecondFactor)));
        }
        Some(MissingFactor::NotSetUp) if needs.factor == FactorRule::Shown => {
            return Ok(Some(MissingProof::SetUp));
        }
        Some(MissingFactor::NotSetUp) | None => {}
    }
    if !needs.confirmed {
        return Ok(None);
    }
    let factors = desk.store.second_factors(session.account, relying_party).await?;
    Ok(match confirmation(session, factors, desk.now()) {
        Confirmation::Done => None,
        missing => Some(MissingProof::Confirmation(missing)),
    })
}

/// What is said about a form that cannot be kept, such as a long draft. Its page still has it.
fn not_kept(error: FormError) -> DeskError {
    match error {
        FormError::TooLarge | FormError::UnsupportedMediaType => Notice::ConfirmFirst.into(),
        error => error.into(),
    }
}

/// Redirects to where a member of the staff shows what is missing, and from there back to the page or to the form, which is kept.
/// Scripts are told instead, and send what they have again.
async fn confirm_first(
    desk: &DeskState,
    missing: MissingProof,
    staff: &CurrentStaff,
    request: Request,
) -> Handled {
    let reads = request.method().is_safe();
    let missing = match missing {
        MissingProof::SetUp if reads && !is_by_script(&request) => {
            return Ok(see_other("/desk/security"));
        }
        MissingProof::SetUp => return Err(Notice::SetUpFirst.into()),
        MissingProof::Confirmation(_) if is_by_script(&request) => {
            return Err(Notice::ConfirmFirst.into());
        }
        MissingProof::Confirmation(missing) => missing,
    };
    if reads {
        return Ok(see_other(&missing.address(here(&request))));
    }
    let path = request.uri().path().to_owned();
    let body = form::read_body(request, MAX_CHARACTERS).await.map_err(not_kept)?;
    let kept = KeptForm { account: staff.account.id, path, body };
    let secret = Secret::generate(&mut rand::rng());
    desk.store.keep_form(&secret.digest(), &kept, desk.now()).await?;
    Ok(see_other(&missing.address(&kept_forms::address(&secret))))
}

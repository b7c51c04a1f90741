//! Registering and signing in, which are one: an email with a link, and an account for the reader who follows it. What
//! a page says and how long it takes does not depend on whether there is an account.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use masthead_circulation::{
    EmailAddress, Secret,
    sign_in::{SignInRefused, SignInRequest, code_digest, generate_code},
};
use masthead_mail::emails;
use masthead_publication::{
    ReaderLinks, SiteSnapshot, Template,
    compression::Encoding,
    contexts::{Link, SentContext, SignInContext},
};
use masthead_store::StoreError;
use masthead_web::form::{encode_query, safe_local_path, see_other};
use serde::Deserialize;

use super::{
    admission::{self, Proof},
    openid, passkey,
};
use crate::{
    email_limits::{HOURLY, Sender},
    entered_email::entered_email,
    error::{Handled, SiteError, keeping},
    extract::{
        Accepts, AskedSignIn, ClientAddress, Device, DeviceSecret, Limited, NotPrefetch,
        ReaderForm, Referrer, SignedIn, UrlPath, UrlQuery, limit::SignIns,
    },
    notice::Notice,
    pages::form_status,
    reading,
    return_to::{after_sign_in, is_checkout, is_order},
    security::{RequestLimit, SignInMethod},
    state::Site,
    subscribe::order_words,
};

/// The form of both pages.
#[derive(Deserialize)]
pub(super) struct EmailForm {
    email: String,
    #[serde(default)]
    from: String,
}

#[derive(Deserialize)]
pub(super) struct CodeForm {
    code: String,
}

#[derive(Deserialize)]
pub(super) struct SignInQuery {
    /// The path to return to, if the link knows it better than the browser.
    from: Option<String>,
    /// Whether a reader who is signed in has to do it again, as the desk asks after a day.
    #[serde(default)]
    again: bool,
}

/// Which of the pages it is: they differ in their words only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Register,
    SignIn,
    /// A reader who is signed in does it again.
    Confirm,
}

/// The page to register at.
pub(super) async fn register(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<SignInQuery>,
    reader: Option<SignedIn>,
    page: Referrer,
    Accepts(encoding): Accepts,
) -> Handled {
    empty_page(&site, query, reader.as_ref(), page, (encoding, Purpose::Register))
}

/// The page to sign in at.
pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<SignInQuery>,
    reader: Option<SignedIn>,
    page: Referrer,
    Accepts(encoding): Accepts,
) -> Handled {
    empty_page(&site, query, reader.as_ref(), page, (encoding, Purpose::SignIn))
}

fn empty_page(
    site: &Site,
    query: SignInQuery,
    reader: Option<&SignedIn>,
    Referrer(page): Referrer,
    (encoding, purpose): (Encoding, Purpose),
) -> Handled {
    if !query.again && reader.is_some() {
        // An order that was begun in another tab goes on.
        let from = query.from.as_deref().map(safe_local_path).filter(|from| is_order(from));
        return Ok(see_other(from.unwrap_or("/account"), &[]));
    }
    let email = reader.map(|reader| reader.account.email.to_string()).unwrap_or_default();
    let purpose = if email.is_empty() { purpose } else { Purpose::Confirm };
    let form = EmailForm { email, from: query.from.unwrap_or_else(|| after_sign_in(page)) };
    form_page(site, encoding, purpose, &form, None)
}

fn form_page(
    site: &Site,
    encoding: Encoding,
    purpose: Purpose,
    form: &EmailForm,
    fault: Option<&str>,
) -> Handled {
    let snapshot = site.snapshot();
    let registering = purpose == Purpose::Register;
    let title = snapshot.theme.word(match purpose {
        Purpose::Register => "register",
        Purpose::SignIn => "sign_in",
        Purpose::Confirm => "confirm",
    });
    let is_faulty = fault.is_some();
    let fault = fault.map(|fault| snapshot.theme.word(fault)).unwrap_or_default();
    let context = SignInContext {
        chrome: snapshot.layout().bare_chrome(title),
        registering,
        confirming: purpose == Purpose::Confirm,
        from: safe_local_path(&form.from).to_owned(),
        passkeys: passkey::available(site).is_some(),
        openid: openid::links(site, &form.from),
        email: form.email.clone(),
        fault: fault.to_owned(),
        reason: reason(&snapshot, safe_local_path(&form.from)),
        other: other_way(&snapshot, purpose, safe_local_path(&form.from)),
    };
    site.personal_page(
        encoding,
        form_status(is_faulty),
        ReaderLinks::Guest,
        Template::SignIn,
        &context,
    )
}

/// Says why a reader is asked to sign in; empty if it is only to sign in.
fn reason(snapshot: &SiteSnapshot, from: &str) -> String {
    match order_words(snapshot, from) {
        order if order.is_empty() => reading::reason(snapshot, from),
        order => order,
    }
}

/// Leads from the page to register at to the one to sign in at, and back, with the path to go to afterwards.
fn other_way(snapshot: &SiteSnapshot, purpose: Purpose, from: &str) -> Option<Link> {
    let (path, word) = match purpose {
        Purpose::Register => ("/sign-in", "sign_in"),
        Purpose::SignIn => ("/register", "register"),
        Purpose::Confirm => return None,
    };
    Some(Link::to(&format!("{path}?from={}", encode_query(from)), snapshot.theme.word(word)))
}

/// Sends an email to register with.
pub(super) async fn request_to_register(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    Accepts(encoding): Accepts,
    client: ClientAddress,
    device: (DeviceSecret, Device),
    ReaderForm(form): ReaderForm<EmailForm>,
) -> Handled {
    request(&site, encoding, (client, device), &form, Purpose::Register).await
}

/// Sends an email to sign in with.
pub(super) async fn request_to_sign_in(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    Accepts(encoding): Accepts,
    client: ClientAddress,
    device: (DeviceSecret, Device),
    ReaderForm(form): ReaderForm<EmailForm>,
) -> Handled {
    request(&site, encoding, (client, device), &form, Purpose::SignIn).await
}

async fn request(
    site: &Site,
    encoding: Encoding,
    client: (ClientAddress, (DeviceSecret, Device)),
    form: &EmailForm,
    purpose: Purpose,
) -> Handled {
    match entered_email(&site.snapshot().publication, &form.email) {
        Ok(email) => ask(site, client, email, safe_local_path(&form.from)).await,
        Err(fault) => form_page(site, encoding, purpose, form, Some(fault)),
    }
}

/// Sends an email to sign in with, and leads to the page that says so. Afterwards the reader goes to `path`.
pub(crate) async fn ask(
    site: &Site,
    (ClientAddress(client), (device, asking)): (ClientAddress, (DeviceSecret, Device)),
    email: EmailAddress,
    path: &str,
) -> Handled {
    let device = device.or_new();
    let now = (site.clock)();
    let is_known = is_known(site, &asking, &email).await?;
    let from = if is_known { Sender::KnownDevice } else { Sender::UnknownDevice(client) };
    let asked = admission::asked_cookie(site, &email, path);
    let cookies = [admission::device_cookie(site, &device), asked];
    if site.email_limits.admit_sign_in(&site.store, &email, from, now).await? {
        send_email(site, &device, email, path).await?;
    } else {
        site.log_limit(RequestLimit::SignInEmails, Some(client), asking.account);
    }
    // Beyond the limit nothing is sent, and nothing else is different: the earlier link and code stay valid, and nobody
    // learns what others have asked for.
    Ok(see_other("/sign-in/sent", &cookies))
}

/// Whether the account at an address is signed in on a device, or was before.
pub(super) async fn is_known(
    site: &Site,
    device: &Device,
    email: &EmailAddress,
) -> Result<bool, StoreError> {
    if device.account.is_none() && device.known.is_none() {
        return Ok(false);
    }
    let Some(account) = site.store.account_at(email).await? else { return Ok(false) };
    match &device.known {
        _ if device.account == Some(account.id) => Ok(true),
        Some(known) => site.store.is_known_device(account.id, &known.digest()).await,
        None => Ok(false),
    }
}

async fn send_email(
    site: &Site,
    device: &Secret,
    email: EmailAddress,
    from: &str,
) -> Result<(), SiteError> {
    let now = (site.clock)();
    let (link, code) = {
        let mut rng = rand::rng();
        (Secret::generate(&mut rng), generate_code(&mut rng))
    };
    let request = SignInRequest {
        link: link.digest(),
        device: device.digest(),
        code: code_digest(&code, &device.digest()),
        email,
        from: from.to_owned(),
        asked: now,
        tries: 0,
    };
    let email = emails::sign_in(&site.snapshot(), &request.email, &link, &code)?;
    site.store.ask_to_sign_in(&request).await?;
    site.store.enqueue_email(&email, now).await?;
    site.outbox_wakeup.notify_one();
    Ok(())
}

/// The page that waits for the code in the email.
pub(super) async fn sent(
    State(site): State<Arc<Site>>,
    asked: AskedSignIn,
    Accepts(encoding): Accepts,
) -> Handled {
    sent_page(&site, encoding, &asked, false)
}

fn sent_page(
    site: &Site,
    encoding: Encoding,
    AskedSignIn { email, from }: &AskedSignIn,
    is_faulty: bool,
) -> Handled {
    let snapshot = site.snapshot();
    let fault = if is_faulty { snapshot.theme.word("fault_code") } else { "" };
    let context = SentContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("sent")),
        email: email.as_ref().map(ToString::to_string).unwrap_or_default(),
        fault: fault.to_owned(),
        reason: order_words(&snapshot, from),
        again: again_address(from),
        hourly: HOURLY,
    };
    site.personal_page(
        encoding,
        form_status(is_faulty),
        ReaderLinks::Guest,
        Template::SignInSent,
        &context,
    )
}

/// Where a reader asks for another email, or for one to another address: at the checkout, if they are ordering.
fn again_address(from: &str) -> String {
    if is_checkout(from) {
        return from.to_owned();
    }
    let from = if from == "/" { String::new() } else { format!("?from={}", encode_query(from)) };
    format!("/sign-in{from}")
}

/// Signs in by the link in the email.
pub(super) async fn by_link(
    State(site): State<Arc<Site>>,
    _: NotPrefetch,
    UrlPath(link): UrlPath<String>,
    DeviceSecret(secret): DeviceSecret,
    device: Device,
    (asked, reader): (AskedSignIn, Option<SignedIn>),
) -> Handled {
    let link = link.parse::<Secret>().map_err(|_| Notice::SignInExpired)?;
    let request = site.store.sign_in_request_by_link(&link.digest()).await?;
    let Some(request) = request else { return Ok(over(reader.is_some(), &asked.from)) };
    let secret = secret.map(|secret| secret.digest());
    match request.by_link(secret.as_ref(), (site.clock)()) {
        Ok(()) => finish(&site, &device, &request, SignInMethod::Link).await,
        Err(SignInRefused::OtherDevice) => {
            Ok(keeping(&request.from, Err(Notice::OtherDevice.into())))
        }
        Err(SignInRefused::Over | SignInRefused::WrongCode) => {
            Ok(over(reader.is_some(), &request.from))
        }
    }
}

/// The answer to a link that works no longer, from which a reader wanted to get to `from`. One who is signed in has probably
/// used it, and only wants to go on.
fn over(is_signed_in: bool, from: &str) -> Response {
    if is_signed_in {
        return see_other(if is_order(from) { from } else { "/account" }, &[]);
    }
    keeping(from, Err(Notice::SignInExpired.into()))
}

/// Signs in by the code in the email.
pub(super) async fn by_code(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    Accepts(encoding): Accepts,
    (DeviceSecret(secret), asked): (DeviceSecret, AskedSignIn),
    device: Device,
    ReaderForm(form): ReaderForm<CodeForm>,
) -> Handled {
    let signed_in = sign_in_by_code(&site, encoding, (secret, &asked), &device, &form.code).await;
    Ok(keeping(&asked.from, signed_in))
}

async fn sign_in_by_code(
    site: &Site,
    encoding: Encoding,
    (secret, asked): (Option<Secret>, &AskedSignIn),
    device: &Device,
    code: &str,
) -> Handled {
    let secret = secret.ok_or(Notice::SignInExpired)?;
    let request = site.store.sign_in_request_by_device(&secret.digest()).await?;
    let request = request.ok_or(Notice::SignInExpired)?;
    // Claimed before the code is compared, so that parallel attempts do not exceed the limit.
    if !site.store.claim_code_attempt(&request.link).await? {
        return Err(Notice::SignInExpired.into());
    }
    match request.by_code(code, (site.clock)()) {
        Ok(()) => finish(site, device, &request, SignInMethod::Code).await,
        Err(SignInRefused::WrongCode) => sent_page(site, encoding, asked, true),
        Err(SignInRefused::Over | SignInRefused::OtherDevice) => Err(Notice::SignInExpired.into()),
    }
}

/// Signs in the reader who has proved that the address is theirs, unless the request was used already.
async fn finish(
    site: &Site,
    device: &Device,
    request: &SignInRequest,
    method: SignInMethod,
) -> Handled {
    let cookies = admission::admit(site, device, Proof::Email(request, method)).await?;
    let cookies = cookies.ok_or(Notice::SignInExpired)?;
    Ok(see_other(safe_local_path(&request.from), &cookies))
}

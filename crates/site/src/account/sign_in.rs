//! Registering and signing in, which are one: an email with a link, and an account for the reader who follows it. What
//! a page says and how long it takes does not depend on whether there is an account.

use std::sync::Arc;

use axum::extract::State;
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
    error::{Handled, SiteError},
    extract::{
        Accepts, AskedAddress, ClientAddress, Device, DeviceSecret, Limited, NotPrefetch,
        ReaderForm, Referrer, SignedIn, UrlPath, UrlQuery, limit::SignIns,
    },
    notice::Notice,
    pages::form_status,
    reading,
    return_to::after_sign_in,
    security::{RequestLimit, SignInMethod},
    state::Site,
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
        return Ok(see_other("/account", &[]));
    }
    let email = reader.map(|reader| reader.account.email.to_string()).unwrap_or_default();
    let purpose = if email.is_empty() { purpose } else { Purpose::Confirm };
    let form = EmailForm { email, from: query.from.unwrap_or_else(|| after_sign_in(page)) };
    form_page(site, encoding, purpose, &form, false)
}

fn form_page(
    site: &Site,
    encoding: Encoding,
    purpose: Purpose,
    form: &EmailForm,
    is_faulty: bool,
) -> Handled {
    let snapshot = site.snapshot();
    let registering = purpose == Purpose::Register;
    let title = snapshot.theme.word(match purpose {
        Purpose::Register => "register",
        Purpose::SignIn => "sign_in",
        Purpose::Confirm => "confirm",
    });
    let fault = if is_faulty { snapshot.theme.word("fault_email") } else { "" };
    let context = SignInContext {
        chrome: snapshot.layout().bare_chrome(title),
        registering,
        confirming: purpose == Purpose::Confirm,
        from: safe_local_path(&form.from).to_owned(),
        passkeys: passkey::available(site).is_some(),
        openid: openid::links(site, &form.from),
        email: form.email.clone(),
        fault: fault.to_owned(),
        reason: reading::reason(&snapshot, &form.from),
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
    (ClientAddress(client), (device, asking)): (ClientAddress, (DeviceSecret, Device)),
    form: &EmailForm,
    purpose: Purpose,
) -> Handled {
    let Ok(email) = form.email.parse::<EmailAddress>() else {
        return form_page(site, encoding, purpose, form, true);
    };
    let device = device.or_new();
    let now = (site.clock)();
    let is_known = is_known(site, &asking, &email).await?;
    let from = if is_known { Sender::KnownDevice } else { Sender::UnknownDevice(client) };
    let cookies = [admission::device_cookie(site, &device), admission::asked_cookie(site, &email)];
    if site.email_limits.admit_sign_in(&site.store, &email, from, now).await? {
        send_email(site, &device, email, safe_local_path(&form.from)).await?;
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
    asked: AskedAddress,
    Accepts(encoding): Accepts,
) -> Handled {
    sent_page(&site, encoding, asked, false)
}

fn sent_page(
    site: &Site,
    encoding: Encoding,
    AskedAddress(email): AskedAddress,
    is_faulty: bool,
) -> Handled {
    let snapshot = site.snapshot();
    let fault = if is_faulty { snapshot.theme.word("fault_code") } else { "" };
    let context = SentContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("sent")),
        email: email.map(|email| email.to_string()).unwrap_or_default(),
        fault: fault.to_owned(),
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

/// Signs in by the link in the email.
pub(super) async fn by_link(
    State(site): State<Arc<Site>>,
    _: NotPrefetch,
    UrlPath(link): UrlPath<String>,
    DeviceSecret(secret): DeviceSecret,
    device: Device,
    reader: Option<SignedIn>,
) -> Handled {
    let link = link.parse::<Secret>().map_err(|_| Notice::SignInExpired)?;
    let request = site.store.sign_in_request_by_link(&link.digest()).await?;
    let Some(request) = request else { return over(reader.is_some()) };
    let secret = secret.map(|secret| secret.digest());
    match request.by_link(secret.as_ref(), (site.clock)()) {
        Ok(()) => finish(&site, &device, &request, SignInMethod::Link).await,
        Err(SignInRefused::OtherDevice) => Err(Notice::OtherDevice.into()),
        Err(SignInRefused::Over | SignInRefused::WrongCode) => over(reader.is_some()),
    }
}

/// The answer to a link that works no longer. A reader who is signed in has probably used it, and only wants to go on.
fn over(is_signed_in: bool) -> Handled {
    if is_signed_in { Ok(see_other("/account", &[])) } else { Err(Notice::SignInExpired.into()) }
}

/// Signs in by the code in the email.
pub(super) async fn by_code(
    State(site): State<Arc<Site>>,
    _: Limited<SignIns>,
    Accepts(encoding): Accepts,
    (DeviceSecret(secret), asked): (DeviceSecret, AskedAddress),
    device: Device,
    ReaderForm(form): ReaderForm<CodeForm>,
) -> Handled {
    let secret = secret.ok_or(Notice::SignInExpired)?;
    let request = site.store.sign_in_request_by_device(&secret.digest()).await?;
    let request = request.ok_or(Notice::SignInExpired)?;
    // Claimed before the code is compared, so that parallel attempts do not exceed the limit.
    if !site.store.claim_code_attempt(&request.link).await? {
        return Err(Notice::SignInExpired.into());
    }
    match request.by_code(&form.code, (site.clock)()) {
        Ok(()) => finish(&site, &device, &request, SignInMethod::Code).await,
        Err(SignInRefused::WrongCode) => sent_page(&site, encoding, asked, true),
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

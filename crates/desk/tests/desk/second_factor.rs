//! The second factor of staff: setting one up, showing it, and roles that need one.

use axum::{body::Body, response::Response};
use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::{Account, Passkey, Secret, staff::Role};
use masthead_identity::totp::Totp;
use masthead_publication::accounts::Credential;
use masthead_store::FactorChange;

use super::{TestDesk, email, leads_to, text};

const SUE: &str = "sue@example.org";

/// The code that an authenticator app shows now.
pub async fn code(desk: &TestDesk, account: &Account) -> String {
    let app = desk.store.authenticator(account.id).await.expect("read").expect("an app");
    let totp = Totp::new(&app.secret).expect("a secret");
    totp.code_at(desk.now().as_second() / 30).expect("a code")
}

/// Sets an app up, and returns the recovery codes.
pub async fn set_up(desk: &TestDesk, account: &Account, cookie: &str) -> Vec<String> {
    let begun = desk.post("/desk/security/authenticator", cookie, "").await;
    assert_eq!(leads_to(&begun), "/desk/security/authenticator");
    let page = text(desk.get("/desk/security/authenticator", cookie).await).await;
    assert!(page.contains("href=\"otpauth://totp"), "{page}");
    let picture = page.split_once("<svg class=\"qr\"").expect("a QR code").1;
    assert!(picture.contains("role=\"img\" aria-labelledby=\"qr-title\"><title id=\"qr-title\">"));
    let wrong = desk.post("/desk/security/authenticator/confirmation", cookie, "code=1").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let form = format!("code={}", code(desk, account).await);
    let done = desk.post("/desk/security/authenticator/confirmation", cookie, &form).await;
    assert_eq!(done.status(), StatusCode::OK);
    let page = text(done).await;
    let codes = page.split("<code>").skip(1).filter_map(|rest| rest.split("</code>").next());
    codes.map(str::to_owned).collect()
}

#[tokio::test]
async fn staff_whose_role_needs_a_factor_set_one_up_first() {
    let desk = TestDesk::open().await;
    let (_, owner) = desk.staff("olu@example.org", Role::Owner).await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    assert_eq!(desk.get("/desk", &cookie).await.status(), StatusCode::OK);
    let saved = desk.post("/desk/people/second-factor", &owner, "role=support").await;
    assert_eq!(leads_to(&saved), "/desk/people");
    for path in ["/desk", "/desk/readers"] {
        assert_eq!(leads_to(&desk.get(path, &cookie).await), "/desk/security", "{path}");
    }
    let page = text(desk.get("/desk/security", &cookie).await).await;
    assert!(page.contains("Your role needs a second factor"), "{page}");
    assert_eq!(set_up(&desk, &sue, &cookie).await.len(), 10);
    assert_eq!(desk.get("/desk", &cookie).await.status(), StatusCode::OK);
    assert_eq!(desk.get("/desk", &owner).await.status(), StatusCode::OK, "another role");
}

#[tokio::test]
async fn a_session_without_the_factor_opens_nothing_and_each_code_works_once() {
    let desk = TestDesk::open().await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    let recovery = set_up(&desk, &sue, &cookie).await;
    // Signed in by email, or by an account elsewhere.
    let weak = desk.reader(SUE).await;
    for path in ["/desk", "/desk/security", "/desk/security/authenticator"] {
        let to = desk.get(path, &weak).await;
        assert!(leads_to(&to).starts_with("/desk/second-factor?from="), "{path}");
    }
    let enter = async |cookie: &str, code: &str| {
        let form = format!("code={code}&from=%2Fdesk%2Freaders");
        desk.post("/desk/second-factor", cookie, &form).await
    };
    let replayed = enter(&weak, &code(&desk, &sue).await).await;
    assert_eq!(replayed.status(), StatusCode::UNPROCESSABLE_ENTITY, "used to set the app up");
    desk.wait(SignedDuration::from_secs(30));
    let now = code(&desk, &sue).await;
    assert_eq!(leads_to(&enter(&weak, &now).await), "/desk/readers");
    assert_eq!(desk.get("/desk", &weak).await.status(), StatusCode::OK);
    let second = desk.reader(SUE).await;
    assert_eq!(enter(&second, &now).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "a replay");
    desk.wait(SignedDuration::from_mins(15));
    assert_eq!(leads_to(&enter(&second, &recovery[0]).await), "/desk/readers");
    let third = desk.reader(SUE).await;
    let again = enter(&third, &recovery[0]).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY, "used already");
}

#[tokio::test]
async fn codes_are_tried_five_times_in_a_quarter_of_an_hour() {
    let desk = TestDesk::open().await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    set_up(&desk, &sue, &cookie).await;
    desk.wait(SignedDuration::from_mins(15));
    let weak = desk.reader(SUE).await;
    for _ in 0..5 {
        desk.post("/desk/second-factor", &weak, "code=000000").await;
    }
    let form = format!("code={}", code(&desk, &sue).await);
    let refused = desk.post("/desk/second-factor", &weak, &form).await;
    assert!(text(refused).await.contains("Too many codes were tried"));
    desk.wait(SignedDuration::from_mins(15));
    let form = format!("code={}", code(&desk, &sue).await);
    let right = desk.post("/desk/second-factor", &weak, &form).await;
    assert_eq!(leads_to(&right), "/desk");
}

#[tokio::test]
async fn a_code_confirms_that_it_is_still_them() {
    let desk = TestDesk::open().await;
    let (olu, cookie) = desk.staff("olu@example.org", Role::Owner).await;
    set_up(&desk, &olu, &cookie).await;
    desk.wait(SignedDuration::from_mins(16));
    let form = "email=new%40example.org&role=author";
    let away = desk.post("/desk/people/invitations", &cookie, form).await;
    let to = leads_to(&away).to_owned();
    assert!(to.starts_with("/desk/second-factor?from=%2Fdesk%2Fkept%2Dforms%2F"), "{to}");
    let form = format!("code={}", code(&desk, &olu).await);
    assert_eq!(leads_to(&desk.post("/desk/second-factor", &cookie, &form).await), "/desk");
    // Nothing was done yet: the page says what it is, and leads back.
    let (_, kept) = to.rsplit_once("%2F").expect("a form");
    let kept = kept.replace("%2D", "-").replace("%5F", "_");
    let page = text(desk.get(&format!("/desk/kept-forms/{kept}"), &cookie).await).await;
    for said in [
        "<h1>Confirm: Send invitation</h1>",
        "new@example.org",
        "Author",
        "<button>Send invitation</button>",
        "<a href=\"&#x2f;desk&#x2f;people\">Cancel</a>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(desk.store.invitations().await.expect("read").is_empty());
    desk.wait(SignedDuration::from_mins(16));
    let form = "scope=all&do=unlabel&new_label=Friends&reader=1";
    let away = desk.post("/desk/readers/selection", &cookie, form).await;
    let (_, kept) = leads_to(&away).rsplit_once("%2F").expect("a form");
    let kept = kept.replace("%2D", "-").replace("%5F", "_");
    let form = format!("code={}", code(&desk, &olu).await);
    desk.post("/desk/second-factor", &cookie, &form).await;
    let page = text(desk.get(&format!("/desk/kept-forms/{kept}"), &cookie).await).await;
    for said in ["<h1>Confirm: Remove label</h1>", "All that match the filters", "Friends"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let other = desk.get("/desk/kept-forms/bm8gc2VjcmV0", &cookie).await;
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
    let form = "email=new%40example.org&role=author";
    let sent = desk.post("/desk/people/invitations", &cookie, form).await;
    assert_eq!(leads_to(&sent), "/desk/people?sent=new%40example.org");
}

#[tokio::test]
async fn a_changed_factor_ends_other_sessions_and_is_told() {
    let desk = TestDesk::open().await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    let other = desk.reader(SUE).await;
    set_up(&desk, &sue, &cookie).await;
    assert!(leads_to(&desk.get("/desk", &other).await).starts_with("/sign-in"));
    desk.post("/desk/security/authenticator/removal", &cookie, "").await;
    let emails = desk.store.emails(9).await.expect("read");
    let kinds: Vec<&str> = emails.iter().map(|email| email.kind.as_str()).collect();
    assert_eq!(kinds, ["authenticator_removed", "authenticator_added"]);
}

/// Adds a passkey to an account, and lets a session count as begun with it.
async fn with_passkey(desk: &TestDesk, account: &Account, cookie: &str) {
    let passkey = Passkey {
        id: "a".to_owned(),
        account: account.id,
        device: String::new(),
        public: "{}".to_owned(),
        added: desk.now(),
        used: None,
        relying_party: None,
    };
    assert!(
        desk.store.add_passkey(&passkey, FactorChange::alone(passkey.added)).await.expect("added")
    );
    let (_, secret) = cookie.split_once('=').expect("a cookie");
    let key = secret.parse::<Secret>().expect("a secret").digest();
    desk.store.strengthen_session(&key, desk.now()).await.expect("stored");
}

/// The form that replaces the present recovery codes.
pub async fn form_of_codes(desk: &TestDesk, account: &Account) -> String {
    format!("codes={}", desk.store.recovery_codes_digest(account.id).await.expect("read"))
}

#[tokio::test]
async fn recovery_codes_are_made_with_an_app_only_and_its_owner_is_told() {
    let desk = TestDesk::open().await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    let path = "/desk/security/recovery-codes";
    let form = form_of_codes(&desk, &sue).await;
    assert_eq!(leads_to(&desk.post(path, &cookie, &form).await), "/desk/security", "no factor");
    with_passkey(&desk, &sue, &cookie).await;
    assert_eq!(leads_to(&desk.post(path, &cookie, &form).await), "/desk/security", "a passkey");
    assert!(desk.store.emails(9).await.expect("read").is_empty());
    let first = set_up(&desk, &sue, &cookie).await;
    let form = form_of_codes(&desk, &sue).await;
    let page = text(desk.get("/desk/security", &cookie).await).await;
    assert!(page.contains(&form.replace("codes=", "name=\"codes\" value=\"")), "{page}");
    let renewed = desk.post(path, &cookie, &form).await;
    assert_eq!(renewed.status(), StatusCode::OK);
    let renewed = text(renewed).await;
    assert!(!renewed.contains(&first[0]));
    assert_eq!(desk.store.emails(1).await.expect("read")[0].kind, "recovery_codes_renewed");
    // A reload sends the form again, and leaves the codes that were printed.
    let kept = form_of_codes(&desk, &sue).await;
    let again = text(desk.post(path, &cookie, &form).await).await;
    assert!(again.contains("No new recovery codes were created"), "{again}");
    assert_eq!(form_of_codes(&desk, &sue).await, kept);
    let reload = desk.post("/desk/security/authenticator/confirmation", &cookie, "code=1").await;
    assert!(text(reload).await.contains("its recovery codes were shown"));
    let weak = desk.reader(SUE).await;
    let old = desk.post("/desk/second-factor", &weak, &format!("code={}", first[0])).await;
    assert_eq!(old.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn codes_are_tried_thirty_times_a_day_and_the_owner_is_told() {
    let desk = TestDesk::open().await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    let recovery = set_up(&desk, &sue, &cookie).await;
    // Two were tried to set the app up.
    for _ in 0..6 {
        let weak = desk.reader(SUE).await;
        for _ in 0..5 {
            desk.post("/desk/second-factor", &weak, "code=000000").await;
        }
    }
    let weak = desk.reader(SUE).await;
    let form = format!("code={}", code(&desk, &sue).await);
    let refused = desk.post("/desk/second-factor", &weak, &form).await;
    assert!(text(refused).await.contains("Too many codes were tried"));
    let emails = desk.store.emails(9).await.expect("read");
    let told = emails.iter().filter(|email| email.kind == "codes_tried").count();
    assert_eq!(told, 1);
    let form = format!("code={}", recovery[0]);
    assert_eq!(leads_to(&desk.post("/desk/second-factor", &weak, &form).await), "/desk");
    desk.wait(SignedDuration::from_hours(25));
    let weak = desk.reader(SUE).await;
    let form = format!("code={}", code(&desk, &sue).await);
    assert_eq!(leads_to(&desk.post("/desk/second-factor", &weak, &form).await), "/desk");
}

/// Sends what the editor's script sends.
async fn by_script(desk: &TestDesk, path: &str, cookie: &str, body: Option<&str>) -> Response {
    let method = if body.is_some() { "POST" } else { "GET" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin")
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    desk.send(request, Body::from(body.unwrap_or_default().to_owned())).await
}

#[tokio::test]
async fn the_editor_is_told_what_to_do_and_never_led_to_a_page() {
    let desk = TestDesk::open().await;
    let (_, owner) = desk.staff("olu@example.org", Role::Owner).await;
    let (ada, cookie) = desk.staff(SUE, Role::Author).await;
    let begun = desk.post("/desk/articles", &cookie, "").await;
    let story = leads_to(&begun).to_owned();
    desk.post("/desk/people/second-factor", &owner, "role=author").await;
    let latest = format!("{story}/latest?version=1");
    let told = async |cookie: &str, status: StatusCode, address: &str| {
        for (path, body) in [(&*story, Some("headline=Tides")), (&*latest, None)] {
            let answer = by_script(&desk, path, cookie, body).await;
            assert_eq!(answer.status(), status, "{path}");
            let said = text(answer).await;
            assert!(said.starts_with(r#"{"fault":""#), "{said}");
            assert!(said.contains(&format!(r#""address":"{address}""#)), "{said}");
        }
    };
    told(&cookie, StatusCode::FORBIDDEN, "/desk/security").await;
    with_passkey(&desk, &ada, &cookie).await;
    let weak = desk.reader(SUE).await;
    told(&weak, StatusCode::FORBIDDEN, "/desk/second-factor").await;
    told("", StatusCode::UNAUTHORIZED, "/sign-in?from=/desk&again=true").await;
    let picture = Request::post("/desk/pictures")
        .header(header::COOKIE, &weak)
        .header("sec-fetch-site", "same-origin");
    let picture = desk.send(picture, Body::from("GIF")).await;
    assert_eq!(picture.status(), StatusCode::FORBIDDEN);
    assert!(text(picture).await.starts_with('{'));
    // Without the script, what is too long to be kept stays in the browser's page.
    let long = format!("body={}", "a".repeat(600_000));
    let page = desk.post(&story, &weak, &long).await;
    assert_eq!(page.status(), StatusCode::FORBIDDEN);
    let page = text(page).await;
    assert!(page.contains("Nothing was saved yet") && !page.contains("signed out"), "{page}");
}

#[tokio::test]
async fn an_open_editor_does_not_keep_a_session_alive() {
    let desk = TestDesk::open().await;
    let (_, cookie) = desk.staff(SUE, Role::Author).await;
    let story = leads_to(&desk.post("/desk/articles", &cookie, "").await).to_owned();
    let latest = format!("{story}/latest?version=1");
    for _ in 0..11 {
        desk.wait(SignedDuration::from_mins(10));
        let answer = by_script(&desk, &latest, &cookie, None).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
    desk.wait(SignedDuration::from_mins(10));
    let answer = by_script(&desk, &latest, &cookie, None).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn staff_who_do_nothing_for_two_hours_sign_in_again() {
    let desk = TestDesk::open().await;
    let (_, cookie) = desk.staff(SUE, Role::Support).await;
    for _ in 0..3 {
        desk.wait(SignedDuration::from_mins(119));
        assert_eq!(desk.get("/desk", &cookie).await.status(), StatusCode::OK);
    }
    desk.wait(SignedDuration::from_mins(120));
    assert_eq!(leads_to(&desk.get("/desk", &cookie).await), "/sign-in?from=%2Fdesk&again=true");
}

#[tokio::test]
async fn an_owner_signs_everyone_out() {
    let desk = TestDesk::open().await;
    let (_, owner) = desk.staff("olu@example.org", Role::Owner).await;
    let (_, sue) = desk.staff(SUE, Role::Support).await;
    let refused = desk.post("/desk/people/sessions/end", &sue, "").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    // The site has the owner in memory.
    let secret: Secret = owner.rsplit('=').next().and_then(|it| it.parse().ok()).expect("a secret");
    let credential = Some(Credential::Cookie(secret.digest()));
    let signed_in =
        async || desk.accounts.of(credential, i64::MIN, desk.now()).await.expect("asked").is_some();
    assert!(signed_in().await);
    let ended = desk.post("/desk/people/sessions/end", &owner, "").await;
    let cookie = ended.headers()[header::SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.contains("Max-Age=0"), "the browser forgets it: {cookie}");
    assert!(!signed_in().await, "at once");
    for cookie in [owner, sue] {
        assert_eq!(leads_to(&desk.get("/desk", &cookie).await), "/sign-in?from=%2Fdesk");
    }
}

#[tokio::test]
async fn an_owner_signs_one_person_out() {
    let desk = TestDesk::open().await;
    let (_, owner) = desk.staff("olu@example.org", Role::Owner).await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    let path = format!("/desk/people/{}/sessions/end", sue.id.0);
    assert_eq!(desk.post(&path, &cookie, "").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(leads_to(&desk.post(&path, &owner, "").await), "/desk/people");
    assert_eq!(leads_to(&desk.get("/desk", &cookie).await), "/sign-in?from=%2Fdesk");
    let people = text(desk.get("/desk/people", &owner).await).await;
    assert!(people.contains("signed sue@example.org out on all devices"), "{people}");
    // Those who do not work here are not the desk's to sign out.
    let (rea, _) = desk.store.register(&email("rea@example.org"), desk.now()).await.expect("there");
    let reader = desk.post(&format!("/desk/people/{}/sessions/end", rea.id.0), &owner, "").await;
    assert!(text(reader).await.contains("is no longer on the team"));
}

#[tokio::test]
async fn a_passkey_of_a_former_address_is_no_second_factor() {
    let desk = TestDesk::open().await;
    let (_, owner) = desk.staff("olu@example.org", Role::Owner).await;
    let (sue, cookie) = desk.staff(SUE, Role::Support).await;
    let add = async |id: &str, host: &str| {
        let passkey = Passkey {
            id: id.to_owned(),
            account: sue.id,
            device: String::new(),
            public: "{}".to_owned(),
            added: desk.now(),
            used: None,
            relying_party: Some(host.to_owned()),
        };
        assert!(
            desk.store
                .add_passkey(&passkey, FactorChange::alone(passkey.added))
                .await
                .expect("added")
        );
    };
    add("a", "old.example").await;
    let saved = desk.post("/desk/people/second-factor", &owner, "role=support").await;
    assert_eq!(leads_to(&saved), "/desk/people");
    assert_eq!(leads_to(&desk.get("/desk", &cookie).await), "/desk/security", "set one up");
    add("b", "paper.example").await;
    let away = desk.get("/desk", &cookie).await;
    assert!(leads_to(&away).starts_with("/desk/second-factor"), "show it");
}

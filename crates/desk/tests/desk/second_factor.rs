//! The second factor of staff: setting one up, showing it, and roles that need one.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_circulation::{Account, staff::Role};
use masthead_identity::totp::Totp;

use super::{TestDesk, leads_to, text};

const SUE: &str = "sue@example.org";

/// The code that an authenticator app shows now.
async fn code(desk: &TestDesk, account: &Account) -> String {
    let app = desk.store.authenticator(account.id).await.expect("read").expect("an app");
    let totp = Totp::new(&app.secret).expect("a secret");
    totp.code_at(desk.now().as_second() / 30).expect("a code")
}

/// Sets an app up, and returns the recovery codes.
async fn set_up(desk: &TestDesk, account: &Account, cookie: &str) -> Vec<String> {
    let begun = desk.post("/desk/security/authenticator", cookie, "").await;
    assert_eq!(leads_to(&begun), "/desk/security/authenticator");
    let page = text(desk.get("/desk/security/authenticator", cookie).await).await;
    assert!(page.contains("otpauth:&#x2f;&#x2f;totp"), "{page}");
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
    assert!(to.starts_with("/desk/second-factor?from=%2Fsign%2Din%2Fform%2F"), "{to}");
    let form = format!("code={}", code(&desk, &olu).await);
    assert_eq!(leads_to(&desk.post("/desk/second-factor", &cookie, &form).await), "/desk");
    let form = "email=new%40example.org&role=author";
    let sent = desk.post("/desk/people/invitations", &cookie, form).await;
    assert_eq!(leads_to(&sent), "/desk/people");
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
    desk.post("/desk/people/sessions/end", &owner, "").await;
    for cookie in [owner, sue] {
        assert_eq!(leads_to(&desk.get("/desk", &cookie).await), "/sign-in?from=%2Fdesk");
    }
}

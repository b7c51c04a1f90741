//! What the desk writes to the security log.

use http::StatusCode;
use masthead_circulation::staff::Role;
use masthead_desk::routes::{addresses, confirmed_addresses, logged_addresses};
use serde_json::Value;

use super::{
    TestDesk, email, leads_to,
    second_factor::{form_of_codes, set_up},
};

impl TestDesk {
    /// Returns the entries since the last call.
    fn entries(&self) -> Vec<Value> {
        self.security_log.flush();
        let entries = self.logged.json();
        self.logged.clear();
        entries
    }
}

fn words(entries: &[Value]) -> Vec<String> {
    let word = |entry: &Value, key: &str| entry[key].as_str().unwrap_or("-").to_owned();
    let words = |entry: &Value| {
        ["event", "outcome", "detail", "subject"].map(|key| word(entry, key)).join(" ")
    };
    entries.iter().map(words).collect()
}

#[tokio::test]
async fn joining_and_what_is_refused_is_logged() {
    let desk = TestDesk::open().await;
    let (ann, author) = desk.staff("ann@example.org", Role::Author).await;
    let rea = desk.reader("rea@example.org").await;
    let joined = desk.entries();
    assert_eq!(
        words(&joined),
        ["staff-joined success invitation staff", "sign-in success invitation staff"]
    );
    assert_eq!(joined[0]["account"], ann.id.0);
    assert_eq!(desk.get("/desk/people", &author).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(desk.get("/desk", &rea).await.status(), StatusCode::FORBIDDEN);
    let denied = desk.entries();
    assert_eq!(
        words(&denied),
        ["desk-denied failure not-permitted /desk/people", "desk-denied failure not-staff /desk"]
    );
    let reader = desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    assert_eq!(denied[0]["account"], ann.id.0);
    assert_eq!(denied[1]["account"], reader.expect("an account").id.0);
    assert!(!desk.logged.text().contains("example.org"));
}

#[tokio::test]
async fn looking_at_readers_and_changing_them_is_logged() {
    let desk = TestDesk::open().await;
    desk.publish_articles().await;
    let (_, sue) = desk.staff("sue@example.org", Role::Support).await;
    desk.reader("rea@example.org").await;
    let rea = desk.store.account_at(&email("rea@example.org")).await.expect("asked");
    let rea = rea.expect("an account").id.0;
    desk.entries();
    desk.get("/desk/readers?q=rea", &sue).await;
    desk.get(&format!("/desk/readers/{rea}"), &sue).await;
    desk.get("/desk/readers/4000", &sue).await;
    desk.get("/desk/why/reader?article=/town/bridge&reader=rea%40example.org", &sue).await;
    desk.post(&format!("/desk/readers/{rea}/meter"), &sue, "reason=Asked").await;
    desk.post(&format!("/desk/readers/{rea}/meter"), &sue, "reason=").await;
    let entries = desk.entries();
    let page = "/desk/readers/{number}";
    assert_eq!(
        words(&entries),
        [
            "readers-searched success /desk/readers -".to_owned(),
            format!("reader-viewed success {page} account:{rea}"),
            format!("reader-viewed failure {page} account:4000"),
            format!("reader-viewed success /desk/why/reader account:{rea}"),
            format!("reader-changed success {page}/meter account:{rea}"),
            format!("reader-changed failure {page}/meter account:{rea}"),
        ]
    );
    assert!(entries.iter().all(|entry| entry["account"].is_number()));
}

#[tokio::test]
async fn roles_settings_exports_and_factors_are_logged() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let (ann, _) = desk.staff("ann@example.org", Role::Author).await;
    desk.entries();
    let ann = ann.id.0;
    desk.post(&format!("/desk/people/{ann}/role"), &olu, "role=editor").await;
    desk.post("/desk/people/invitations", &olu, "email=new%40example.org&role=author").await;
    desk.post("/desk/people/second-factor", &olu, "role=support").await;
    desk.get("/desk/figures.csv", &olu).await;
    // A form that was only rearranged is shown again.
    desk.post("/desk/sections", &olu, "").await;
    let meter = "version=0&window=month&days=&anonymous=2&registered=5&default_tier=metered\
        &teaser=2&teaser_unit=paragraphs&crawlers=metered&do=save";
    desk.post("/desk/meter", &olu, meter).await;
    desk.post("/desk/second-factor", &olu, "code=000000").await;
    assert_eq!(
        words(&desk.entries()),
        [
            format!("role-changed success /desk/people/{{number}}/role account:{ann}"),
            "invitation-changed success /desk/people/invitations -".to_owned(),
            "factor-rule-changed success /desk/people/second-factor -".to_owned(),
            "exported success /desk/figures.csv -".to_owned(),
            "settings-changed success /desk/meter -".to_owned(),
            "second-factor failure /desk/second-factor -".to_owned(),
        ]
    );
    let ended = desk.post("/desk/people/sessions/end", &olu, "").await;
    assert!(leads_to(&ended).starts_with("/sign-in"));
    assert_eq!(words(&desk.entries()), ["everyone-signed-out success /desk/people/sessions/end -"]);
}

#[tokio::test]
async fn what_changes_nothing_is_logged_as_a_failure() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    let (ann, _) = desk.staff("ann@example.org", Role::Author).await;
    desk.entries();
    let role = format!("/desk/people/{}/role", ann.id.0);
    let invitation = format!("/desk/people/invitations/{}/withdrawal", "0".repeat(64));
    for (path, form) in [
        ("/desk/security/authenticator/confirmation", "code=000000"),
        ("/desk/security/authenticator/removal", ""),
        ("/desk/security/recovery-codes", ""),
        (&*role, "role=author"),
        (&*invitation, ""),
        ("/desk/people/second-factor", ""),
    ] {
        let answer = desk.post(path, &olu, form).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        let entries = desk.entries();
        assert_eq!(entries.len(), 1, "{path}");
        assert_eq!(entries[0]["outcome"], "failure", "{path}");
    }
}

#[tokio::test]
async fn nothing_that_staff_do_or_are_refused_is_left_out() {
    let desk = TestDesk::open().await;
    let (olu, cookie) = desk.staff("olu@example.org", Role::Owner).await;
    let (_, author) = desk.staff("ann@example.org", Role::Author).await;
    set_up(&desk, &olu, &cookie).await;
    desk.entries();
    for _ in 0..70 {
        desk.post("/desk/security/authenticator/confirmation", &cookie, "code=000000").await;
        desk.get("/desk/people", &author).await;
    }
    let codes = form_of_codes(&desk, &olu).await;
    desk.post("/desk/security/recovery-codes", &cookie, &codes).await;
    desk.post("/desk/security/authenticator/removal", &cookie, "").await;
    let entries = desk.entries();
    assert_eq!(entries.len(), 142);
    assert_eq!(
        words(&entries)[140..],
        [
            "second-factor-changed success /desk/security/recovery-codes -",
            "second-factor-changed success /desk/security/authenticator/removal -",
        ]
    );
}

#[tokio::test]
async fn a_form_that_waits_for_a_confirmation_is_no_change_yet() {
    let desk = TestDesk::open().await;
    let (_, olu) = desk.staff("olu@example.org", Role::Owner).await;
    desk.entries();
    desk.wait(jiff::SignedDuration::from_mins(16));
    let away = desk.post("/desk/people/invitations", &olu, "email=a%40b.example&role=owner").await;
    assert!(leads_to(&away).starts_with("/sign-in"));
    assert!(desk.entries().is_empty());
}

/// What gives power, money or data away, and what shows or changes a reader.
#[test]
fn every_address_that_matters_is_logged() {
    let logged = logged_addresses();
    let shows_readers = |pattern: &&str| {
        ["/desk/readers", "/desk/payments", "/desk/people/", "/desk/why/reader"]
            .iter()
            .any(|start| pattern.starts_with(start))
    };
    let all: Vec<&str> = addresses().into_iter().map(|(pattern, _)| pattern).collect();
    let of_readers = all.into_iter().filter(shows_readers);
    // These only show a form: to set up an app, and one of their own that was kept. What it does is logged once it is sent.
    let forms = ["/desk/security/authenticator", "/desk/kept-forms/{secret}"];
    let confirmed = confirmed_addresses().into_iter().filter(|pattern| !forms.contains(pattern));
    for pattern in of_readers.chain(confirmed) {
        assert!(logged.contains(&pattern), "{pattern}");
    }
}

//! Joining the desk, and sessions.

use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::staff::{DESK_SESSION_LIFETIME, Role};

use super::{TestDesk, cookie, leads_to, text};

#[tokio::test]
async fn the_first_owner_joins_by_the_printed_link_on_sqlite() {
    the_first_owner_joins_by_the_printed_link(TestDesk::open().await).await;
}

#[tokio::test]
async fn the_first_owner_joins_by_the_printed_link_on_postgres() {
    the_first_owner_joins_by_the_printed_link(TestDesk::open_on_postgres().await).await;
}

async fn the_first_owner_joins_by_the_printed_link(desk: TestDesk) {
    let open = || masthead_desk::open_link(&desk.store, super::ADDRESS, Role::Owner, desk.now());
    let old = open().await.expect("a link");
    let new = open().await.expect("a link");
    let path = |link: &str| link.strip_prefix(super::ADDRESS).expect("our address").to_owned();
    // Each of two servers that start together has printed one of them.
    assert_eq!(desk.get(&path(&old), "").await.status(), StatusCode::OK);

    // Programs that check mail follow links, which must not use the invitation up.
    for _ in 0..2 {
        let page = desk.get(&path(&new), "").await;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(text(page).await.contains("You’re invited as Owner."));
    }
    let wrong = desk.post(&path(&new), "", "email=nonsense&name=Ada").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = text(wrong).await;
    assert!(
        wrong.contains("Enter an email address, such as") && wrong.contains("value=\"nonsense\"")
    );

    let unreachable = desk.post(&path(&new), "", "email=jörg@example.org&name=Ada").await;
    assert!(text(unreachable).await.contains("No email can be sent to this address"));

    let joined = desk.post(&path(&new), "", "email=ada@example.org&name=Ada+Lovelace").await;
    assert_eq!((joined.status(), leads_to(&joined)), (StatusCode::SEE_OTHER, "/desk"));
    let front = desk.get("/desk", &cookie(&joined)).await;
    assert_eq!(front.status(), StatusCode::OK);
    let front = text(front).await;
    assert!(front.contains("Welcome, Ada Lovelace") && front.contains("Add a passkey"));
    assert!(front.contains("Invite people"));
    assert!(desk.store.has_owner().await.expect("asked"));

    for link in [old, new] {
        let again = desk.post(&path(&link), "", "email=eve@example.org").await;
        assert_eq!(again.status(), StatusCode::GONE);
    }
}

#[tokio::test]
async fn an_invitation_is_for_one_person_and_expires() {
    let desk = TestDesk::open().await;
    let link = desk.link(Some("bob@example.org"), Role::Editor).await;
    let joined = desk.post(&link, "", "email=eve@example.org&name=Bob").await;
    assert_eq!(joined.status(), StatusCode::SEE_OTHER);
    let everybody = desk.store.all_staff().await.expect("asked");
    assert_eq!(everybody[0].1.email.as_str(), "bob@example.org", "whatever the form says");

    let link = desk.link(Some("cid@example.org"), Role::Editor).await;
    desk.wait(SignedDuration::from_hours(7 * 24));
    assert_eq!(desk.get(&link, "").await.status(), StatusCode::GONE);
    assert_eq!(desk.post(&link, "", "name=Cid").await.status(), StatusCode::GONE);
    assert_eq!(desk.get("/desk/join/nonsense", "").await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn a_long_name_is_rejected_and_the_invitation_stays_valid() {
    let desk = TestDesk::open().await;
    let link = desk.link(None, Role::Owner).await;
    let long = "a".repeat(101);
    let refused = desk.post(&link, "", &format!("email=ada@example.org&name={long}")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(refused).await;
    assert!(page.contains("too long") && page.contains("ada@example.org"));
    assert_eq!(desk.get(&link, "").await.status(), StatusCode::OK, "the link is still good");
}

#[tokio::test]
async fn sessions_end_after_a_working_day() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    // Without a request for two hours it would end as well.
    for _ in 0..15 {
        desk.wait(SignedDuration::from_hours(1));
        assert_eq!(desk.get("/desk", &ada).await.status(), StatusCode::OK);
    }
    desk.wait(DESK_SESSION_LIFETIME - SignedDuration::from_secs(15 * 3600 + 1));
    assert_eq!(desk.get("/desk/people", &ada).await.status(), StatusCode::OK);
    desk.wait(SignedDuration::from_secs(1));
    let answer = desk.get("/desk/people", &ada).await;
    assert_eq!(leads_to(&answer), "/sign-in?from=%2Fdesk%2Fpeople&again=true");
    let form = "email=bob@example.org&role=author";
    let refused = desk.post("/desk/people/invitations", &ada, form).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(text(refused).await.contains("Nothing was changed"));
    assert_eq!(desk.store.invitations().await.expect("asked"), []);
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_and_readers_are_rejected() {
    let desk = TestDesk::open().await;
    assert_eq!(leads_to(&desk.get("/desk", "").await), "/sign-in?from=%2Fdesk");
    let reader = desk.reader("rea@example.org").await;
    let answer = desk.get("/desk", &reader).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(text(answer).await.contains("The newsroom is for staff"));
}

#[tokio::test]
async fn forms_from_other_sites_are_rejected() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post("/desk/people/invitations")
            .header(header::COOKIE, &ada)
            .header(name, value)
            .header(header::HOST, "paper.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = "email=eve@example.org&role=owner".into();
        assert_eq!(desk.send(request, form).await.status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(desk.store.invitations().await.expect("asked"), []);
}

#[tokio::test]
async fn an_invitation_does_not_sign_in_to_the_account_of_a_reader() {
    let desk = TestDesk::open().await;
    let reader = desk.reader("rea@example.org").await;
    let link = desk.link(None, Role::Author).await;
    let refused = desk.post(&link, "", "email=rea@example.org").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.headers().get(header::SET_COOKIE).is_none());
    assert!(text(refused).await.contains("There is an account with this address already"));
    let eve = desk.reader("eve@example.org").await;
    let refused = desk.post(&link, &eve, "email=rea@example.org").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let joined = desk.post(&link, &reader, "email=rea@example.org").await;
    assert_eq!(leads_to(&joined), "/desk");
    assert_eq!(desk.get("/desk", &cookie(&joined)).await.status(), StatusCode::OK);
    let before = desk.get("/desk", &reader).await;
    assert_eq!(leads_to(&before), "/sign-in?from=%2Fdesk", "the session before has ended");
}

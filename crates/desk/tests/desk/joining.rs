//! Coming to the desk for the first time, and signing in again.

use http::{Request, StatusCode, header};
use jiff::SignedDuration;
use masthead_circulation::staff::{DESK_SESSION_LIFETIME, Role};

use super::{House, cookie, leads_to, text};

#[tokio::test]
async fn the_first_owner_comes_by_the_printed_link_on_sqlite() {
    the_first_owner_comes_by_the_printed_link(House::open().await).await;
}

#[tokio::test]
async fn the_first_owner_comes_by_the_printed_link_on_postgres() {
    the_first_owner_comes_by_the_printed_link(House::open_on_postgres().await).await;
}

async fn the_first_owner_comes_by_the_printed_link(house: House) {
    let open = || masthead_desk::open_link(&house.store, super::ADDRESS, Role::Owner, house.now());
    let old = open().await.expect("a link");
    let new = open().await.expect("a link");
    let path = |link: &str| link.strip_prefix(super::ADDRESS).expect("our address").to_owned();
    assert_eq!(house.get(&path(&old), "").await.status(), StatusCode::GONE);

    // A program that checks mail looks at it first; that uses nothing up.
    for _ in 0..2 {
        let page = house.get(&path(&new), "").await;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(text(page).await.contains("Your role would be <strong>owner</strong>"));
    }
    let wrong = house.post(&path(&new), "", "email=nonsense&name=Ada").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = text(wrong).await;
    assert!(wrong.contains("That is no e-mail address") && wrong.contains("value=\"nonsense\""));

    let come = house.post(&path(&new), "", "email=ada@example.org&name=Ada+Lovelace").await;
    assert_eq!((come.status(), leads_to(&come)), (StatusCode::SEE_OTHER, "/desk"));
    let front = house.get("/desk", &cookie(&come)).await;
    assert_eq!(front.status(), StatusCode::OK);
    let front = text(front).await;
    assert!(front.contains("Welcome, Ada Lovelace") && front.contains("Add a passkey"));
    assert!(front.contains("Invite people"));
    assert!(house.store.has_owner().await.expect("asked"));

    let again = house.post(&path(&new), "", "email=eve@example.org").await;
    assert_eq!(again.status(), StatusCode::GONE);
}

#[tokio::test]
async fn an_invitation_names_its_person_and_ends() {
    let house = House::open().await;
    let link = house.link(Some("bob@example.org"), Role::Editor).await;
    let come = house.post(&link, "", "email=eve@example.org&name=Bob").await;
    assert_eq!(come.status(), StatusCode::SEE_OTHER);
    let everybody = house.store.all_staff().await.expect("asked");
    assert_eq!(everybody[0].1.email.as_str(), "bob@example.org", "whatever the form says");

    let link = house.link(Some("cid@example.org"), Role::Editor).await;
    house.wait(SignedDuration::from_hours(7 * 24));
    assert_eq!(house.get(&link, "").await.status(), StatusCode::GONE);
    assert_eq!(house.post(&link, "", "name=Cid").await.status(), StatusCode::GONE);
    assert_eq!(house.get("/desk/join/nonsense", "").await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn a_long_name_is_refused_and_nothing_is_lost() {
    let house = House::open().await;
    let link = house.link(None, Role::Owner).await;
    let long = "a".repeat(101);
    let refused = house.post(&link, "", &format!("email=ada@example.org&name={long}")).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(refused).await;
    assert!(page.contains("too long") && page.contains("ada@example.org"));
    assert_eq!(house.get(&link, "").await.status(), StatusCode::OK, "the link is still good");
}

#[tokio::test]
async fn after_a_working_day_one_signs_in_again() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Owner).await;
    house.wait(DESK_SESSION_LIFETIME - SignedDuration::from_secs(1));
    assert_eq!(house.get("/desk/people", &ada).await.status(), StatusCode::OK);
    house.wait(SignedDuration::from_secs(1));
    let answer = house.get("/desk/people", &ada).await;
    assert_eq!(leads_to(&answer), "/sign-in?from=%2Fdesk%2Fpeople&again=true");
    let form = "email=bob@example.org&role=author";
    let refused = house.post("/desk/people/invitations", &ada, form).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(text(refused).await.contains("Nothing was changed"));
    assert_eq!(house.store.invitations().await.expect("asked"), []);
}

#[tokio::test]
async fn strangers_sign_in_and_readers_are_told() {
    let house = House::open().await;
    assert_eq!(leads_to(&house.get("/desk", "").await), "/sign-in?from=%2Fdesk");
    let reader = house.reader("rea@example.org").await;
    let answer = house.get("/desk", &reader).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(text(answer).await.contains("The desk is for staff"));
}

#[tokio::test]
async fn forms_of_other_sites_do_nothing() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Owner).await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = Request::post("/desk/people/invitations")
            .header(header::COOKIE, &ada)
            .header(name, value)
            .header(header::HOST, "paper.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = "email=eve@example.org&role=owner".into();
        assert_eq!(house.send(request, form).await.status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(house.store.invitations().await.expect("asked"), []);
}

#[tokio::test]
async fn a_link_does_not_let_its_holder_into_a_readers_account() {
    let house = House::open().await;
    let reader = house.reader("rea@example.org").await;
    let link = house.link(None, Role::Author).await;
    let refused = house.post(&link, "", "email=rea@example.org").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.headers().get(header::SET_COOKIE).is_none());
    assert!(text(refused).await.contains("There is an account with this address already"));
    let eve = house.reader("eve@example.org").await;
    let refused = house.post(&link, &eve, "email=rea@example.org").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let come = house.post(&link, &reader, "email=rea@example.org").await;
    assert_eq!(leads_to(&come), "/desk");
    assert_eq!(house.get("/desk", &cookie(&come)).await.status(), StatusCode::OK);
    let before = house.get("/desk", &reader).await;
    assert_eq!(leads_to(&before), "/sign-in?from=%2Fdesk", "the session before has ended");
}

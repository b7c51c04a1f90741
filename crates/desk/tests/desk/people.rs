//! Inviting people, changing their roles, and ending their work.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{TestDesk, leads_to, text};

#[tokio::test]
async fn an_owner_invites_by_mail() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let form = "email=bob@example.org&role=author";
    let sent = desk.post("/desk/people/invitations", &ada, form).await;
    assert_eq!(
        (sent.status(), leads_to(&sent)),
        (StatusCode::SEE_OTHER, "/desk/people?sent=bob%40example.org")
    );
    let page = text(desk.get(leads_to(&sent), &ada).await).await;
    assert!(page.contains("Invitation sent to bob@example.org.") && page.contains("Send again"));
    assert!(page.contains("bob@example.org") && page.contains("Author, invited"));

    let email = desk.store.emails(1).await.expect("emails").remove(0);
    assert_eq!(email.to.as_str(), "bob@example.org");
    assert_eq!(email.subject, "ada@example.org invited you to The Paper");
    let body = desk.store.email_body(email.id).await.expect("a body");
    let link = body.text.split_whitespace().find(|word| word.starts_with(super::ADDRESS));
    let link = link.expect("a link").strip_prefix(super::ADDRESS).expect("ours");
    let secret = link.rsplit('/').next().expect("a secret");
    assert_eq!(desk.store.columns_with(secret).await.expect("searched"), [""; 0]);
    assert!(body.html.replace("&#x2f;", "/").contains(link), "{}", body.html);
    let joined = desk.post(link, "", "name=Bob").await;
    assert_eq!(leads_to(&joined), "/desk");
    let page = text(desk.get("/desk/people", &ada).await).await;
    assert!(page.contains(">Bob") && !page.contains("Author, invited"));
    assert!(page.contains("bob@example.org joined as Author"));
}

#[tokio::test]
async fn an_invitation_can_be_withdrawn() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let link = desk.link(Some("bob@example.org"), Role::Author).await;
    let key = desk.store.invitations().await.expect("asked")[0].key;
    let path = format!("/desk/people/invitations/{key}/withdrawal");
    for _ in 0..2 {
        let answer = desk.post(&path, &ada, "").await;
        assert_eq!(leads_to(&answer), "/desk/people");
    }
    assert_eq!(desk.get(&link, "").await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn mistakes_are_explained_and_the_input_stays() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let cases = [
        ("email=bob&role=editor", "Enter an email address, such as"),
        ("email=jörg@example.org&role=editor", "No email can be sent to this address"),
        ("email=bob@example.org&role=publisher", "Choose a role."),
        ("email=ada@example.org&role=editor", "is on the team already"),
    ];
    for (form, fault) in cases {
        let answer = desk.post("/desk/people/invitations", &ada, form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let page = text(answer).await;
        assert!(page.contains(fault), "{form}: {page}");
        let typed = form.split(['=', '&']).nth(1).expect("an address");
        assert!(page.contains(&format!("value=\"{typed}\"")), "{form}");
    }
    let answer = desk.post("/desk/people/invitations", &ada, "nonsense").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_role_changes_with_the_next_request() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let (bob, at_bobs) = desk.staff("bob@example.org", Role::Support).await;
    let (role, end) =
        (format!("/desk/people/{}/role", bob.id.0), format!("/desk/people/{}/dismissal", bob.id.0));
    assert_eq!(desk.get("/desk/people", &at_bobs).await.status(), StatusCode::FORBIDDEN);
    desk.post(&role, &ada, "role=owner").await;
    assert_eq!(desk.get("/desk/people", &at_bobs).await.status(), StatusCode::OK);
    desk.post(&end, &ada, "").await;
    assert_eq!(desk.get("/desk", &at_bobs).await.status(), StatusCode::FORBIDDEN);
    let page = text(desk.get("/desk/people", &ada).await).await;
    assert!(
        page.contains("ada@example.org changed the role of bob@example.org to Owner"),
        "{page}"
    );
    assert!(page.contains("ada@example.org removed bob@example.org from the team (role: Owner)"));
}

#[tokio::test]
async fn the_last_owner_cannot_remove_themselves() {
    let desk = TestDesk::open().await;
    let (ada, at_adas) = desk.staff("ada@example.org", Role::Owner).await;
    for (what, form) in [("role", "role=author"), ("dismissal", "")] {
        let path = format!("/desk/people/{}/{what}", ada.id.0);
        let answer = desk.post(&path, &at_adas, form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(answer).await.contains("A publication needs an owner"));
    }
    // With another owner they may.
    desk.staff("bob@example.org", Role::Owner).await;
    let path = format!("/desk/people/{}/role", ada.id.0);
    assert_eq!(leads_to(&desk.post(&path, &at_adas, "role=author").await), "/desk");
    assert_eq!(desk.get("/desk", &at_adas).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn names_are_escaped() {
    let desk = TestDesk::open().await;
    let link = desk.link(None, Role::Owner).await;
    let form = "email=ada@example.org&name=%3Cscript%3Ealert(1)%3C/script%3E";
    let joined = desk.post(&link, "", form).await;
    let page = text(desk.get("/desk/people", &super::cookie(&joined)).await).await;
    assert!(!page.contains("<script>") && page.contains("&lt;script"));
}

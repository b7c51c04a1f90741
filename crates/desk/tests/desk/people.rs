//! Asking people in, saying what they are, and letting them go.

use http::StatusCode;
use masthead_circulation::staff::Role;

use super::{House, leads_to, text};

#[tokio::test]
async fn an_owner_invites_by_mail() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Owner).await;
    let form = "email=bob@example.org&role=author";
    let sent = house.post("/desk/people/invitations", &ada, form).await;
    assert_eq!((sent.status(), leads_to(&sent)), (StatusCode::SEE_OTHER, "/desk/people"));
    let page = text(house.get("/desk/people", &ada).await).await;
    assert!(page.contains("bob@example.org") && page.contains("Author, invited"));

    let email = house.store.emails(1).await.expect("emails").remove(0);
    assert_eq!(email.to.as_str(), "bob@example.org");
    assert_eq!(email.subject, "ada@example.org asks you to the desk of The Paper");
    let body = house.store.email_body(email.id).await.expect("a body");
    let link = body.text.split_whitespace().find(|word| word.starts_with(super::ADDRESS));
    let link = link.expect("a link").strip_prefix(super::ADDRESS).expect("ours");
    let secret = link.rsplit('/').next().expect("a secret");
    assert_eq!(house.store.columns_with(secret).await.expect("searched"), [""; 0]);
    assert!(body.html.replace("&#x2f;", "/").contains(link), "{}", body.html);
    let come = house.post(link, "", "name=Bob").await;
    assert_eq!(leads_to(&come), "/desk");
    let page = text(house.get("/desk/people", &ada).await).await;
    assert!(page.contains(">Bob") && !page.contains("Author, invited"));
    assert!(page.contains("bob@example.org joined as author"));
}

#[tokio::test]
async fn an_invitation_can_be_taken_back() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Owner).await;
    let link = house.link(Some("bob@example.org"), Role::Author).await;
    let key = house.store.invitations().await.expect("asked")[0].key;
    let path = format!("/desk/people/invitations/{key}/withdrawal");
    for _ in 0..2 {
        let answer = house.post(&path, &ada, "").await;
        assert_eq!(leads_to(&answer), "/desk/people");
    }
    assert_eq!(house.get(&link, "").await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn mistakes_are_told_and_what_was_typed_stays() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Owner).await;
    let cases = [
        ("email=bob&role=editor", "That is no e-mail address"),
        ("email=bob@example.org&role=publisher", "Choose what the person will be"),
        ("email=ada@example.org&role=editor", "works here already"),
    ];
    for (form, fault) in cases {
        let answer = house.post("/desk/people/invitations", &ada, form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let page = text(answer).await;
        assert!(page.contains(fault), "{form}: {page}");
        let typed = form.split(['=', '&']).nth(1).expect("an address");
        assert!(page.contains(&format!("value=\"{typed}\"")), "{form}");
    }
    let answer = house.post("/desk/people/invitations", &ada, "nonsense").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_role_changes_from_the_next_click_on() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Owner).await;
    let (bob, at_bobs) = house.staff("bob@example.org", Role::Support).await;
    let (role, end) =
        (format!("/desk/people/{}/role", bob.id.0), format!("/desk/people/{}/dismissal", bob.id.0));
    assert_eq!(house.get("/desk/people", &at_bobs).await.status(), StatusCode::FORBIDDEN);
    house.post(&role, &ada, "role=owner").await;
    assert_eq!(house.get("/desk/people", &at_bobs).await.status(), StatusCode::OK);
    house.post(&end, &ada, "").await;
    assert_eq!(house.get("/desk", &at_bobs).await.status(), StatusCode::FORBIDDEN);
    let page = text(house.get("/desk/people", &ada).await).await;
    assert!(page.contains("ada@example.org made bob@example.org owner"), "{page}");
    assert!(page.contains("ada@example.org ended the work of bob@example.org, who was owner"));
}

#[tokio::test]
async fn the_last_owner_cannot_remove_themselves() {
    let house = House::open().await;
    let (ada, at_adas) = house.staff("ada@example.org", Role::Owner).await;
    for (what, form) in [("role", "role=author"), ("dismissal", "")] {
        let path = format!("/desk/people/{}/{what}", ada.id.0);
        let answer = house.post(&path, &at_adas, form).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(answer).await.contains("A publication needs an owner"));
    }
    // With another they may, and see the rest of the desk at once.
    house.staff("bob@example.org", Role::Owner).await;
    let path = format!("/desk/people/{}/role", ada.id.0);
    assert_eq!(leads_to(&house.post(&path, &at_adas, "role=author").await), "/desk");
    assert_eq!(house.get("/desk", &at_adas).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn names_run_nothing() {
    let house = House::open().await;
    let link = house.link(None, Role::Owner).await;
    let form = "email=ada@example.org&name=%3Cscript%3Ealert(1)%3C/script%3E";
    let come = house.post(&link, "", form).await;
    let page = text(house.get("/desk/people", &super::cookie(&come)).await).await;
    assert!(!page.contains("<script") && page.contains("&lt;script"));
}

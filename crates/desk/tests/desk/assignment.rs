//! Who articles are assigned to, and by when they are due.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_circulation::{Account, staff::Role};

use super::{TestDesk, leads_to, text};

/// What the form of an assignment sends besides what is chosen.
async fn seen(desk: &TestDesk, story: &str, cookie: &str) -> String {
    let page = text(desk.get(story, cookie).await).await;
    let field = "name=\"seen\" form=\"assignment-form\" value=\"";
    let (_, rest) = page.split_once(field).expect("the field");
    format!("seen={}", rest.split('"').next().expect("its value"))
}

fn writers(offered: &[&Account], chosen: &[&Account]) -> String {
    let of = |name: &str, all: &[&Account]| {
        all.iter().map(|account| format!("&{name}={}", account.id.0)).collect::<Vec<_>>().concat()
    };
    format!("{}{}", of("offered", offered), of("writer", chosen))
}

async fn begun(desk: &TestDesk, cookie: &str) -> String {
    let answer = desk.post("/desk/articles", cookie, "headline=The+bridge").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    leads_to(&answer).to_owned()
}

#[tokio::test]
async fn an_editor_assigns_an_article_to_writers_who_may_then_edit_it() {
    for desk in [TestDesk::open().await, TestDesk::open_on_postgres().await] {
        let (ada_is, ada) = desk.staff("ada@example.org", Role::Author).await;
        let (bo_is, bo) = desk.staff("bo@example.org", Role::Author).await;
        let (eve_is, eve) = desk.staff("eve@example.org", Role::Editor).await;
        let story = begun(&desk, &eve).await;
        assert_eq!(desk.get(&story, &bo).await.status(), StatusCode::FORBIDDEN);

        let all = [&ada_is, &bo_is, &eve_is];
        let form = format!(
            "{}{}&editor={}&deadline=2027-01-20+18:00",
            seen(&desk, &story, &eve).await,
            writers(&all, &[&bo_is]),
            eve_is.id.0
        );
        let answer = desk.post(&format!("{story}/assignment"), &eve, &form).await;
        // The page says that it was saved, and the section is open there.
        let told = leads_to(&answer).to_owned();
        let wanted = format!("{story}?told=assigned#assignment-title");
        assert_eq!((answer.status(), &told), (StatusCode::SEE_OTHER, &wanted));
        let told = told.trim_end_matches("#assignment-title");
        let page = text(desk.get(told, &eve).await).await;
        assert!(page.contains("The assignment was saved."), "{page}");
        assert!(page.contains("<small>bo@example.org</small>"), "{page}");
        assert_eq!(desk.get(&story, &bo).await.status(), StatusCode::OK);
        assert_eq!(desk.get(&story, &ada).await.status(), StatusCode::FORBIDDEN);
        let saved = desk.post(&story, &bo, "version=1&headline=The+ferry").await;
        assert_eq!(saved.status(), StatusCode::SEE_OTHER);

        // The time is 2027-01-15 08:00. Both see it on Today, with its deadline.
        let today = text(desk.get("/desk", &bo).await).await;
        assert!(today.contains("The ferry") && today.contains("due 20 Jan, 18:00"), "{today}");
        let today = text(desk.get("/desk", &eve).await).await;
        assert!(today.contains("Assigned to you</h2>"), "{today}");
        let list = text(desk.get("/desk/articles", &eve).await).await;
        assert!(list.contains("Responsible editor: eve@example.org"), "{list}");
        assert!(!text(desk.get("/desk", &ada).await).await.contains("The ferry"));
        let page = text(desk.get(&story, &bo).await).await;
        assert!(page.contains("Deadline: 20 January 2027, 18:00"), "{page}");
        desk.wait(SignedDuration::from_hours(24 * 6));
        let (_, zoe) = desk.staff("zoe@example.org", Role::Editor).await;
        let list = text(desk.get("/desk/articles", &zoe).await).await;
        assert!(list.contains("overdue since 20 Jan, 18:00"), "{list}");
    }
}

#[tokio::test]
async fn an_author_shares_an_article_and_changes_nothing_else() {
    let desk = TestDesk::open().await;
    let (ada_is, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (bo_is, bo) = desk.staff("bo@example.org", Role::Author).await;
    let (sue_is, sue) = desk.staff("sue@example.org", Role::Support).await;
    let story = begun(&desk, &ada).await;
    let address = format!("{story}/assignment");
    let first = seen(&desk, &story, &ada).await;
    let refused = desk.post(&address, &bo, &first).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    let form = format!("{first}&writer={}", sue_is.id.0);
    let answer = desk.post(&address, &ada, &form).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(answer).await.contains("has a role that doesn’t write"));
    assert_eq!(desk.get(&story, &sue).await.status(), StatusCode::FORBIDDEN);

    // Removing themselves, an editor and a deadline are ignored; the other writer is added.
    let form = format!(
        "{first}{}&editor={}&deadline=2027-01-20+18:00",
        writers(&[&ada_is, &bo_is], &[&bo_is]),
        bo_is.id.0
    );
    assert_eq!(desk.post(&address, &ada, &form).await.status(), StatusCode::SEE_OTHER);
    let entry = desk.store.story(masthead_access::ArticleId(1)).await.expect("asked");
    let entry = entry.expect("a story").entry;
    assert_eq!(
        (entry.writers, entry.editor, entry.deadline),
        (vec![ada_is.id, bo_is.id], None, None)
    );
    assert_eq!(desk.get(&story, &bo).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_assignment_that_was_not_seen_is_not_replaced() {
    let desk = TestDesk::open().await;
    let (eve_is, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let (ada_is, _) = desk.staff("ada@example.org", Role::Author).await;
    let story = begun(&desk, &eve).await;
    let address = format!("{story}/assignment");
    let first = seen(&desk, &story, &eve).await;
    let people = writers(&[&eve_is, &ada_is], &[&ada_is]);
    let wrong = desk.post(&address, &eve, &format!("{first}{people}&deadline=Friday")).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(wrong).await;
    assert!(page.contains("The assignment was not saved."), "{page}");
    // What was chosen is still chosen.
    assert!(page.contains("value=\"Friday\""), "{page}");
    let is_chosen = |account: &Account| {
        let start = format!("id=\"writer-{}\"", account.id.0);
        page.split_once(&start).and_then(|(_, rest)| rest.split('>').next().map(str::to_owned))
    };
    let chosen = [&eve_is, &ada_is].map(|one| is_chosen(one).expect("a box").contains(" checked"));
    assert_eq!(chosen, [false, true]);
    assert_eq!(
        desk.post(&address, &eve, &format!("{first}{people}")).await.status(),
        StatusCode::SEE_OTHER
    );
    let late = desk.post(&address, &eve, &format!("{first}&editor={}", eve_is.id.0)).await;
    assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(late).await.contains("Somebody has changed the assignment"));
    let entry = desk.store.story(masthead_access::ArticleId(1)).await.expect("asked");
    assert_eq!(entry.expect("a story").entry.writers, [ada_is.id]);
}

//! What members of the staff are told, in the newsroom and by email.

use http::StatusCode;
use jiff::SignedDuration;
use masthead_access::ArticleId;
use masthead_circulation::staff::Role;
use masthead_editorial::passage::Passage;
use masthead_store::{Attribution, CommentWritten, NewComment, OutboxEntry};

use super::{TestDesk, email, leads_to, text};

const TEXT: &str = "headline=The+bridge&body=%3Cp%3EThe+bridge+stands+over+the+river.%3C/p%3E";

async fn begun(desk: &TestDesk, cookie: &str) -> String {
    leads_to(&desk.post("/desk/articles", cookie, TEXT).await).to_owned()
}

/// The emails about notifications to somebody, the latest first.
async fn mails(desk: &TestDesk, to: &str) -> Vec<OutboxEntry> {
    let all = desk.store.emails_to(&email(to), 99).await.expect("read");
    all.into_iter().filter(|mail| mail.kind == "notification").collect()
}

#[tokio::test]
async fn an_author_is_told_in_the_header_and_by_email_why_an_article_was_returned() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = begun(&desk, &ada).await;
    let badge = "<span class=\"badge\">1";
    assert!(!text(desk.get("/desk", &eve).await).await.contains("class=\"badge\""));
    desk.post(&format!("{story}/review"), &ada, "version=1").await;
    assert!(text(desk.get("/desk", &eve).await).await.contains(badge));
    desk.post(&format!("{story}/return"), &eve, "reason=Who+says+%3Cso%3E%3F").await;
    assert!(text(desk.get("/desk", &ada).await).await.contains(badge));
    let list = text(desk.get("/desk/notifications", &ada).await).await;
    assert!(list.contains("returned this article to you"), "{list}");
    assert!(list.contains("Who says &lt;so&gt;?"), "{list}");
    assert!(list.contains(&format!("href=\"{}\"", story.replace('/', "&#x2f;"))), "{list}");

    desk.state.tell_staff().await.expect("told");
    let sent = mails(&desk, "ada@example.org").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].subject, "Returned: The bridge");
    let body = desk.store.email_body(sent[0].id).await.expect("a body");
    assert!(body.text.contains("> Who says <so>?"), "{}", body.text);
    assert!(body.text.contains(&format!("http://paper.example{story}")), "{}", body.text);
    assert!(body.html.contains("Who says &lt;so&gt;?"), "{}", body.html);
    assert!(!body.text.contains("stands over"), "the text of the article");
    assert_eq!(
        mails(&desk, "eve@example.org").await[0].subject,
        "Submitted for review: The bridge"
    );

    // Opening it is reading what was told of it.
    let page = text(desk.get(&story, &ada).await).await;
    assert!(!page.contains("class=\"badge\""), "{page}");
    let list = text(desk.get("/desk/notifications", &ada).await).await;
    assert!(list.contains("read everything") && list.contains("returned this article"), "{list}");
}

#[tokio::test]
async fn all_are_marked_as_read_at_once() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    for _ in 0..2 {
        let story = begun(&desk, &ada).await;
        desk.post(&format!("{story}/comments"), &eve, "text=Longer").await;
    }
    let list = text(desk.get("/desk/notifications", &ada).await).await;
    assert!(
        list.contains("Mark all as read") && list.contains("name=\"shown\" value=\"2,1\""),
        "{list}"
    );
    let answer = desk.post("/desk/notifications", &ada, "shown=2,1").await;
    assert_eq!(
        (answer.status(), leads_to(&answer)),
        (StatusCode::SEE_OTHER, "/desk/notifications")
    );
    let list = text(desk.get("/desk/notifications", &ada).await).await;
    assert!(!list.contains("Mark all as read") && list.contains("Longer"), "{list}");
}

#[tokio::test]
async fn of_very_many_only_those_on_the_page_are_marked_as_read() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (eve, _) = desk.staff("eve@example.org", Role::Editor).await;
    let story = begun(&desk, &ada).await;
    let id = ArticleId(story.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id"));
    for number in 0..130 {
        let text = format!("Comment {number}.");
        let comment = NewComment { request: number.to_string(), text };
        let by = Attribution { by: eve.id, at: desk.now() };
        let begun = desk.store.begin_thread(id, &Passage::default(), &comment, by).await;
        assert_eq!(begun.expect("asked"), CommentWritten::Done);
    }
    let list = text(desk.get("/desk/notifications", &ada).await).await;
    assert!(list.contains("Mark all on this page as read") && list.contains("Older"), "{list}");
    assert!(list.contains("Comment 129.") && list.contains("Comment 30."), "{list}");
    assert!(!list.contains("Comment 29."), "{list}");
    let shown =
        list.split("name=\"shown\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = format!("shown={}", shown.expect("the numbers"));
    // Other pages can be read first, and are not marked with it.
    let older = text(desk.get("/desk/notifications?after=unread-31", &ada).await).await;
    assert!(older.contains("Comment 29.") && older.contains("Latest notifications"), "{older}");
    assert!(!older.contains("Comment 30."), "{older}");
    desk.post("/desk/notifications", &ada, &form).await;
    let list = text(desk.get("/desk/notifications", &ada).await).await;
    assert!(list.contains("<span class=\"badge\">30"), "{list}");
    assert!(list.contains("Comment 29.") && list.contains("Mark all as read"), "{list}");
}

#[tokio::test]
async fn what_somebody_switches_off_is_not_sent() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = begun(&desk, &ada).await;
    let settings = "/desk/notifications/settings";
    let page = text(desk.get(settings, &ada).await).await;
    assert!(
        page.contains("id=\"email-returned\" name=\"email\" value=\"returned\" checked"),
        "{page}"
    );
    // Authors get no submissions.
    assert!(!page.contains("submitted"), "{page}");
    let answer = desk.post(settings, &ada, "desk=commented&email=commented").await;
    let page = text(desk.get(leads_to(&answer), &ada).await).await;
    assert!(page.contains("role=\"status\""), "{page}");
    assert!(
        page.contains("id=\"email-commented\" name=\"email\" value=\"commented\" checked"),
        "{page}"
    );
    assert!(page.contains("id=\"email-returned\" name=\"email\" value=\"returned\">"), "{page}");
    desk.post(&format!("{story}/review"), &ada, "version=1").await;
    desk.post(&format!("{story}/return"), &eve, "reason=Longer").await;
    desk.post(&format!("{story}/comments"), &eve, "text=See+line+2").await;
    let list = text(desk.get("/desk/notifications", &ada).await).await;
    assert!(list.contains("See line 2") && !list.contains("returned this article"), "{list}");
    desk.state.tell_staff().await.expect("told");
    let sent = mails(&desk, "ada@example.org").await;
    assert_eq!((sent.len(), sent[0].subject.as_str()), (1, "Comment: The bridge"));
}

#[tokio::test]
async fn emails_are_in_the_language_that_their_recipient_has_chosen() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    desk.post("/desk/language", &ada, "language=de&from=/desk").await;
    let story = begun(&desk, &ada).await;
    for number in 0..3 {
        let form = format!("text=%40ada%40example.org+{number}");
        desk.post(&format!("{story}/comments"), &eve, &form).await;
    }
    desk.state.tell_staff().await.expect("told");
    let sent = mails(&desk, "ada@example.org").await;
    assert_eq!(sent[0].subject, "3 Benachrichtigungen: The bridge");
    let body = desk.store.email_body(sent[0].id).await.expect("a body");
    assert!(body.text.contains("Artikel öffnen:"), "{}", body.text);
}

#[tokio::test]
async fn a_mention_of_somebody_who_may_not_open_the_article_keeps_the_words() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    desk.staff("bo@example.org", Role::Author).await;
    let (_, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = begun(&desk, &ada).await;
    let comments = format!("{story}/comments");
    let refused = desk.post(&comments, &eve, "text=Ask+%40bo%40example.org").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = text(refused).await;
    assert!(page.contains("bo@example.org can’t open this article"), "{page}");
    assert!(page.contains(">Ask @bo@example.org</textarea>"), "{page}");
    assert!(page.contains("ada@example.org") && page.contains("eve@example.org"), "{page}");
    desk.post(&comments, &eve, "text=Longer").await;
    let replies = format!("{comments}/1/replies");
    let refused = desk.post(&replies, &ada, "text=And+%40bo%40example.org").await;
    let page = text(refused).await;
    assert!(
        page.contains("<details open>") && page.contains(">And @bo@example.org</textarea>"),
        "{page}"
    );
}

#[tokio::test]
async fn a_deadline_is_told_once_to_the_writer_and_the_responsible_editor() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Author).await;
    let (olu, eve) = desk.staff("eve@example.org", Role::Editor).await;
    let story = begun(&desk, &ada).await;
    // The clock is at 15 January 2027, 08:00.
    let form =
        format!("seen=1;0;0&offered=1&writer=1&editor={}&deadline=2027-01-16+07:00", olu.id.0);
    desk.post(&format!("{story}/assignment"), &eve, &form).await;
    for _ in 0..2 {
        desk.state.tell_staff().await.expect("told");
        desk.wait(SignedDuration::from_mins(20));
    }
    for (to, cookie) in [("ada@example.org", &ada), ("eve@example.org", &eve)] {
        assert_eq!(mails(&desk, to).await.len(), 1, "{to}");
        let list = text(desk.get("/desk/notifications", cookie).await).await;
        assert!(list.contains("due on 16 January 2027, 07:00"), "{list}");
    }
}

#[tokio::test]
async fn owners_get_the_figures_of_a_week_on_monday_and_no_more_than_one_after_an_outage() {
    let desk = TestDesk::open().await;
    desk.staff("olu@example.org", Role::Owner).await;
    desk.staff("eve@example.org", Role::Editor).await;
    let figures = async |to: &str| {
        let all = desk.store.emails_to(&email(to), 99).await.expect("read");
        all.into_iter().filter(|mail| mail.kind == "weekly_figures").count()
    };
    // The clock is at Friday, 08:00.
    desk.state.send_weekly_figures().await.expect("sent");
    assert_eq!(figures("olu@example.org").await, 0);
    desk.wait(SignedDuration::from_hours(71));
    for _ in 0..2 {
        desk.state.send_weekly_figures().await.expect("sent");
        assert_eq!((figures("olu@example.org").await, figures("eve@example.org").await), (1, 0));
    }
    desk.wait(SignedDuration::from_hours(24 * 7 * 3 + 30));
    for _ in 0..2 {
        desk.state.send_weekly_figures().await.expect("sent");
        assert_eq!(figures("olu@example.org").await, 2);
    }
    let olu = desk.reader("olu@example.org").await;
    let settings = "/desk/notifications/settings";
    let page = text(desk.get(settings, &olu).await).await;
    assert!(page.contains("value=\"figures\" checked"), "{page}");
    desk.post(settings, &olu, "email=returned").await;
    let page = text(desk.get(settings, &olu).await).await;
    assert!(page.contains("value=\"figures\">"), "{page}");
    desk.wait(SignedDuration::from_hours(24 * 7));
    desk.state.send_weekly_figures().await.expect("sent");
    assert_eq!(figures("olu@example.org").await, 2);
}

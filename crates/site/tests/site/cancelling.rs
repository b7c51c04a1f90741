//! Cancelling without signing in: nobody learns whose an address is, and only its owner cancels.

use http::StatusCode;
use masthead_circulation::{EndingKind, Mandate, State, Subscription, SubscriptionId};
use masthead_publication::Publication;
use masthead_store::EndingEmailRequest;

use crate::{
    newspaper::{Browser, Newspaper, Reply},
    post::{kinds, latest, link, sign_in},
    shop::{ADA, DOOR, ada, buy, held, number, paper, sells},
};

const FORM: &str = "email=ada%40example.org&reason=Too+many+%3Ctides%3E";

/// Asks for the email, which is sent after the response.
async fn ask(paper: &Newspaper, browser: &mut Browser, form: &str) -> Reply {
    let reply = browser.post("/cancel", form).await;
    paper.site.finish_background_work().await;
    reply
}

/// The path of the latest link to cancel.
async fn latest_link(paper: &Newspaper) -> String {
    link(&latest(paper, ADA, "cancellation").await).replace("https://paper.example", "")
}

/// Asks for a link, and returns its path.
async fn ask_for_link(paper: &Newspaper, browser: &mut Browser) -> String {
    ask(paper, browser, FORM).await;
    latest_link(paper).await
}

/// The field that chooses a subscription, as the browser sends it.
fn choice(id: u32) -> String {
    format!("subscription-{id}=yes")
}

#[tokio::test]
async fn a_reader_cancels_by_the_link_in_an_email_and_staff_learn_why() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let id = SubscriptionId(number(&paper).await);
        let mut stranger = paper.browser();
        let page = stranger.get("/cancel").await.text();
        assert!(page.contains("You don’t need to sign in."), "{page}");
        let sent = ask(&paper, &mut stranger, FORM).await;
        assert_eq!(sent.status, StatusCode::OK);
        assert!(sent.text().contains("open the link in it within 24 hours"), "{}", sent.text());
        let mail = latest(&paper, ADA, "cancellation").await;
        assert!(mail.text.contains("cancel your The web edition subscription"), "{}", mail.text);
        assert_eq!(paper.store.audit_of(id).await.expect("read").len(), 1, "nothing happened yet");

        // Mail programs follow links: that cancels nothing.
        let path = latest_link(&paper).await;
        let confirm = stranger.get(&path).await.text();
        assert!(confirm.contains("You can keep reading until December 24, 2026"), "{confirm}");
        assert!(confirm.contains(&format!("name=\"subscription-{}\"", id.0)), "{confirm}");
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation"]);
        let done = stranger.post(&path, &choice(id.0)).await;
        assert_eq!(done.status, StatusCode::OK);
        let said = done.text();
        assert!(said.contains("<h1>Your subscription has been cancelled</h1>"), "{said}");
        assert!(
            said.contains("You can keep reading until December 24, 2026. Then it ends"),
            "{said}"
        );
        assert!(said.contains("If you change your mind before it ends, sign in"), "{said}");
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation", "cancelled"]);
        let audit = paper.store.audit_of(id).await.expect("read");
        let said: Vec<_> =
            audit.iter().map(|entry| (entry.actor.name(), entry.what.as_str())).collect();
        assert_eq!(
            said,
            [
                ("reader", "begun"),
                ("reader", "cancelled"),
                ("reader", "gave a reason: Too many <tides>"),
            ]
        );
        let account = ada.get("/account").await.text();
        assert!(account.contains("Cancelled. You can keep reading"), "{account}");
    }
}

#[tokio::test]
async fn a_link_works_once_also_if_the_cancellation_was_taken_back() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let id = number(&paper).await;
        let mut stranger = paper.browser();
        let path = ask_for_link(&paper, &mut stranger).await;
        // From two tabs at once: one cancels, and the other is told.
        let (mut one, mut two) = (paper.browser(), paper.browser());
        let form = choice(id);
        let (one, two) = tokio::join!(one.post(&path, &form), two.post(&path, &form));
        let mut answers = [one.status, two.status];
        answers.sort();
        assert_eq!(answers, [StatusCode::OK, StatusCode::GONE]);
        ada.post(&format!("/account/subscriptions/{id}/continuation"), "").await;
        for used in [stranger.get(&path).await, stranger.post(&path, &form).await] {
            assert_eq!(used.status, StatusCode::GONE);
            let said = used.text();
            assert!(said.contains("This link no longer works"), "{said}");
            assert!(said.contains("ask for a new link") && said.contains("href=\"/cancel\""));
        }
        assert!(matches!(held(&paper).await.remove(0).state, State::Active { .. }), "it is kept");
        let again = ask_for_link(&paper, &mut stranger).await;
        assert_eq!(stranger.post(&again, &form).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_link_that_cannot_be_read_says_so_and_leads_to_a_new_one() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let id = number(&paper).await;
    let path = ask_for_link(&paper, &mut ada).await;
    let mut stranger = paper.browser();
    // Cut by a mail program, or sent by an earlier version, which sealed it differently.
    for broken in [&path[..path.len() - 9], "/cancel/bm8gbG9uZ2Vy"] {
        for answer in [stranger.get(broken).await, stranger.post(broken, &choice(id)).await] {
            assert_eq!(answer.status, StatusCode::GONE, "{broken}");
            let said = answer.text();
            assert!(said.contains("This link doesn’t work"), "{said}");
            assert!(said.contains("before this website was updated"), "{said}");
            assert!(said.contains("href=\"/cancel\""), "{said}");
        }
    }
    assert!(matches!(held(&paper).await.remove(0).state, State::Active { .. }), "it is unchanged");
    assert_eq!(stranger.post(&path, &choice(id)).await.status, StatusCode::OK);
}

/// Gives a reader a second subscription, which the site itself does not sell beside the first.
async fn give_another(paper: &Newspaper) -> Subscription {
    let first = held(paper).await.pop().expect("a subscription");
    let second = Subscription { mandate: Mandate::manual(), ..first };
    paper.store.import_subscriptions(&[(second, None)]).await.expect("taken in");
    held(paper).await.remove(0)
}

#[tokio::test]
async fn a_reader_with_several_subscriptions_chooses_which_to_cancel() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    let (first, second) = (number(&paper).await, give_another(&paper).await.id.0);
    let mut stranger = paper.browser();
    let path = ask_for_link(&paper, &mut stranger).await;
    let page = stranger.get(&path).await.text();
    for id in [first, second] {
        let field = format!("<input type=\"checkbox\" name=\"subscription-{id}\"");
        assert!(page.contains(&field) && !page.contains("checked"), "{page}");
    }
    let none = stranger.post(&path, "").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("Choose at least one subscription"), "{}", none.text());
    // Those of others are not to be had.
    let foreign = stranger.post(&path, &choice(999)).await;
    assert_eq!(foreign.status, StatusCode::GONE);
    let done = stranger.post(&path, &choice(second)).await.text();
    assert!(done.contains("<h1>Your subscription has been cancelled</h1>"), "{done}");
    let is_cancelled = |all: &[Subscription], id| {
        let one = all.iter().find(|held| held.id.0 == id).expect("there");
        matches!(one.state, State::Cancelling { .. })
    };
    let all = held(&paper).await;
    assert!(is_cancelled(&all, second) && !is_cancelled(&all, first));

    give_another(&paper).await;
    let path = ask_for_link(&paper, &mut stranger).await;
    let done = stranger.post(&path, "all=yes").await.text();
    assert!(done.contains("<h1>Your subscriptions have been cancelled</h1>"), "{done}");
    let all = held(&paper).await;
    assert!(all.iter().all(|one| is_cancelled(&all, one.id.0)), "{all:?}");
}

#[tokio::test]
async fn what_is_printed_is_delivered_and_what_is_not_paid_ends() {
    let paper = paper().await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    let mut stranger = paper.browser();
    let path = ask_for_link(&paper, &mut stranger).await;
    let id = number(&paper).await;
    let confirm = stranger.get(&path).await.text();
    assert!(confirm.contains("We’ll deliver your paper until December 24, 2026"), "{confirm}");
    assert!(!confirm.contains("keep reading"), "{confirm}");
    let done = stranger.post(&path, &choice(id)).await.text();
    assert!(done.contains("After that nothing more is delivered"), "{done}");
    assert!(!done.contains("keep reading"), "{done}");
    let mail = latest(&paper, ADA, "cancelled").await.text;
    assert!(mail.contains("We’ll deliver your paper until") && !mail.contains("keep reading"));

    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    buy(&mut bob, "web-monthly", "declined-later", "/").await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    ask(&paper, &mut stranger, "email=bob%40example.org").await;
    let mail = latest(&paper, "bob@example.org", "cancellation").await;
    let path = link(&mail).replace("https://paper.example", "");
    let page = stranger.get(&path).await.text();
    assert!(page.contains("It ends immediately, because your last payment"), "{page}");
    let field = page.split("name=\"subscription-").nth(1).and_then(|rest| rest.split('"').next());
    let id = field.and_then(|id| id.parse().ok()).expect("a number");
    let done = stranger.post(&path, &choice(id)).await.text();
    assert!(done.contains("It has ended. You don’t owe us anything"), "{done}");
    let mail = latest(&paper, "bob@example.org", "cancelled").await.text;
    assert!(mail.contains("has ended") && !mail.contains("keep reading"), "{mail}");
}

#[tokio::test]
async fn guests_see_no_account_in_the_header() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = paper.browser();
    let form = stranger.get("/cancel").await;
    let sent = ask(&paper, &mut stranger, FORM).await;
    let path = latest_link(&paper).await;
    let confirm = stranger.get(&path).await;
    let done = stranger.post(&path, &choice(number(&paper).await)).await;
    let used = stranger.get(&path).await;
    for page in [form, sent, confirm, done, used] {
        let page = page.text();
        let header = page.split("<main").next().expect("a header");
        assert!(!header.contains("href=\"/account\""), "{header}");
        assert!(header.contains("href=\"/sign-in\""), "{header}");
    }
    let page = ada.get("/cancel").await.text();
    let header = page.split("<main").next().expect("a header");
    assert!(header.contains("href=\"/account\""), "{header}");
}

#[tokio::test]
async fn the_page_says_the_same_to_every_address_and_each_gets_an_email() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = paper.browser();
    let subscriber = ask(&paper, &mut stranger, "email=ada%40example.org").await;
    let nobody = ask(&paper, &mut stranger, "email=eve%40example.org").await;
    assert_eq!((subscriber.status, subscriber.text()), (nobody.status, nobody.text()));
    assert_eq!(kinds(&paper, "eve@example.org").await, ["no_cancellation"]);
    let mail = latest(&paper, "eve@example.org", "no_cancellation").await;
    assert!(mail.text.contains("We found no subscription"), "{}", mail.text);
    let faulty = stranger.post("/cancel", "email=eve&reason=x").await;
    assert_eq!(faulty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(faulty.text().contains("Enter an email address"), "{}", faulty.text());
}

#[tokio::test]
async fn a_server_that_is_killed_after_its_answer_loses_no_request() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        // What is stored before the answer, by a server that has done nothing after it.
        for kind in EndingKind::ALL {
            for to in [ADA, "eve@example.org"] {
                let (to, note) = (to.parse().expect("an address"), "Ada Example".to_owned());
                let request = EndingEmailRequest { kind, to, note };
                paper.store.request_ending_email(&request, paper.now()).await.expect("stored");
            }
        }
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation", "withdrawal"]);
        let (one, two) =
            tokio::join!(paper.site.write_requested_emails(), paper.site.write_requested_emails());
        one.and(two).expect("written");
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation", "withdrawal"], "once");
        let eve = kinds(&paper, "eve@example.org").await;
        assert_eq!(eve, ["no_cancellation", "no_withdrawal"]);
        let path = latest_link(&paper).await;
        let form = choice(number(&paper).await);
        assert_eq!(paper.browser().post(&path, &form).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_link_that_is_old_or_made_up_cancels_nothing() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    let mut stranger = paper.browser();
    let path = ask_for_link(&paper, &mut stranger).await;
    paper.go_to("2026-11-25T09:00:01Z").await;
    let changed = format!("{}x", &path[..path.len() - 1]);
    for dead in [path.as_str(), changed.as_str(), "/cancel/7", "/cancel/%00"] {
        for reply in [stranger.get(dead).await, stranger.post(dead, "all=yes").await] {
            assert_eq!(reply.status, StatusCode::GONE, "{dead}");
            assert!(reply.text().contains("href=\"/cancel\""), "{}", reply.text());
        }
    }
    assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancellation"]);
}

#[tokio::test]
async fn emails_to_an_address_are_limited_as_those_to_sign_in_are() {
    let paper = Newspaper::with(sells).await;
    let mut eve = paper.browser();
    for _ in 0..8 {
        ask(&paper, &mut eve, "email=bob%40example.org").await;
    }
    assert_eq!(kinds(&paper, "bob@example.org").await.len(), 5);
}

#[tokio::test]
async fn a_link_ends_with_the_sessions_of_its_account() {
    for paper in Newspaper::on_both_with(sells).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let form = choice(number(&paper).await);
        let mut stranger = paper.browser();
        let account = paper.store.account_at(&ADA.parse().expect("an address")).await;
        let account = account.expect("asked").expect("registered").id;
        for end in ["everywhere", "everyone"] {
            let path = ask_for_link(&paper, &mut stranger).await;
            assert_eq!(stranger.get(&path).await.status, StatusCode::OK, "{end}");
            match end {
                "everywhere" => {
                    ada.post("/account/sessions/end", "").await;
                }
                _ => {
                    let ended = paper.store.end_everyones_sessions(None, paper.now()).await;
                    ended.expect("ended");
                }
            }
            for ended in [stranger.get(&path).await, stranger.post(&path, &form).await] {
                assert_eq!(ended.status, StatusCode::GONE, "{end}");
                assert!(ended.text().contains("it ended when you signed out everywhere"));
            }
        }
        let open = paper.store.subscriptions_of(account).await.expect("read").remove(0);
        assert!(matches!(open.state, State::Active { .. }), "{:?}", open.state);
        // Another link works.
        let path = ask_for_link(&paper, &mut stranger).await;
        assert_eq!(stranger.post(&path, &form).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn strangers_keep_no_known_device_from_cancelling() {
    let paper = Newspaper::with(sells).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    for network in 0..30 {
        let mut eve = paper.browser().from(&format!("198.51.{network}.1"));
        ask(&paper, &mut eve, FORM).await;
    }
    let sent =
        async || kinds(&paper, ADA).await.iter().filter(|kind| *kind == "cancellation").count();
    assert_eq!(sent().await, 12);
    let mut stranger = paper.browser().from("192.0.2.9");
    let refused = ask(&paper, &mut stranger, FORM).await;
    assert_eq!((refused.status, sent().await), (StatusCode::TOO_MANY_REQUESTS, 12));
    assert_eq!(ask(&paper, &mut ada, FORM).await.status, StatusCode::OK);
    assert_eq!(sent().await, 13);
}

fn at_once(publication: &mut Publication) {
    sells(publication);
    publication.cancels_at_once = true;
}

#[tokio::test]
async fn where_no_link_is_needed_the_form_cancels_and_the_email_says_when_it_was_received() {
    for paper in Newspaper::on_both_with(at_once).await {
        let mut ada = ada(&paper).await;
        buy(&mut ada, "web-monthly", "good", "/").await;
        let mut stranger = paper.browser();
        let page = stranger.get("/cancel").await.text();
        assert!(page.contains("We’ll cancel it at the end of the time you’ve paid for"), "{page}");
        let mut answers = Vec::new();
        for form in [FORM, FORM, "email=eve%40example.org"] {
            let sent = ask(&paper, &mut stranger, form).await;
            assert_eq!(sent.status, StatusCode::OK);
            answers.push(sent.text());
        }
        assert!(answers[0].contains("We’ve received your cancellation"), "{}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "the same to everybody");
        let state = held(&paper).await.remove(0).state;
        assert!(matches!(state, State::Cancelling { .. }), "{state:?}");
        assert_eq!(kinds(&paper, ADA).await, ["receipt", "cancelled", "no_cancellation"]);
        assert_eq!(kinds(&paper, "eve@example.org").await, ["no_cancellation"]);
        let mail = latest(&paper, ADA, "cancelled").await.text;
        assert!(mail.contains("Cancellation received: November 24, 2026"), "{mail}");
        let id = SubscriptionId(number(&paper).await);
        let audit = paper.store.audit_of(id).await.expect("read");
        let said = audit.last().map(|entry| entry.what.clone());
        assert_eq!(said.as_deref(), Some("gave a reason: Too many <tides>"));
        // Whose it is takes it back.
        ada.post(&format!("/account/subscriptions/{}/continuation", id.0), "").await;
        assert!(matches!(held(&paper).await.remove(0).state, State::Active { .. }), "it is kept");
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_or_is_not_the_only_one_needs_the_link_also_then() {
    let paper = Newspaper::with(at_once).await;
    let mut ada = ada(&paper).await;
    buy(&mut ada, "paper-monthly", "good", &format!("/&{DOOR}")).await;
    give_another(&paper).await;
    let mut bob = paper.browser();
    sign_in(&paper, &mut bob, "bob@example.org", "/").await;
    buy(&mut bob, "web-monthly", "declined-later", "/").await;
    paper.go_to("2026-12-24T09:00:00Z").await;
    for to in ["ada", "bob"] {
        ask(&paper, &mut bob, &format!("email={to}%40example.org")).await;
        let kinds = kinds(&paper, &format!("{to}@example.org")).await;
        assert_eq!(kinds.last().map(String::as_str), Some("cancellation"), "{kinds:?}");
        assert!(!kinds.iter().any(|kind| kind == "cancelled"), "{kinds:?}");
    }
}

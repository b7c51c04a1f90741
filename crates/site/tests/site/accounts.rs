//! Registering, signing in by mail, and the account: what a reader gains, and what nobody else does.

use http::{Method, StatusCode};
use masthead_access::{
    Allowance, Tier,
    message::{Message, MessageDraft, Moment, Placement},
};
use masthead_store::{BouncedEmail, DeliveryResult};

use crate::{
    newspaper::{Newspaper, article, later, publication, sentence, tiered},
    post::{TO_ACCOUNT, ask, code, kinds, latest, link, sign_in},
    shop::{ADA, sells},
};

#[tokio::test]
async fn registering_at_the_wall_leads_back_with_every_read() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abcdefg").await;
        let mut ada = paper.browser();
        for slug in ["a", "b", "c"] {
            ada.get(&format!("/news/{slug}")).await;
        }
        let wall = ada.get("/news/d").await;
        assert_eq!(wall.header("masthead-access"), Some("wall;reason=register"));
        assert!(wall.text().contains(r#"href="/register""#));

        let mut there = ada.clone().sending("referer", "https://paper.example/news/d");
        there = there.sending("host", "paper.example");
        let page = there.get("/register").await.text();
        assert!(page.contains(r#"name="from" value="/news/d""#), "{page}");

        let back = sign_in(&paper, &mut ada, ADA, "/news/d").await;
        assert_eq!(back.header("location"), Some("/news/d"));
        assert_eq!(ada.access("/news/d").await, "metered;left=1");
        assert_eq!(ada.access("/news/a").await, "open;reason=re-read");
        assert_eq!(ada.access("/news/e").await, "metered;left=0");
        assert_eq!(ada.access("/news/f").await, "wall;reason=meter");
        let wall = ada.get("/news/g").await.text();
        assert!(wall.contains(&sentence("g", 0)) && !wall.contains(&sentence("g", 1)));
        assert!(wall.contains("You’ve read your 5 free articles"), "{wall}");
    }
}

#[tokio::test]
async fn a_message_calls_readers_by_the_name_that_they_have_given_and_nobody_else() {
    let text = "{{#readerName}}Dear {{readerName}}: {{/readerName}}{{numberArticlesLeft}} to go.";
    let draft = MessageDraft { text, ..MessageDraft::default() };
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abc").await;
        let mut publication = publication();
        let message = Message::check(Moment::MeterLeft, Placement::Banner, &draft);
        publication.messages.replace(vec![message.expect("a message")]);
        paper.republish(publication).await.expect("republished");
        let (mut ada, mut bo) = (paper.browser(), paper.browser());
        sign_in(&paper, &mut ada, ADA, "/").await;
        sign_in(&paper, &mut bo, "bo@example.org", "/").await;
        let nameless = ada.get("/news/a").await.text();
        assert!(nameless.contains("4 to go.") && !nameless.contains("Dear"), "{nameless}");
        ada.post("/account/name", "name=Ada+%3Cb%3E").await;
        let called = ada.get("/news/b").await.text();
        assert!(called.contains("Dear Ada &lt;b&gt;: 3 to go."), "{called}");
        for path in ["/news/a", "/news/b"] {
            assert!(!bo.get(path).await.text().contains("Dear"), "{path}");
            assert!(!paper.browser().get(path).await.text().contains("Dear"), "{path}");
        }
        ada.post("/account/name", "name=").await;
        assert!(!ada.get("/news/c").await.text().contains("Dear"));
    }
}

#[tokio::test]
async fn the_meter_follows_the_account_to_every_device_and_survives_a_restart() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcdefg").await;
    let (mut phone, mut laptop) = (paper.browser(), paper.browser());
    sign_in(&paper, &mut phone, ADA, "/").await;
    sign_in(&paper, &mut laptop, "ADA@Example.org", "/").await;
    assert_eq!(phone.access("/news/a").await, "metered;left=4");
    assert_eq!(laptop.access("/news/a").await, "open;reason=re-read");
    assert_eq!(laptop.access("/news/b").await, "metered;left=3");
    assert_eq!(phone.access("/news/c").await, "metered;left=2");
    paper.site.close().await;
    let router = paper.reopen().await;
    phone.move_to(router);
    assert_eq!(phone.access("/news/b").await, "open;reason=re-read");
    assert_eq!(phone.access("/news/d").await, "metered;left=1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_tabs_on_two_devices_never_exceed_the_allowance() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcdefghij").await;
    let (mut phone, mut laptop) = (paper.browser(), paper.browser());
    sign_in(&paper, &mut phone, ADA, "/").await;
    sign_in(&paper, &mut laptop, ADA, "/").await;
    let tabs: Vec<_> = "abcdefghij"
        .chars()
        .enumerate()
        .map(|(number, slug)| {
            let mut tab = if number % 2 == 0 { phone.clone() } else { laptop.clone() };
            tokio::spawn(async move { tab.access(&format!("/news/{slug}")).await })
        })
        .collect();
    let mut open = 0;
    for tab in tabs {
        open += usize::from(tab.await.expect("an answer").starts_with("metered"));
    }
    assert_eq!(open, 5);
}

#[tokio::test]
async fn articles_for_registered_readers_open() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("r", Tier::Registered)).await;
    let mut ada = paper.browser();
    assert_eq!(ada.access("/news/r").await, "wall;reason=register");
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(ada.access("/news/r").await, "open;reason=registered");
}

#[tokio::test]
async fn a_link_is_good_once_on_its_device_and_for_a_quarter_of_an_hour() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    let email = ask(&paper, &mut ada, ADA, "/").await;
    // A person who intercepts the mail has another device.
    let thief = paper.browser().get(&link(&email)).await;
    assert_eq!(thief.status, StatusCode::FORBIDDEN);
    assert!(
        thief.text().contains("Open this link on the device you used")
            && thief.header("set-cookie").is_none()
    );
    // A browser that loads on suspicion spends nothing.
    let early = ada.clone().sending("sec-purpose", "prefetch").get(&link(&email)).await;
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE);
    let mut twice = ada.clone();
    assert_eq!(ada.get(&link(&email)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(twice.get(&link(&email)).await.status, StatusCode::GONE);
    let again = ada.get(&link(&email)).await;
    assert_eq!(again.header("location"), Some("/account"), "a second click by the one signed in");

    let mut bob = paper.browser();
    let email = ask(&paper, &mut bob, "bob@example.org", "/").await;
    paper.set_clock(&later(paper.now(), 15).to_string());
    assert_eq!(bob.get(&link(&email)).await.status, StatusCode::GONE);
    assert_eq!(bob.get("/sign-in/with/nonsense").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_code_signs_in_where_it_was_asked_for_and_nowhere_else() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    let email = ask(&paper, &mut ada, ADA, "/").await;
    let right = format!("code={}", code(&email));
    assert_eq!(paper.browser().post("/sign-in/code", &right).await.status, StatusCode::GONE);
    let wrong = if code(&email) == "000000" { "code=000001" } else { "code=000000" };
    let reply = ada.post("/sign-in/code", wrong).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("That code doesn’t match"));
    assert_eq!(ada.post("/sign-in/code", &right).await.status, StatusCode::SEE_OTHER);
    assert!(ada.get("/account").await.text().contains(ADA));

    // Nobody guesses more than five times.
    let mut eve = paper.browser();
    let email = ask(&paper, &mut eve, "bob@example.org", "/").await;
    for guess in 0..5 {
        let guess = format!(
            "code={:06}",
            (code(&email).parse::<u32>().expect("digits") + guess + 1) % 1_000_000
        );
        assert_eq!(
            eve.post("/sign-in/code", &guess).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let right = format!("code={}", code(&email));
    assert_eq!(eve.post("/sign-in/code", &right).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let paper = Newspaper::new().await;
    sign_in(&paper, &mut paper.browser(), ADA, "/").await;
    let mut answers = Vec::new();
    for address in [ADA, "nobody@example.org"] {
        let mut stranger = paper.browser();
        let email = ask(&paper, &mut stranger, address, "/").await;
        let said = stranger.get("/sign-in/sent").await.text();
        let said = said.replace(address, "the address");
        answers.push((said, email.subject, email.text.lines().count()));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn what_other_sites_send_changes_nothing() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        for (path, form) in [
            ("/account/name", "name=Eve"),
            ("/account/sessions/end", ""),
            ("/account/deletion", "sure=yes"),
            ("/sign-in", "email=eve%40example.org"),
        ] {
            let mut misled = ada.clone().sending(name, value);
            assert_eq!(misled.post(path, form).await.status, StatusCode::BAD_REQUEST, "{path}");
        }
    }
    let page = ada.get("/account").await.text();
    assert!(page.contains(ADA) && !page.contains("Eve"));
}

#[tokio::test]
async fn nobody_is_led_to_another_site() {
    let paper = Newspaper::new().await;
    for from in ["https://evil.example/", "//evil.example", "/%5Cevil.example"] {
        let mut ada = paper.browser();
        let from = from.replace('/', "%2F");
        let back = sign_in(&paper, &mut ada, &format!("a{}@example.org", from.len()), &from).await;
        assert_eq!(back.header("location"), Some("/"), "{from}");
    }
}

#[tokio::test]
async fn bad_forms_are_answered_with_what_to_do() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    let reply = ada.post("/register", "email=nonsense&from=/").await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text();
    assert!(
        page.contains("Enter an email address, for example")
            && page.contains(r#"value="nonsense""#),
        "{page}"
    );
    for form in ["", "from=/", "email=%FF%FE&x", &"x".repeat(100_000)] {
        let status = ada.post("/sign-in", form).await.status;
        assert!(status.is_client_error(), "{status}");
    }
    assert_eq!(ada.ask(&Method::DELETE, "/account").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(paper.store.emails(1).await.expect("emails").is_empty());
}

#[tokio::test]
async fn a_reader_sees_and_ends_their_sessions() {
    let paper = Newspaper::new().await;
    paper.publish(&article("a")).await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let mut laptop = paper.browser().sending("user-agent", firefox);
    let mut phone = paper.browser();
    sign_in(&paper, &mut laptop, ADA, "/").await;
    sign_in(&paper, &mut phone, ADA, "/").await;
    let page = phone.get("/account").await;
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    let page = page.text();
    assert!(page.contains("Firefox, Linux") && page.contains("this device"), "{page}");
    let laptops = page.split("<li>").find(|row| row.contains("Firefox")).expect("a row");
    let end = laptops.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
    phone.post(end.expect("an address"), "").await;
    assert_eq!(laptop.get("/account").await.header("location"), Some(TO_ACCOUNT));
    assert!(phone.get("/account").await.text().contains(ADA));

    sign_in(&paper, &mut laptop, ADA, "/").await;
    phone.post("/account/sessions/end", "").await;
    for browser in [&mut laptop, &mut phone] {
        assert_eq!(browser.get("/account").await.header("location"), Some(TO_ACCOUNT));
    }
    // Nobody ends the sessions of others.
    let mut eve = paper.browser();
    sign_in(&paper, &mut eve, "eve@example.org", "/").await;
    sign_in(&paper, &mut laptop, ADA, "/").await;
    let key = laptop.get("/account").await.text();
    let key = key.split("/account/sessions/").nth(1).and_then(|rest| rest.split('/').next());
    eve.post(&format!("/account/sessions/{}/end", key.expect("a key")), "").await;
    assert!(laptop.get("/account").await.text().contains(ADA));
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let mut stolen = ada.clone();
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert_eq!(stolen.get("/account").await.header("location"), Some(TO_ACCOUNT));
    assert!(ada.get("/account").await.text().contains(ADA));
}

#[tokio::test]
async fn a_session_ends_when_its_device_has_stayed_away() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    let day = 24 * 60;
    paper.set_clock(&later(paper.now(), 89 * day).to_string());
    // A reader in memory is looked up again from time to time; a restart does it at once.
    ada.move_to(paper.reopen().await);
    assert!(ada.get("/account").await.text().contains(ADA));
    paper.set_clock(&later(paper.now(), 90 * day).to_string());
    assert_eq!(ada.get("/account").await.header("location"), Some(TO_ACCOUNT));
}

#[tokio::test]
async fn the_account_page_says_when_all_free_articles_are_read_if_there_are_any() {
    for (allowance, is_said) in [(1, true), (0, false)] {
        let registered = Allowance::Articles(allowance);
        let paper = Newspaper::with(|p| p.policy.allowances.registered = registered).await;
        paper.publish_metered("a").await;
        let mut ada = paper.browser();
        sign_in(&paper, &mut ada, ADA, "/").await;
        ada.get("/news/a").await;
        let page = ada.get("/account").await.text();
        let said = page.contains("You’ve read all your free articles (1).");
        assert_eq!((said, page.contains("id=\"reading\"")), (is_said, is_said), "{page}");
    }
}

#[tokio::test]
async fn a_reader_gets_everything_and_can_have_it_deleted() {
    let paper = Newspaper::new().await;
    paper.publish_metered("ab").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    ada.get("/news/a").await;
    ada.post("/account/name", "name=+Ada+%3Cb%3EQuill+").await;
    let page = ada.get("/account").await.text();
    assert!(page.contains(r#"value="Ada &lt;b&gt;Quill""#), "{page}");
    assert!(page.contains("You have 4 of 5 free articles left."), "{page}");
    let data = ada.get("/account/data.json").await;
    let data: serde_json::Value = serde_json::from_slice(&data.bytes).expect("JSON");
    assert_eq!(data["email"], ADA);
    assert_eq!(data["name"], "Ada <b>Quill");
    assert_eq!(data["reads"][0]["article"], "/news/a");

    // Not without the tick.
    ada.post("/account/deletion", "").await;
    assert!(ada.get("/account").await.text().contains(ADA));
    let gone = ada.post("/account/deletion", "sure=yes").await;
    assert!(gone.text().contains("Your account has been deleted"));
    assert_eq!(ada.get("/account").await.header("location"), Some(TO_ACCOUNT));
    assert!(paper.store.emails(10).await.expect("emails").is_empty());
    // Who comes again is new, but for what the address has read.
    sign_in(&paper, &mut ada, ADA, "/").await;
    assert!(!ada.get("/account").await.text().contains("Quill"));
    assert_eq!(ada.access("/news/b").await, "metered;left=3");
}

/// The secrets in the emails to the old and the new address.
async fn emails_to_both(paper: &Newspaper) -> [String; 2] {
    [
        link(&latest(paper, ADA, "address").await),
        link(&latest(paper, "ada@example.com", "address").await),
    ]
}

#[tokio::test]
async fn an_address_changes_when_both_ends_agree() {
    for paper in Newspaper::on_both().await {
        let (mut ada, mut phone) = (paper.browser(), paper.browser());
        sign_in(&paper, &mut phone, ADA, "/").await;
        sign_in(&paper, &mut ada, ADA, "/").await;
        ada.post("/account/address", "email=ada%40example.com").await;
        let [old, new] = emails_to_both(&paper).await;
        // Mail programs that follow links agree to nothing.
        for link in [&old, &new] {
            assert!(paper.browser().get(link).await.text().contains("ada@example.com"));
        }
        let half = paper.browser().post(&new, "").await.text();
        assert!(half.contains("the email to the other address"), "{half}");
        assert!(ada.get("/account").await.text().contains(ADA));
        let done = ada.post(&old, "").await.text();
        assert!(done.contains("Your email address has been changed"), "{done}");
        assert!(ada.get("/account").await.text().contains("ada@example.com"));
        assert_eq!(phone.get("/account").await.header("location"), Some(TO_ACCOUNT));
        for to in [ADA, "ada@example.com"] {
            let told = latest(&paper, to, "address_changed").await;
            assert!(told.text.contains("is now ada@example.com"), "{}", told.text);
        }
        assert_eq!(paper.browser().post(&old, "").await.status, StatusCode::GONE);
    }
}

#[tokio::test]
async fn an_address_that_is_taken_or_late_changes_nothing() {
    let paper = Newspaper::new().await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    ada.post("/account/address", "email=ada%40example.com").await;
    let [old, new] = emails_to_both(&paper).await;
    sign_in(&paper, &mut paper.browser(), "ada@example.com", "/").await;
    paper.browser().post(&old, "").await;
    assert_eq!(paper.browser().post(&new, "").await.status, StatusCode::CONFLICT);
    assert!(ada.get("/account").await.text().contains(ADA));

    ada.post("/account/address", "email=ada%40example.net").await;
    let emails =
        [latest(&paper, ADA, "address").await, latest(&paper, "ada@example.net", "address").await];
    paper.set_clock(&later(paper.now(), 24 * 60).to_string());
    for email in &emails {
        assert_eq!(paper.browser().post(&link(email), "").await.status, StatusCode::GONE);
    }
    sign_in(&paper, &mut ada, ADA, "/").await;
    let bad = ada.post("/account/address", "email=nonsense").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text().contains("<a href=\"#new-email\">Enter an email address"), "{}", bad.text());
}

#[tokio::test]
async fn who_cannot_be_reached_is_asked_for_another_address() {
    let paper = Newspaper::with(sells).await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, ADA, "/").await;
    ada.post("/checkout/trial", "from=/").await;
    let asks = "Our last email to you bounced.";
    assert!(!ada.get("/account").await.text().contains(asks));
    let due = paper.store.due_emails(paper.now(), 9).await.expect("due");
    let email = due.iter().find(|email| email.kind == "trial_begun").expect("an email");
    let now = paper.now();
    let claim = paper.store.claim_email(email, now, now).await.expect("claimed");
    let claim = claim.expect("a claim");
    paper.store.finish_email(claim, &DeliveryResult::Sent).await.expect("sent");
    let to = ADA.parse().expect("an address");
    let email = BouncedEmail::LatestTo(&to);
    paper.store.mark_bounced(email, "no such mailbox").await.expect("noted");
    assert!(ada.get("/account").await.text().contains(asks));
}

#[tokio::test]
async fn a_reader_is_told_of_a_sign_in_on_a_new_device_once() {
    for paper in Newspaper::on_both().await {
        let told = async || kinds(&paper, ADA).await;
        let (mut laptop, mut phone) = (paper.browser(), paper.browser());
        sign_in(&paper, &mut laptop, ADA, "/").await;
        assert!(told().await.is_empty(), "the first device is no news");
        sign_in(&paper, &mut phone, ADA, "/").await;
        assert_eq!(told().await, ["new_device"]);
        phone.post("/account/sessions/end", "").await;
        for browser in [&mut phone, &mut laptop] {
            sign_in(&paper, browser, ADA, "/").await;
        }
        assert_eq!(told().await, ["new_device"], "both are known");
    }
}

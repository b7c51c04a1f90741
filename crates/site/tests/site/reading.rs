//! What signed-in readers keep for themselves: saved articles, their reading history, and what they follow.

use http::StatusCode;
use masthead_access::Tier;
use masthead_circulation::reading::{FollowKind, Followed, MAX_FOLLOWED, MAX_SAVED};
use masthead_editorial::{Author, Kind, Piece, Status, Topic};

use crate::{
    newspaper::{Browser, Newspaper, Reply, article, sentence, tiered},
    post::{ask, link, sign_in},
    shop::{self, buy, location},
};

async fn reader(paper: &Newspaper, name: &str) -> Browser {
    let mut browser = paper.browser();
    sign_in(paper, &mut browser, &format!("{name}@example.org"), "/").await;
    browser
}

async fn save(browser: &mut Browser, address: &str) -> String {
    let form = format!("article={}", address.replace('/', "%2F"));
    location(&browser.post("/account/saved", &form).await)
}

/// The headlines on a page of the reader, in their order.
fn headlines(page: &str) -> Vec<&str> {
    let main = page.split("<main").nth(1).unwrap_or_default();
    main.split("Headline ").skip(1).filter_map(|rest| rest.split('<').next()).collect()
}

async fn list(browser: &mut Browser, address: &str) -> String {
    let page = browser.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{address}");
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    page.text()
}

#[tokio::test]
async fn a_reader_saves_articles_and_removes_them() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abc").await;
    let mut ada = reader(&paper, "ada").await;
    assert!(list(&mut ada, "/account/saved").await.contains("You haven’t saved any articles"));
    assert_eq!(save(&mut ada, "/news/a").await, "/account/saved?added=%2Fnews%2Fa");
    paper.go_to("2026-11-24T10:00:00Z").await;
    let added = save(&mut ada, "/news/b").await;
    assert!(ada.get(&added).await.text().contains("Saved."));
    // Saving it again, or by an address that it has left, changes nothing.
    save(&mut ada, "/old/a").await;
    let page = list(&mut ada, "/account/saved").await;
    assert_eq!(
        headlines(&page).iter().step_by(2).copied().collect::<Vec<_>>(),
        ["b", "a"],
        "{page}"
    );
    assert!(page.contains("Saved on November 24, 2026"), "{page}");
    // As on a front: the section, the deck and the date.
    for said in [
        "<p class=\"label\"><bdi>News</bdi></p>",
        "Deck of a.",
        "datetime=\"2026-11-20T09:00:00Z\"",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let mut bob = reader(&paper, "bob").await;
    assert_eq!(headlines(&list(&mut bob, "/account/saved").await), [""; 0]);

    let snapshot = paper.site.snapshot();
    let id = snapshot.edition.articles().iter().find(|entry| &*entry.address == "/news/b");
    let removal = format!("article={}", id.expect("an article").id.0);
    assert_eq!(location(&ada.post("/account/saved/removal", &removal).await), "/account/saved");
    let page = list(&mut ada, "/account/saved").await;
    assert!(page.contains("Headline a") && !page.contains("Headline b"));
    ada.post("/account/saved/deletion", "").await;
    assert_eq!(headlines(&list(&mut ada, "/account/saved").await), [""; 0]);
}

#[tokio::test]
async fn only_published_articles_can_be_saved_and_withdrawn_ones_show_nothing() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    paper.publish(&Piece { kind: Kind::Page, section: None, ..article("about") }).await;
    let mut ada = reader(&paper, "ada").await;
    for nothing in ["/news/none", "/news", "/about", "/author/writer", "", "https://evil.example/"]
    {
        let form = format!("article={nothing}");
        let reply = ada.post("/account/saved", &form).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    save(&mut ada, "/news/a").await;
    paper.publish(&Piece { status: Status::Withdrawn, ..article("a") }).await;
    let page = list(&mut ada, "/account/saved").await;
    assert!(page.contains("no longer available") && !page.contains("Headline a<"), "{page}");
    ada.post("/account/saved/removal", "article=1").await;
    assert!(list(&mut ada, "/account/saved").await.contains("You haven’t saved any articles"));
}

#[tokio::test]
async fn a_full_list_says_what_to_do() {
    let paper = Newspaper::new().await;
    let entries: Vec<_> = (0..=MAX_SAVED).map(|n| article(&format!("n{n}"))).collect();
    for piece in &entries {
        paper.store.save(piece, paper.now()).await.expect("saved");
    }
    paper.refresh().await;
    let mut ada = reader(&paper, "ada").await;
    let email = "ada@example.org".parse().expect("an address");
    let (account, _) = paper.store.register(&email, paper.now()).await.expect("there");
    for entry in paper.site.snapshot().edition.articles().iter().skip(1) {
        let saved = paper.store.save_article(account.id, entry.id, MAX_SAVED, paper.now());
        saved.await.expect("saved");
    }
    let last = paper.site.snapshot().edition.articles().first().expect("one").address.to_string();
    let full = ada.post("/account/saved", &format!("article={last}")).await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    let page = full.text();
    assert!(page.contains("up to 500 articles") && page.contains("href=\"/account/saved\""));
}

#[tokio::test]
async fn a_guest_is_led_to_sign_in_and_asked_once_more() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    let mut guest = paper.browser();
    for (form, list, question, told) in [
        (
            "/account/saved",
            "/account/saved",
            "Do you want to save this article?",
            "save this article",
        ),
        (
            "/account/following",
            "/account/following",
            "Do you want to follow Matter?",
            "follow this",
        ),
    ] {
        let body =
            if form.ends_with("saved") { "article=/news/a" } else { "kind=topic&slug=matter" };
        let to_sign_in = location(&guest.post(form, body).await);
        let page = guest.get(&to_sign_in).await.text();
        assert!(
            page.contains("Sign in or create a free account to") && page.contains(told),
            "{page}"
        );
        let from = to_sign_in.strip_prefix("/sign-in?from=").expect("the page to sign in at");
        let mail = ask(&paper, &mut guest, "ada@example.org", from).await;
        let back = location(&guest.get(&link(&mail)).await);
        assert!(back.starts_with(&format!("{list}?add=")), "{back}");
        let page = guest.get(&back).await.text();
        assert!(page.contains(question), "{page}");
        assert!(!page.contains("Saved on") && !page.contains("Unfollow"), "nothing is done yet");
        assert!(location(&guest.post(form, body).await).starts_with(&format!("{list}?added=")));
        guest.post("/account/sessions/end", "").await;
        assert_eq!(guest.get(list).await.status, StatusCode::SEE_OTHER);
    }
}

/// The form on a page that leads to this address.
fn form(page: &str, action: &str) -> String {
    let at = page.find(&format!("action=\"{action}\"")).expect("a form");
    page[at..].split("</form>").next().expect("a form").to_owned()
}

/// The pages with buttons, what their forms send, and what keeps and what removes.
const KEPT: [(&str, &str, &str, &str, &str); 3] = [
    ("/news/a", "/account/saved", "article=/news/a", "Save article", "Remove from saved articles"),
    (
        "/topic/matter",
        "/account/following",
        "kind=topic&slug=matter",
        "Follow Matter",
        "Unfollow Matter",
    ),
    (
        "/author/writer",
        "/account/following",
        "kind=author&slug=writer",
        "Follow A Writer",
        "Unfollow A Writer",
    ),
];

/// The words of the button that can be pressed.
fn button(page: &str, action: &str) -> String {
    let form = form(page, action);
    let buttons = form.split("<button").skip(1);
    let is_hidden =
        |button: &&str| button.split('>').next().is_some_and(|tag| tag.contains("hidden"));
    let mut shown = buttons.filter(|button| !is_hidden(button));
    let button = shown.next().expect("a button").to_owned();
    assert_eq!(shown.next(), None, "one button at a time");
    button
}

#[tokio::test]
async fn each_reader_gets_the_button_that_does_something() {
    for paper in Newspaper::on_both().await {
        paper.publish(&tiered("a", Tier::Free)).await;
        let mut ada = reader(&paper, "ada").await;
        let mut guest = paper.browser();
        for (address, list, what, keep, remove) in KEPT {
            for _ in 0..2 {
                assert!(button(&ada.get(address).await.text(), list).contains(keep), "{address}");
                ada.post(list, what).await;
                let page = ada.get(address).await;
                let shown = button(&page.text(), list);
                assert!(shown.contains(remove), "{address}: {shown}");
                assert!(button(&guest.get(address).await.text(), list).contains(keep));
                assert!(page.text().contains(&format!("formaction=\"{list}/removal\"")));
                let told = location(&ada.post(&format!("{list}/removal"), what).await);
                assert!(told.starts_with(&format!("{list}?removed=")), "{told}");
                let told = ada.get(&told).await.text();
                assert!(told.contains("role=\"status\""), "{told}");
            }
        }
        assert!(!ada.get("/news").await.text().contains("action=\"/account/following\""));
    }
}

#[tokio::test]
async fn a_reader_at_a_wall_and_another_reader_get_their_own_buttons() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("a", Tier::Subscribers)).await;
    paper.publish(&tiered("b", Tier::Free)).await;
    let (mut ada, mut bob) = (reader(&paper, "ada").await, reader(&paper, "bob").await);
    save(&mut ada, "/news/a").await;
    let shown = async |browser: &mut Browser, address: &str| {
        button(&browser.get(address).await.text(), "/account/saved").contains("Remove")
    };
    assert!(shown(&mut ada, "/news/a").await, "also of a locked article");
    assert!(!shown(&mut ada, "/news/b").await && !shown(&mut bob, "/news/a").await);
    ada.post("/account/saved/deletion", "").await;
    assert!(!shown(&mut ada, "/news/a").await);
    // A page that a device has already is asked for again, and is another one once the list has changed.
    let tag = |reply: &Reply| reply.header("etag").map(str::to_owned);
    let before = ada.get("/news/b").await;
    assert_eq!(before.header("cache-control"), Some("private, no-cache"));
    save(&mut ada, "/news/b").await;
    assert_ne!(tag(&before), tag(&ada.get("/news/b").await));
    ada.post("/account/sessions/end", "").await;
    assert!(!shown(&mut ada, "/news/b").await, "signed out");
}

#[tokio::test]
async fn a_list_that_another_server_has_changed_is_in_force_once_it_is_notified() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("a", Tier::Free)).await;
    let mut ada = reader(&paper, "ada").await;
    ada.get("/news/a").await;
    let email = "ada@example.org".parse().expect("an address");
    let (account, _) = paper.store.register(&email, paper.now()).await.expect("there");
    let id = paper.site.snapshot().edition.articles().first().expect("one").id;
    paper.store.save_article(account.id, id, MAX_SAVED, paper.now()).await.expect("saved");
    paper.site.accounts.poll_changes().await.expect("polled");
    let page = ada.get("/news/a").await.text();
    assert!(button(&page, "/account/saved").contains("Remove from saved articles"));
}

/// Writes what was opened, as the background task does.
async fn opens(paper: &Newspaper, browser: &mut Browser, slug: &str) {
    browser.get(&format!("/news/{slug}")).await;
    paper.site.accounts.write_reads().await.expect("written");
}

async fn entries(paper: &Newspaper, name: &str) -> usize {
    let email = format!("{name}@example.org").parse().expect("an address");
    let (account, _) = paper.store.register(&email, paper.now()).await.expect("there");
    paper.store.history_of(account.id, None).await.expect("read").len()
}

#[tokio::test]
async fn a_history_is_kept_only_for_readers_who_ask_for_it() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("abcdefgh").await;
        paper.publish(&tiered("locked", Tier::Subscribers)).await;
        let mut ada = reader(&paper, "ada").await;
        opens(&paper, &mut ada, "a").await;
        let page = list(&mut ada, "/account/history").await;
        assert!(
            page.contains("We don’t keep a reading history unless") && headlines(&page).is_empty()
        );
        assert_eq!(entries(&paper, "ada").await, 0);

        let on = ada.post("/account/history", "keep=yes").await;
        assert_eq!(location(&on), "/account/history");
        for slug in ["b", "c", "locked"] {
            opens(&paper, &mut ada, slug).await;
        }
        paper.set_clock("2026-11-24T10:00:00Z");
        // Coming back counts, as does what was read without the meter.
        opens(&paper, &mut ada, "b").await;
        ada.ask(&http::Method::HEAD, "/news/d").await;
        let page = list(&mut ada, "/account/history").await;
        let shown: Vec<&str> = headlines(&page);
        assert_eq!(shown, ["b", "c"], "a wall is not in it: {page}");

        ada.post("/account/history/deletion", "").await;
        assert!(
            list(&mut ada, "/account/history").await.contains("Your reading history is empty.")
        );
        paper.set_clock("2026-11-24T11:00:00Z");
        opens(&paper, &mut ada, "d").await;
        assert_eq!(entries(&paper, "ada").await, 1);
        ada.post("/account/history", "keep=no").await;
        assert_eq!(entries(&paper, "ada").await, 0);
        opens(&paper, &mut ada, "e").await;
        assert_eq!(entries(&paper, "ada").await, 0);
    }
}

#[tokio::test]
async fn the_history_of_a_subscriber_has_what_no_meter_counts() {
    let paper = Newspaper::with(shop::sells).await;
    paper.publish(&tiered("locked", Tier::Subscribers)).await;
    let mut ada = shop::ada(&paper).await;
    buy(&mut ada, "web-monthly", "good", "/").await;
    ada.post("/account/history", "keep=yes").await;
    assert_eq!(ada.access("/news/locked").await, "open;reason=subscribed");
    assert_eq!(headlines(&list(&mut ada, "/account/history").await), ["locked"]);
}

/// Articles on two topics by two authors.
async fn followed() -> Newspaper {
    let paper = Newspaper::new().await;
    let topic = |slug: &str, name: &str| vec![Topic { slug: slug.into(), name: name.into() }];
    let ann = Author { slug: "ann".into(), name: "Ann Agren".into(), ..Author::default() };
    for (slug, day, topics, authors) in [
        ("tide", 1, topic("tides", "Tides"), vec![]),
        ("boat", 2, topic("boats", "Boats"), vec![]),
        ("both", 3, topic("tides", "Tides"), vec![ann.clone()]),
        ("ann", 4, topic("boats", "Boats"), vec![ann]),
    ] {
        let published = Some(format!("2026-11-0{day}T09:00:00Z").parse().expect("a time"));
        paper.publish(&Piece { topics, authors, published, ..article(slug) }).await;
    }
    paper
}

#[tokio::test]
async fn a_reader_follows_topics_and_authors_and_sees_their_latest_articles() {
    let paper = followed().await;
    let mut ada = reader(&paper, "ada").await;
    assert!(list(&mut ada, "/account/following").await.contains("You don’t follow anything yet."));
    let follow = location(&ada.post("/account/following", "kind=topic&slug=tides").await);
    assert!(ada.get(&follow).await.text().contains("You’re following Tides."));
    ada.post("/account/following", "kind=author&slug=ann").await;
    let page = list(&mut ada, "/account/following").await;
    assert_eq!(headlines(&page), ["ann", "both", "tide"], "each once, the latest first: {page}");
    assert!(page.contains("href=\"/topic/tides\"") && page.contains("href=\"/author/ann\""));
    ada.post("/account/following/removal", "kind=author&slug=ann").await;
    assert_eq!(headlines(&list(&mut ada, "/account/following").await), ["both", "tide"]);
    for nothing in ["kind=topic&slug=none", "kind=section&slug=news", "kind=author&slug=tides"] {
        let reply = ada.post("/account/following", nothing).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn a_reader_who_follows_too_much_is_told() {
    let paper = followed().await;
    let mut ada = reader(&paper, "ada").await;
    let email = "ada@example.org".parse().expect("an address");
    let (account, _) = paper.store.register(&email, paper.now()).await.expect("there");
    for number in 0..MAX_FOLLOWED {
        let followed = Followed { kind: FollowKind::Topic, slug: format!("t{number}") };
        let begun = paper.store.follow(account.id, &followed, MAX_FOLLOWED, paper.now());
        begun.await.expect("followed");
    }
    let full = ada.post("/account/following", "kind=topic&slug=tides").await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    assert!(full.text().contains("up to 200 topics and authors"));
    // A topic without articles is shown with its slug, and can be removed.
    let page = list(&mut ada, "/account/following").await;
    assert!(page.contains("There are no articles at the moment.") && page.contains("value=\"t7\""));
}

fn feed_path(page: &str) -> String {
    let address =
        page.split("value=\"https://paper.example/following/").nth(1).expect("an address");
    format!("/following/{}", address.split('"').next().expect("an address"))
}

#[tokio::test]
async fn what_a_reader_follows_is_a_feed_at_an_address_that_can_be_changed() {
    let paper = followed().await;
    let mut locked = tiered("secret", Tier::Subscribers);
    locked.topics = vec![Topic { slug: "tides".into(), name: "Tides".into() }];
    paper.publish(&locked).await;
    let mut ada = reader(&paper, "ada").await;
    ada.post("/account/following", "kind=topic&slug=tides").await;
    assert!(!list(&mut ada, "/account/following").await.contains("/feed.xml\" readonly"));
    ada.post("/account/following/feed", "").await;
    let path = feed_path(&list(&mut ada, "/account/following").await);
    // Anybody who has the address; no cookie is needed.
    let feed = paper.browser().get(&path).await;
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert_eq!(feed.header("cache-control"), Some("private, no-cache"));
    assert_eq!(feed.header("x-robots-tag"), Some("noindex"));
    let feed = feed.text();
    assert!(feed.contains("Headline both") && feed.contains("Headline secret"), "{feed}");
    assert!(!feed.contains("Headline boat") && !feed.contains(&sentence("secret", 0)), "{feed}");
    assert!(!feed.contains("ada@example.org"), "{feed}");

    ada.post("/account/following/feed", "").await;
    let renewed = feed_path(&list(&mut ada, "/account/following").await);
    assert_ne!(renewed, path);
    assert_eq!(paper.browser().get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(paper.browser().get(&renewed).await.status, StatusCode::OK);
    ada.post("/account/following/feed/removal", "").await;
    assert_eq!(paper.browser().get(&renewed).await.status, StatusCode::NOT_FOUND);
    for wrong in ["/following/x/feed.xml", &format!("/following/{}/feed.xml", "A".repeat(43))] {
        assert_eq!(paper.browser().get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn secrets_of_feeds_cannot_be_guessed_for_long() {
    let paper = followed().await;
    let mut ada = reader(&paper, "ada").await;
    ada.post("/account/following/feed", "").await;
    let path = feed_path(&list(&mut ada, "/account/following").await);
    // Services poll many feeds from one network: those that exist are not counted.
    let mut service = paper.browser().from("198.51.100.7");
    for _ in 0..80 {
        assert_eq!(service.get(&path).await.status, StatusCode::OK);
    }
    let mut eve = paper.browser().from("198.51.100.8");
    let guess = || {
        let secret = masthead_circulation::Secret::generate(&mut rand::rng());
        format!("/following/{secret}/feed.xml")
    };
    for number in 0..60 {
        assert_eq!(eve.get(&guess()).await.status, StatusCode::NOT_FOUND, "{number}");
    }
    // A test that takes long is given another guess meanwhile.
    for _ in 0..20 {
        eve.get(&guess()).await;
    }
    let refused = eve.get(&guess()).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("wait ten minutes"), "{}", refused.text());
    assert_eq!(
        eve.get(&path).await.status,
        StatusCode::OK,
        "a service that also polls ended feeds"
    );
    let mut elsewhere = paper.browser().from("203.0.113.9");
    assert_eq!(elsewhere.get(&path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn forms_of_other_sites_change_no_list() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    let ada = reader(&paper, "ada").await;
    let mut elsewhere = ada.clone().sending("sec-fetch-site", "cross-site");
    for (address, form) in [
        ("/account/saved", "article=/news/a"),
        ("/account/history", "keep=yes"),
        ("/account/following", "kind=topic&slug=matter"),
        ("/account/following/feed", ""),
    ] {
        let reply = elsewhere.post(address, form).await;
        assert!(reply.status.is_client_error(), "{address}: {}", reply.status);
    }
    let mut ada = ada;
    assert!(list(&mut ada, "/account/saved").await.contains("You haven’t saved any articles"));
}

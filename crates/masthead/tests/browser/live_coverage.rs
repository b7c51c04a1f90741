//! Live coverage, from the desk to readers who have the article open.

use masthead_circulation::staff::Role;

use crate::{
    account::look,
    large_text::FAULTS,
    newsroom::{TEXT, at_the_desk, choose},
    visitor::{DESKTOP, PHONE, Visitor},
    workshop::{Server, Workshop},
};

const LIVE: &str = "/desk/articles/1/live";
const ARTICLE: &str = "/news/the-flood";

/// An editor at the page on which posts are written, of an article that was just published.
async fn covering(workshop: &Workshop, server: &Server) -> Visitor {
    let bob = at_the_desk(workshop, server, "Bob", Role::Editor).await;
    bob.go("/desk/articles/new").await;
    bob.write("#headline", "The flood").await;
    bob.click("#details-toggle").await.write("#authors", "Bob").await;
    // Long enough that the message at the foot of the window does not lie over a part of a link of the footer.
    bob.write(
        TEXT,
        "The water is rising. The bridge is closed, and the ferry waits for the morning.",
    )
    .await;
    choose(&bob, "#section", "news").await;
    bob.wait_for("#saved", "Saved ").await;
    bob.go("/desk/articles/1/publication").await;
    bob.follow("form.roomy button", "/desk/articles/1").await;
    bob.go("/desk/articles/1").await.follow("a[href$='/live']", LIVE).await;
    bob.follow("button[value=start]", LIVE).await;
    bob.wait_for("main", "There are no posts yet.").await;
    bob
}

/// Publishes a post with the keyboard alone: the page opens with the text in focus.
async fn post(bob: &Visitor, text: &str) {
    bob.wait_until("document.activeElement.id === 'text'").await;
    bob.go_on(text).await.ask::<bool>("window.isLeft = true").await;
    bob.chord("Control", "Enter").await.arrive(LIVE).await;
    bob.wait_for(".live-posts li", text).await;
}

#[tokio::test]
async fn an_open_page_shows_new_posts_when_its_reader_asks() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let bob = covering(&workshop, &server).await;
    post(&bob, "The first post.").await;
    let reader = Visitor::of(&server).await;
    reader.go(ARTICLE).await.wait_for(".live-bar", "announced here").await;
    assert!(reader.text(".posts").await.contains("The first post."));

    // What comes is announced, and nothing moves.
    let place = "document.querySelector('.post').getBoundingClientRect().top";
    let before: f64 = reader.ask(place).await;
    post(&bob, "The second post.").await;
    reader.wait_for(".live-bar button", "Show 1 new post").await;
    post(&bob, "The third post.").await;
    reader.wait_for(".live-bar button", "Show 2 new posts").await;
    assert!((reader.ask::<f64>(place).await - before).abs() < 0.5, "the posts have moved");
    assert!(!reader.text(".posts").await.contains("The third post."));
    look(&reader, "live-announced", &mut faults).await;
    for size in [(320, 640), PHONE, DESKTOP] {
        let found: Vec<String> = reader.resize(size).await.ask(FAULTS).await;
        faults.extend(found.into_iter().map(|fault| format!("live-announced {}: {fault}", size.0)));
    }
    reader
        .ask::<bool>("(document.documentElement.style.fontSize = '', scrollTo(0, 0), true)")
        .await;
    reader.click(".live-bar button").await;
    reader.wait_for(".posts .post:first-child", "The third post.").await;
    reader.wait_for(".live-bar", "announced here").await;
    let focus: String = reader.ask("document.activeElement.textContent").await;
    assert!(focus.contains("The third post."), "the focus is on the first new post: {focus}");
    // And it goes on.
    post(&bob, "The fourth post.").await;
    reader.wait_for(".live-bar button", "Show 1 new post").await;

    look(&bob, "desk-live", &mut faults).await;
    bob.follow(".live-posts li:first-child a.button", "/desk/articles/1/live/4").await;
    look(&bob, "desk-live-post", &mut faults).await;
    bob.write("#text", " Corrected.").await.follow("form.roomy > p:last-child button", LIVE).await;
    bob.follow(".live-posts li:last-child button[value=pin]", LIVE).await;
    bob.click("main > details > summary").await;
    bob.follow("button[value=end]", LIVE).await;
    bob.wait_for("main", "Continue live coverage").await;
    reader.go(ARTICLE).await.wait_for(".live .meta", "Live coverage has ended").await;
    assert!(reader.text(".posts").await.contains("Corrected."));
    look(&reader, "live-ended", &mut faults).await;
    for visitor in [bob, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_page_that_cannot_listen_asks_and_one_without_scripts_says_how() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = covering(&workshop, &server).await;
    let reader = Visitor::of(&server).await;
    reader.without_scripts().await.go(ARTICLE).await;
    let bar = reader.text(".live-bar").await;
    assert!(bar.contains("doesn’t update by itself") && bar.contains("Reload page"), "{bar}");
    post(&bob, "The first post.").await;
    let link: String = reader.ask("document.querySelector('.live-bar a').pathname").await;
    reader.go(&link).await;
    assert!(reader.text(".posts").await.contains("The first post."));
    // A browser whose connections are refused: the script asks for JSON.
    let other = Visitor::of(&server).await;
    other
        .page
        .evaluate_on_new_document("delete window.EventSource; const wait = window.setTimeout; window.setTimeout = (work, time, ...more) => wait(work, Math.min(time, 300), ...more);")
        .await
        .expect("set");
    other.go(ARTICLE).await;
    post(&bob, "The second post.").await;
    other.wait_for(".live-bar button", "Show 1 new post").await;
    for visitor in [bob, reader, other] {
        visitor.leave().await;
    }
}

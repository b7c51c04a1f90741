//! The search for pages and articles of the newsroom, by keys alone.

use masthead_circulation::staff::Role;

use crate::{account::look, newsroom::at_the_desk, workshop::Workshop};

#[tokio::test]
async fn pages_and_articles_are_found_from_anywhere() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    bob.chord("Control", "k").await.go_on("front").await;
    bob.wait_for("#palette-found [aria-selected=true]", "Homepage & fronts").await;
    look(&bob, "desk-palette", &mut faults).await;
    // Looking at it in all sizes and colours does not close it.
    bob.press("Enter").await.arrive("/desk/fronts").await;
    bob.chord("Control", "k").await.go_on("first art").await;
    bob.wait_for("#palette-found [aria-selected=true]", "Our first article").await;
    bob.press("ArrowDown").await;
    bob.wait_for("#palette-found [aria-selected=true]", "Search articles for “first art”").await;
    bob.press("ArrowUp").await.press("Enter").await.arrive("/desk/articles/1").await;
    // In the text the same keys add a link.
    bob.click(".ProseMirror").await.chord("Control", "k").await;
    assert!(bob.ask::<bool>("!document.querySelector('#palette').open").await);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    bob.leave().await;
}

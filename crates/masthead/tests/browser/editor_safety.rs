//! What was written is lost in no case: offline in two tabs, after the end of access, or before there is an article.

use masthead_circulation::staff::Role;

use crate::{
    desk::invitation,
    editor::at_a_new_article,
    newsroom::{TEXT, at_the_desk, offline},
    visitor::{Visitor, text},
    workshop::Workshop,
};

#[tokio::test]
async fn two_tabs_without_a_connection_both_keep_their_text() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    bob.write(TEXT, "Saved.").await.wait_for("#saved", "Saved ").await;
    let other = bob.tab("/desk/articles/1").await;
    while !text(&other, TEXT).await.contains("Saved.") {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    offline(&bob.page, true).await;
    offline(&other, true).await;
    bob.page.bring_to_front().await.expect("in front");
    bob.write(TEXT, " TABONE").await.wait_for("#fault", "There is no connection").await;
    other.bring_to_front().await.expect("in front");
    other.find_element(TEXT).await.expect("a text").click().await.expect("clicked");
    let field = other.find_element(":focus").await.expect("a focus");
    field.press_key("End").await.expect("pressed").type_str(" TABTWO").await.expect("typed");
    while !text(&other, "#fault").await.contains("There is no connection") {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Both are closed before there is a connection.
    other.close().await.expect("closed");
    bob.page.goto("about:blank").await.expect("left");
    offline(&bob.page, false).await;
    bob.go("/desk/articles/1").await.wait_for(TEXT, "TABONE").await.wait_for(TEXT, "TABTWO").await;
    bob.wait_for("#fault", "Unsaved text from this browser is back").await;
    bob.wait_for("#saved", "Saved ").await;
    assert_eq!(bob.ask::<u32>("Object.keys(localStorage).length").await, 0);
    let words = bob.text(TEXT).await;
    assert_eq!(
        (words.matches("TABONE").count(), words.matches("TABTWO").count()),
        (1, 1),
        "{words}"
    );
    bob.leave().await;
}

#[tokio::test]
async fn a_dismissed_author_is_told_and_keeps_a_copy() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let olu = at_the_desk(&workshop, &server, "Olu", Role::Owner).await;
    let ada = at_the_desk(&workshop, &server, "Ada", Role::Author).await;
    ada.go("/desk/articles/new").await.write("#headline", "My text").await;
    ada.write(TEXT, "Saved.").await.wait_for("#saved", "Saved ").await;
    olu.go("/desk/people").await.click("li:nth-child(2) details:last-child summary").await;
    olu.follow("li:nth-child(2) details:last-child .grave", "/desk/people").await;
    ada.go_on(" Not saved.").await;
    ada.wait_for("#fault", "The newsroom is for staff")
        .await
        .wait_for("#fault", "Keep a copy")
        .await;
    ada.wait_for("#saved", "Not saved").await;
    let copy = "(() => { let made; URL.createObjectURL = (blob) => (made = blob, 'blob:x'); HTMLAnchorElement.prototype.click = function () { window.named = this.download; }; \
                [...document.querySelectorAll('#fault button')].find((b) => b.textContent === 'Download text').click(); \
                return made.text().then((text) => `${window.named}: ${text}`); })()";
    let copied: String = ada.ask(copy).await;
    assert!(
        copied.starts_with("my-text.html:") && copied.contains("<p>Saved. Not saved.</p>"),
        "{copied}"
    );
    // Nothing is tried again.
    let asked = "new Promise((done) => { let n = 0; const { fetch } = window; window.fetch = (...a) => (n++, fetch(...a)); setTimeout(() => done(n), 6000); })";
    assert_eq!(ada.ask::<u32>(asked).await, 0);
    ada.leave().await;
    olu.leave().await;
}

#[tokio::test]
async fn an_article_begins_with_its_first_words() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    // The cursor is in the headline, and looking at the page begins nothing.
    assert_eq!(bob.ask::<String>("document.activeElement.id").await, "headline");
    bob.go("/desk/articles/new").await.go("/desk/articles").await;
    assert!(bob.text("main").await.contains("There are no articles yet."));
    bob.go("/desk/articles/new").await;
    bob.wait_until("document.activeElement.id === 'headline'").await;
    bob.go_on("The last ferry").await.wait_for("#saved", "Saved ").await;
    assert_eq!(bob.ask::<String>("location.pathname").await, "/desk/articles/1");
    bob.write(TEXT, "It left.").await.wait_for("#saved", "Not saved yet").await;
    bob.wait_for("#saved", "Saved ").await;
    bob.follow("a[href='/desk/articles/1/publication']", "/desk/articles/1/publication").await;
    bob.go("/desk/articles").await;
    assert_eq!(bob.ask::<u32>("document.querySelectorAll('.stories tbody tr').length").await, 1);
    bob.leave().await;
}

#[tokio::test]
async fn the_first_save_is_made_once_although_its_answer_is_lost() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_a_new_article(&workshop, &server).await;
    // The first answer is lost on its way.
    let lose = "(() => { const { fetch } = window; let lost = false; window.fetch = async (...all) => { const answer = await fetch(...all); \
                if (!lost && all[1]?.method === 'POST') { lost = true; throw new TypeError('lost'); } return answer; }; return true; })()";
    assert!(bob.ask::<bool>(lose).await);
    bob.write("#headline", "Once").await.wait_for("#fault", "There is no connection").await;
    bob.write("#deck", "And once only.").await.wait_for("#saved", "Saved ").await;
    bob.go("/desk/articles").await;
    assert_eq!(bob.ask::<u32>("document.querySelectorAll('.stories tbody tr').length").await, 1);
    bob.go("/desk/articles/1").await;
    let deck: String = bob.ask("document.querySelector('#deck').value").await;
    assert_eq!(deck, "And once only.");
    bob.leave().await;
}

#[tokio::test]
async fn empty_drafts_are_deleted_and_others_archived_from_the_list() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = Visitor::of(&server).await;
    bob.go(invitation(&workshop.does(&["staff", "link", "editor"]))).await;
    bob.write("#email", "bob@example.org").await.write("#name", "Bob").await;
    bob.follow("form button", "/desk").await;
    let begin = "Promise.all(['', 'headline=Tides', 'headline=Quays'].map((body) => fetch('/desk/articles', { method: 'POST', body: new URLSearchParams(body) }))).then(() => true)";
    assert!(bob.ask::<bool>(begin).await);
    bob.go("/desk/articles").await;
    bob.ask::<bool>(
        "(document.querySelectorAll('.stories tbody input').forEach((box) => box.click()), true)",
    )
    .await;
    bob.follow("button[value=delete]", "/desk/articles").await;
    let said = bob.text(".done").await;
    assert!(
        said.contains("1 article was deleted.") && said.contains("2 articles were left"),
        "{said}"
    );
    bob.ask::<bool>(
        "(document.querySelectorAll('.stories tbody input').forEach((box) => box.click()), true)",
    )
    .await;
    bob.follow("button[value=archive]", "/desk/articles").await;
    assert!(bob.text(".done").await.contains("2 articles were archived."));
    bob.go("/desk/articles?list=archived").await;
    assert!(bob.text(".stories").await.contains("Tides"));
    bob.click(".stories tbody input").await.follow("button[value=restore]", "/desk/articles").await;
    assert!(bob.text(".done").await.contains("1 article was restored."));
    bob.leave().await;
}

//! Signing in at the desk by the printed link, inviting staff, and support.

use crate::{
    account::look,
    visitor::{DESKTOP, PHONE, Visitor},
    workshop::Workshop,
};

/// The path of the address of an invitation in a text.
pub fn invitation(text: &str) -> &str {
    let start = text.find("/desk/join/").expect("an invitation");
    text[start..].split_whitespace().next().expect("an address")
}

#[tokio::test]
async fn an_owner_signs_in_and_invites_an_editor() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let owner = Visitor::of(&server).await;
    let printed = workshop.does(&["staff", "link", "owner"]);
    owner.go(invitation(&printed)).await;
    look(&owner, "desk-join", &mut faults).await;
    owner.write("#email", "ada@example.org").await.write("#name", "Ada").await;
    owner.follow("form button", "/desk").await;
    look(&owner, "desk", &mut faults).await;
    let is_there = "document.querySelector(`nav a[href='/desk/people']`).checkVisibility()";
    owner.resize(PHONE).await;
    assert!(!owner.ask::<bool>(is_there).await, "the navigation fills the phone");
    owner.click(".menu").await;
    assert!(owner.ask::<bool>(is_there).await, "the menu does not open");
    owner.resize(DESKTOP).await.go("/desk").await;

    owner.follow("nav a[href='/desk/people']", "/desk/people").await;
    owner.write("#email", "bob@example.org").await.click("#as-editor").await;
    owner.follow("section[aria-labelledby=invite] button", "/desk/people/invitations").await;
    owner.wait_for("section[aria-labelledby=invited]", "bob@example.org").await;
    // Mail is not set up: the owner gets the link, to send it themselves.
    owner.wait_for(".done", "Mail is not set up").await;
    let link: String = owner.ask("document.querySelector('#link').value").await;
    assert!(workshop.does(&["outbox", "1"]).contains(&link), "{link}");
    owner
        .click("[data-copy=link]")
        .await
        .wait_until("document.querySelector(`[data-copy=link]`).textContent !== `Copy link`")
        .await;
    look(&owner, "desk-people", &mut faults).await;
    // Sending it again makes another link, and the first is void.
    owner.follow("section[aria-labelledby=invited] button", "/desk/people/invitations").await;
    let again: String = owner.ask("document.querySelector('#link').value").await;
    assert_ne!(link, again);

    let editor = Visitor::of(&server).await;
    editor.go("/desk").await;
    assert_eq!(editor.ask::<String>("location.pathname").await, "/sign-in");
    editor.go(invitation(&link)).await;
    assert!(editor.text("main").await.contains("This invitation has expired"));
    editor.go(invitation(&again)).await.write("#name", "Bob").await;
    editor.follow("form button", "/desk").await;
    assert!(editor.text("main").await.contains("Your role: Editor. Plans"));
    assert!(!editor.text("nav").await.contains("Team"));
    editor.go("/desk/people").await;
    assert!(editor.text("main").await.contains("You don’t have access"));
    look(&editor, "desk-others", &mut faults).await;
    // What staff read is not counted, and the account page links to the desk.
    editor.go("/account").await.follow("main a[href='/desk']", "/desk").await;

    owner.go("/desk/people").await.click("li:nth-child(2) details:last-child summary").await;
    owner.follow("li:nth-child(2) details:last-child .grave", "/desk/people").await;
    owner
        .wait_for("section[aria-labelledby=record]", "Ada removed bob@example.org from the team")
        .await;
    owner.follow("nav a[href='/desk/audit']", "/desk/audit").await;
    owner.wait_for("ol.record", "Ada removed bob@example.org from the team").await;
    look(&owner, "desk-audit", &mut faults).await;
    owner.go("/desk/people").await;
    editor.go("/desk").await;
    assert!(editor.text("main").await.contains("The newsroom is for staff"));

    // The only owner stays.
    owner.click("li:nth-child(1) summary").await;
    owner.follow("li:nth-child(1) .grave", "/desk/people/1/dismissal").await;
    assert!(owner.text(".fault").await.contains("A publication needs an owner"));
    editor.leave().await;
    owner.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(workshop.does(&["staff", "list"]).contains("owner        ada@example.org  Ada"));
}

#[tokio::test]
async fn staff_see_what_a_reader_sees() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let ada = Visitor::of(&server).await;
    ada.go(invitation(&workshop.does(&["staff", "link", "circulation"]))).await;
    ada.write("#email", "ada@example.org").await.follow("form button", "/desk").await;
    ada.follow("nav a[href='/desk/why']", "/desk/why").await;
    look(&ada, "desk-why-empty", &mut faults).await;
    let article: String = ada.ask("document.querySelector('datalist option').value").await;
    ada.write("#article", &article).await;
    ada.ask::<String>("document.querySelector('#read').value = '3'").await;
    ada.follow("form button", "/desk/why").await;
    let answer = ada.text("section[aria-labelledby=seen]").await;
    assert!(answer.contains("Paywall after the teaser."), "{answer}");
    assert!(answer.contains("3 were read before."), "{answer}");
    look(&ada, "desk-why", &mut faults).await;
    ada.follow("section .button", "/desk/why/page").await;
    assert!(!ada.text(".message.wall").await.is_empty());
    ada.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn support_finds_and_supports_a_reader() {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let sue = Visitor::of(&server).await;
    sue.go(invitation(&workshop.does(&["staff", "link", "support"]))).await;
    sue.write("#email", "sue@example.org").await.follow("form button", "/desk").await;
    let reader = Visitor::of(&server).await;
    reader.go("/register").await.write("#email", "rea@example.org").await;
    reader.follow("form button", "/sign-in/sent").await;
    let email = workshop.does(&["outbox", "1"]);
    let link = &email[email.find("/sign-in/with/").expect("a link")..];
    reader.go(link.split_whitespace().next().expect("a link")).await;

    sue.follow("nav a[href='/desk/readers']", "/desk/readers").await;
    sue.write("#q", "nobody").await.follow("form button", "/desk/readers").await;
    look(&sue, "desk-readers-none", &mut faults).await;
    sue.go("/desk/readers?q=example").await;
    look(&sue, "desk-readers", &mut faults).await;
    sue.follow("a[href='/desk/readers/new']", "/desk/readers/new").await;
    look(&sue, "desk-reader-new", &mut faults).await;
    sue.go("/desk/readers").await.write("#q", "rea@example.org").await;
    sue.follow("form button", "/desk/readers/2").await;
    assert!(sue.text("main").await.contains("rea@example.org"));

    // The meter is reset, and the reader can read on.
    reader.go("/news/first-article").await;
    assert!(reader.text("[data-banner]").await.contains("You have 4"));
    sue.go("/desk/readers/2").await;
    assert!(sue.text("section[aria-labelledby=reading]").await.contains("1 of 5 articles"));
    sue.click("section[aria-labelledby=reading] summary").await;
    sue.write("#why-meter", "Read by mistake").await;
    sue.follow("section[aria-labelledby=reading] button", "/desk/readers/2").await;
    let reading = sue.text("section[aria-labelledby=reading]").await;
    assert!(reading.contains("0 of 5 articles"), "{reading}");
    let history = sue.text("section[aria-labelledby=reader-history]").await;
    assert!(history.contains("reset the meter of"), "{history}");
    assert!(history.contains("Reason: Read by mistake"), "{history}");

    // Staff give them a subscription and end it.
    sue.click("section[aria-labelledby=subscriptions] summary").await;
    sue.write("#why-give", "An apology").await;
    sue.follow("section[aria-labelledby=subscriptions] button", "/desk/readers/2").await;
    let held = sue.text("section[aria-labelledby=subscriptions]").await;
    assert!(held.contains("S-1 The Paper online") && held.contains("Complimentary"));
    reader.go("/account").await;
    assert!(reader.text("#subscription").await.contains("The Paper online"));
    sue.click("article details + details summary").await;
    look(&sue, "desk-reader", &mut faults).await;
    sue.write("#why-end-1", "Asked by phone").await;
    sue.follow("article details + details button", "/desk/readers/2").await;
    let held = sue.text("section[aria-labelledby=subscriptions]").await;
    assert!(held.contains("Ended"), "{held}");
    sue.click("article summary").await;
    let history = sue.text("section[aria-labelledby=subscriptions]").await;
    assert!(history.contains("Reason: Asked by phone") && history.contains("Reason: An apology"));

    // Another reader has paid and gets a partial refund.
    workshop.does(&["subscription", "begin", "ada@example.org", "web-yearly", "--paid"]);
    sue.go("/desk/readers?q=ada@example.org").await;
    sue.click("section[aria-labelledby=payments] summary").await;
    look(&sue, "desk-reader-paid", &mut faults).await;
    sue.write("#why-back-1", "Paid twice").await;
    sue.follow("section[aria-labelledby=payments] button", "/desk/readers/3").await;
    let payments = sue.text("section[aria-labelledby=payments]").await;
    assert!(payments.contains("refunded on") && !payments.contains("Refund invoice"), "{payments}");
    assert!(workshop.does(&["outbox"]).contains("Your refund from"));
    reader.leave().await;
    sue.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

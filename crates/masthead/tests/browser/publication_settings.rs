//! The pages on which the publication itself is set.

use masthead_circulation::staff::Role;

use crate::{
    account::look, newsroom::at_the_desk, planning::drag, visitor::Visitor, workshop::Workshop,
};

#[tokio::test]
async fn a_publication_is_named_and_coloured_in_the_browser() {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let olu = at_the_desk(&workshop, &server, "Olu", Role::Owner).await;
    olu.follow("nav a[href='/desk/publication']", "/desk/publication").await;
    olu.ask::<bool>("(document.querySelector('#name').value = '', true)").await;
    olu.write("#name", "The Evening Post").await;
    olu.wait_for("[data-shows=name]", "The Evening Post").await;
    look(&olu, "desk-publication", &mut faults).await;
    olu.follow("button[value=save]", "/desk/publication").await;
    olu.wait_for(".done", "Changes saved.").await;
    look(&olu, "desk-publication-saved", &mut faults).await;

    olu.follow("nav a[href='/desk/appearance']", "/desk/appearance").await;
    olu.write("#accent", "#ff9900").await;
    olu.wait_for("#accent-contrast", "not readable").await;
    olu.follow("button[value=save]", "/desk/appearance").await;
    look(&olu, "desk-appearance-refused", &mut faults).await;
    olu.ask::<bool>("(document.querySelector('#accent').value = '', true)").await;
    olu.write("#accent", "#0b3d91").await;
    olu.wait_for("#accent-contrast", ": readable").await;
    olu.follow("button[value=save]", "/desk/appearance").await;
    look(&olu, "desk-appearance", &mut faults).await;

    let reader = Visitor::of(&server).await;
    reader.prefer("light").await.go("/").await;
    assert!(reader.text(".masthead .name").await.contains("The Evening Post"));
    let accent = "getComputedStyle(document.documentElement).getPropertyValue('--accent')";
    assert!(reader.ask::<String>(accent).await.contains("#0b3d91"));

    for (path, name) in [
        ("/desk/seller", "desk-seller"),
        ("/desk/payment-processor", "desk-payment-processor"),
        ("/desk/email", "desk-email"),
        ("/desk/retention", "desk-retention"),
    ] {
        olu.follow(&format!("nav a[href='{path}']"), path).await;
        look(&olu, name, &mut faults).await;
    }
    for visitor in [olu, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn menus_are_arranged_by_arrows_and_by_dragging() {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let olu = at_the_desk(&workshop, &server, "Olu", Role::Owner).await;
    olu.follow("nav a[href='/desk/menus']", "/desk/menus").await;
    look(&olu, "desk-menus", &mut faults).await;
    // Without a request, and with the focus where it was.
    let order = "[...document.querySelectorAll('#n-menu li')].map(row => row.querySelector('[name^=n-to-]').value).join(' ')";
    assert_eq!(olu.ask::<String>(order).await, "/news /opinion other-sections");
    olu.ask::<bool>("(document.querySelector('button[value=down-n-0]').focus(), true)").await;
    olu.press("Enter").await;
    assert_eq!(olu.ask::<String>(order).await, "/opinion /news other-sections");
    let focus: String = olu.ask("document.activeElement.value").await;
    assert_eq!(focus, "down-n-0");
    let said: String = olu.ask("document.querySelector('#menu-moved').textContent").await;
    assert_eq!(said, "News is now number 2 of 3.");
    drag(&olu, "#n-menu li:nth-child(3) .handle", "#n-menu li:nth-child(1) .menu-label").await;
    assert_eq!(olu.ask::<String>(order).await, "other-sections /opinion /news");
    // A link of the footer does not come before the first heading.
    drag(&olu, "#f-menu li:nth-child(2) .handle", "#f-menu li:nth-child(1) .menu-label").await;
    let first = "document.querySelector('#f-menu li').classList.contains('menu-group')";
    assert!(olu.ask::<bool>(first).await);

    // A button of the form keeps the order, and adds a link.
    olu.ask::<bool>("(document.querySelector('#n-new').value = '/search', true)").await;
    olu.follow("button[value=add-n]", "/desk/menus").await;
    assert_eq!(olu.ask::<String>(order).await, "other-sections /opinion /news /search");
    olu.write("#n-label-3", "Find").await;
    olu.follow("button[value=save]", "/desk/menus").await;
    olu.wait_for(".done", "Changes saved.").await;
    look(&olu, "desk-menus-set", &mut faults).await;
    let reader = Visitor::of(&server).await;
    reader.go("/").await;
    let navigation = reader.text(".masthead nav").await;
    assert!(navigation.contains("News") && navigation.contains("Find"), "{navigation}");
    look(&reader, "home-with-menus", &mut faults).await;
    for visitor in [olu, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

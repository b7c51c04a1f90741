//! The pages on which the publication itself is set.

use masthead_circulation::staff::Role;

use crate::{account::look, newsroom::at_the_desk, visitor::Visitor, workshop::Workshop};

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

//! Settings at the desk that are in force at once: the meter, messages, fronts, offers.

use masthead_circulation::staff::Role;

use crate::{
    account::look,
    newsroom::{at_the_desk, choose},
    visitor::Visitor,
    workshop::{Server, Workshop},
};

/// A separate demonstration, with its folder.
fn demonstration() -> (Workshop, Server) {
    let workshop = Workshop::empty();
    let server =
        Server::start(workshop.command(&["demo", "--listen", "127.0.0.1:0", "--data", "."]));
    (workshop, server)
}

#[tokio::test]
async fn a_changed_meter_is_in_force_at_once() {
    let workshop = Workshop::that_sells();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let cy = at_the_desk(&workshop, &server, "Cy", Role::Circulation).await;
    let reader = Visitor::of(&server).await;
    reader.go("/news/first-article").await.wait_for("[data-banner]", "2 free articles left").await;

    cy.follow("nav a[href='/desk/meter']", "/desk/meter").await;
    look(&cy, "desk-meter", &mut faults).await;
    cy.ask::<String>("document.querySelector('#anonymous').value = '0'").await;
    cy.follow("button[value=add]", "/desk/meter").await;
    choose(&cy, "#rule-0-section", "news").await;
    choose(&cy, "#rule-0-tier", "registered").await;
    cy.follow("button[value=look]:not(.unseen)", "/desk/meter").await;
    let reading = cy.text(".reading").await;
    assert!(reading.contains("section News → Registered readers"), "{reading}");
    let wall = "Readers without an account see a paywall at every metered article.";
    assert!(reading.contains(wall), "{reading}");
    look(&cy, "desk-meter-new", &mut faults).await;
    cy.follow("button[value=save]", "/desk/meter").await;
    reader.go("/news/first-article").await;
    assert!(!reader.text(".message.wall").await.is_empty());
    // After a change of the file the desk's settings are still in force.
    workshop.configure("My Paper", "Our Paper");
    server.wait_for("/", |page| page.contains("Our Paper"));
    reader.go("/news/first-article").await;
    assert!(!reader.text(".message.wall").await.is_empty());

    cy.go("/desk/meter").await.click("section[aria-labelledby=history] summary").await;
    cy.follow("button[value=file]", "/desk/meter").await;
    reader.go("/news/first-article").await;
    assert!(reader.text(".message.wall").await.is_empty());
    for visitor in [cy, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_changed_message_is_shown_at_once() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let cy = at_the_desk(&workshop, &server, "Cy", Role::Circulation).await;
    cy.follow("nav a[href='/desk/messages']", "/desk/messages").await;
    look(&cy, "desk-messages", &mut faults).await;
    cy.follow("a[href$='meter.left/banner']", "/desk/messages/meter.left/banner").await;
    look(&cy, "desk-message", &mut faults).await;
    cy.ask::<String>("document.querySelector('#text').value = ''").await;
    cy.write("#text", "Only ").await;
    cy.click("button[data-insert='{{numberArticlesLeft}}']").await;
    cy.go_on(" left, {{").await.wait_for("#text-mistake", "is never closed").await;
    cy.go_on("publication}} says.").await;
    let seen = "document.querySelector('iframe.wide').contentDocument?.querySelector('[data-banner]')?.innerText ?? ''";
    let begun = std::time::Instant::now();
    while !cy.ask::<String>(seen).await.contains("Only 2 left, My Paper says.") {
        assert!(begun.elapsed() < std::time::Duration::from_secs(45), "the page was not shown");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    cy.ask::<bool>("document.querySelector('#narrow').value = '' || true").await;
    cy.follow("button[value=save]", "/desk/messages/meter.left/banner").await;
    let reader = Visitor::of(&server).await;
    reader
        .go("/news/first-article")
        .await
        .wait_for("[data-banner]", "Only 2 left, My Paper says.")
        .await;

    cy.click("section[aria-labelledby=other] details:last-child summary").await;
    cy.follow("button[value=default]", "/desk/messages/meter.left/banner").await;
    let another = Visitor::of(&server).await;
    another.go("/news/first-article").await.wait_for("[data-banner]", "2 free articles left").await;
    for visitor in [cy, reader, another] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn an_arranged_front_is_shown_at_once() {
    let (workshop, server) = demonstration();
    let mut faults = Vec::new();
    let ed = at_the_desk(&workshop, &server, "Ed", Role::Editor).await;
    let reader = Visitor::of(&server).await;
    reader.go("/").await;
    look(&reader, "home-most-read", &mut faults).await;
    let led = reader.text(".lead-story .headline").await;

    ed.follow("nav a[href='/desk/fronts']", "/desk/fronts").await;
    choose(&ed, "#place-0", "section:food").await;
    ed.write("#address-1", "/town/the-bridge-that-opens-too-often").await;
    ed.follow("button[value=add]", "/desk/fronts").await;
    choose(&ed, "#block-0", "section:sport").await;
    choose(&ed, "#layout-0", "opinion").await;
    ed.follow("button[value=look]:not(.unseen)", "/desk/fronts").await;
    look(&ed, "desk-fronts", &mut faults).await;
    ed.follow("button[value=save]", "/desk/fronts").await;
    assert!(ed.text("#work").await.contains("This front is curated."));
    reader.go("/").await;
    assert_ne!(reader.text(".lead-story .headline").await, led);
    let seconds = reader.text(".seconds").await;
    assert!(seconds.contains("The bridge that opens too often"), "{seconds}");
    assert_eq!(reader.ask::<u32>("document.querySelectorAll('.stories').length").await, 1);
    assert_eq!(reader.ask::<u32>("document.querySelectorAll('.stories.opinion').length").await, 1);

    ed.follow(".tabs a[href$='food']", "/desk/fronts").await;
    choose(&ed, "#place-0", "most-read").await;
    ed.follow("button[value=save]", "/desk/fronts").await;
    reader.go("/food").await;
    look(&reader, "section-arranged", &mut faults).await;
    ed.click("summary").await.follow("button[value=automatic]", "/desk/fronts").await;
    assert!(ed.text("#work").await.contains("This front is automatic"));
    ed.leave().await;
    reader.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn breaking_news_is_shown_and_removed() {
    let (workshop, server) = demonstration();
    let mut faults = Vec::new();
    let ed = at_the_desk(&workshop, &server, "Ed", Role::Editor).await;
    let reader = Visitor::of(&server).await;
    ed.follow("nav a[href='/desk/breaking']", "/desk/breaking").await;
    ed.follow("button[value=save]", "/desk/breaking").await;
    ed.wait_for("#text-mistake", "Enter what has happened").await;
    look(&ed, "desk-breaking", &mut faults).await;
    ed.write("#text", "The swing bridge is stuck open").await;
    choose(&ed, "#article", "/town/the-bridge-that-opens-too-often").await;
    ed.follow("button[value=save]", "/desk/breaking").await;
    for (name, path) in [("home-breaking", "/"), ("article-breaking", "/opinion/let-the-bus-wait")]
    {
        reader.go(path).await.wait_for(".breaking", "The swing bridge is stuck open").await;
        look(&reader, name, &mut faults).await;
    }
    ed.follow("button[value=remove]", "/desk/breaking").await;
    reader.go("/").await;
    assert_eq!(reader.ask::<u32>("document.querySelectorAll('.breaking').length").await, 0);
    ed.leave().await;
    reader.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn an_offer_is_created_and_removed() {
    let (workshop, server) = demonstration();
    let mut faults = Vec::new();
    let cy = at_the_desk(&workshop, &server, "Cy", Role::Circulation).await;
    cy.follow("nav a[href='/desk/offers']", "/desk/offers").await;
    look(&cy, "desk-offers", &mut faults).await;
    cy.follow("a[href='/desk/offers/new']", "/desk/offers/new").await;
    cy.write("#name", "Half a year for 20").await.write("#first", "twenty").await;
    choose(&cy, "#lasts", "6 months").await;
    cy.follow("button[value=save]", "/desk/offers/new").await;
    cy.wait_for("#first-mistake", "is not an amount of GBP").await;
    look(&cy, "desk-offer-mistake", &mut faults).await;
    choose(&cy, "#first", "20").await;
    cy.follow("button[value=look]:not(.unseen)", "/desk/offers/new").await;
    look(&cy, "desk-offer", &mut faults).await;
    cy.follow("button[value=save]", "/desk/offers").await;
    let reader = Visitor::of(&server).await;
    reader.go("/offers").await.wait_for(".offers", "Half a year for 20").await;

    cy.follow("a[href='/desk/offers/half-a-year-for-20']", "/desk/offers/half-a-year-for-20").await;
    cy.click("summary").await.follow("button[value=remove]", "/desk/offers").await;
    reader.go("/offers").await;
    assert!(!reader.text(".offers").await.contains("Half a year"));
    for visitor in [cy, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn two_messages_are_compared_in_an_experiment() {
    let workshop = Workshop::new();
    workshop.does(&["publish", "first-article.md"]);
    let server = workshop.serve();
    let mut faults = Vec::new();
    let cy = at_the_desk(&workshop, &server, "Cy", Role::Circulation).await;
    cy.follow("nav a[href='/desk/experiments']", "/desk/experiments").await;
    look(&cy, "desk-experiments-none", &mut faults).await;
    cy.go("/desk/messages/meter.left/banner").await;
    choose(&cy, "#text", "Only {{numberArticlesLeft}} more, this month.").await;
    choose(&cy, "#narrow", "").await;
    cy.follow("button[value=test]", "/desk/experiments").await;
    let mut told = [0, 0];
    while told.contains(&0) {
        let reader = Visitor::of(&server).await;
        reader.go("/news/first-article").await;
        let banner = reader.text("[data-banner]").await;
        assert!(banner.contains("2 more") || banner.contains("2 free articles"), "{banner}");
        told[usize::from(banner.contains("2 more"))] += 1;
        reader.leave().await;
        assert!(told.iter().sum::<u32>() < 40, "{told:?}");
    }
    // Counts are written every five seconds.
    let counted = told.map(|readers| readers.to_string());
    let begun = std::time::Instant::now();
    let row = format!("Readers\t{}\t{}", counted[0], counted[1]);
    while cy.text("tbody tr").await != row {
        assert!(begun.elapsed() < std::time::Duration::from_secs(45), "{told:?} were not counted");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        cy.go("/desk/experiments").await;
    }
    look(&cy, "desk-experiment", &mut faults).await;
    cy.follow("button[value=adopt]", "/desk/experiments").await;
    assert!(cy.text("#work").await.contains("Earlier tests"));
    look(&cy, "desk-experiments", &mut faults).await;
    let reader = Visitor::of(&server).await;
    reader.go("/news/first-article").await.wait_for("[data-banner]", "2 more").await;
    for visitor in [cy, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn sections_are_renamed_and_one_with_articles_is_removed() {
    let (workshop, server) = demonstration();
    let mut faults = Vec::new();
    let ed = at_the_desk(&workshop, &server, "Ed", Role::Editor).await;
    let reader = Visitor::of(&server).await;
    reader.go("/").await;
    assert!(reader.text(".masthead nav").await.contains("Food"));

    ed.follow("nav a[href='/desk/sections']", "/desk/sections").await;
    look(&ed, "desk-sections", &mut faults).await;
    let place: u32 = ed
        .ask("[...document.querySelectorAll('.rules input[type=hidden]')].findIndex(row => row.value === 'food')")
        .await;
    ed.follow(&format!("button[value=remove-{place}]"), "/desk/sections").await;
    ed.follow("button[value=add]", "/desk/sections").await;
    let last: u32 = ed.ask("document.querySelectorAll('.rules li').length - 1").await;
    ed.ask::<String>("document.querySelector('#name-0').value = 'The harbour'").await;
    ed.write(&format!("#name-{last}"), "Letters").await;
    ed.write(&format!("#color-{last}"), "#ffcc00").await;
    ed.follow("button[value=save]", "/desk/sections").await;
    assert!(ed.text(".fault").await.contains("hard to read on white"));
    ed.ask::<String>(&format!("document.querySelector('#color-{last}').value = '#1f4e79'")).await;
    ed.follow("button[value=save]", "/desk/sections").await;
    look(&ed, "desk-sections-set", &mut faults).await;

    // The command line can publish in the new section.
    workshop.write(
        "post.md",
        "---\nheadline: Too loud\nsection: Letters\n---\n\nSir, it is too loud.\n",
    );
    workshop.does(&["publish", "post.md", "--data", "data"]);
    server.wait_for("/letters/post", |page| page.contains("200 OK"));
    reader.go("/").await;
    let navigation = reader.text(".masthead nav").await;
    assert!(navigation.contains("The harbour") && navigation.contains("Letters"), "{navigation}");
    assert!(!navigation.contains("Food"), "{navigation}");
    // Its articles keep their addresses.
    reader.go("/food").await;
    let article: String =
        reader.ask("document.querySelector('main .headline a[href^=\"/food/\"]').pathname").await;
    reader.go(&article).await;
    assert!(!reader.text("h1").await.is_empty());
    look(&reader, "article-of-no-section", &mut faults).await;
    ed.go("/desk/articles?q=bread+that+waits").await;
    let story: String = ed.ask("document.querySelector('.stories tbody a').pathname").await;
    ed.go(&story).await;
    let chosen: String = ed.ask("document.querySelector('#section').selectedOptions[0].text").await;
    assert_eq!(chosen, "Food (no longer a section)");
    for visitor in [ed, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn the_first_product_is_sold() {
    let workshop = Workshop::new();
    workshop.configure("sandbox = false", "sandbox = true");
    let server = workshop.serve();
    let mut faults = Vec::new();
    let cy = at_the_desk(&workshop, &server, "Cy", Role::Circulation).await;
    cy.go("/desk/offers")
        .await
        .follow("#work a[href='/desk/products/new']", "/desk/products/new")
        .await;
    cy.write("#name", "My Paper online").await;
    cy.write("#benefits", "Every article").await;
    cy.write("#currency", "usd").await;
    cy.write("#amount-0", "free").await;
    cy.follow("button[value=save]", "/desk/products/new").await;
    let mistake = cy.text("#amount-0-mistake").await;
    assert!(mistake.contains("is not an amount of USD"), "{mistake}");
    cy.ask::<String>("document.querySelector('#amount-0').value = '12'").await;
    look(&cy, "desk-product-mistake", &mut faults).await;
    cy.follow("button[value=add]", "/desk/products/new").await;
    look(&cy, "desk-product", &mut faults).await;
    cy.follow("button[value=out-1]", "/desk/products/new").await;
    cy.follow("button[value=save]", "/desk/products").await;
    look(&cy, "desk-products", &mut faults).await;
    assert!(cy.text("#work").await.contains("$12 a month"), "{}", cy.text("#work").await);

    let reader = Visitor::of(&server).await;
    reader.go("/offers").await;
    let offers = reader.text("main").await;
    assert!(offers.contains("My Paper online") && offers.contains("Every article"), "{offers}");
    cy.follow("a[href='/desk/products/my-paper-online']", "/desk/products/my-paper-online").await;
    cy.click("summary").await.follow("button[value=remove]", "/desk/products").await;
    assert!(cy.text("#work").await.contains("There’s nothing to subscribe to yet."));
    for visitor in [cy, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether the browser asks before it leaves the page.
const WARNS: &str = "!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))";

#[tokio::test]
async fn settings_that_are_not_saved_are_not_left_without_a_warning() {
    let workshop = Workshop::that_sells();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let cy = at_the_desk(&workshop, &server, "Cy", Role::Circulation).await;
    cy.go("/desk/meter").await;
    assert!(!cy.ask::<bool>(WARNS).await, "nothing was changed");
    cy.ask::<bool>("(document.querySelector('#anonymous').value = '', true)").await;
    cy.write("#anonymous", "7").await;
    assert!(cy.ask::<bool>(WARNS).await, "a change is left without a word");
    // The page that explains the change has not saved it either.
    cy.follow("button[value=look]:not(.unseen)", "/desk/meter").await;
    assert!(cy.ask::<bool>(WARNS).await, "what is only looked at is left without a word");
    cy.follow("button[value=save]", "/desk/meter").await;
    cy.wait_for(".done", "Changes saved.").await;
    assert!(!cy.ask::<bool>(WARNS).await, "everything is saved");
    look(&cy, "desk-meter-saved", &mut faults).await;
    cy.go("/desk/meter").await;
    assert_eq!(cy.text(".done").await, "");

    // What is wrong is listed at the top, with the focus, and leads to its field.
    cy.go("/desk/products/new").await.write("#name", "Web").await;
    cy.follow("button[value=save]", "/desk/products/new").await;
    cy.wait_until("document.activeElement.id === 'faults'").await;
    assert!(cy.ask::<bool>(WARNS).await);
    look(&cy, "desk-product-faults", &mut faults).await;
    cy.click("#faults a").await;
    let led = "document.querySelector(':target') !== null";
    assert!(cy.ask::<bool>(led).await, "the link leads nowhere");
    cy.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

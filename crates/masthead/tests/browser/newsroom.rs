//! Writing an article, from the draft to the correction.

use chromiumoxide::Page;
use masthead_circulation::staff::Role;

use crate::{
    account::look,
    desk::invitation,
    visitor::Visitor,
    workshop::{Server, Workshop},
};

/// A member of staff in this role, signed in at the desk.
pub async fn at_the_desk(workshop: &Workshop, server: &Server, name: &str, role: Role) -> Visitor {
    let visitor = Visitor::of(server).await;
    visitor.go(invitation(&workshop.does(&["staff", "link", role.name()]))).await;
    visitor.write("#email", &format!("{}@example.org", name.to_lowercase())).await;
    visitor.write("#name", name).await.follow("form button", "/desk").await;
    visitor
}

pub const TEXT: &str = ".ProseMirror";

/// Chooses an option of a list.
pub async fn choose(visitor: &Visitor, selector: &str, value: &str) {
    let chosen = format!(
        "(() => {{ const field = document.querySelector('{selector}'); field.value = '{value}'; \
         field.dispatchEvent(new Event('input', {{bubbles: true}})); return field.value; }})()"
    );
    assert_eq!(visitor.ask::<String>(&chosen).await, value);
}

/// Pastes into the text.
pub async fn paste(visitor: &Visitor, html: &str) {
    let pasted = format!(
        "(() => {{ const data = new DataTransfer(); data.setData('text/html', {html:?}); \
         return document.querySelector('{TEXT}').dispatchEvent(new ClipboardEvent('paste', \
         {{clipboardData: data, bubbles: true, cancelable: true}})); }})()"
    );
    assert!(!visitor.ask::<bool>(&pasted).await, "the editor did not take it");
}

pub async fn offline(page: &Page, offline: bool) {
    use chromiumoxide::cdp::browser_protocol::network::{
        EmulateNetworkConditionsByRuleParams, EnableParams, NetworkConditions,
    };
    page.execute(EnableParams::default()).await.expect("enabled");
    let everywhere = vec![NetworkConditions::new("", 0.0, -1.0, -1.0)];
    let conditions = EmulateNetworkConditionsByRuleParams::new(offline, everywhere);
    page.execute(conditions).await.expect("set");
}

#[tokio::test]
async fn a_story_is_written_reviewed_published_and_corrected() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let ada = at_the_desk(&workshop, &server, "Ada", Role::Author).await;
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    let reader = Visitor::of(&server).await;

    ada.follow("nav a[href='/desk/articles']", "/desk/articles").await;
    look(&ada, "desk-articles-none", &mut faults).await;
    ada.follow("a[href='/desk/articles/new']", "/desk/articles/new").await;
    look(&ada, "desk-article-new", &mut faults).await;
    assert_eq!(ada.ask::<String>("document.querySelector('#authors').value").await, "Ada");
    ada.write("#headline", "The last ferry").await;
    ada.write("#deck", "It left at nine, and nobody waved.").await;
    ada.write(TEXT, "The harbour was empty.").await.press("Enter").await;
    ada.go_on("## ").await.go_on("What comes now").await.press("Enter").await;
    ada.go_on("Nobody knows.").await;
    choose(&ada, "#section", "news").await;
    ada.wait_for("#saved", "Saved ").await;
    ada.go("/desk/articles/1").await;
    ada.wait_for(".ProseMirror h2", "What comes now").await;
    look(&ada, "desk-article", &mut faults).await;
    ada.follow("a[href$='/preview']", "/desk/articles/1/preview").await;
    assert!(ada.text("main").await.contains("Full article, uses 1 of"));
    look(&ada, "desk-preview", &mut faults).await;
    ada.go("/desk/articles/1").await;
    ada.follow("button[formaction$='/review']", "/desk/articles/1").await;
    ada.wait_for(".where", "In review").await;
    ada.go("/desk/articles/1/publication").await;
    assert!(ada.text("main").await.contains("You don’t have access"));

    bob.go("/desk/articles?list=review").await;
    look(&bob, "desk-articles", &mut faults).await;
    bob.follow(".stories tbody a", "/desk/articles/1").await;
    bob.follow("a[href$='/publication']", "/desk/articles/1/publication").await;
    look(&bob, "desk-publication", &mut faults).await;
    bob.follow("form.roomy button", "/desk/articles/1").await;
    bob.wait_for(".where", "Published").await;
    reader.go("/news/the-last-ferry").await;
    assert!(reader.text("article").await.contains("The harbour was empty."));

    // Readers see a change when it is published, and the correction.
    bob.write(TEXT, " At all.").await.wait_for("#saved", "Saved ").await;
    reader.go("/news/the-last-ferry").await;
    assert!(!reader.text("article").await.contains("At all."));
    bob.follow("a[href$='/publication']", "/desk/articles/1/publication").await;
    bob.click("#open").await.write("#correction", "An earlier version knew less.").await;
    look(&bob, "desk-correction", &mut faults).await;
    bob.follow("form.roomy button", "/desk/articles/1").await;
    reader.go("/news/the-last-ferry").await;
    let read = reader.text("article").await;
    assert!(read.contains("At all.") && read.contains("An earlier version knew less."), "{read}");
    bob.follow("a[href$='/revisions']", "/desk/articles/1/revisions").await;
    bob.follow(".record li:last-child a", "/desk/articles/1/revisions").await;
    assert!(bob.text(".compared").await.contains("At all."));
    look(&bob, "desk-revisions", &mut faults).await;

    bob.go("/desk/articles/1")
        .await
        .click("#details-toggle")
        .await
        .click(".workflow summary")
        .await;
    bob.follow("button[formaction$='/withdrawal']", "/desk/articles/1").await;
    bob.wait_for(".where", "Unpublished").await;
    reader.go("/news/the-last-ferry").await;
    assert!(!reader.text("main").await.contains("The harbour was empty."));
    for visitor in [ada, bob, reader] {
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn two_people_in_one_story_lose_nothing() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    let eve = at_the_desk(&workshop, &server, "Eve", Role::Editor).await;
    bob.go("/desk/articles/new").await;
    bob.write(TEXT, "One ferry left late.").await.press("Enter").await;
    bob.go_on("Two stayed.").await.wait_for("#saved", "Saved ").await;
    eve.go("/desk/articles/1").await.wait_for(TEXT, "Two stayed.").await;
    bob.wait_for("#others", "Eve is in this article too.").await;
    eve.wait_for("#others", "Bob is in this article too.").await;

    // Both write before either has received the other's changes.
    eve.write("#headline", "Ferries").await;
    eve.click(".ProseMirror p:first-child").await;
    eve.press("Home").await.go_on("Only ").await;
    bob.click(".ProseMirror p:last-child").await;
    bob.press("End").await.go_on(" Nobody waved.").await;
    for visitor in [&bob, &eve] {
        visitor.wait_for(TEXT, "Nobody waved.").await.wait_for(TEXT, "Only").await;
        visitor.wait_for("#saved", "Saved").await;
        assert_eq!(visitor.text("#fault").await, "");
    }
    bob.wait_for("#saved", "Saved").await;
    assert_eq!(bob.ask::<String>("document.querySelector('#headline').value").await, "Ferries");

    // Both change the same words: one version stays, the other becomes a revision, and its writer gets a notice.
    let both = "document.querySelector('#headline').value = 'NAME ferries'; \
                document.querySelector('#headline').dispatchEvent(new Event('input', {bubbles: true})) && true";
    let (bobs, eves) = (both.replace("NAME", "Bob’s"), both.replace("NAME", "Eve’s"));
    tokio::join!(bob.ask::<bool>(&bobs), eve.ask::<bool>(&eves));
    let head = "document.querySelector('#headline').value";
    let begun = std::time::Instant::now();
    loop {
        let told = [bob.text("#fault").await, eve.text("#fault").await].concat();
        let heads = (bob.ask::<String>(head).await, eve.ask::<String>(head).await);
        if told.contains("changed the same words as you") && heads.0 == heads.1 {
            break;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(45), "{told} {heads:?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    // The page says so before the server has the other version.
    let kept = "edited the article; kept as a separate version";
    let begun = std::time::Instant::now();
    while !bob.go("/desk/articles/1/revisions").await.text(".record").await.contains(kept) {
        assert!(begun.elapsed() < std::time::Duration::from_secs(45), "it is not kept");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    bob.leave().await;
    eve.leave().await;
}

#[tokio::test]
async fn nothing_is_lost_without_a_connection() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    bob.go("/desk/articles/new").await;
    bob.write(TEXT, "Saved.").await.wait_for("#saved", "Saved ").await;
    offline(&bob.page, true).await;
    bob.go_on(" Not yet.").await;
    bob.wait_for("#fault", "There is no connection").await;
    offline(&bob.page, false).await;
    bob.wait_for("#saved", "Saved ").await;
    assert_eq!(bob.text("#fault").await, "");

    // The window is closed while the connection is still down.
    offline(&bob.page, true).await;
    bob.write(TEXT, " And more.").await.wait_for("#fault", "There is no connection").await;
    let kept = bob.ask::<String>("Object.keys(localStorage).join()").await;
    assert!(kept.starts_with("masthead-"), "{kept}");
    bob.page.goto("about:blank").await.expect("left");
    offline(&bob.page, false).await;
    bob.go("/desk/articles/1").await.wait_for(TEXT, "Saved. Not yet. And more.").await;
    bob.wait_for("#saved", "Saved ").await;
    bob.leave().await;
}

#[tokio::test]
async fn pasted_word_processor_text_keeps_its_meaning() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    bob.go("/desk/articles/new").await;
    bob.click(TEXT).await;
    paste(
        &bob,
        "<meta charset=utf-8><b style=\"font-weight:normal;\" id=\"docs-internal-guid-1\"><h1 dir=ltr><span style=\"font-size:20pt;\">Docks</span></h1>\
         <p dir=ltr style=\"line-height:1.38\"><span style=\"font-weight:400\">Plain and </span><span style=\"font-weight:700\">bold</span>\
         <span style=\"font-style:italic\"> and italic</span>.</p><ul><li dir=ltr><p role=presentation><span>One</span></p></li></ul></b>\
         <img src=\"https://tracker.example/p.gif\"><script>alert(1)</script>",
    )
    .await;
    bob.press("Enter").await.press("Enter").await;
    paste(
        &bob,
        "<html xmlns:o='x'><head><style>p.MsoNormal{}</style></head><body><!--StartFragment--><p class=MsoNormal>From <i>Word</i><o:p></o:p></p>\
         <p class=MsoListParagraphCxSpFirst><![if !supportLists]><span style='mso-list:Ignore'>1.<span>  </span></span><![endif]>First</p>\
         <p class=MsoListParagraphCxSpLast><![if !supportLists]><span style='mso-list:Ignore'>2.<span>  </span></span><![endif]>Second</p><!--EndFragment--></body></html>",
    )
    .await;
    bob.wait_for("#saved", "Saved ").await;
    bob.without_scripts().await.go("/desk/articles/1").await;
    let kept = bob.ask::<String>("document.querySelector('#body').value").await;
    let wanted = "<h2>Docks</h2>\n<p>Plain and <strong>bold</strong><em> and italic</em>.</p>\n\
                  <ul><li>One</li></ul>\n<p>From <em>Word</em></p>\n<ol><li>First</li><li>Second</li></ol>";
    assert_eq!(kept, wanted);
    bob.leave().await;
}

/// Draws a picture of this size on the page, and does something with it, which `data` holds.
pub async fn draw(visitor: &Visitor, (width, height): (u32, u32), with_it: &str) {
    let drawn = format!(
        "new Promise((done) => {{ const canvas = Object.assign(document.createElement('canvas'), \
         {{width: {width}, height: {height}}}); const pen = canvas.getContext('2d'); \
         pen.fillStyle = '#246'; pen.fillRect(0, 0, {width}, {height}); pen.fillStyle = '#dca'; \
         pen.fillRect({width} / 4, {height} / 4, {width} / 2, {height} / 3); \
         canvas.toBlob((blob) => {{ const data = new DataTransfer(); \
         data.items.add(new File([blob], 'harbour.png', {{type: 'image/png'}})); \
         {with_it} done(true); }}, 'image/png'); }})"
    );
    assert!(visitor.ask::<bool>(&drawn).await);
}

/// Pastes a picture of this size into the text.
pub async fn paste_picture(visitor: &Visitor, width: u32, height: u32) {
    let paste = format!(
        "document.querySelector('{TEXT}').dispatchEvent(new ClipboardEvent('paste', \
         {{clipboardData: data, bubbles: true, cancelable: true}}));"
    );
    draw(visitor, (width, height), &paste).await;
}

/// Holds pictures, which alone are sent in this way, until the page calls `arrive()`.
const SLOW_PICTURES: &str = "(() => { const { send } = XMLHttpRequest.prototype; \
     XMLHttpRequest.prototype.send = function (body) { window.arrive = () => send.call(this, body); }; \
     return true; })()";

#[tokio::test]
async fn a_picture_on_its_way_loses_no_words_and_holds_back_publishing() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    bob.go("/desk/articles/new").await;
    bob.write("#headline", "Slow pictures").await;
    choose(&bob, "#section", "news").await;
    bob.write(TEXT, "A harbour.").await.wait_for("#saved", "Saved ").await;
    assert!(bob.ask::<bool>(SLOW_PICTURES).await);

    let as_lead = "document.querySelector('#lead-choose').click(); \
         const input = document.querySelector('body > input[type=file]'); input.files = data.files; \
         input.dispatchEvent(new Event('change'));";
    draw(&bob, (300, 200), as_lead).await;
    bob.wait_for("#lead .uploading", "Sending harbour.png").await;
    bob.click("#details-toggle").await.write("#picture_alt", "A box on the sea").await;
    bob.ask::<bool>("arrive() ?? true").await;
    bob.wait_for("#saved", "Saved ").await;
    bob.wait_until("!document.querySelector('#lead .uploading')").await;
    let lead = "[document.querySelector('#lead-shown').src.includes('/media/'), \
                document.querySelector('#picture_alt').value].join()";
    let fault = bob.text("#fault").await;
    assert_eq!(bob.ask::<String>(lead).await, "true,A box on the sea", "{fault}");

    paste_picture(&bob, 200, 300).await;
    bob.wait_for(".uploading", "Sending harbour.png").await;
    bob.click("a[href$='/publication']").await;
    bob.wait_for("#fault", "A picture is still being sent.").await;
    bob.ask::<bool>("arrive() ?? true").await;
    bob.arrive("/desk/articles/1/publication").await;
    bob.wait_for(".obstacles", "Add alt text for each picture in the text").await;
    bob.leave().await;
}

#[tokio::test]
async fn pictures_and_cards_are_converted_for_readers() {
    let workshop = Workshop::new();
    let server = workshop.serve();
    let mut faults = Vec::new();
    let bob = at_the_desk(&workshop, &server, "Bob", Role::Editor).await;
    bob.go("/desk/articles/new").await;
    bob.write("#headline", "Pictures").await;
    choose(&bob, "#section", "news").await;
    bob.write(TEXT, "A harbour.").await.press("Enter").await;
    paste_picture(&bob, 300, 200).await;
    bob.wait_for(".ProseMirror figure", "Alt text").await;
    // The picture needs a description before it can be published.
    bob.wait_for("#saved", "Saved ").await;
    bob.go("/desk/articles/1/publication").await;
    bob.wait_for(".obstacles", "Add alt text for each picture in the text").await;
    bob.follow(".obstacles a", "/desk/articles/1").await;
    bob.wait_for(".ProseMirror figure", "Alt text").await;
    bob.write(".ProseMirror figure input", "A box on the sea").await;
    bob.press("Tab").await.go_on("Bob").await;
    bob.write(".ProseMirror figcaption", "The harbour, drawn.").await;
    bob.wait_for("#saved", "Saved ").await;
    bob.click("[aria-label='Embed']").await;
    bob.write("#asked-href", "https://youtu.be/a1").await.press("Enter").await;
    bob.wait_for(".ProseMirror", "Card for youtu.be").await.wait_for("#saved", "Saved ").await;
    look(&bob, "desk-article-pictures", &mut faults).await;
    bob.follow("a[href$='/publication']", "/desk/articles/1/publication").await;
    bob.follow("form.roomy button", "/desk/articles/1").await;

    let reader = Visitor::of(&server).await;
    reader.go("/news/pictures").await;
    let text = reader.text(".text").await;
    assert!(text.contains("The harbour, drawn. Bob"), "{text}");
    assert!(text.contains("We don’t contact youtu.be until you click."), "{text}");
    let shown = "(async () => { const image = document.querySelector('.text picture img'); \
                 image.loading = 'eager'; await image.decode(); \
                 return [image.currentSrc.split('.').pop(), image.alt, image.naturalWidth > 0].join(); })()";
    assert_eq!(reader.ask::<String>(shown).await, "avif,A box on the sea,true");
    look(&reader, "article-pictures", &mut faults).await;
    reader.ask::<bool>("document.querySelector('.embed a').click() ?? true").await;
    let frame: String = reader.ask("document.querySelector('.embed iframe').src").await;
    assert_eq!(frame, "https://www.youtube-nocookie.com/embed/a1");
    reader.leave().await;

    // SVG may contain scripts, and a text file is not a picture: both are refused.
    for (name, kind, said) in [
        ("x.svg", "image/svg+xml", "Drawings (SVG)"),
        ("x.png", "image/png", "This is not a picture"),
    ] {
        let content = if said.starts_with("Draw") { "<svg onload=x>" } else { "words" };
        let pasted = format!(
            "(() => {{ const data = new DataTransfer(); data.items.add(new File(['{content}'], '{name}', \
             {{type: '{kind}'}})); document.querySelector('{TEXT}').dispatchEvent(new ClipboardEvent('paste', \
             {{clipboardData: data, bubbles: true, cancelable: true}})); return true; }})()"
        );
        assert!(bob.ask::<bool>(&pasted).await);
        bob.wait_for("#fault", said).await.wait_for(TEXT, "A harbour.").await;
    }
    bob.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn figures_are_shown_as_charts() {
    let workshop = Workshop::empty();
    let server =
        Server::start(workshop.command(&["demo", "--listen", "127.0.0.1:0", "--data", "."]));
    let mut faults = Vec::new();
    let cy = at_the_desk(&workshop, &server, "Cy", Role::Circulation).await;
    cy.follow("nav a[href='/desk/figures']", "/desk/figures").await;
    look(&cy, "desk-figures", &mut faults).await;
    cy.follow("a[href='/desk/figures?days=365']", "/desk/figures").await;
    assert!(cy.text(".chart").await.to_lowercase().contains("by week"));
    cy.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

//! Registering at the wall and returning to the article.

use crate::{
    appearance::{axe, complaints},
    visitor::{DESKTOP, PHONE, Visitor},
};

/// Looks at the page on a phone and on a desktop, in light and dark.
pub async fn look(visitor: &Visitor, name: &str, faults: &mut Vec<String>) {
    let axe = axe();
    for (width, height) in [PHONE, DESKTOP] {
        for scheme in ["dark", "light"] {
            visitor.resize((width, height)).await.prefer(scheme).await;
            let found = complaints(visitor, &axe).await;
            faults
                .extend(found.into_iter().map(|found| format!("{name} {width} {scheme}: {found}")));
            let overflow: i64 = visitor
                .ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                .await;
            assert_eq!(overflow, 0, "{name} at {width}");
            visitor.picture(&format!("{name}-{scheme}-{width}"), true).await;
        }
    }
}

/// The lists of a reader, and a form that adds something to each.
const LISTS: [(&str, &str); 3] = [
    ("/account/saved", "article=/food/bread-that-waits-for-the-tide"),
    ("/account/following", "kind=topic&slug=council"),
    ("/account/history", "keep=yes"),
];

#[tokio::test]
async fn registering_at_the_wall_returns_to_the_article() {
    let visitor = Visitor::new().await;
    let mut faults = Vec::new();
    for article in [
        "/town/the-bridge-that-opens-too-often",
        "/harbour/one-more-winter-for-the-night-ferry",
        "/science/why-the-tide-is-late",
        "/food/bread-that-waits-for-the-tide",
    ] {
        visitor.go(article).await;
    }
    assert!(visitor.text(".message.wall").await.contains("Keep reading with a free account"));
    visitor.follow(".message.wall a", "/register").await;
    look(&visitor, "register", &mut faults).await;
    visitor.write("#email", "ada@example.org").await.follow("form button", "/sign-in/sent").await;
    look(&visitor, "sent", &mut faults).await;

    visitor.go("/demo/outbox").await;
    look(&visitor, "outbox", &mut faults).await;
    let email: String = visitor
        .ask("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.find((l) => l.to === 'ada@example.org').href)")
        .await;
    visitor.go(&email).await;
    visitor.picture("mail-sign-in", false).await;
    visitor.follow("a[href*='/sign-in/with/']", "/food/bread-that-waits-for-the-tide").await;
    assert_eq!(visitor.text(".message.wall").await, "");
    let banner = visitor.text("[data-banner] .wide").await;
    assert!(banner.contains("You have 1 free article left"), "{banner}");

    visitor.follow(".ear a[href='/account']", "/account").await;
    assert!(visitor.text("main").await.contains("You have 1 of 5 free articles left."));
    visitor
        .write("#name", "Ada")
        .await
        .follow("form[action='/account/name'] button", "/account")
        .await;
    look(&visitor, "account", &mut faults).await;
    for (path, form) in LISTS {
        visitor.go(path).await;
        look(&visitor, &path.replace('/', "-")[1..], &mut faults).await;
        visitor
            .ask::<bool>(&format!(
                "fetch('{path}', {{ method: 'POST', body: new URLSearchParams('{form}') }}).then((r) => r.ok)"
            ))
            .await;
        visitor.go("/food/bread-that-waits-for-the-tide").await.go(path).await;
        look(&visitor, &format!("{}-filled", &path.replace('/', "-")[1..]), &mut faults).await;
    }
    visitor.go("/food/bread-that-waits-for-the-tide").await;
    visitor.ask::<bool>("(scrollTo(0, document.querySelector('.text').offsetTop), true)").await;
    visitor.go("/account/history").await;
    let part = visitor.text("[data-part]").await;
    assert!(part.starts_with("You’ve read ") && part.ends_with("%. Continue reading"), "{part}");
    visitor.follow("[data-part]", "/food/bread-that-waits-for-the-tide").await;
    assert!(visitor.ask::<bool>("scrollY > 0").await);
    visitor.go("/account").await;
    visitor.follow("form[action='/account/sessions/end'] button", "/account/signed-out").await;
    visitor.go("/account").await;
    assert_eq!(visitor.ask::<String>("location.pathname").await, "/sign-in");
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_wrong_code_is_reported_and_the_right_one_signs_in() {
    let visitor = Visitor::new().await;
    visitor.go("/register").await;
    visitor.write("#email", "bob@example.org").await.follow("form button", "/sign-in/sent").await;
    let code: String = visitor
        .ask("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.find((l) => l.to === 'bob@example.org').text.match(/^ +(\\d{6})$/m)[1])")
        .await;
    visitor.write("#code", "12").await.follow("form button", "/sign-in/code").await;
    assert!(visitor.text(".fault").await.contains("That code doesn’t match"));
    visitor.picture("wrong-code", false).await;
    visitor.write("#code", &code).await.follow("form button", "/").await;
    visitor.follow(".ear a[href='/account']", "/account").await;
    visitor.leave().await;
}

#[tokio::test]
async fn a_passkey_signs_in_without_email() {
    let visitor = Visitor::new().await;
    let mut faults = Vec::new();
    visitor.with_passkeys().await.go("/sign-in").await;
    look(&visitor, "sign-in", &mut faults).await;
    visitor.write("#email", "cyd@example.org").await.follow("form button", "/sign-in/sent").await;
    let email: String = visitor
        .ask("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.find((l) => l.to === 'cyd@example.org').href)")
        .await;
    visitor.go(&email).await.follow("a[href*='/sign-in/with/']", "/").await;
    visitor.go("/account").await;
    visitor.follow("[data-passkey] button", "/account").await;
    let section = visitor.text("section[aria-labelledby=passkeys]").await;
    assert!(section.contains("Chrome, Linux") && section.contains("Added on"), "{section}");
    look(&visitor, "account-passkey", &mut faults).await;
    let told: String = visitor
        .ask("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.find((l) => l.to === 'cyd@example.org').subject)")
        .await;
    assert_eq!(told, "Passkey added for The Tidewater Courier");

    // The device has a passkey now and creates no second one.
    visitor.click("[data-passkey] button").await;
    visitor.wait_for("[data-fault]", "We couldn’t add a passkey.").await;

    visitor.follow("form[action='/account/sessions/end'] button", "/account/signed-out").await;
    visitor.go("/sign-in?from=/town").await;
    visitor.follow("[data-passkey] button", "/town").await;
    visitor.go("/account").await;
    assert!(visitor.text("main").await.contains("cyd@example.org"));
    let section = visitor.text("section[aria-labelledby=passkeys]").await;
    assert!(section.contains("last used on"), "{section}");

    // A removed passkey no longer signs in.
    visitor.follow("form[action^='/account/passkeys/'] button", "/account").await;
    assert!(!visitor.text("section[aria-labelledby=passkeys]").await.contains("Added on"));
    visitor.follow("form[action='/account/sessions/end'] button", "/account/signed-out").await;
    visitor.go("/sign-in").await.click("[data-passkey] button").await;
    visitor.wait_for("[data-fault]", "That didn’t work.").await;
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

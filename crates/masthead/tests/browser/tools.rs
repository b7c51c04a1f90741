//! The tools of an article: what they have done is said, and the button is the one that takes it back.

use crate::visitor::{PHONE, Visitor};

const ARTICLE: &str = "/town/the-bridge-that-opens-too-often";

/// The accessible name of the button of a form that can be pressed, and whether it has the focus.
async fn shown(visitor: &Visitor, form: &str) -> (String, bool) {
    let found = format!(
        "(() => {{
            const shown = [...document.querySelectorAll('{form} button')].filter((button) => button.offsetParent);
            const name = shown[0].querySelector('svg')?.getAttribute('aria-label') ?? shown[0].innerText;
            return [shown.length === 1 ? name : `${{shown.length}} buttons`, shown[0] === document.activeElement];
        }})()"
    );
    visitor.ask(&found).await
}

#[tokio::test]
async fn text_size_and_colours_say_what_they_are() {
    let visitor = Visitor::new().await;
    visitor.resize(PHONE).await.go(ARTICLE).await;
    let name = async |tool: &str| -> String {
        visitor
            .ask(&format!(
                "document.querySelector('button[data-{tool}] svg').getAttribute('aria-label')"
            ))
            .await
    };
    assert_eq!(name("size").await, "Text size: normal");
    for (tool, states) in [
        ("size", ["Text size: large", "Text size: extra large", "Text size: normal"]),
        ("colours", ["Colours: dark", "Colours: light", "Colours: same as your device"]),
    ] {
        for state in states {
            visitor.click(&format!("button[data-{tool}]")).await.wait_for(".said", state).await;
            assert_eq!(name(tool).await, state);
        }
    }
    visitor.click("button[data-size]").await.go(ARTICLE).await;
    assert_eq!(name("size").await, "Text size: large", "it is kept on this device");
    visitor.leave().await;
}

#[tokio::test]
async fn a_reader_saves_and_follows_without_leaving_the_page() {
    let visitor = Visitor::new().await;
    visitor.go("/register").await;
    visitor.write("#email", "eve@example.org").await.follow("form button", "/sign-in/sent").await;
    let code: String = visitor
        .ask("fetch('/demo/outbox.json').then((r) => r.json()).then((all) => all.find((l) => l.to === 'eve@example.org').text.match(/^ +(\\d{6})$/m)[1])")
        .await;
    visitor.write("#code", &code).await.follow("form button", "/").await;
    for (page, form, keep, kept, remove, removed) in [
        (
            ARTICLE,
            ".tools form",
            "Save article",
            "Saved.",
            "Remove from saved articles",
            "Removed from your saved",
        ),
        (
            "/topic/council",
            ".follow",
            "Follow Council",
            "You’re following",
            "Unfollow Council",
            "You no longer follow",
        ),
    ] {
        visitor.go(page).await;
        assert_eq!(shown(&visitor, form).await.0, keep);
        let button = format!("{form} button:not([hidden])");
        visitor.click(&button).await.wait_for(".said", kept).await;
        assert_eq!(shown(&visitor, form).await, (remove.to_owned(), true));
        visitor.go(page).await;
        assert_eq!(shown(&visitor, form).await.0, remove, "after a reload");
        visitor.click(&button).await.wait_for(".said", removed).await;
        assert_eq!(shown(&visitor, form).await, (keep.to_owned(), true));
    }
    visitor.leave().await;
}

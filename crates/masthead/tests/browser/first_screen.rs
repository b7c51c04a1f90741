//! The text of an article begins on the first screen, above the message about the meter.

use chromiumoxide::cdp::browser_protocol::network::ClearBrowserCookiesParams;

use crate::visitor::Visitor;

/// Articles with a headline of three lines, a long deck, and of the designs whose picture is largest.
const PATHS: [&str; 5] = [
    "/town/i-have-never-kept-anybody-waiting",
    "/harbour/the-storm-tide-hour-by-hour",
    "/culture/the-harbour-in-five-lights",
    "/harbour/one-more-winter-for-the-night-ferry",
    "/town/the-bridge-that-opens-too-often",
];

/// The height in pixels between the beginning of the text and what covers it.
const ROOM: &str = "(() => {
    const top = (selector) => document.querySelector(selector)?.getBoundingClientRect().top;
    return Math.min(top('.banner') ?? innerHeight, innerHeight) - top('.text > p');
})()";

/// Opens a page on a device that has read nothing, and is told how many articles are left.
async fn go_on_a_new_device<'a>(visitor: &'a Visitor, path: &str) -> &'a Visitor {
    let forget = ClearBrowserCookiesParams::default();
    visitor.page.execute(forget).await.expect("forgotten");
    visitor.go(path).await
}

#[tokio::test]
async fn a_line_of_text_is_on_the_first_screen() {
    let visitor = Visitor::new().await;
    let mut hidden = Vec::new();
    for size in [(360, 800), (1440, 900)] {
        visitor.resize(size).await;
        for path in PATHS {
            let room: f64 = go_on_a_new_device(&visitor, path).await.ask(ROOM).await;
            if room < 24.0 {
                hidden.push(format!("{path} at {}: {room} pixels", size.0));
            }
        }
    }
    visitor.resize((360, 800)).await;
    go_on_a_new_device(&visitor, "/town/the-bridge-that-opens-too-often").await;
    let height = "document.querySelector('.banner').getBoundingClientRect().height";
    assert!(visitor.ask::<f64>(height).await < 72.0, "two lines");
    visitor.leave().await;
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

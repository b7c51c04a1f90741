//! The designs of articles: accessibility, and what is on the first screen.

use crate::{
    appearance::{axe, complaints},
    visitor::Visitor,
};

/// One article of each design; whether its text begins on the first screen. A photo story begins with its pictures.
pub const DESIGNS: [(&str, bool); 6] = [
    ("/town/the-bridge-that-opens-too-often", true),
    ("/opinion/let-the-bus-wait", true),
    ("/harbour/the-hut-at-the-end-of-the-pier", true),
    ("/town/i-have-never-kept-anybody-waiting", true),
    ("/food/a-soup-from-the-back-of-the-shelf", true),
    ("/culture/the-harbour-in-five-lights", false),
];

#[tokio::test]
async fn each_design_begins_on_the_first_screen_and_has_no_violations() {
    let axe = axe();
    let mut faults = Vec::new();
    for (path, begins_with_text) in DESIGNS {
        // A new device, which meets no wall.
        let visitor = Visitor::new().await;
        for (scheme, size) in [("dark", (360, 800)), ("light", (1280, 900))] {
            visitor.prefer(scheme).await.resize(size).await.go(path).await;
            let at = format!("{path} {}", size.0);
            let top: f64 =
                visitor.ask("document.querySelector('.text p').getBoundingClientRect().top").await;
            if begins_with_text && top > f64::from(size.1) {
                faults.push(format!("{at}: the text begins at {top}"));
            }
            let found = complaints(&visitor, &axe).await;
            faults.extend(found.into_iter().map(|found| format!("{at}: {found}")));
        }
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What is wrong on paper: pictures of more than 9 cm, white letters, which need a background that browsers do not print, headings that a
/// page may end with, and steps, ingredients and boxes that may be divided.
const PRINT_FAULTS: &str = "(() => {
    const found = (selector, is_fault) => [...document.querySelectorAll(selector)]
        .filter((element) => element.checkVisibility() && is_fault(getComputedStyle(element), element))
        .map((element) => `${selector}: ${element.outerHTML.slice(0, 60)}`);
    return [
        ...found('main img', (_, image) => image.getBoundingClientRect().height > 9 / 2.54 * 96 + 1),
        ...found('main *', (style) => style.color === 'rgb(255, 255, 255)'),
        ...found('main :is(h1, h2, h3), .post-head', (style) => style.breakAfter !== 'avoid'),
        ...found('.text > aside, .ingredients li, .design-recipe .text ol > li, figure', (style) => style.breakInside !== 'avoid'),
    ];
})()";

#[tokio::test]
async fn on_paper_pictures_are_small_and_nothing_is_torn_apart() {
    let mut faults = Vec::new();
    let live = ("/harbour/the-storm-tide-hour-by-hour", true);
    for (path, _) in DESIGNS.into_iter().chain([live]) {
        let visitor = Visitor::new().await;
        let found: Vec<String> = visitor.go(path).await.print().await.ask(PRINT_FAULTS).await;
        faults.extend(found.into_iter().map(|fault| format!("{path}: {fault}")));
        visitor.leave().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

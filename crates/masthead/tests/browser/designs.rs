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

//! Every kind of page, at every width, in light and dark.

use std::{fs, path::Path};

use crate::visitor::{DESKTOP, PHONE, Visitor};

/// One page of each kind.
pub const PAGES: [(&str, &str); 10] = [
    ("home", "/"),
    ("section", "/harbour"),
    ("topic", "/topic/council"),
    ("author", "/author/harbour-desk"),
    ("article", "/town/the-bridge-that-opens-too-often"),
    ("live", "/harbour/the-storm-tide-hour-by-hour"),
    ("sponsored", "/food/flour-with-an-address"),
    ("page", "/about"),
    ("meter", "/how-the-meter-works"),
    ("not-found", "/nowhere"),
];
const SUBSCRIBERS: (&str, &str) = ("subscribers", "/harbour/what-pilots-know-about-fog");

pub fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/browser/node_modules/axe-core/axe.min.js");
    fs::read_to_string(file).expect(
        "axe-core; `npm ci` in crates/masthead/tests/browser installs it, as scripts/test does",
    )
}

/// The violations that axe-core finds on the page (WCAG 2.2 A and AA, and best practices).
pub async fn complaints(visitor: &Visitor, axe: &str) -> Vec<String> {
    visitor.ask::<bool>(&format!("{axe}; true")).await;
    let run = "axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }).then((found) => \
        found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary}`)))";
    visitor.ask(run).await
}

#[tokio::test]
async fn pages_have_no_violations_overflow_layout_shifts_or_third_party_requests() {
    let visitor = Visitor::new().await;
    let axe = axe();
    let mut faults = Vec::new();
    for (name, path) in PAGES.into_iter().chain([SUBSCRIBERS]) {
        for scheme in ["light", "dark"] {
            visitor.prefer(scheme).await;
            for (width, height) in [(320, 640), PHONE, (768, 1024), DESKTOP] {
                let at = format!("{name} {scheme} {width}");
                visitor.resize((width, height)).await.go(path).await;
                let overflow: i64 = visitor
                    .ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    .await;
                if overflow > 0 {
                    faults.push(format!("{at}: {overflow} pixels too wide"));
                }
                // Before a picture is taken, for which the window grows.
                let mut shift: f64 = visitor.ask(LAYOUT_SHIFTS).await;
                if shift > 0.001 {
                    // On a busy machine typefaces come late, which `weight` measures. Now they are here.
                    shift = visitor.go(path).await.ask(LAYOUT_SHIFTS).await;
                }
                if shift > 0.001 {
                    faults.push(format!("{at}: the layout shifts by {shift}"));
                }
                if width != 320 {
                    let found = complaints(&visitor, &axe).await;
                    faults.extend(found.into_iter().map(|found| format!("{at}: {found}")));
                }
                if width == PHONE.0 || width == DESKTOP.0 {
                    visitor.picture(&format!("{name}-{scheme}-{width}"), true).await;
                }
            }
        }
        let foreign: Vec<String> = visitor
            .ask("performance.getEntriesByType('resource').map((e) => e.name).filter((n) => !n.startsWith(location.origin))")
            .await;
        faults.extend(foreign.into_iter().map(|address| format!("{name}: asks {address}")));
    }
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The layout shifts so far (<https://w3c.github.io/layout-instability>).
const LAYOUT_SHIFTS: &str = "new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(sum), 200);
})";

#[tokio::test]
async fn the_front_page_for_the_readme() {
    let visitor = Visitor::new().await;
    visitor.go("/").await.picture("front", false).await;
    visitor.leave().await;
}

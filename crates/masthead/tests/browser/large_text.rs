//! Every kind of page with text of twice the size (WCAG 2.2, 1.4.4).

use chromiumoxide::cdp::browser_protocol::network::ClearBrowserCookiesParams;

use crate::{
    appearance::PAGES,
    designs::DESIGNS,
    visitor::{DESKTOP, PHONE, Visitor},
};

/// The pages that are neither lists nor articles.
const OTHERS: [&str; 11] = [
    "/harbour/what-pilots-know-about-fog",
    "/offers",
    "/checkout/spring-tide",
    "/checkout/trial",
    "/sign-in",
    "/register",
    "/search?q=ferry",
    "/terms",
    "/cancel",
    "/withdraw",
    "/account/saved",
];

/// Doubles the size of the text and returns what is wrong: what is wider than the page, stays in sight in front of more than a
/// quarter of it, or breaks a sentence into columns of two or three letters.
pub const FAULTS: &str = "(() => {
    const root = document.documentElement, faults = [];
    root.style.fontSize = '200%';
    const wide = root.scrollWidth - root.clientWidth;
    if (wide > 0) faults.push(`${wide} pixels too wide`);
    scrollTo(0, root.scrollHeight / 3);
    let covered = 0;
    for (const element of document.querySelectorAll('body *')) {
        const style = getComputedStyle(element), box = element.getBoundingClientRect();
        if (['sticky', 'fixed'].includes(style.position)) {
            covered += Math.max(0, Math.min(box.bottom, innerHeight) - Math.max(box.top, 0));
        }
        const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
        const own = texts.map((node) => node.data).join('').trim();
        const letters = box.width / parseFloat(style.fontSize);
        if (own.length > 20 && style.display !== 'inline' && box.width > 1 && letters < 3.5) {
            faults.push(`“${own.slice(0, 20)}” is ${letters.toFixed(1)} em wide`);
        }
    }
    // Bars and tools are outside of the text, so that they need a size (WCAG 2.2, 2.5.8).
    for (const target of document.querySelectorAll(':is(.banner, .live-bar, .post-head, .tools, .share, .ear) :is(a, button)')) {
        const box = target.getBoundingClientRect();
        if (box.width && Math.min(box.width, box.height) < 24) faults.push(`${target.outerHTML.slice(0, 60)} is ${box.width} × ${box.height}`);
    }
    if (covered > innerHeight / 4) faults.push(`${covered} of ${innerHeight} pixels are covered`);
    return faults;
})()";

#[tokio::test]
async fn pages_can_be_read_with_text_of_twice_the_size() {
    let visitor = Visitor::new().await;
    let mut faults = Vec::new();
    let designs = DESIGNS.iter().map(|(path, _)| *path);
    let pages = PAGES.iter().map(|(_, path)| *path).chain(designs).chain(OTHERS);
    for path in pages {
        // A new device, which the meter gives the whole article.
        let forget = ClearBrowserCookiesParams::default();
        visitor.page.execute(forget).await.expect("forgotten");
        visitor.go(path).await;
        for size in [(320, 640), PHONE, (768, 1024), DESKTOP] {
            let found: Vec<String> = visitor.resize(size).await.ask(FAULTS).await;
            faults.extend(found.into_iter().map(|fault| format!("{path} {}: {fault}", size.0)));
        }
    }
    visitor.leave().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn the_banner_stays_in_sight_only_with_text_of_ordinary_size() {
    let visitor = Visitor::new().await;
    visitor.resize(PHONE).await.go("/town/the-bridge-that-opens-too-often").await;
    let top = "document.querySelector('.banner').getBoundingClientRect().top";
    assert!(visitor.ask::<f64>(top).await < f64::from(PHONE.1), "it is in sight");
    let top = format!("(document.documentElement.style.fontSize = '200%') && {top}");
    assert!(visitor.ask::<f64>(&top).await > f64::from(PHONE.1), "it is at the end of the page");
    visitor.leave().await;
}

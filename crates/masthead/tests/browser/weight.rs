//! What a first visit weighs, and when its largest part is there on a slow phone.
//!
//! Weights and layout shifts are exact, and are asserted. The largest contentful paint depends on how busy the machine is: it is
//! printed, and asserted only by `just lcp`, on a machine that does nothing else.

use std::env;

use chromiumoxide::cdp::browser_protocol::emulation::SetCpuThrottlingRateParams;
#[expect(deprecated, reason = "its replacement is experimental")]
use chromiumoxide::cdp::browser_protocol::network::EmulateNetworkConditionsParams;

use crate::visitor::{PHONE, Visitor};

/// A page of each kind that readers come to first.
const PAGES: [(&str, &str); 7] = [
    ("article", "/town/the-bridge-that-opens-too-often"),
    ("live", "/harbour/the-storm-tide-hour-by-hour"),
    ("wall", "/harbour/what-pilots-know-about-fog"),
    ("front", "/"),
    ("section", "/harbour"),
    ("opinion", "/opinion"),
    ("sign-in", "/sign-in"),
];
/// The maximum of HTML, styles and scripts, compressed, in bytes.
const MAX_TEXT: f64 = 40_960.0;
/// The maximum of typefaces, in bytes.
const MAX_FONTS: f64 = 81_920.0;
/// The environment variable with the maximum of the largest contentful paint of an article, in milliseconds.
const LIMIT: &str = "MASTHEAD_LCP_LIMIT_MS";

/// Bytes of text and of typefaces, the largest contentful paint in milliseconds, the layout shift, and the hosts.
type Weight = (f64, f64, f64, f64, Vec<String>);

/// Measures the page once nothing has been painted for a second (<https://w3c.github.io/largest-contentful-paint>).
const MEASURE: &str = "new Promise((done) => {
    let painted = 0, shift = 0, last = performance.now();
    const observe = (type, note) => new PerformanceObserver((list) => {
        last = performance.now();
        list.getEntries().forEach(note);
    }).observe({ type, buffered: true });
    observe('largest-contentful-paint', (entry) => { painted = Math.max(painted, entry.startTime); });
    observe('layout-shift', (entry) => { shift += entry.value; });
    const finish = () => {
        if (performance.now() - last < 1000) return setTimeout(finish, 100);
        const loaded = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        const sum = (fits) => loaded.filter(fits).reduce((bytes, entry) => bytes + entry.encodedBodySize, 0);
        const isFont = (entry) => entry.name.includes('/fonts/');
        const isPicture = (entry) => entry.initiatorType === 'img' || /\\/(media|icon|apple-touch)/.test(entry.name);
        const hosts = [...new Set(loaded.map((entry) => new URL(entry.name).host))];
        done([sum((entry) => !isFont(entry) && !isPicture(entry)), sum(isFont), painted, shift, hosts]);
    };
    setTimeout(finish, 1000);
})";

/// Slows the visitor's network to 1.6 Mbit/s with a latency of 150 ms, and the processor to a quarter.
#[expect(deprecated, reason = "its replacement is experimental")]
async fn on_a_slow_phone(visitor: &Visitor) {
    let network = EmulateNetworkConditionsParams::builder()
        .offline(false)
        .latency(150.0)
        .download_throughput(1_600_000.0 / 8.0)
        .upload_throughput(750_000.0 / 8.0)
        .build()
        .expect("conditions");
    visitor.resize(PHONE).await.page.execute(network).await.expect("slowed");
    visitor.page.execute(SetCpuThrottlingRateParams::new(4.0)).await.expect("slowed");
}

/// Visits a page on a new device, which has nothing in its cache.
async fn first_visit(path: &str) -> Weight {
    let visitor = Visitor::new().await;
    on_a_slow_phone(&visitor).await;
    let weight = visitor.go(path).await.ask(MEASURE).await;
    visitor.leave().await;
    weight
}

#[tokio::test]
async fn a_first_visit_is_light_comes_from_one_host_and_nothing_moves() {
    let limit: Option<f64> = env::var(LIMIT).ok().and_then(|limit| limit.parse().ok());
    let mut faults = Vec::new();
    for (name, path) in PAGES {
        let mut weight = first_visit(path).await;
        if weight.3 > 0.001 {
            // Once, the machine may have had no time for the typefaces.
            weight = first_visit(path).await;
        }
        let (text, fonts, painted, shift, hosts) = weight;
        println!(
            "{name}: {:.1} KB text, {:.1} KB typefaces, LCP {painted:.0} ms, CLS {shift:.3}",
            text / 1024.0,
            fonts / 1024.0,
        );
        assert!(text > 1024.0 && fonts > 1024.0 && painted > 0.0, "{name} is not measured");
        let too_much = [
            ("text", text > MAX_TEXT),
            ("typefaces", fonts > MAX_FONTS),
            ("layout shifts", shift > 0.001),
            ("hosts", hosts.len() != 1),
            ("paint", name == "article" && limit.is_some_and(|limit| painted > limit)),
        ];
        let found = too_much.into_iter().filter(|(_, is_fault)| *is_fault);
        faults.extend(found.map(|(what, _)| {
            format!("{name}: {what}: {text} {fonts} {painted} {shift} {hosts:?}")
        }));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

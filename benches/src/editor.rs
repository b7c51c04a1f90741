//! Benchmarks of the editor in a browser with an empty cache: the time until one can write, and the
//! longest delay while typing.

use std::time::Duration;

use chromiumoxide::{
    Browser, BrowserConfig, Page,
    cdp::browser_protocol::{network::CookieParam, page::AddScriptToEvaluateOnNewDocumentParams},
};
use futures_util::StreamExt;
use rand::{SeedableRng, rngs::StdRng};

use crate::{BenchError, Report, desk::Staff, publication};

/// The number of page loads, each in a browser with an empty cache, of which the slowest counts.
const PAGE_LOADS: usize = 5;
/// The number of paragraphs of the article, a long read of 3,000 words.
const PARAGRAPHS: usize = 45;
const TYPED: &str = "The ferry was late again, and nobody on the quay was surprised. \
                     What surprised them was who stepped off it. ";
/// The duration in milliseconds from which a task is long (<https://w3c.github.io/longtasks/>).
const LONG: f64 = 50.0;
/// A script that runs before the page's own scripts.
const WATCH: &str = "
    new MutationObserver((_, watch) => {
        if (!document.querySelector('form[data-ready]')) return;
        window.readyAt = performance.now();
        watch.disconnect();
    }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-ready'] });
    window.longest = 0;
    new PerformanceObserver((seen) => {
        for (const task of seen.getEntries()) window.longest = Math.max(window.longest, task.duration);
    }).observe({ type: 'longtask' });
";

pub async fn measure(report: &mut Report, staff: &Staff) -> Result<(), BenchError> {
    let story = staff.begin()?;
    let text = publication::text(PARAGRAPHS, &mut StdRng::seed_from_u64(3)).replace(' ', "+");
    staff.ask("POST", &story, &format!("version=1&headline=Long&body={text}"))?;
    let (mut ready, mut longest) = (0.0_f64, 0.0_f64);
    for nth in 0..PAGE_LOADS {
        let profile = tempfile::tempdir()?;
        let config = BrowserConfig::builder()
            .no_sandbox()
            .new_headless_mode()
            .user_data_dir(profile.path())
            .build()?;
        let (mut browser, mut events) = Browser::launch(config).await?;
        let handler = tokio::spawn(async move { while events.next().await.is_some() {} });
        let page = browser.new_page("about:blank").await?;
        page.set_cookie(cookie(staff)?).await?;
        page.execute(AddScriptToEvaluateOnNewDocumentParams::new(WATCH)).await?;
        page.goto(format!("http://127.0.0.1:{}{story}", staff.port)).await?;
        ready = ready.max(wait_for_value(&page, "window.readyAt ?? 0").await?);
        if nth + 1 == PAGE_LOADS {
            longest = type_at_end(&page).await?;
        }
        browser.close().await?;
        browser.wait().await?;
        handler.abort();
    }
    report.promise(
        "editor, until one can write",
        &format!("{ready:.0} ms"),
        "under 1 s",
        ready < 1000.0,
    );
    let seen = if longest == 0.0 { "none".to_owned() } else { format!("{longest:.0} ms") };
    report.promise("editor, longest task while typing", &seen, "none over 50 ms", longest < LONG);
    Ok(())
}

/// Types at the end of the text until it has been saved automatically. Returns the longest task in
/// milliseconds.
async fn type_at_end(page: &Page) -> Result<f64, BenchError> {
    let text = page.find_element(".ProseMirror").await?;
    text.click().await?;
    page.evaluate("window.longest = 0").await?;
    for _ in 0..3 {
        text.type_str(TYPED).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(page.evaluate("window.longest").await?.into_value()?)
}

/// Waits until an expression has a value, and returns it.
async fn wait_for_value(page: &Page, expression: &str) -> Result<f64, BenchError> {
    for _ in 0..500 {
        let seen: f64 = page.evaluate(expression).await?.into_value()?;
        if seen > 0.0 {
            return Ok(seen);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the editor did not come".into())
}

fn cookie(staff: &Staff) -> Result<CookieParam, BenchError> {
    let (name, value) = staff.cookie.split_once('=').ok_or("no cookie")?;
    let url = format!("http://127.0.0.1:{}/", staff.port);
    Ok(CookieParam::builder().name(name).value(value).url(url).build()?)
}

//! What is promised of the editor, in a browser that has never been there: how soon one can write, and that nothing
//! keeps the keys waiting.

use std::time::Duration;

use chromiumoxide::{
    Browser, BrowserConfig, Page,
    cdp::browser_protocol::{network::CookieParam, page::AddScriptToEvaluateOnNewDocumentParams},
};
use futures_util::StreamExt;
use rand::{SeedableRng, rngs::StdRng};

use crate::{Fault, Report, desk::Staff, publication};

/// Times that the page is opened, each by a browser that has nothing of it; the slowest counts.
const OPENED: usize = 5;
/// Paragraphs of the article, a long read of 3,000 words.
const PARAGRAPHS: usize = 45;
const TYPED: &str = "The ferry was late again, and nobody on the quay was surprised. \
                     What surprised them was who stepped off it. ";
/// From here on a task is long (<https://w3c.github.io/longtasks/>).
const LONG: f64 = 50.0;
/// Runs before the page's own scripts.
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

pub async fn measure(report: &mut Report, staff: &Staff) -> Result<(), Fault> {
    let story = staff.begin()?;
    let text = publication::text(PARAGRAPHS, &mut StdRng::seed_from_u64(3)).replace(' ', "+");
    staff.ask("POST", &story, &format!("version=1&headline=Long&body={text}"))?;
    let (mut ready, mut longest) = (0.0_f64, 0.0_f64);
    for nth in 0..OPENED {
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
        ready = ready.max(when(&page, "window.readyAt ?? 0").await?);
        if nth + 1 == OPENED {
            longest = type_on(&page).await?;
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

/// Types at the end of the text, for long enough that it saves by itself meanwhile. The longest task in milliseconds.
async fn type_on(page: &Page) -> Result<f64, Fault> {
    let text = page.find_element(".ProseMirror").await?;
    text.click().await?;
    page.evaluate("window.longest = 0").await?;
    for _ in 0..3 {
        text.type_str(TYPED).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(page.evaluate("window.longest").await?.into_value()?)
}

/// A number that an expression comes to, when it does.
async fn when(page: &Page, expression: &str) -> Result<f64, Fault> {
    for _ in 0..500 {
        let seen: f64 = page.evaluate(expression).await?.into_value()?;
        if seen > 0.0 {
            return Ok(seen);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the editor did not come".into())
}

fn cookie(staff: &Staff) -> Result<CookieParam, Fault> {
    let (name, value) = staff.cookie.split_once('=').ok_or("no cookie")?;
    let url = format!("http://127.0.0.1:{}/", staff.port);
    Ok(CookieParam::builder().name(name).value(value).url(url).build()?)
}

//! The account page and signing in among a million accounts.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Request};
use http::{Method, StatusCode, header};
use masthead_circulation::AccountId;
use masthead_site::{ClientIp, Site};
use masthead_store::Store;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tower::ServiceExt;

use super::ACCOUNTS;
use crate::{BenchError, Report, readers};

/// The number of timed requests of each kind.
const REQUESTS: u32 = 4000;

/// Measures the account page and signing in, with four readers at once.
pub(super) async fn pages(
    report: &mut Report,
    site: &Arc<Site>,
    store: &Store,
) -> Result<(), BenchError> {
    let router = site.router();
    let mut rng = StdRng::seed_from_u64(3);
    let mut cookies = Vec::new();
    for _ in 0..REQUESTS {
        let account = AccountId(rng.random_range(1..=ACCOUNTS));
        cookies.push(format!("masthead-session={}", readers::sign_in(store, account).await?));
    }
    let account = time(
        &router,
        cookies
            .iter()
            .map(|cookie| (Method::GET, "/account", cookie.clone(), String::new()))
            .collect(),
    )
    .await?;
    let kept = account < Duration::from_millis(20);
    report.promise("account page, p99", &format!("{account:.2?}"), "under 20 ms", kept);
    let forms = (0..REQUESTS).map(|_| {
        let form = format!("email=reader{}%40example.org", rng.random_range(0..ACCOUNTS));
        (Method::POST, "/sign-in", String::new(), form)
    });
    let asked = time(&router, forms.collect()).await?;
    let emails = store.emails(u64::from(REQUESTS)).await?;
    let mut opened = Vec::new();
    for email in emails {
        let text = store.email_body(email.id).await?.text;
        let link =
            text.split("http://127.0.0.1").nth(1).and_then(|rest| rest.split_whitespace().next());
        let begun = Instant::now();
        let link = link.ok_or("an email without a link")?.to_owned();
        // Signing in from another device fails, with the same work except for the session.
        let (status, _) = ask(&router, Method::GET, &link, "", "").await?;
        if status != StatusCode::FORBIDDEN {
            return Err(format!("a link answers {status}").into());
        }
        opened.push(begun.elapsed());
    }
    let slowest = asked.max(percentile(opened));
    let kept = slowest < Duration::from_millis(50);
    report.promise(
        "asking to sign in, and its link, p99",
        &format!("{slowest:.2?}"),
        "under 50 ms",
        kept,
    );
    Ok(())
}

type TimedRequest = (Method, &'static str, String, String);

/// Returns the 99th percentile of the durations of requests, four at once.
async fn time(router: &Router, questions: Vec<TimedRequest>) -> Result<Duration, BenchError> {
    let mut askers = Vec::new();
    for part in questions.chunks(questions.len().div_ceil(4)) {
        let (router, part) = (router.clone(), part.to_vec());
        askers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for (method, path, cookie, form) in part {
                let begun = Instant::now();
                let (status, _) = ask(&router, method, path, &cookie, &form).await?;
                if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
                    return Err(format!("{path} answers {status}").into());
                }
                times.push(begun.elapsed());
            }
            Ok::<_, BenchError>(times)
        }));
    }
    let mut times = Vec::new();
    for asker in askers {
        times.extend(asker.await??);
    }
    Ok(percentile(times))
}

fn percentile(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() * 99 / 100).copied().unwrap_or_default()
}

pub(super) async fn ask(
    router: &Router,
    method: Method,
    path: &str,
    cookie: &str,
    form: &str,
) -> Result<(StatusCode, Option<String>), BenchError> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1");
    if !form.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    let mut request = request.body(Body::from(form.to_owned()))?;
    // From different addresses, because of the rate limits.
    let somewhere = Ipv4Addr::from(rand::rng().random_range(0x0B00_0000..0x7E00_0000_u32));
    request.extensions_mut().insert(ClientIp(IpAddr::V4(somewhere)));
    let answer = router.clone().oneshot(request).await?;
    let status = answer.status();
    let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let location = location.map(str::to_owned);
    axum::body::to_bytes(answer.into_body(), 1 << 20).await?;
    Ok((status, location))
}

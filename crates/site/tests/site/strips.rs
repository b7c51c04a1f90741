//! Short facts on the home page, from files and from other servers.

use std::{
    fs::{self, File},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    response::{IntoResponse, Redirect},
    routing::get,
};
use http::StatusCode;
use jiff::SignedDuration;
use masthead_editorial::strip::{DataStrip, StripSource};
use masthead_publication::Publication;
use masthead_site::strips::StripReader;
use masthead_web::outside::{OutsideClient, OutsideRules};
use tokio::net::TcpListener;

use super::newspaper::{Newspaper, article, publication};

const TIDES: &str =
    r#"[{"label": "High <water>", "value": "06:12", "note": "4.1 m", "link": "/news"}]"#;
/// For the server of a test, which is on this machine and has no certificate.
const LOCAL: OutsideRules =
    OutsideRules { plain_http: true, is_allowed: |address| address.is_loopback() };

fn strip(source: StripSource) -> DataStrip {
    DataStrip {
        label: "Tides".to_owned(),
        source,
        every: DataStrip::MIN_EVERY,
        stale_after: SignedDuration::from_hours(3),
    }
}

/// A newspaper with this strip, and what reads it.
async fn paper(source: StripSource, rules: OutsideRules) -> (Newspaper, StripReader) {
    let paper = Newspaper::with(|publication| publication.strips = vec![strip(source)]).await;
    paper.publish(&article("a")).await;
    let folder = paper.folder.path().join("config");
    fs::create_dir_all(&folder).expect("a folder");
    let reader = StripReader::new(Arc::clone(&paper.site.live), folder, OutsideClient::new(rules));
    (paper, reader)
}

/// Writes a file of the configuration's folder that was changed at the paper's time.
fn write(paper: &Newspaper, name: &str, content: &str) -> PathBuf {
    let path = paper.folder.path().join("config").join(name);
    fs::write(&path, content).expect("written");
    let seconds = u64::try_from(paper.now().as_second()).expect("after 1970");
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    File::options().append(true).open(&path).and_then(|file| file.set_modified(time)).expect("set");
    path
}

async fn at(paper: &Newspaper, path: &str) -> String {
    paper.browser().get(path).await.text()
}

fn has_strip(page: &str) -> bool {
    page.contains("<section class=\"data\"")
}

#[tokio::test]
async fn facts_of_a_file_are_on_the_home_page_only_and_until_they_are_stale() {
    let (paper, reader) = paper(StripSource::File("tides.json".into()), OutsideRules::PUBLIC).await;
    write(&paper, "tides.json", TIDES);
    assert!(!has_strip(&at(&paper, "/").await), "nothing was read yet");
    reader.run().await.expect("read");
    let home = at(&paper, "/").await;
    assert!(has_strip(&home), "{home}");
    let fact = "<dt><a href=\"/news\">High &lt;water&gt;</a></dt><dd><b>06:12</b> 4.1 m</dd>";
    assert!(home.contains(fact), "{home}");
    for path in ["/news", "/news/a", "/nowhere"] {
        assert!(!has_strip(&at(&paper, path).await), "{path}");
    }
    // The paper's clock is at 9 o'clock; nobody writes the file again.
    paper.set_clock("2026-11-24T11:59:59Z");
    assert!(!paper.site.live.advance().await && has_strip(&at(&paper, "/").await));
    paper.set_clock("2026-11-24T12:00:00Z");
    assert!(paper.site.live.advance().await);
    assert!(!has_strip(&at(&paper, "/").await));
}

#[tokio::test]
async fn a_file_that_is_not_below_the_folder_is_not_read() {
    let (paper, reader) = paper(StripSource::File("tides.json".into()), OutsideRules::PUBLIC).await;
    let outside = paper.folder.path().join("secret.json");
    fs::write(&outside, TIDES).expect("written");
    let link = paper.folder.path().join("config/tides.json");
    std::os::unix::fs::symlink(outside, link).expect("a link");
    let error = reader.run().await.expect_err("refused").to_string();
    assert!(error.contains("not below the folder of masthead.toml"), "{error}");
    assert!(!has_strip(&at(&paper, "/").await));
}

#[tokio::test]
async fn a_broken_source_is_named_and_what_was_read_before_stays() {
    let (paper, reader) = paper(StripSource::File("tides.json".into()), OutsideRules::PUBLIC).await;
    let missing = reader.run().await.expect_err("no file").to_string();
    assert!(
        missing.contains("the strip \"Tides\"") && missing.contains("No such file"),
        "{missing}"
    );
    write(&paper, "tides.json", TIDES);
    let again = reader.run().await.expect_err("it is not due yet");
    assert_eq!(again.to_string(), missing, "the task fails until it is read again");

    paper.set_clock("2026-11-24T09:05:00Z");
    reader.run().await.expect("read");
    write(&paper, "tides.json", "[{\"label\": \"High water\"");
    reader.run().await.expect("not read again for five minutes");
    paper.set_clock("2026-11-24T09:10:00Z");
    let broken = reader.run().await.expect_err("broken").to_string();
    assert!(broken.contains("no JSON list"), "{broken}");
    assert!(has_strip(&at(&paper, "/").await), "what was read before is not stale yet");
    // Without the strip, nothing is read, shown or wrong.
    paper.republish(Publication { strips: Vec::new(), ..publication() }).await.expect("in force");
    reader.run().await.expect("nothing to read");
    assert!(!has_strip(&at(&paper, "/").await));
}

/// A server that counts how often it was asked.
async fn server(content: String, redirects: bool) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let tides = get(move || {
        count.fetch_add(1, Ordering::SeqCst);
        let answer = if redirects {
            Redirect::to("/elsewhere").into_response()
        } else {
            content.clone().into_response()
        };
        async { answer }
    });
    let elsewhere = get(async || (StatusCode::OK, TIDES));
    let router = Router::new().route("/tides.json", tides).route("/elsewhere", elsewhere);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/tides.json"), asked)
}

#[tokio::test]
async fn another_server_is_asked_as_often_as_the_publisher_has_set() {
    let (address, asked) = server(TIDES.to_owned(), false).await;
    let (paper, reader) = paper(StripSource::Url(address), LOCAL).await;
    for _ in 0..3 {
        reader.run().await.expect("asked");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(has_strip(&at(&paper, "/").await));
}

#[tokio::test]
async fn answers_that_are_redirected_too_large_or_from_this_machine_are_refused() {
    let large = format!("[{}]", " ".repeat(64 * 1024));
    for (content, redirects, rules, fault) in [
        (TIDES.to_owned(), true, LOCAL, "redirects are not followed"),
        (large, false, LOCAL, "too large"),
        (TIDES.to_owned(), false, OutsideRules::PUBLIC, "begin with https://"),
        (
            TIDES.to_owned(),
            false,
            OutsideRules { plain_http: true, ..OutsideRules::PUBLIC },
            "in a private network",
        ),
    ] {
        let (address, asked) = server(content, redirects).await;
        let (paper, reader) = paper(StripSource::Url(address), rules).await;
        let error = reader.run().await.expect_err(fault).to_string();
        assert!(error.contains(fault), "{error}");
        let may_ask = usize::from(rules.plain_http && fault != "in a private network");
        assert_eq!(asked.load(Ordering::SeqCst), may_ask, "{fault}");
        assert!(!has_strip(&at(&paper, "/").await));
    }
}

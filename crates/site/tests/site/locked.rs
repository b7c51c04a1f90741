//! Locked means absent: a reader who is out of reads finds no sentence beyond the teaser, anywhere.

use http::{Method, StatusCode};
use masthead_access::Tier;
use masthead_editorial::{Kind, Piece, Status};

use crate::newspaper::{Browser, Newspaper, article, sentence, tiered};

/// Articles that the reader has not opened and must not see.
const LOCKED: [&str; 4] = ["locked", "subscribers", "registered", "edition"];

async fn paper() -> Newspaper {
    let paper = Newspaper::new().await;
    paper.publish_metered("abc").await;
    paper.publish(&article("locked")).await;
    // No deck: the description for search engines comes from the text.
    paper.publish(&Piece { deck: String::new(), ..tiered("subscribers", Tier::Subscribers) }).await;
    paper.publish(&tiered("registered", Tier::Registered)).await;
    paper.publish(&tiered("edition", Tier::Product(vec!["atlas".into()]))).await;
    paper.publish(&Piece { kind: Kind::Page, section: None, ..article("about") }).await;
    paper
}

/// Readers who are out of reads, each in another disguise.
async fn readers(paper: &Newspaper) -> Vec<(String, Browser)> {
    let mut spent = paper.browser();
    for slug in ["a", "b", "c"] {
        spent.get(&format!("/news/{slug}")).await;
    }
    let disguises = [
        ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
        ("user-agent", "facebookexternalhit/1.1"),
        ("user-agent", "Twitterbot/1.0"),
        ("user-agent", "WhatsApp/2.23"),
        ("referer", "https://www.google.com/"),
        ("referer", "https://t.co/abc"),
        ("referer", "https://www.facebook.com/"),
        ("x-forwarded-for", "66.249.66.1"),
        ("x-real-ip", "66.249.66.1"),
        ("forwarded", "for=66.249.66.1"),
        ("range", "bytes=0-"),
        ("range", "bytes=2000-"),
        ("accept", "text/plain"),
        ("accept", "application/json"),
        ("accept", "application/amp+html, */*;q=0.1"),
        ("accept-encoding", "gzip"),
        ("accept-encoding", "br"),
        ("accept-encoding", "identity;q=0, *;q=0"),
        ("if-none-match", "*"),
        ("if-modified-since", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("x-original-url", "/news/a"),
        ("x-requested-with", "XMLHttpRequest"),
        ("purpose", "view"),
        ("cache-control", "only-if-cached"),
        ("x-http-method-override", "HEAD"),
    ];
    let mut readers = vec![("plain".to_owned(), spent.clone())];
    for (name, value) in disguises {
        readers.push((format!("{name}: {value}"), spent.clone().sending(name, value)));
    }
    readers
}

/// Every address of the publication, and every way to write it.
fn addresses(paper: &Newspaper) -> Vec<String> {
    let snapshot = paper.site.snapshot();
    let mut plain: Vec<String> = snapshot.edition.addresses().collect();
    plain.extend(["/", "/how-the-meter-works", "/robots.txt", "/nowhere"].map(str::to_owned));
    let mut all = Vec::new();
    for address in plain {
        let last = address.rsplit('/').next().unwrap_or_default().to_owned();
        let encoded: String = last.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let folder = address[..address.len() - last.len()].to_owned();
        for query in ["?amp", "?amp=1", "?print=1", "?output=print", "?format=json", "?page=1"] {
            all.push(format!("{address}{query}"));
        }
        all.push(format!("{address}/"));
        all.push(format!("{address}//"));
        all.push(format!("{address}/amp"));
        all.push(format!("{address}/feed"));
        all.push(format!("{address}.json"));
        all.push(format!("{address}%00"));
        all.push(address.to_uppercase());
        all.push(format!("{folder}{encoded}"));
        all.push(format!("{folder}./{last}"));
        all.push(format!("/{address}"));
        all.push(address);
    }
    all
}

#[tokio::test]
async fn no_reader_out_of_reads_finds_a_locked_sentence_anywhere() {
    let paper = paper().await;
    let addresses = addresses(&paper);
    assert!(addresses.len() > 300);
    for (disguise, reader) in readers(&paper).await {
        for address in &addresses {
            for method in [Method::GET, Method::HEAD] {
                let reply = follow(reader.clone(), &method, address).await;
                assert_holds_nothing_locked(&reply, &format!("{method} {address} as {disguise}"));
            }
        }
    }
}

/// Asks, and goes where it is sent.
async fn follow(mut reader: Browser, method: &Method, address: &str) -> String {
    let mut address = address.to_owned();
    for _ in 0..4 {
        let reply = reader.ask(method, &address).await;
        match reply.header("location") {
            Some(location) => location.clone_into(&mut address),
            None => return format!("{:?}\n{}", reply.headers, reply.text()),
        }
    }
    panic!("{address} leads in a circle");
}

fn assert_holds_nothing_locked(reply: &str, what: &str) {
    for slug in LOCKED {
        for number in 1..10 {
            assert!(
                !reply.contains(&sentence(slug, number)),
                "{what} holds paragraph {number} of {slug}"
            );
        }
    }
}

#[tokio::test]
async fn without_cookies_subscribers_articles_stay_locked_too() {
    let paper = paper().await;
    for address in addresses(&paper) {
        // A metered article may be opened by a new device; the others by nobody.
        if address.to_lowercase().contains("locked") || address.contains("%6C") {
            continue;
        }
        let reply = follow(paper.browser(), &Method::GET, &address).await;
        for slug in ["subscribers", "registered", "edition"] {
            assert!(!reply.contains(&sentence(slug, 1)), "{address}");
        }
    }
}

#[tokio::test]
async fn the_walk_would_notice_a_leak() {
    let paper = paper().await;
    let reply = follow(paper.browser(), &Method::GET, "/news/locked").await;
    let leak = std::panic::catch_unwind(|| assert_holds_nothing_locked(&reply, "an open article"));
    assert!(leak.is_err());
}

#[tokio::test]
async fn text_that_was_locked_a_moment_ago_is_not_given_by_the_decision_before() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("a", Tier::Free)).await;
    // The newsroom locks the article and changes its text; this server has not refreshed yet.
    let secret = "Only subscribers may know this.";
    let mut locked = tiered("a", Tier::Subscribers);
    locked.body.push_str(&format!("<p>{secret}</p>"));
    paper.store.save(&locked, jiff::Timestamp::now()).await.expect("saved");
    let page = paper.browser().get("/news/a").await;
    assert_eq!(page.header("masthead-access"), Some("wall;reason=subscribers"));
    assert!(!page.text().contains(secret));
    // One that was withdrawn a moment ago is gone.
    paper.publish(&tiered("b", Tier::Free)).await;
    let withdrawn = Piece { status: Status::Withdrawn, ..tiered("b", Tier::Free) };
    paper.store.save(&withdrawn, jiff::Timestamp::now()).await.expect("saved");
    assert_eq!(paper.browser().get("/news/b").await.status, StatusCode::NOT_FOUND);
}

//! The first page of the desk.

use jiff::{SignedDuration, Timestamp};
use masthead_circulation::staff::Role;
use masthead_editorial::{Kind, Piece, Status};
use masthead_publication::Sales;
use masthead_web::forwarding::ForwardingFault;

use super::{CONFIG, TestDesk, article, text};

#[tokio::test]
async fn owners_are_told_why_settings_could_not_be_reloaded() {
    const ERROR: &str = "masthead.toml, line 7, column 1: there is no key";
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let (_, bob) = desk.staff("bob@example.org", Role::Author).await;
    let home = async |cookie: &str| text(desk.get("/desk", cookie).await).await;
    assert!(!home(&ada).await.contains("the last valid ones stay in force"));
    let broken = CONFIG.replacen("\n\n", "\n\nnonsense = 1\n", 1);
    assert!(desk.configure(&broken).await.is_err());
    let page = home(&ada).await;
    assert!(page.contains("the last valid ones stay in force") && page.contains(ERROR), "{page}");
    // The error may quote the file, which has secrets.
    assert!(!home(&bob).await.contains(ERROR));
}

#[tokio::test]
async fn owners_are_told_of_a_proxy_that_is_not_trusted() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let (_, bob) = desk.staff("bob@example.org", Role::Author).await;
    let home = async |cookie: &str| text(desk.get("/desk", cookie).await).await;
    assert!(!home(&ada).await.contains("trusted_proxies"));
    desk.forwarding.note(ForwardingFault::Untrusted, [127, 0, 0, 1].into(), desk.now());
    let page = home(&ada).await;
    assert!(page.contains("127.0.0.1 is not a trusted proxy"), "{page}");
    assert!(!home(&bob).await.contains("trusted_proxies"));
    desk.wait(SignedDuration::from_hours(1));
    assert!(!home(&ada).await.contains("trusted_proxies"), "it has been right for an hour");
}

#[tokio::test]
async fn owners_are_told_of_a_proxy_that_forwards_nothing() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let told = async || {
        text(desk.get("/desk", &ada).await).await.contains("forwards no address of readers")
    };
    for _ in 0..19 {
        desk.forwarding.note(ForwardingFault::Missing, [127, 0, 0, 1].into(), desk.now());
    }
    assert!(!told().await, "they may be the proxy's own");
    desk.forwarding.note(ForwardingFault::Missing, [127, 0, 0, 1].into(), desk.now());
    assert!(told().await);
}

#[tokio::test]
async fn owners_are_told_that_there_is_no_contact_for_weaknesses() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let public = CONFIG.replacen("http://paper", "https://paper", 1);
    desk.configure(&public).await.expect("configured");
    assert!(text(desk.get("/desk", &ada).await).await.contains("security_contact"));
    let contact = format!("{public}\n[server]\nsecurity_contact = \"security@paper.example\"\n");
    desk.configure(&contact).await.expect("configured");
    assert!(!text(desk.get("/desk", &ada).await).await.contains("security_contact"));
}

#[tokio::test]
async fn a_desk_without_a_payment_processor_says_that_nothing_is_sold() {
    for (sales, words) in [
        (Sales::Closed, "stripe_key and webhook_secret"),
        (Sales::Sandbox, "Readers pay at the sandbox"),
    ] {
        let desk = TestDesk::open_selling(sales).await;
        let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
        for path in ["/desk", "/desk/offers", "/desk/products"] {
            let page = text(desk.get(path, &ada).await).await;
            assert!(page.contains(words), "{path}: {page}");
        }
    }
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let page = text(desk.get("/desk/offers", &ada).await).await;
    assert!(!page.contains("sandbox") && !page.contains("stripe_key"), "{page}");
}

#[tokio::test]
async fn editors_are_told_which_pages_of_the_law_are_missing_or_drafts() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Editor).await;
    let (_, bob) = desk.staff("bob@example.org", Role::Author).await;
    let home = async |cookie: &str| text(desk.get("/desk", cookie).await).await;
    let page = |slug: &str, headline: &str, status| Piece {
        kind: Kind::Page,
        section: None,
        status,
        ..article(slug, headline)
    };
    for (slug, status) in [("terms", Status::Draft), ("contact", Status::Published)] {
        let piece = page(slug, &format!("Our {slug}"), status);
        desk.store.save(&piece, Timestamp::now()).await.expect("saved");
    }
    desk.live.refresh().await.expect("refreshed");
    let seen = home(&ada).await;
    assert!(seen.contains("These pages aren’t finished: <a href="), "{seen}");
    assert!(seen.contains("Our terms") && !seen.contains("Our contact"), "{seen}");
    assert!(seen.contains("help, privacy, withdrawal, imprint, accessibility"), "{seen}");
    assert!(!home(&bob).await.contains("Our terms"), "authors cannot publish them");
    for slug in ["help", "terms", "privacy", "withdrawal", "imprint", "accessibility"] {
        let piece = page(slug, slug, Status::Published);
        desk.store.save(&piece, Timestamp::now()).await.expect("saved");
    }
    desk.live.refresh().await.expect("refreshed");
    assert!(!home(&ada).await.contains("Pages to publish"));
    let body = "<p>[Fill in: who you are]</p>".to_owned();
    let piece = Piece { body, ..page("imprint", "Our imprint", Status::Published) };
    desk.store.save(&piece, Timestamp::now()).await.expect("saved");
    assert!(home(&ada).await.contains("Our imprint"), "published, and not filled in");
}

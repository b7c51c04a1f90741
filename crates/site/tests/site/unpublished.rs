//! What is not published is, for everybody but staff, as if it did not exist.
//!
//! Every public address is asked about articles in every state that readers must not see, and about one that does not
//! exist; both answers must be the same.

use std::{collections::BTreeSet, fs, path::Path};

use http::{Method, StatusCode};
use masthead_circulation::{Secret, Session, app::Scopes, staff::Role};
use masthead_editorial::{
    Author, Picture, Piece, Redirect, RedirectStatus, Section, Sponsor, Status, Topic,
    draft::{Draft, WorkflowState},
    redirect::InvalidRedirect,
};
use masthead_store::{Attribution, StoryChange};

use crate::{
    newspaper::{Browser, Newspaper, article},
    post::sign_in,
    staff::{colleague, let_in},
};

const STATES: [&str; 6] =
    ["zqscheduled", "zqembargoed", "zqdrafted", "zqwithdrawn", "zqarchived", "zqchanged"];
/// A name that nothing has. It is as long as the states' names, and as far from them as they are from each other.
const NOTHING: &str = "zqmissingxx";

/// The pattern that is a constant in the source.
const WELL_KNOWN: &str = "/.well-known/security.txt";

/// Every pattern of the router, with the addresses at which it is asked about the article `{}`.
const ROUTES: &[(&str, &[&str])] = &[
    (
        "/search",
        &[
            "/search",
            "/search?q={}",
            "/search?q=%22affair+{}%22",
            "/search?q={}x",
            "/search?q={}&page=2",
            "/search?q=name{}+topic{}",
            "/search?section=section{}",
            "/search?author=name{}",
            "/search?q=affair&from=2026-11-25&order=newest",
        ],
    ),
    ("/media/{name}", &["/media/{}-4x3.jpg", "/media/{}-4x3.4.webp", "/media/body{}.svg"]),
    ("/assets/{*name}", &["/assets/{}.css", "/assets/style.css"]),
    ("/feed.xml", &["/feed.xml"]),
    ("/topic/{topic}/feed.xml", &["/topic/topic{}/feed.xml", "/topic/matter/feed.xml"]),
    ("/author/{author}/feed.xml", &["/author/name{}/feed.xml", "/author/writer/feed.xml"]),
    ("/favicon.ico", &["/favicon.ico"]),
    ("/apple-touch-icon.png", &["/apple-touch-icon.png"]),
    ("/site.webmanifest", &["/site.webmanifest"]),
    ("/{section}/feed.xml", &["/section{}/feed.xml", "/news/feed.xml"]),
    ("/sitemap.xml", &["/sitemap.xml"]),
    ("/sitemap/{part}", &["/sitemap/1.xml", "/sitemap/{}.xml"]),
    ("/robots.txt", &["/robots.txt"]),
    ("/healthz", &["/healthz"]),
    ("/readyz", &[]),
    (
        "/api/v1/access/{*article}",
        &["/api/v1/access/section{}/{}", "/api/v1/access/old/{}", "/api/v1/access/news/{}"],
    ),
    (
        "/api/v1/live/{*article}",
        &["/api/v1/live/section{}/{}", "/api/v1/live/old/{}", "/api/v1/live/news/{}"],
    ),
    (
        "/api/v1/live-updates/{*article}",
        &["/api/v1/live-updates/section{}/{}", "/api/v1/live-updates/news/{}?since=1"],
    ),
    ("/api/v1/me", &["/api/v1/me"]),
    (
        "/api/v1/search",
        &[
            "/api/v1/search?q={}",
            "/api/v1/search?q={}x",
            "/api/v1/search?section=section{}",
            "/api/v1/search?author=name{}",
        ],
    ),
    ("/api/v1/app", &["/api/v1/app"]),
    ("/api/v1/app/token", &["/api/v1/app/token"]),
    ("/api/v1/session", &["/api/v1/session"]),
    ("/api/v1/openapi.json", &["/api/v1/openapi.json"]),
    ("/api/{*rest}", &["/api/{}", "/api/section{}/{}"]),
    ("/offers", &["/offers", "/offers?from=/section{}/{}", "/offers?code={}"]),
    ("/checkout", &["/checkout?plan={}&from=/section{}/{}"]),
    ("/checkout/{name}", &["/checkout/{}"]),
    ("/checkout/pay/{secret}", &["/checkout/pay/{}"]),
    ("/checkout/pay/{secret}/sandbox", &["/checkout/pay/{}/sandbox"]),
    ("/checkout/pay/{secret}/sandbox/confirmation", &["/checkout/pay/{}/sandbox/confirmation"]),
    ("/register", &["/register?from=/section{}/{}"]),
    ("/sign-in", &["/sign-in?from=/section{}/{}"]),
    ("/sign-in/sent", &["/sign-in/sent"]),
    ("/sign-in/code", &["/sign-in/code"]),
    ("/sign-in/with/{link}", &["/sign-in/with/{}"]),
    ("/sign-in/openid/{provider}", &["/sign-in/openid/{}?from=/section{}/{}"]),
    ("/sign-in/openid/{provider}/answer", &["/sign-in/openid/{}/answer"]),
    ("/sign-in/app", &["/sign-in/app"]),
    ("/sign-in/form/{secret}", &["/sign-in/form/{}"]),
    ("/sign-in/passkey", &["/sign-in/passkey"]),
    ("/sign-in/passkey/challenge", &["/sign-in/passkey/challenge"]),
    ("/account", &["/account"]),
    ("/account/name", &["/account/name"]),
    ("/account/delivery", &["/account/delivery"]),
    ("/account/signed-out", &["/account/signed-out"]),
    ("/account/delivery/removal", &["/account/delivery/removal"]),
    ("/account/address", &["/account/address"]),
    ("/account/address/{secret}", &["/account/address/{}"]),
    ("/account/passkeys", &["/account/passkeys"]),
    ("/account/passkeys/challenge", &["/account/passkeys/challenge"]),
    ("/account/passkeys/{id}/removal", &["/account/passkeys/{}/removal"]),
    ("/account/identities/removal", &["/account/identities/removal"]),
    ("/account/sessions/end", &["/account/sessions/end"]),
    ("/account/sessions/{key}/end", &["/account/sessions/{}/end"]),
    ("/account/subscriptions/{number}/cancellation", &["/account/subscriptions/{}/cancellation"]),
    ("/account/subscriptions/{number}/continuation", &["/account/subscriptions/{}/continuation"]),
    ("/account/subscriptions/{number}/rest", &["/account/subscriptions/{}/rest"]),
    ("/account/subscriptions/{number}/card", &["/account/subscriptions/{}/card"]),
    ("/account/subscriptions/{number}/price", &["/account/subscriptions/{}/price"]),
    ("/account/invoices/{number}", &["/account/invoices/{}"]),
    ("/account/continuation", &["/account/continuation"]),
    ("/account/withdrawal", &["/account/withdrawal"]),
    ("/cancel", &["/cancel"]),
    ("/cancel/{link}", &["/cancel/{}"]),
    ("/withdraw", &["/withdraw"]),
    ("/withdraw/{link}", &["/withdraw/{}"]),
    ("/account/data.json", &["/account/data.json"]),
    ("/account/deletion", &["/account/deletion"]),
    ("/account/saved", &["/account/saved", "/account/saved?add=/section{}/{}"]),
    ("/account/saved/removal", &["/account/saved/removal"]),
    ("/account/saved/deletion", &["/account/saved/deletion"]),
    ("/account/history", &["/account/history"]),
    ("/account/history/deletion", &["/account/history/deletion"]),
    ("/account/following", &["/account/following?add=/topic/topic{}&added=/author/name{}"]),
    ("/account/following/removal", &["/account/following/removal"]),
    ("/account/following/feed", &["/account/following/feed"]),
    ("/account/following/feed/removal", &["/account/following/feed/removal"]),
    ("/following/{secret}/", &["/following/{}/"]),
    ("/following/{secret}/feed.xml", &["/following/{}/feed.xml"]),
    ("/webhooks/{processor}", &["/webhooks/{}"]),
    ("/demo/outbox", &["/demo/outbox"]),
    ("/demo/outbox.json", &["/demo/outbox.json"]),
    ("/demo/outbox/{number}", &["/demo/outbox/{}"]),
    ("/demo/today", &["/demo/today"]),
    // The router's fallback.
    (
        "",
        &[
            "/",
            "/news",
            "/news/shown",
            "/section{}",
            "/section{}/{}",
            "/SECTION{}/{}/",
            "/news/{}",
            "/{}",
            "/topic/topic{}",
            "/topic/matter",
            "/author/name{}",
            "/author/writer",
            "/old/{}",
            "/?p={}",
            "/?page_id={}",
            "/how-the-meter-works",
        ],
    ),
];

/// The patterns in the source of the site.
fn patterns() -> BTreeSet<String> {
    let mut patterns = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).expect("read");
            let routes = source.split(".route(").skip(1);
            let literals = routes.filter_map(|route| route.trim_start().strip_prefix('"'));
            patterns.extend(literals.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
    patterns
}

#[test]
fn every_route_is_asked() {
    let asked: BTreeSet<String> =
        ROUTES.iter().map(|(pattern, _)| (*pattern).to_owned()).filter(|p| !p.is_empty()).collect();
    assert_eq!(asked, patterns(), "add new routes to ROUTES");
}

/// Otherwise it would be stored and never used.
#[test]
fn no_redirect_is_accepted_from_an_address_that_has_a_route() {
    for pattern in patterns().iter().map(String::as_str).chain([WELL_KNOWN, "/desk/articles"]) {
        let path: String = pattern.split('/').skip(1).fold(String::new(), |path, part| {
            let part = if part.starts_with('{') { "anything" } else { part };
            format!("{path}/{part}")
        });
        let made = Redirect::new(&path, "/new", RedirectStatus::default());
        assert_eq!(made, Err(InvalidRedirect::OfTheSite), "{path}: add it to editorial::redirect");
    }
}

/// An article with `name` in each of its texts, names and addresses, and a picture in its body.
fn secret(name: &str) -> Piece {
    let text = |what: &str| format!("{what} affair {name}");
    Piece {
        section: Some(Section { slug: format!("section{name}"), name: text("Section") }),
        kicker: text("Kicker"),
        headline: text("Headline"),
        deck: text("Deck"),
        authors: vec![Author {
            slug: format!("name{name}"),
            name: format!("name{name}"),
            ..Author::default()
        }],
        picture: Some(Picture {
            src: format!("/media/{name}-4x3.jpg"),
            alt: text("Alt"),
            ..Picture::default()
        }),
        body: format!(
            "<p>{} <img src=\"/media/body{name}.svg\" alt=\"\"></p><p>{}</p><p>Third.</p><p>Fourth.</p>",
            text("Teaser"),
            text("Body"),
        ),
        topics: vec![Topic { slug: format!("topic{name}"), name: format!("topic{name}") }],
        sponsor: Some(Sponsor { name: text("Sponsor"), disclosure: text("Disclosure") }),
        ..article(name)
    }
}

/// Brings a secret article into each of [`STATES`], and publishes another.
async fn fill(paper: &Newspaper) {
    let [scheduled, embargoed, drafted, withdrawn, archived, changed] = STATES;
    let by = colleague(paper).await;
    let attribution = Attribution { by, at: paper.now() };
    paper.publish(&article("shown")).await;
    let later = Some("2026-11-28T09:00:00Z".parse().expect("a time"));
    paper.publish(&Piece { published: later, ..secret(scheduled) }).await;
    let draft = Draft { embargo: later, ..Draft::of(&secret(embargoed)) };
    let begun = paper.store.begin_story(embargoed, &draft, attribution).await;
    assert!(begun.expect("asked").is_some());
    paper.publish(&Piece { status: Status::Draft, published: None, ..secret(drafted) }).await;
    paper.publish(&secret(withdrawn)).await;
    paper.store.withdraw(withdrawn, paper.now()).await.expect("withdrawn");
    let id = paper.store.begin_story(archived, &Draft::of(&secret(archived)), attribution).await;
    let id = id.expect("asked").expect("begun");
    let archive = (WorkflowState::Archived, StoryChange::Archived);
    paper.store.set_work(id, 1, archive.0, archive.1, attribution).await.expect("archived");
    // Changes to a published article that are not published.
    let shown = paper.site.snapshot().edition.articles().first().expect("an article").id;
    let draft = Draft::of(&secret(changed));
    paper.store.save_draft(shown, 1, &draft, attribution).await.expect("saved");
    for name in STATES {
        for file in
            [format!("{name}-4x3.jpg"), format!("{name}-4x3.4.webp"), format!("body{name}.svg")]
        {
            fs::write(paper.folder.path().join("media").join(file), "picture").expect("written");
        }
    }
    paper.refresh().await;
    paper.site.search_index.refresh().await.expect("indexed");
}

/// The status, the place that a redirect leads to, the entity tag and the text, with the name taken out of them.
async fn answer(mut browser: Browser, method: &Method, address: &str, name: &str) -> String {
    let reply = browser.ask(method, &address.replace("{}", name)).await;
    let told = format!(
        "{} {:?} {:?} {}",
        reply.status,
        reply.header("location"),
        reply.header("cache-control"),
        reply.text()
    );
    told.replace(name, "{}")
}

#[tokio::test]
async fn no_address_tells_anything_of_what_is_not_published() {
    for paper in Newspaper::on_both().await {
        fill(&paper).await;
        let mut network = 0_u8;
        for address in ROUTES.iter().flat_map(|(_, addresses)| *addresses) {
            for method in [Method::GET, Method::HEAD, Method::POST] {
                // Each from a network of its own, because forms are limited.
                network = network.wrapping_add(1);
                let browser = || paper.browser().from(&format!("198.51.{network}.7"));
                let nothing = answer(browser(), &method, address, NOTHING).await;
                for state in STATES {
                    let told = answer(browser(), &method, address, state).await;
                    assert_eq!(told, nothing, "{method} {address} {state}");
                    let others = STATES.into_iter().filter(|other| *other != state);
                    for other in others {
                        assert!(
                            !told.to_lowercase().contains(other),
                            "{method} {address} tells of {other}"
                        );
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_same_addresses_tell_of_it_once_it_is_published() {
    let paper = Newspaper::new().await;
    fill(&paper).await;
    paper.go_to("2026-11-28T09:00:00Z").await;
    let name = STATES[0];
    for address in [
        "/",
        "/search?q={}",
        "/search?q=%22affair+{}%22",
        "/search?q={}x",
        "/search?section=section{}",
        "/search?author=name{}",
        "/api/v1/search?q={}",
        "/section{}",
        "/section{}/{}",
        "/topic/topic{}",
        "/author/name{}",
        "/section{}/feed.xml",
        "/feed.xml",
        "/sitemap/1.xml",
        "/api/v1/access/section{}/{}",
    ] {
        let reply = paper.browser().get(&address.replace("{}", name)).await;
        assert!(reply.status == StatusCode::OK && reply.text().contains(name), "{address}");
        assert!(
            address.contains("{}x")
                || !reply.text().contains(r#"class="found""#)
                || reply.text().contains("1 result")
        );
    }
    for moved in ["/old/{}", "/?p={}"] {
        let reply = paper.browser().get(&moved.replace("{}", name)).await;
        assert_eq!(reply.status, StatusCode::PERMANENT_REDIRECT, "{moved}");
    }
}

#[tokio::test]
async fn only_staff_see_the_pictures_of_unpublished_articles() {
    let paper = Newspaper::new().await;
    fill(&paper).await;
    let mut reader = paper.browser();
    sign_in(&paper, &mut reader, "rea@example.org", "/").await;
    let mut ada = paper.browser();
    sign_in(&paper, &mut ada, "ada@example.org", "/").await;
    let pictures = |name: &str| {
        [
            format!("/media/{name}-4x3.jpg"),
            format!("/media/{name}-4x3.4.webp"),
            format!("/media/body{name}.svg"),
        ]
    };
    let hidden: Vec<String> = STATES.into_iter().flat_map(pictures).collect();
    for picture in &hidden {
        assert_eq!(ada.get(picture).await.status, StatusCode::NOT_FOUND, "{picture}");
    }
    let_in(&paper, Role::Author).await;
    for picture in &hidden {
        assert_eq!(reader.get(picture).await.status, StatusCode::NOT_FOUND, "{picture}");
        let seen = ada.get(picture).await;
        assert_eq!(seen.status, StatusCode::OK, "{picture}");
        assert_eq!(seen.header("cache-control"), Some("private, no-cache"));
    }
    // An app's token opens nothing of the desk, and neither does a session that was not used for hours.
    let (app, now) = (Secret::generate(&mut rand::rng()), paper.now());
    let email = "ada@example.org".parse().expect("an address");
    let (account, _) = paper.store.register(&email, now).await.expect("there");
    let of_app = Session::of_app(app.digest(), account.id, "App".into(), Scopes::ARTICLES, now);
    paper.store.create_session(&of_app).await.expect("stored");
    let cookie = format!("{}={app}", paper.site.cookies().session);
    let seen = paper.browser().sending("cookie", &cookie).get(&hidden[0]).await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    paper.go_to("2026-11-24T15:00:00Z").await;
    assert_eq!(ada.get(&hidden[0]).await.status, StatusCode::NOT_FOUND);
    // At the desk, staff sign in once a day.
    paper.go_to("2026-11-25T09:00:00Z").await;
    assert_eq!(ada.get(&hidden[0]).await.status, StatusCode::NOT_FOUND);
    paper.go_to("2026-11-28T09:00:00Z").await;
    for picture in pictures(STATES[0]) {
        let seen = paper.browser().get(&picture).await;
        assert_eq!(seen.status, StatusCode::OK, "{picture}");
        assert_eq!(seen.header("cache-control"), Some("public, max-age=31536000, immutable"));
    }
    paper.store.withdraw(STATES[0], paper.now()).await.expect("withdrawn");
    paper.refresh().await;
    for picture in pictures(STATES[0]) {
        assert_eq!(paper.browser().get(&picture).await.status, StatusCode::NOT_FOUND, "{picture}");
    }
    for missing in
        ["/media/%00", "/media/..", "/media/.hidden", &format!("/media/{}", "a".repeat(300))]
    {
        assert_eq!(paper.browser().get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
        assert_eq!(ada.get(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn searches_from_one_network_are_limited() {
    let paper = Newspaper::new().await;
    paper.publish_metered("a").await;
    paper.site.search_index.refresh().await.expect("indexed");
    let mut statuses = Vec::new();
    for n in 0..220 {
        let mut browser = paper.browser().from(&format!("203.0.113.{n}"));
        statuses.push(browser.get("/search?q=a").await.status);
    }
    assert_eq!(statuses[..200].iter().filter(|status| **status == StatusCode::OK).count(), 200);
    assert!(statuses[200..].contains(&StatusCode::TOO_MANY_REQUESTS));
    let limited = paper.browser().get("/search?q=a").await;
    assert!(limited.text().contains("many searches from here"), "{}", limited.text());
    assert_eq!(paper.browser().get("/search").await.status, StatusCode::OK);
    assert_eq!(paper.browser().from("203.0.114.1").get("/search?q=a").await.status, StatusCode::OK);
}

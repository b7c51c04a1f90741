//! The decisions as JSON: the same as on the page, without the text, and without a read.

use http::StatusCode;
use masthead_access::Tier;
use serde_json::{Value, json};

use crate::{
    newspaper::{Browser, Newspaper, sentence, tiered},
    post::sign_in,
};

async fn access(browser: &mut Browser, article: &str) -> Value {
    let reply = browser.get(&format!("/api/v1/access{article}")).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("private, no-store"));
    assert!(reply.header("set-cookie").is_none());
    serde_json::from_slice(&reply.bytes).expect("JSON")
}

#[tokio::test]
async fn asking_says_what_would_come_and_spends_nothing() {
    let paper = Newspaper::new().await;
    paper.publish_metered("abcd").await;
    let mut reader = paper.browser();
    for _ in 0..5 {
        let answer = access(&mut reader, "/news/a").await;
        assert_eq!(answer["decision"], "metered");
        assert_eq!((answer["left"].as_u64(), answer["allowance"].as_u64()), (Some(2), Some(3)));
        assert_eq!(answer["standing"], "anonymous");
        assert_eq!(answer["resetsOn"], "2026-12-01");
        assert_eq!(answer["messages"][0]["placement"], "banner");
    }
    for slug in ["a", "b", "c"] {
        reader.get(&format!("/news/{slug}")).await;
    }
    assert_eq!(access(&mut reader, "/news/a").await["reason"], "re-read");
    let wall = access(&mut reader, "/news/d").await;
    assert_eq!((&wall["decision"], &wall["reason"]), (&"wall".into(), &"register".into()));
    assert_eq!(wall["messages"][0]["actions"][0]["href"], "/register");
    assert!(!wall.to_string().contains(&sentence("d", 0)));
    let header = reader.get("/api/v1/access/news/d").await;
    assert_eq!(header.header("masthead-access"), Some("wall;reason=register"));
}

#[tokio::test]
async fn what_is_not_there_is_said_as_a_problem() {
    let paper = Newspaper::new().await;
    paper.publish(&tiered("s", Tier::Subscribers)).await;
    let mut reader = paper.browser();
    assert_eq!(access(&mut reader, "/news/s").await["reason"], "subscribers");
    for path in
        ["/api/v1/access/news/none", "/api/v1/access/news", "/api/v2/x", "/api/v1/access/%ff"]
    {
        let reply = reader.get(path).await;
        assert!(reply.status.is_client_error(), "{path}: {}", reply.status);
    }
    let reply = reader.get("/api/v1/access/news/none").await;
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    let problem: Value = serde_json::from_slice(&reply.bytes).expect("JSON");
    assert_eq!(problem["status"], 404);
}

/// An app asks to be signed in. Returns the secret that it keeps and the code that it shows.
pub async fn ask_in(app: &mut Browser) -> (String, String) {
    ask_in_with(app, "articles account").await
}

/// The same with these scopes.
async fn ask_in_with(app: &mut Browser, scopes: &str) -> (String, String) {
    let form = format!("name=The+Paper+on+a+telephone&scope={}", scopes.replace(' ', "+"));
    let answer = app.post("/api/v1/app", &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let answer: Value = serde_json::from_str(&answer.text()).expect("JSON");
    let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
    assert!(
        text("verification_uri_complete").starts_with("https://paper.example/sign-in/app?code=")
    );
    (text("device_code"), text("user_code"))
}

/// The answer to an app that asks for its token.
pub async fn token(app: &mut Browser, kept: &str) -> Value {
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code={kept}"
    );
    let answer = app.post("/api/v1/app/token", &form).await;
    serde_json::from_str(&answer.text()).expect("JSON")
}

#[tokio::test]
async fn an_app_is_let_in_by_the_code_that_it_shows() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("ab").await;
        let mut app = paper.browser();
        assert_eq!(app.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        let (kept, shown) = ask_in(&mut app).await;
        assert_eq!(token(&mut app, &kept).await["error"], "authorization_pending");

        // Its reader comes to the page signed out, signs in, and is back at it.
        let mut reader = paper.browser();
        let page = format!("/sign-in/app?code={shown}");
        let away = reader.get(&page).await;
        let to = away.header("location").expect("a way").to_owned();
        assert!(to.starts_with("/sign-in?from=%2Fsign%2Din%2Fapp"), "{to}");
        let form = reader.get(&to).await.text();
        assert!(form.contains(r#"name="from" value="/sign-in/app?code="#), "{form}");
        let back = sign_in(&paper, &mut reader, "ada@example.org", "/sign-in/app").await;
        assert_eq!(back.header("location"), Some("/sign-in/app"));
        let wrong = reader.get("/sign-in/app?code=BBBB-BBBB").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let asks = reader.get(&page).await.text();
        assert!(asks.contains(
            "“The Paper on a telephone” wants to access the account of ada@example.org."
        ));
        assert!(
            asks.contains("See your email address") && asks.contains("we haven’t checked this one")
        );
        let said = reader.post("/sign-in/app", &format!("code={shown}&answer=yes")).await;
        assert!(said.text().contains("App connected"));
        let again = reader.post("/sign-in/app", &format!("code={shown}&answer=yes")).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);

        let given = token(&mut app, &kept).await;
        assert_eq!(given["token_type"], "Bearer");
        let bearer = format!("Bearer {}", given["access_token"].as_str().expect("a token"));
        let mut app = paper.browser().sending("authorization", &bearer);
        let me: Value = serde_json::from_str(&app.get("/api/v1/me").await.text()).expect("JSON");
        assert_eq!(me["email"], "ada@example.org");
        assert_eq!((&me["standing"], &me["left"]), (&json!("registered"), &json!(5)));
        // What the app reads counts for the account.
        assert_eq!(app.access("/news/a").await, "metered;left=4");
        assert_eq!(reader.access("/news/a").await, "open;reason=re-read");
        let account = reader.get("/account").await.text();
        assert!(account.contains("The Paper on a telephone"), "{account}");
        let mut out = app.clone();
        assert_eq!(
            out.ask(&http::Method::DELETE, "/api/v1/session").await.status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(app.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    }
}

/// The token of an app with these scopes, which a reader lets in.
async fn let_in(paper: &Newspaper, reader: &mut Browser, scopes: &str) -> String {
    let mut app = paper.browser();
    let (kept, shown) = ask_in_with(&mut app, scopes).await;
    reader.post("/sign-in/app", &format!("code={shown}&answer=yes")).await;
    let given = token(&mut app, &kept).await;
    let granted = if scopes.is_empty() { "articles" } else { scopes };
    assert_eq!(given["scope"], granted);
    given["access_token"].as_str().expect("a token").to_owned()
}

/// Addresses of a reader's own pages, which no app opens.
const OWN_PAGES: [&str; 3] = ["/account", "/account/data.json", "/account/invoices/1"];
/// Addresses of forms that change something.
const OWN_FORMS: [(&str, &str); 9] = [
    ("/account/name", "name=Eve"),
    ("/account/address", "email=eve%40example.org"),
    ("/account/passkeys/challenge", ""),
    ("/account/sessions/end", ""),
    ("/account/deletion", "sure=yes"),
    ("/account/continuation", ""),
    ("/account/subscriptions/1/cancellation", ""),
    ("/checkout", "offer=a&price=b"),
    ("/sign-in/app", "code=BCDF-GHJK&answer=yes"),
];

#[tokio::test]
async fn an_app_token_opens_its_scopes_and_nothing_else() {
    for paper in Newspaper::on_both().await {
        paper.publish_metered("ab").await;
        let mut ada = paper.browser();
        sign_in(&paper, &mut ada, "ada@example.org", "/").await;
        let reads = let_in(&paper, &mut ada, "").await;
        let knows = let_in(&paper, &mut ada, "account").await;
        let app =
            |token: &str| paper.browser().sending("authorization", &format!("Bearer {token}"));

        assert_eq!(app(&reads).access("/news/a").await, "metered;left=4");
        let refused = app(&reads).get("/api/v1/me").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"account\"";
        assert_eq!(refused.header("www-authenticate"), Some(challenge));
        assert_eq!(app(&knows).get("/api/v1/me").await.status, StatusCode::OK);
        assert_eq!(app(&knows).access("/news/b").await, "metered;left=2", "as a stranger");

        for token in [&reads, &knows] {
            let cookie = format!("__Host-masthead-session={token}");
            for mut thief in [app(token), paper.browser().sending("cookie", &cookie)] {
                for page in OWN_PAGES {
                    let reply = thief.get(page).await;
                    let to = reply.header("location").expect("a place to sign in");
                    assert!(to.starts_with("/sign-in"), "{page}: {to}");
                }
                for (path, form) in OWN_FORMS {
                    let reply = thief.post(path, form).await;
                    assert_ne!(reply.status, StatusCode::OK, "{path}");
                }
            }
            let mut in_cookie = paper.browser().sending("cookie", &cookie);
            assert_eq!(in_cookie.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        }
        let account = ada.get("/account").await.text();
        assert!(
            account.contains("ada@example.org") && account.contains("The Paper on a telephone")
        );
    }
}

#[tokio::test]
async fn an_unknown_scope_is_refused() {
    let paper = Newspaper::new().await;
    let mut app = paper.browser();
    for scope in ["desk", "articles+desk", "*"] {
        let refused = app.post("/api/v1/app", &format!("name=App&scope={scope}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{scope}");
        assert!(refused.text().contains("There is no such scope"), "{}", refused.text());
    }
}

#[tokio::test]
async fn an_app_may_be_refused_be_late_or_be_hasty() {
    let paper = Newspaper::new().await;
    let mut app = paper.browser();
    let mut reader = paper.browser();
    sign_in(&paper, &mut reader, "ada@example.org", "/").await;
    let (kept, shown) = ask_in(&mut app).await;
    let said =
        reader.post("/sign-in/app", &format!("code={}&answer=no", shown.to_lowercase())).await;
    assert!(said.text().contains("App not connected"));
    assert_eq!(token(&mut app, &kept).await["error"], "access_denied");
    let (kept, shown) = ask_in(&mut app).await;
    paper.set_clock("2026-11-24T09:15:00Z");
    sign_in(&paper, &mut reader, "ada@example.org", "/").await;
    assert_eq!(token(&mut app, &kept).await["error"], "expired_token");
    let late = reader.post("/sign-in/app", &format!("code={shown}&answer=yes")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (kept, _) = ask_in(&mut app).await;
    let errors =
        [token(&mut app, &kept).await, token(&mut app, &kept).await, token(&mut app, &kept).await];
    assert_eq!(errors[2]["error"], "slow_down");
    assert_eq!(token(&mut app, "nonsense").await["error"], "invalid_grant");
    for form in ["", "name=", "name=%00%01"] {
        assert_eq!(app.post("/api/v1/app", form).await.status, StatusCode::BAD_REQUEST, "{form:?}");
    }
}

#[tokio::test]
async fn the_api_describes_itself() {
    let paper = Newspaper::new().await;
    let answer = paper.browser().get("/api/v1/openapi.json").await;
    let description: Value = serde_json::from_str(&answer.text()).expect("JSON");
    assert_eq!(description["openapi"], "3.1.0");
    let paths = description["paths"].as_object().expect("paths");
    let named: Vec<&str> = paths.keys().map(String::as_str).collect();
    assert_eq!(
        named,
        [
            "/api/v1/access/{article}",
            "/api/v1/app",
            "/api/v1/app/token",
            "/api/v1/live-updates/{article}",
            "/api/v1/live/{article}",
            "/api/v1/me",
            "/api/v1/search",
            "/api/v1/session"
        ]
    );
}

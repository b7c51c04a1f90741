//! Every address with every role.

use http::{Method, Request, StatusCode, header};
use masthead_circulation::staff::{Permission, Role};
use masthead_desk::{
    auth::Access,
    routes::{addresses, confirmed_addresses},
};

use jiff::SignedDuration;

use super::{TestDesk, leads_to};

const END_EVERYONE: &str = "/desk/people/sessions/end";

/// An address that matches a pattern.
fn concrete(pattern: &str) -> String {
    pattern
        .replace("{number}", "4000")
        .replace("{key}", "bm8ga2V5")
        .replace("{secret}", "bm8gc2VjcmV0")
        .replace("{name}", "desk.css")
        .replace("{moment}", "meter.left")
        .replace("{placement}", "banner")
        .replace("{slug}", "new")
}

#[tokio::test]
async fn every_role_may_open_exactly_its_addresses() {
    let desk = TestDesk::open().await;
    let mut callers = vec![(None, String::new()), (None, desk.reader("rea@example.org").await)];
    for role in Role::all() {
        let (_, cookie) = desk.staff(&format!("{role}@example.org"), role).await;
        callers.push((Some(role), cookie));
    }
    let mut seen = 0;
    for (pattern, needs) in addresses() {
        for (role, cookie) in &callers {
            for method in [Method::GET, Method::POST] {
                if method == Method::POST && pattern == END_EVERYONE && *role == Some(Role::Owner) {
                    // It would sign out everyone who asks below; `second_factor` tests it.
                    seen += 1;
                    continue;
                }
                let request = Request::builder()
                    .method(method.clone())
                    .uri(concrete(pattern))
                    .header(header::COOKIE, cookie)
                    .header("sec-fetch-site", "same-origin")
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let status = desk.send(request, "".into()).await.status();
                let admitted =
                    needs == Access::Public || role.is_some_and(|role| needs.admits(role));
                let rejected = status == StatusCode::FORBIDDEN
                    || status == StatusCode::UNAUTHORIZED
                    || (status == StatusCode::SEE_OTHER && cookie.is_empty());
                let redirected = needs == Access::Public && status == StatusCode::SEE_OTHER;
                assert!(
                    rejected != admitted || redirected,
                    "{method} {pattern} for {role:?}: {status}"
                );
                seen += 1;
            }
        }
    }
    assert_eq!(seen, addresses().len() * 7 * 2);
}

#[test]
fn only_owners_manage_people() {
    for (pattern, needs) in addresses() {
        if pattern.starts_with("/desk/people") {
            assert_eq!(needs, Access::May(Permission::ManageStaff), "{pattern}");
        }
    }
}

#[tokio::test]
async fn no_page_is_cached_framed_or_scripted_from_elsewhere() {
    let desk = TestDesk::open().await;
    let (_, ada) = desk.staff("ada@example.org", Role::Owner).await;
    let link = desk.link(None, Role::Author).await;
    for path in ["/desk", "/desk/people", link.as_str()] {
        let answer = desk.get(path, &ada).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("cache-control"), "private, no-store");
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"));
    }
}

#[tokio::test]
async fn the_token_of_an_app_opens_nothing_at_the_desk() {
    let desk = TestDesk::open().await;
    let (owner, _) = desk.staff("olu@example.org", Role::Owner).await;
    let cookie = desk.app(&owner).await;
    let bearer = cookie.replace("masthead-session=", "Bearer ");
    for (pattern, access) in addresses() {
        if access == Access::Public {
            continue;
        }
        let path = concrete(pattern);
        for (name, value) in [(header::COOKIE, &cookie), (header::AUTHORIZATION, &bearer)] {
            let status =
                desk.send(Request::get(&path).header(name, value), "".into()).await.status();
            // Addresses for scripts never redirect.
            let is_refused = matches!(status, StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED);
            assert!(is_refused, "{path}: {status}");
        }
    }
    let form = "email=eve%40example.org&role=owner";
    let invited = desk.post("/desk/people/invitations", &cookie, form).await;
    assert_eq!(invited.status(), StatusCode::UNAUTHORIZED);
    assert!(desk.store.invitations().await.expect("read").is_empty());
}

#[tokio::test]
async fn what_gives_power_money_or_data_away_takes_a_recent_sign_in() {
    assert_eq!(
        confirmed_addresses(),
        [
            "/desk/figures.csv",
            "/desk/security/authenticator",
            "/desk/security/authenticator/confirmation",
            "/desk/security/authenticator/removal",
            "/desk/security/recovery-codes",
            "/desk/readers.csv",
            "/desk/readers/imports/{key}/report.csv",
            "/desk/readers/{number}/subscription",
            "/desk/readers/{number}/subscriptions/{key}/extension",
            "/desk/readers/{number}/payments/{key}/refund",
            "/desk/readers/new",
            "/desk/readers/import",
            "/desk/readers/imports/{key}",
            "/desk/readers/selection",
            "/desk/readers/jobs/{number}/resumption",
            "/desk/readers/{number}/subscriptions/{key}/payment",
            "/desk/readers/{number}/subscriptions/{key}/withdrawal",
            "/desk/readers/{number}/subscriptions/{key}/price",
            "/desk/readers/{number}/subscriptions/{key}/termination",
            "/desk/readers/{number}/debts/{key}/forgiveness",
            "/desk/payments/{number}/refund",
            "/desk/audit.csv",
            "/desk/audit.json",
            "/desk/people/invitations",
            "/desk/people/sessions/end",
            "/desk/people/second-factor",
            "/desk/people/{number}/role",
            "/desk/people/{number}/sessions/end",
            "/desk/people/{number}/dismissal",
            "/desk/email",
            "/desk/payment-processor",
            "/desk/seller",
            "/desk/history/seller",
            "/desk/retention",
            "/desk/history/retention",
            "/desk/imports",
            "/desk/imports/{key}/state",
            "/desk/imports/{key}/report.csv",
            "/desk/exports/{name}",
            "/desk/backups",
            "/desk/history/backups",
            "/desk/backups/new",
            "/desk/backups/{number}/deletion",
            "/desk/backups/{number}/file.zst",
        ]
    );
    let desk = TestDesk::open().await;
    let (_, cookie) = desk.staff("olu@example.org", Role::Owner).await;
    desk.wait(SignedDuration::from_mins(15));
    for path in confirmed_addresses().into_iter().map(concrete) {
        let form = desk.post(&path, &cookie, "email=eve%40example.org&role=owner").await;
        let page = desk.get(&path, &cookie).await;
        let answer = if path.contains('.') { page } else { form };
        let to = leads_to(&answer);
        assert!(to.starts_with("/sign-in?from=") && to.ends_with("&again=true"), "{path}: {to}");
    }
    assert!(desk.store.invitations().await.expect("read").is_empty());
    assert_eq!(desk.get("/desk/people", &cookie).await.status(), StatusCode::OK);
}

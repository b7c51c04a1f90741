//! Every address against every role.

use http::{Method, Request, StatusCode, header};
use masthead_circulation::staff::{Permission, Role};
use masthead_desk::routes::{Needs, addresses};

use super::House;

/// An address that its pattern stands for.
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
async fn everybody_sees_what_is_theirs_and_nothing_else() {
    let house = House::open().await;
    let mut comers = vec![(None, String::new()), (None, house.reader("rea@example.org").await)];
    for role in Role::ALL {
        let (_, cookie) = house.staff(&format!("{role}@example.org"), role).await;
        comers.push((Some(role), cookie));
    }
    let mut seen = 0;
    for (pattern, needs) in addresses() {
        for (role, cookie) in &comers {
            for method in [Method::GET, Method::POST] {
                let request = Request::builder()
                    .method(method.clone())
                    .uri(concrete(pattern))
                    .header(header::COOKIE, cookie)
                    .header("sec-fetch-site", "same-origin")
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                let status = house.send(request, "".into()).await.status();
                let admitted =
                    needs == Needs::Nothing || role.is_some_and(|role| needs.admit(role));
                let kept_out = status == StatusCode::FORBIDDEN
                    || status == StatusCode::UNAUTHORIZED
                    || (status == StatusCode::SEE_OTHER && cookie.is_empty());
                let led_home = needs == Needs::Nothing && status == StatusCode::SEE_OTHER;
                assert!(
                    kept_out != admitted || led_home,
                    "{method} {pattern} for {role:?}: {status}"
                );
                seen += 1;
            }
        }
    }
    assert_eq!(seen, addresses().len() * 7 * 2);
}

#[test]
fn only_owners_say_who_works_here() {
    for (pattern, needs) in addresses() {
        if pattern.starts_with("/desk/people") {
            assert_eq!(needs, Needs::May(Permission::Appoint), "{pattern}");
        }
    }
}

#[tokio::test]
async fn no_page_of_the_desk_is_kept_framed_or_scripted_from_elsewhere() {
    let house = House::open().await;
    let (_, ada) = house.staff("ada@example.org", Role::Owner).await;
    let link = house.link(None, Role::Author).await;
    for path in ["/desk", "/desk/people", link.as_str()] {
        let answer = house.get(path, &ada).await;
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

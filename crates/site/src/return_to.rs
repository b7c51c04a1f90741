//! The page that a reader returns to, from the `Referer` header.

use http::{HeaderMap, header};
use masthead_web::form;

/// The pages of an account, and of the demonstration.
const OWN: [&str; 6] = ["/sign-in", "/register", "/account", "/cancel", "/withdraw", "/demo/"];
/// The pages on the way to a subscription.
const SALES: [&str; 2] = ["/offers", "/checkout"];

/// Returns the path of the page that a request comes from; `/` if that page is not one to read.
pub(crate) fn return_path(headers: &HeaderMap, address: &str) -> String {
    unless(&[&OWN, &SALES], referrer_path(headers, address))
}

/// Returns the path to go to after signing in, from the path at which a reader chose to: who was buying goes on buying.
pub(crate) fn after_sign_in(path: String) -> String {
    unless(&[&OWN], path)
}

/// Returns whether a path is on the way to a subscription.
pub(crate) fn is_order(path: &str) -> bool {
    SALES.iter().any(|sales| is_at(path, sales))
}

/// Returns whether a path is the checkout of something that is sold, at which a reader orders or says who they are.
pub(crate) fn is_checkout(path: &str) -> bool {
    path.starts_with("/checkout/") && !path.starts_with("/checkout/pay/")
}

/// Returns whether a path is this page, or below it.
fn is_at(path: &str, page: &str) -> bool {
    path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

fn unless(others: &[&[&str]], path: String) -> String {
    let is_other = others.iter().copied().flatten().any(|other| path.starts_with(other));
    if is_other { "/".to_owned() } else { path }
}

/// Returns the path of the page that a request comes from; `/` if it is not one of this site.
pub(crate) fn referrer_path(headers: &HeaderMap, address: &str) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("?");
    let path = referer.and_then(|referer| {
        let after = referer.split_once("://")?.1;
        let rest = after.strip_prefix(host);
        rest.or_else(|| referer.strip_prefix(address)).filter(|rest| rest.starts_with('/'))
    });
    form::safe_local_path(path.unwrap_or("/")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_never_sent_to_another_site() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            let read = |(k, v): &(&'static str, &'static str)| {
                (k.parse().expect("a name"), v.parse().expect("a value"))
            };
            pairs.iter().map(read).collect()
        };
        let from = |referer| {
            let pairs = headers(&[("referer", referer), ("host", "paper.example")]);
            return_path(&pairs, "https://paper.example")
        };
        assert_eq!(from("https://paper.example/town/a"), "/town/a");
        assert_eq!(from("https://paper.example.evil.example/town/a"), "/");
        assert_eq!(from("https://evil.example/town/a"), "/");
        assert_eq!(from("https://paper.example/sign-in"), "/");
        assert_eq!(from("https://paper.example/demo/outbox/1"), "/");
        assert_eq!(from("https://paper.example/offers?from=/town/a"), "/");
        assert_eq!(after_sign_in("/offers?from=/town/a".to_owned()), "/offers?from=/town/a");
        assert_eq!(after_sign_in("/account/saved".to_owned()), "/");
        for order in ["/offers", "/offers?code=X", "/checkout/winter?from=%2Fa", "/checkout?plan=w"]
        {
            assert!(is_order(order), "{order}");
        }
        for other in ["/", "/offers-of-the-week", "/news/checkout", "/desk"] {
            assert!(!is_order(other), "{other}");
        }
        assert!(is_checkout("/checkout/winter?from=%2Fa") && !is_checkout("/checkout/pay/abc"));
    }
}

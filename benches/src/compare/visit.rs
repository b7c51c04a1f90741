//! What a first visit to a page costs the reader: bytes and requests.

use std::{cell::RefCell, collections::BTreeSet};

use lol_html::{RewriteStrSettings, element, html_content::Element, rewrite_str};

use super::request;
use crate::BenchError;

/// The relations of links that a browser follows by itself.
const LOADED: [&str; 4] = ["stylesheet", "preload", "modulepreload", "icon"];

/// The requests that the HTML of a page names. What scripts and styles load in turn is not among them.
#[derive(Debug, PartialEq, Eq)]
pub struct Visit {
    /// The requests to the publication, of which one is the page.
    pub own: usize,
    /// The requests to other hosts.
    pub others: usize,
}

impl Visit {
    /// Requests a page without compression and reads it.
    pub fn make(port: u16, path: &str, cookie: &str) -> Result<Self, BenchError> {
        let cookie = format!("Cookie: {cookie}\r\n");
        let page = request::plain(port, &format!("GET {path}"), &cookie, "")?;
        if page.status != 200 {
            return Err(format!("{path} was answered {}", page.status).into());
        }
        Self::of(std::str::from_utf8(&page.body)?)
    }

    fn of(html: &str) -> Result<Self, BenchError> {
        let addresses = addresses(html)?;
        let others = addresses.iter().filter(|address| is_elsewhere(address)).count();
        Ok(Self { own: 1 + addresses.len() - others, others })
    }
}

/// Returns the addresses that a browser requests to show a page, each once.
fn addresses(html: &str) -> Result<BTreeSet<String>, BenchError> {
    let addresses = RefCell::new(BTreeSet::new());
    let add = |element: &Element<'_, '_>, attribute: &str| {
        let address = element.get_attribute(attribute);
        addresses.borrow_mut().extend(address.filter(|address| !address.starts_with("data:")));
    };
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!(
            "script[src], iframe[src], img[src]:not([loading=lazy])",
            |element| {
                add(element, "src");
                Ok(())
            }
        ))
        .append_element_content_handler(element!("link[rel][href]", |element| {
            let rel = element.get_attribute("rel").unwrap_or_default();
            if rel.split_whitespace().any(|rel| LOADED.contains(&rel)) {
                add(element, "href");
            }
            Ok(())
        }));
    rewrite_str(html, settings)?;
    Ok(addresses.into_inner())
}

/// Returns whether an address is on another host than the benchmark's servers.
fn is_elsewhere(address: &str) -> bool {
    let host = address.split_once("//").filter(|(scheme, _)| !scheme.contains('/'));
    host.is_some_and(|(_, host)| !host.starts_with("127.0.0.1"))
}

#[cfg(test)]
mod tests {
    use super::Visit;

    #[test]
    fn a_visit_counts_each_address_once_and_other_hosts_apart() {
        let html = r#"
            <link rel="preload" as="style" href="/a.css"><link rel="stylesheet" href="/a.css">
            <link rel="canonical" href="http://127.0.0.1:1/story"><link rel="icon" href="data:,">
            <script src="http://127.0.0.1:1/b.js?from=//x"></script><script>1</script>
            <script src="//cdn.example/c.js"></script><img src="https://cdn.example/d.png">
            <img loading="lazy" src="/e.png">"#;
        assert_eq!(Visit::of(html).unwrap(), Visit { own: 3, others: 2 });
    }
}

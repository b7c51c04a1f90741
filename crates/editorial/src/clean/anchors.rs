//! Links within a text, and what they lead to.
//!
//! A name from outside could be one that the page itself has, so names that a link of the text leads to get a prefix, and the link with
//! them. Other names are removed. Footnotes have prefixes of their own.

use std::collections::HashSet;

use super::allowed::{TARGET, is_target};

/// The maximum number of names that links of one text lead to.
const MAX_NAMES: usize = 1000;

/// The names that links of a text lead to.
#[derive(Default)]
pub(super) struct Anchors(HashSet<String>);

impl Anchors {
    /// Those of `html`.
    pub(super) fn of(html: &str) -> Self {
        let links = html.split("href=").skip(1).filter_map(|after| {
            let link = after.strip_prefix(['"', '\'']).unwrap_or(after);
            let name = link.strip_prefix('#')?.split(['"', '\'', '>', ' ']).next()?;
            Some(decoded(name))
        });
        Self(links.filter(|name| !name.is_empty()).take(MAX_NAMES).collect())
    }

    /// The name that an element with this name gets; `None` if it loses it.
    pub(super) fn target(&self, name: &str) -> Option<String> {
        let name = decoded(name);
        if is_target(&name) {
            return Some(name);
        }
        self.0.contains(&name).then(|| prefixed(&name)).flatten()
    }

    /// The address of a link within the text; `None` if it is another address, or stays as it is.
    pub(super) fn link(address: &str) -> Option<String> {
        let name = decoded(address.strip_prefix('#')?);
        if is_target(&name) {
            return None;
        }
        prefixed(&name).map(|name| format!("#{name}"))
    }
}

fn decoded(name: &str) -> String {
    let name = html_escape::decode_html_entities(name);
    let decoded = percent_encoding::percent_decode_str(&name).decode_utf8();
    decoded.map_or_else(|_| name.clone().into_owned(), std::borrow::Cow::into_owned)
}

/// The name as a page may have it: characters that would need an encoding become a hyphen.
fn prefixed(name: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).take(60).collect();
    let name = format!("{TARGET}{plain}");
    is_target(&name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_links_lead_to_get_a_prefix() {
        let anchors =
            Anchors::of("<a href=\"#_ftn1\"></a><a href='#Teil%20zwei'></a><a href=\"/a#b\"></a>");
        assert_eq!(anchors.target("_ftn1").as_deref(), Some("to-_ftn1"));
        assert_eq!(anchors.target("Teil zwei").as_deref(), Some("to-Teil-zwei"));
        assert_eq!(anchors.target("main"), None);
        assert_eq!(anchors.target("fn-1").as_deref(), Some("fn-1"));
        assert_eq!(Anchors::link("#Teil%20zwei").as_deref(), Some("#to-Teil-zwei"));
        assert_eq!((Anchors::link("#to-a"), Anchors::link("/a#b")), (None, None));
        assert_eq!(Anchors::link("#"), None);
    }
}

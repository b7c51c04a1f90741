//! Embeds of the time of Flash: an `object` with the address in a `param`, an attribute, or an `embed` within it.

use std::borrow::Cow;

use super::tags::{Token, Tokens};
use crate::import::Changes;

/// Returns `html` with a frame in the place of each `object`, for what is the same address wherever it is named. One without an address is
/// removed with its content.
pub(super) fn frames<'a>(html: &'a str, changes: &mut Changes) -> Cow<'a, str> {
    if !html.as_bytes().windows(7).any(|tag| tag.eq_ignore_ascii_case(b"<object")) {
        return Cow::Borrowed(html);
    }
    let mut written = String::with_capacity(html.len());
    let mut object: Option<Object> = None;
    for token in Tokens::new(html) {
        match (token, &mut object) {
            (Token::Start(name, attributes), None) if name.eq_ignore_ascii_case("object") => {
                object = Some(Object { depth: 1, source: address(attributes, &["data"]) });
            }
            (Token::Start(name, attributes), Some(object)) => object.start(name, attributes),
            (Token::End(name), Some(open)) => {
                if open.ends(name) {
                    close(object.take(), &mut written, changes);
                }
            }
            (Token::Text(_), Some(_)) => {}
            (Token::Text(text), None) => written.push_str(text),
            (Token::Start(name, attributes), None) => {
                written.push_str(&format!("<{name}{attributes}>"));
            }
            (Token::End(name), None) => written.push_str(&format!("</{name}>")),
        }
    }
    if object.is_some() {
        close(object, &mut written, changes);
    }
    Cow::Owned(written)
}

/// An object that is open.
struct Object {
    depth: usize,
    source: Option<String>,
}

impl Object {
    fn start(&mut self, name: &str, attributes: &str) {
        let found = match name.to_ascii_lowercase().as_str() {
            "object" => {
                self.depth += 1;
                address(attributes, &["data"])
            }
            "embed" | "iframe" => address(attributes, &["src"]),
            "param" => address(attributes, &["value"]),
            _ => None,
        };
        if self.source.is_none() {
            self.source = found;
        }
    }

    /// Whether this end tag is its own.
    fn ends(&mut self, name: &str) -> bool {
        if name.eq_ignore_ascii_case("object") {
            self.depth -= 1;
        }
        self.depth == 0
    }
}

fn close(object: Option<Object>, written: &mut String, changes: &mut Changes) {
    match object.and_then(|object| object.source) {
        Some(source) => {
            let source = html_escape::encode_double_quoted_attribute(&source);
            written.push_str(&format!("<iframe src=\"{source}\"></iframe>"));
        }
        None => changes.count("<object> removed"),
    }
}

/// The first of these attributes that is an address on the web.
fn address(attributes: &str, names: &[&str]) -> Option<String> {
    let value = |name: &&str| {
        let after = attributes.split(&format!("{name}=")).nth(1)?;
        let value = match after.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.split(['"', '\'']).next()?,
            None => after.split_ascii_whitespace().next()?,
        };
        let value = html_escape::decode_html_entities(value.trim()).into_owned();
        is_address(&value).then_some(value)
    };
    names.iter().find_map(value)
}

/// Whether it is an address on the web, also one that leaves the scheme to the page.
pub(super) fn is_address(text: &str) -> bool {
    ["http://", "https://", "//"].iter().any(|start| text.starts_with(start))
}

/// The address of what is embedded as one that can be opened: with a scheme, and for videos in Flash the page that has them now.
pub(super) fn opened(source: &str) -> String {
    let source = match source.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => source.to_owned(),
    };
    let flash = source
        .split_once("youtube.com/v/")
        .or_else(|| source.split_once("youtube-nocookie.com/v/"));
    match flash.and_then(|(_, id)| id.split(['?', '&', '/', '#']).next()) {
        Some(id) if !id.is_empty() => format!("https://www.youtube.com/watch?v={id}"),
        _ => source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(html: &str) -> (String, usize) {
        let mut changes = Changes::default();
        let html = frames(html, &mut changes).into_owned();
        (html, changes.total())
    }

    #[test]
    fn the_address_may_be_anywhere() {
        let frame = "a<iframe src=\"//v.example/1\"></iframe>b";
        for object in [
            "<object data=\"//v.example/1\">x</object>",
            "<OBJECT><param name=\"movie\" value=\"//v.example/1\"></param></OBJECT>",
            "<object><param name=\"a\" value=\"true\"><embed src='//v.example/1'></embed></object>",
            "<object><object data=//v.example/1 ></object></object>",
        ] {
            assert_eq!(framed(&format!("a{object}b")), (frame.into(), 0), "{object}");
        }
        assert_eq!(framed("a<object><p>x</p></object>b"), ("ab".into(), 1));
        assert_eq!(framed("<p class=\"a\">b</p>").0, "<p class=\"a\">b</p>");
    }

    #[test]
    fn addresses_are_opened_where_they_are_now() {
        assert_eq!(opened("//v.example/1"), "https://v.example/1");
        assert_eq!(
            opened("http://www.youtube.com/v/abc&hl=en"),
            "https://www.youtube.com/watch?v=abc"
        );
    }
}

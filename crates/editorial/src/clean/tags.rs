//! Splits untrusted HTML into texts and tags, in one pass.
//!
//! The rules are those of the HTML standard
//! (<https://html.spec.whatwg.org/multipage/parsing.html#tokenization>), without decoding anything. A general tokenizer
//! is not used, because it takes quadratic time on a tag with very many attributes.

/// A piece of HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text as it is written, with its entities. It may contain a `<` that begins no tag.
    Text(&'a str),
    /// A start tag: its name and its attributes as they are written.
    Start(&'a str, &'a str),
    /// An end tag.
    End(&'a str),
}

/// The maximum number of attributes of a tag. Further ones are dropped.
const MAX_ATTRIBUTES: usize = 40;
/// The maximum length of all attributes of a tag, in bytes. Those behind it are dropped.
const MAX_ATTRIBUTE_BYTES: usize = 16 * 1024;

/// Elements whose content is text without tags.
const RAW: [&str; 6] = ["script", "style", "textarea", "title", "iframe", "noscript"];

/// The tokens of a text. Comments and declarations are left out, and so is the content of [`RAW`] elements.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The raw element that was just opened.
    raw: Option<&'static str>,
}

impl<'a> Tokens<'a> {
    pub fn new(html: &'a str) -> Self {
        Self { rest: html, raw: None }
    }

    /// Skips to the end tag of a raw element, or to the end.
    fn skip_raw(&mut self, name: &str) {
        let is_end = |(at, _): &(usize, &str)| {
            let after = self.rest.get(at + 2..at + 2 + name.len());
            let ends = self.rest.as_bytes().get(at + 2 + name.len());
            after.is_some_and(|after| after.eq_ignore_ascii_case(name))
                && ends.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
        };
        let end = self.rest.match_indices("</").find(is_end).map(|(at, _)| at);
        self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
    }

    /// Takes the text before the next `<` that begins a tag, comment or declaration.
    fn text(&mut self) -> Option<Token<'a>> {
        let begins = |(at, _): &(usize, &str)| {
            let next = self.rest.as_bytes().get(at + 1);
            next.is_some_and(|byte| {
                byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?')
            })
        };
        let end = self.rest.match_indices('<').find(begins).map(|(at, _)| at);
        let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!text.is_empty()).then_some(Token::Text(text))
    }

    /// Takes a comment or declaration.
    fn skip_markup(&mut self) {
        let end = match self.rest.strip_prefix("<!--") {
            Some(comment) if comment.starts_with('>') => Some(5),
            Some(comment) if comment.starts_with("->") => Some(6),
            Some(comment) => comment.find("-->").map(|at| at + 7),
            None => self.rest.find('>').map(|at| at + 1),
        };
        self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
    }

    /// Takes a tag whose name begins at `from`. Returns `None` if it never ends.
    fn tag(&mut self, from: usize) -> Option<(&'a str, &'a str)> {
        let html = self.rest;
        let stops = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let name_end = from + html.as_bytes()[from..].iter().position(stops)?;
        let (end, kept) = attributes_end(html.as_bytes(), name_end)?;
        self.rest = &html[end + 1..];
        Some((&html[from..name_end], &html[name_end..kept]))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            self.skip_raw(name);
        }
        loop {
            if let Some(text) = self.text() {
                return Some(text);
            }
            let bytes = self.rest.as_bytes();
            let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
            if bytes.is_empty() {
                return None;
            } else if is_letter(1) {
                // A tag that never ends is dropped with everything after it, as browsers do.
                let (name, attributes) = self.tag(1)?;
                self.raw = RAW.into_iter().find(|raw| raw.eq_ignore_ascii_case(name));
                return Some(Token::Start(name, attributes));
            } else if bytes.get(1) == Some(&b'/') && is_letter(2) {
                return self.tag(2).map(|(name, _)| Token::End(name));
            }
            self.skip_markup();
        }
    }
}

/// Returns where the `>` of a tag is, whose attributes begin at `from`, and where the attributes end that are kept.
fn attributes_end(html: &[u8], from: usize) -> Option<(usize, usize)> {
    let (mut at, mut count, mut kept) = (from, 0, from);
    loop {
        let skipped = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'/';
        at += html[at..].iter().position(skipped)?;
        if count <= MAX_ATTRIBUTES && at - from <= MAX_ATTRIBUTE_BYTES {
            kept = at;
        }
        if html[at] == b'>' {
            return Some((at, kept));
        }
        at = attribute_end(html, at)?;
        count += 1;
    }
}

/// Returns the end of the attribute at `from`.
fn attribute_end(html: &[u8], from: usize) -> Option<usize> {
    let find = |from: usize, is: &dyn Fn(&u8) -> bool| {
        html[from..].iter().position(is).map(|at| from + at)
    };
    let space = u8::is_ascii_whitespace;
    // A name may begin with "=".
    let name_end = find(from + 1, &|byte| space(byte) || matches!(byte, b'/' | b'>' | b'='))?;
    let next = find(name_end, &|byte| !space(byte))?;
    if html[next] != b'=' {
        return Some(name_end);
    }
    let value = find(next + 1, &|byte| !space(byte))?;
    match html[value] {
        quote @ (b'"' | b'\'') => find(value + 1, &|byte| *byte == quote).map(|end| end + 1),
        b'>' => Some(value),
        _ => find(value, &|byte| space(byte) || *byte == b'>'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(html: &str) -> Vec<Token<'_>> {
        Tokens::new(html).collect()
    }

    #[test]
    fn tags_and_texts_are_told_apart() {
        use Token::{End, Start, Text};
        assert_eq!(
            tokens("a < b<P class='x>y' id=z>c</P ><br/><!-- <i> --><!doctype html>d &amp;"),
            [
                Text("a < b"),
                Start("P", " class='x>y' id=z"),
                Text("c"),
                End("P"),
                Start("br", "/"),
                Text("d &amp;")
            ]
        );
        assert_eq!(tokens("<a href=x/>y"), [Start("a", " href=x/"), Text("y")]);
        assert_eq!(tokens("x<p class=\"y>z"), [Text("x")]);
    }

    #[test]
    fn raw_elements_have_no_content() {
        use Token::{End, Start, Text};
        let html = "<script>if (a</b) {</scripted></SCRIPT>x<title><b>y";
        assert_eq!(
            tokens(html),
            [Start("script", ""), End("SCRIPT"), Text("x"), Start("title", "")]
        );
    }

    #[test]
    fn a_flood_of_attributes_is_cut() {
        let html = format!("<p {}>x", "a ".repeat(10_000));
        let Token::Start("p", attributes) = tokens(&html)[0] else { panic!("{html}") };
        assert_eq!(attributes.split_whitespace().count(), MAX_ATTRIBUTES);
        let long = format!("<p class=a title=\"{}\">x", "&amp;".repeat(10_000));
        assert_eq!(tokens(&long), [Token::Start("p", " class=a "), Token::Text("x")]);
    }
}

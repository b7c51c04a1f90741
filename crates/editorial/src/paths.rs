//! Paths of pages: percent-encoded (RFC 3986, section 2), so that they can be used wherever addresses are.
//!
//! Each page has one path. Percent-encoding in small letters, letters that are not encoded, and accents that are written apart are
//! other spellings of it ([`one_spelling`]). People are shown [`readable`] paths.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::slug::is_hidden;

/// What is encoded within a part of a path besides letters that are not ASCII: everything but `pchar` (RFC 3986, section 3.3).
const PART: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Returns the path of a section, or of a page of the publication.
///
/// ```
/// use masthead_editorial::paths;
///
/// assert_eq!(paths::section("town"), "/town");
/// assert_eq!(paths::section("öl"), "/%C3%B6l");
/// ```
pub fn section(slug: &str) -> String {
    format!("/{}", encoded(slug))
}

/// Returns the path of a topic.
pub fn topic(slug: &str) -> String {
    format!("/topic/{}", encoded(slug))
}

/// Returns the path of an author.
pub fn author(slug: &str) -> String {
    format!("/author/{}", encoded(slug))
}

/// Percent-encodes a part of a path.
pub fn encoded(part: &str) -> Cow<'_, str> {
    utf8_percent_encode(part, PART).into()
}

/// Decodes a part of a path. Returns `None` if it is written in another way than [`encoded`] does, so that it is another spelling.
pub fn decoded(part: &str) -> Option<Cow<'_, str>> {
    if part.is_ascii() && !part.contains('%') {
        return Some(Cow::Borrowed(part));
    }
    let decoded = percent_decode_str(part).decode_utf8().ok()?;
    (encoded(&decoded) == part).then_some(decoded)
}

/// Returns the path of the page for another spelling of it, which may be encoded or not, with its query. Returns the same if it cannot
/// be decoded.
///
/// ```
/// use masthead_editorial::paths::one_spelling;
///
/// assert_eq!(one_spelling("/topic/%c3%b6l"), "/topic/%C3%B6l");
/// assert_eq!(one_spelling("/topic/o\u{308}l?page=2"), "/topic/%C3%B6l?page=2");
/// ```
pub fn one_spelling(path: &str) -> Cow<'_, str> {
    if path.is_ascii() && !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let (plain, rest) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    match percent_decode_str(plain).decode_utf8() {
        Ok(decoded) => Cow::Owned(format!("{}{rest}", spelled(&decoded))),
        Err(_) => Cow::Borrowed(path),
    }
}

/// Encodes a path that is decoded.
pub fn spelled(decoded: &str) -> String {
    let composed: String = decoded.nfc().collect();
    let parts: Vec<Cow<'_, str>> = composed.split('/').map(encoded).collect();
    parts.join("/")
}

/// Returns an address as people read it, which means the same where it is entered. It stays encoded if its letters cannot be seen,
/// change the direction of others or have accents written apart, or if a character of ASCII is encoded: `%2F` is no slash.
///
/// ```
/// use masthead_editorial::paths::readable;
///
/// assert_eq!(readable("/topic/%C3%B6l"), "/topic/öl");
/// assert_eq!(readable("/topic/a%E2%80%AE"), "/topic/a%E2%80%AE");
/// assert_eq!(readable("/%C3%B6l%2Fgas"), "/%C3%B6l%2Fgas");
/// ```
pub fn readable(address: &str) -> Cow<'_, str> {
    if !address.contains('%') || has_encoded_ascii(address) {
        return Cow::Borrowed(address);
    }
    let is_unclear = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || is_hidden(c)
            || matches!(c, '%' | '?' | '#' | '"' | '<' | '>' | '\\')
    };
    match percent_decode_str(address).decode_utf8() {
        Ok(decoded) if is_nfc(&decoded) && !decoded.contains(is_unclear) => decoded,
        Ok(_) | Err(_) => Cow::Borrowed(address),
    }
}

fn has_encoded_ascii(address: &str) -> bool {
    let is_ascii =
        |rest: &str| matches!(rest.as_bytes(), [b'0'..=b'7', low, ..] if low.is_ascii_hexdigit());
    address.split('%').skip(1).any(is_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_encoded_in_one_way() {
        for (part, path) in [
            ("town", "town"),
            ("東京-2", "%E6%9D%B1%E4%BA%AC-2"),
            ("a/b?c#d e%", "a%2Fb%3Fc%23d%20e%25"),
            ("it's(1)@a:b", "it's(1)@a:b"),
        ] {
            assert_eq!(encoded(part), path);
            assert_eq!(decoded(path).as_deref(), Some(part));
        }
        for other in ["%e6%9d%b1", "東京", "%74own", "%FF", "o\u{308}"] {
            assert_eq!(decoded(other), None, "{other}");
        }
    }

    #[test]
    fn what_people_read_leads_to_the_same_place() {
        assert_eq!(readable("https://example.org/%C3%B6l+gas"), "https://example.org/öl+gas");
        for encoded in ["/a%2Fb", "/a%2b%C3%B6", "/a%20b", "/o%CC%88l", "/%FF", "/100%"] {
            assert_eq!(readable(encoded), encoded);
        }
    }

    #[test]
    fn every_spelling_has_one_path() {
        let path = "/%E6%96%B0%E8%81%9E/%C3%B6l";
        for other in
            [path, "/%e6%96%b0%e8%81%9e/%c3%b6l", "/新聞/öl", "/新聞/o\u{308}l", "/新聞/o%cc%88l"]
        {
            assert_eq!(one_spelling(other), path, "{other}");
        }
        assert_eq!(one_spelling("/%FF"), "/%FF");
        assert_eq!(one_spelling("/town/%C3%B6?x=%c3#b"), "/town/%C3%B6?x=%c3#b");
    }
}

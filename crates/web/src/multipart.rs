//! Forms with files (RFC 7578). They are read into memory, so a form names its limit; [`upload`] reads a form with one large file.

pub mod upload;

use axum::extract::Request;
use bytes::Bytes;
use http::header;
use masthead_access::printable;

use crate::{
    body::{self, BodyLimits},
    form::FormError,
};

/// The most fields of a form.
const MAX_FIELDS: usize = 50;
/// The longest boundary, in bytes (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// A field of a form, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPart {
    /// The name of the field.
    pub name: String,
    /// The name of the file; `None` if it is none. Empty if no file was chosen.
    pub file_name: Option<String>,
    /// The value.
    pub content: Bytes,
}

/// The fields of a form, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormParts(Vec<FormPart>);

impl FormParts {
    /// The trimmed text of a field, with only [`printable`] characters; empty if it was not sent.
    pub fn text(&self, name: &str) -> String {
        let field = self.0.iter().find(|part| part.name == name && part.file_name.is_none());
        let text = field.map(|field| String::from_utf8_lossy(&field.content).into_owned());
        printable(text.unwrap_or_default().trim()).into_owned()
    }

    /// The file of a field; `None` if none was chosen.
    pub fn file(&self, name: &str) -> Option<&FormPart> {
        let is_chosen = |part: &FormPart| part.file_name.is_some() && !part.content.is_empty();
        self.0.iter().find(|part| part.name == name && is_chosen(part))
    }
}

/// Reads a form within the limits, from any site: for those behind [`check_same_site`](crate::form::check_same_site).
///
/// # Errors
///
/// If the form is too long or too slow, or cannot be parsed.
pub async fn read(request: Request, limits: BodyLimits) -> Result<FormParts, FormError> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = boundary(content_type).ok_or(FormError::UnsupportedMediaType)?.to_owned();
    let content = body::read(request.into_body(), limits).await?;
    parse(&content, &boundary).ok_or(FormError::Malformed)
}

/// The boundary that a content type names.
fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let is_boundary = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("boundary")
    };
    let parameter = parameters.split(';').find(is_boundary)?;
    let (_, value) = parameter.split_once('=')?;
    let value = value.trim().trim_matches('"');
    (1..=MAX_BOUNDARY).contains(&value.len()).then_some(value)
}

/// Parses a form. Returns `None` if it is cut off or is no form.
fn parse(content: &Bytes, boundary: &str) -> Option<FormParts> {
    let delimiter = format!("\r\n--{boundary}");
    let mut at = content.strip_prefix(&delimiter.as_bytes()[2..]).map(|_| delimiter.len() - 2)?;
    let mut parts = Vec::new();
    loop {
        let rest = &content[at..];
        if rest.starts_with(b"--") {
            return Some(FormParts(parts));
        }
        if !rest.starts_with(b"\r\n") || parts.len() == MAX_FIELDS {
            return None;
        }
        let end = at + find(rest, delimiter.as_bytes())?;
        let head = find(&content[at..end], b"\r\n\r\n")?;
        let headers = std::str::from_utf8(content.get(at + 2..at + head)?).ok()?;
        let (name, file_name) = disposition(headers)?;
        parts.push(FormPart { name, file_name, content: content.slice(at + head + 4..end) });
        at = end + delimiter.len();
    }
}

/// Where `needle`, which begins with a carriage return, is in `content`.
fn find(content: &[u8], needle: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(next) = content[from..].iter().position(|byte| *byte == b'\r') {
        from += next;
        if content[from..].starts_with(needle) {
            return Some(from);
        }
        from += 1;
    }
    None
}

/// The name of a field and of its file, from the headers of a part. Browsers write `%22`, `%0D` and `%0A` for quotes and line breaks.
fn disposition(headers: &str) -> Option<(String, Option<String>)> {
    let of = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then(|| value.trim().to_owned())
    };
    let value = headers.split("\r\n").find_map(of)?;
    let parameters = value.strip_prefix("form-data")?;
    let name = quoted(parameters, "name")?;
    let file_name = quoted(parameters, "filename");
    let clean = |text: String| printable(&text).into_owned();
    Some((clean(name), file_name.map(clean)))
}

/// The quoted value of a parameter.
fn quoted(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters;
    while let Some((before, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        if before.trim_start_matches([';', ' ']).eq_ignore_ascii_case(name) {
            return Some(value.replace("%22", "\"").replace("%0D", "").replace("%0A", " "));
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--x1\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\n new \r\n\
                        --x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.csv\"\r\n\
                        Content-Type: text/csv\r\n\r\nemail\r\n\r\n--x\r\nada@example.org\r\n\r\n--x1--\r\n";

    #[test]
    fn fields_and_files_are_read() {
        let parts = parse(&Bytes::from_static(FORM.as_bytes()), "x1").expect("a form");
        assert_eq!(parts.text("label"), "new");
        let file = parts.file("file").expect("a file");
        assert_eq!(file.file_name.as_deref(), Some("a \"b\".csv"));
        assert_eq!(&file.content[..], b"email\r\n\r\n--x\r\nada@example.org\r\n");
        assert_eq!((parts.text("file"), parts.file("label")), (String::new(), None));
    }

    #[test]
    fn a_form_that_is_cut_off_is_none() {
        for length in 0..FORM.len() - 4 {
            let cut = Bytes::copy_from_slice(&FORM.as_bytes()[..length]);
            assert_eq!(parse(&cut, "x1"), None, "{length}");
        }
        for nonsense in ["", "--x1", "--x1\r\n\r\n--x1--", "x", "--x1\r\nA: b\r\n\r\nc\r\n--x1--"] {
            assert_eq!(parse(&Bytes::from(nonsense), "x1"), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_file_that_was_not_chosen_is_none() {
        let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\
                    Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n";
        let parts = parse(&Bytes::from(form), "x").expect("a form");
        assert_eq!(parts.file("file"), None);
    }

    #[test]
    fn the_boundary_is_in_the_content_type() {
        assert_eq!(boundary("multipart/form-data; boundary=----a-1"), Some("----a-1"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"b c\""), Some("b c"));
        for other in
            ["text/csv; boundary=a", "multipart/form-data", "multipart/form-data; boundary="]
        {
            assert_eq!(boundary(other), None, "{other}");
        }
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        assert_eq!(boundary(&long), None);
    }
}

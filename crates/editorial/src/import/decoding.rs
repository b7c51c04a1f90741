//! Reads the bytes of an archive as text.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The length of the longest XML declaration that is looked at, in bytes.
const DECLARATION: usize = 200;

/// The text of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedArchive {
    /// The text, without a byte order mark.
    pub text: String,
    /// The lines, from 1, that had bytes which are not UTF-8. They are read as Windows-1252, the encoding that old systems mixed in.
    pub repaired_lines: Vec<usize>,
}

/// Reads bytes as UTF-8, or as UTF-16 if they begin with its byte order mark. If they are not UTF-8, and the XML declaration names another
/// encoding, they are read in that. Nothing is refused: what else is not UTF-8 is read as Windows-1252, byte by byte.
pub fn decode(bytes: &[u8]) -> DecodedArchive {
    if let Some((encoding, _)) = Encoding::for_bom(bytes).filter(|(found, _)| *found != UTF_8) {
        let (text, _, _) = encoding.decode(bytes);
        return DecodedArchive { text: text.into_owned(), repaired_lines: Vec::new() };
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if std::str::from_utf8(bytes).is_err()
        && let Some(encoding) = declared(bytes)
    {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return DecodedArchive { text: text.into_owned(), repaired_lines: Vec::new() };
    }
    let mut text = String::with_capacity(bytes.len());
    let mut repaired_lines: Vec<usize> = Vec::new();
    let mut line = 1;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        line += chunk.valid().bytes().filter(|byte| *byte == b'\n').count();
        if !chunk.invalid().is_empty() {
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
            if repaired_lines.last() != Some(&line) {
                repaired_lines.push(line);
            }
        }
    }
    DecodedArchive { text, repaired_lines }
}

/// The encoding that the XML declaration names (XML 1.0, section 4.3.3), if it is another than UTF-8 and the declaration can be in it.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let rest = bytes.strip_prefix(b"<?xml")?;
    let end = rest.windows(2).take(DECLARATION).position(|end| end == b"?>")?;
    let declaration = std::str::from_utf8(&rest[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let (label, _) = value[1..].split_once(quote)?;
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    (encoding != UTF_8 && encoding.is_ascii_compatible()).then_some(encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_bytes_are_read_as_windows_1252() {
        let decoded = decode(b"\xef\xbb\xbfFine \xc3\xa9\nCaf\xe9 \x93quoted\x94\nFine");
        assert_eq!(decoded.text, "Fine é\nCafé “quoted”\nFine");
        assert_eq!(decoded.repaired_lines, [2]);
    }

    #[test]
    fn the_encoding_of_the_declaration_is_read_unless_the_text_is_utf_8() {
        let declared = |encoding: &str, text: &[u8]| {
            let head = format!("<?xml version=\"1.0\" encoding='{encoding}' ?>");
            let decoded = decode(&[head.as_bytes(), text].concat());
            (decoded.text[head.len()..].to_owned(), decoded.repaired_lines)
        };
        assert_eq!(declared("ISO-8859-2", b"\xa3\xf3d\xbc"), ("Łódź".to_owned(), vec![]));
        assert_eq!(declared("Shift_JIS", b"\x93\x8c\x8b\x9e"), ("東京".to_owned(), vec![]));
        assert_eq!(declared("ISO-8859-2", "Łódź".as_bytes()), ("Łódź".to_owned(), vec![]));
        for other in ["UTF-8", "utf-16", "unknown"] {
            assert_eq!(declared(other, b"Caf\xe9"), ("Café".to_owned(), vec![1]));
        }
    }

    #[test]
    fn utf_16_is_read_by_its_mark() {
        assert_eq!(decode(b"\xff\xfea\0\xe9\0").text, "aé");
        assert_eq!(decode(b"").text, "");
    }
}

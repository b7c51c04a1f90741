//! Reads the bytes of an archive as text.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The text of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedArchive {
    /// The text, without a byte order mark.
    pub text: String,
    /// The lines, from 1, that had bytes which are not UTF-8. They are read as Windows-1252, the encoding that old systems mixed in.
    pub repaired_lines: Vec<usize>,
}

/// Reads bytes as UTF-8, or as UTF-16 if they begin with its byte order mark. Nothing is refused: what is not UTF-8 is read as
/// Windows-1252, byte by byte.
pub fn decode(bytes: &[u8]) -> DecodedArchive {
    if let Some((encoding, _)) = Encoding::for_bom(bytes).filter(|(found, _)| *found != UTF_8) {
        let (text, _, _) = encoding.decode(bytes);
        return DecodedArchive { text: text.into_owned(), repaired_lines: Vec::new() };
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
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
    fn utf_16_is_read_by_its_mark() {
        assert_eq!(decode(b"\xff\xfea\0\xe9\0").text, "aé");
        assert_eq!(decode(b"").text, "");
    }
}

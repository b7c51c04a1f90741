//! Reads the bytes of an archive as text.

use std::io::{self, Read, Seek, SeekFrom, Write};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

/// The length of the longest XML declaration that is looked at, in bytes.
const DECLARATION: usize = 200;

/// The number of bytes that are converted at once.
const CHUNK: usize = 64 * 1024;
/// The most lines that are named.
const MAX_LINES: usize = 1000;
/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Lines that had bytes which are not UTF-8. They are read as Windows-1252, the encoding that old systems mixed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairedLines {
    /// How many there are.
    pub number: u64,
    /// The first of them, from 1.
    pub first: Vec<usize>,
}

impl RepairedLines {
    fn add(&mut self, line: usize) {
        self.number += 1;
        if self.first.len() < MAX_LINES {
            self.first.push(line);
        }
    }
}

/// Writes an archive in UTF-8: `output` gets it without a byte order mark. Returns `None` if it is that already, and nothing was written.
///
/// It is read as UTF-8, or as UTF-16 if it begins with its byte order mark. If it is not UTF-8, and the XML declaration names another
/// encoding, it is read in that. Nothing is refused: what else is not UTF-8 is read as Windows-1252, byte by byte.
///
/// # Errors
///
/// If it cannot be read or written.
pub fn decode(
    input: &mut (impl Read + Seek),
    output: &mut impl Write,
) -> io::Result<Option<RepairedLines>> {
    let head = head(input)?;
    if let Some((encoding, _)) = Encoding::for_bom(&head).filter(|(found, _)| *found != UTF_8) {
        convert(encoding.new_decoder_with_bom_removal(), input, output)?;
        return Ok(Some(RepairedLines::default()));
    }
    let plain = head.strip_prefix(MARK).unwrap_or(&head);
    let start = (head.len() - plain.len()) as u64;
    let is_utf8 = is_utf8(input)?;
    if is_utf8 && start == 0 {
        return Ok(None);
    }
    input.seek(SeekFrom::Start(start))?;
    match declared(plain) {
        Some(encoding) if !is_utf8 => {
            convert(encoding.new_decoder_without_bom_handling(), input, output)?;
            Ok(Some(RepairedLines::default()))
        }
        Some(_) | None => repair(input, output).map(Some),
    }
}

/// The beginning, with the XML declaration. The input is then at its beginning again.
fn head(input: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    input.rewind()?;
    input.by_ref().take(2 * DECLARATION as u64).read_to_end(&mut head)?;
    input.rewind()?;
    Ok(head)
}

/// Bytes that are read in parts. A letter whose end is in the next part is read with that.
struct Parts<'a, R> {
    input: &'a mut R,
    buffer: Vec<u8>,
    /// How many bytes of the last part are read again.
    kept: usize,
}

impl<'a, R: Read> Parts<'a, R> {
    fn new(input: &'a mut R) -> Self {
        Self { input, buffer: vec![0; CHUNK], kept: 0 }
    }

    /// Returns the next part, and whether it is the last.
    fn next(&mut self) -> io::Result<(&[u8], bool)> {
        let read = self.input.read(&mut self.buffer[self.kept..])?;
        let filled = self.kept + read;
        self.kept = 0;
        Ok((&self.buffer[..filled], read == 0))
    }

    /// Keeps the end of a part of this length for the next.
    fn keep(&mut self, length: usize, kept: usize) {
        self.buffer.copy_within(length - kept..length, 0);
        self.kept = kept;
    }
}

fn is_utf8(input: &mut impl Read) -> io::Result<bool> {
    let mut parts = Parts::new(input);
    loop {
        let (part, is_last) = parts.next()?;
        let length = part.len();
        match std::str::from_utf8(part) {
            Ok(_) if is_last => return Ok(true),
            Ok(_) => {}
            Err(error) if error.error_len().is_none() && !is_last => {
                parts.keep(length, length - error.valid_up_to());
            }
            Err(_) => return Ok(false),
        }
    }
}

/// Converts everything from one encoding.
fn convert(mut decoder: Decoder, input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let (mut buffer, mut text) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let read = input.read(&mut buffer)?;
        let mut rest = &buffer[..read];
        loop {
            let (result, taken, written, _) = decoder.decode_to_utf8(rest, &mut text, read == 0);
            output.write_all(&text[..written])?;
            rest = &rest[taken..];
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if read == 0 {
            return Ok(());
        }
    }
}

/// Copies what is UTF-8, and converts other bytes.
fn repair(input: &mut impl Read, output: &mut impl Write) -> io::Result<RepairedLines> {
    let mut repaired = RepairedLines::default();
    let mut last = 0;
    let mut parts = Parts::new(input);
    let mut line = 1;
    loop {
        let (part, is_last) = parts.next()?;
        let (length, mut done) = (part.len(), 0);
        for chunk in part.utf8_chunks() {
            let (valid, invalid) = (chunk.valid(), chunk.invalid());
            output.write_all(valid.as_bytes())?;
            line += valid.bytes().filter(|byte| *byte == b'\n').count();
            done += valid.len();
            let is_cut = std::str::from_utf8(invalid).is_err_and(|e| e.error_len().is_none());
            if is_cut && !is_last && done + invalid.len() == length {
                break;
            }
            done += invalid.len();
            if !invalid.is_empty() {
                let text = WINDOWS_1252.decode_without_bom_handling(invalid).0;
                output.write_all(text.as_bytes())?;
                if line != last {
                    last = line;
                    repaired.add(line);
                }
            }
        }
        if is_last {
            return Ok(repaired);
        }
        parts.keep(length, length - done);
    }
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

    /// Reads a few bytes at once.
    struct Slow<R>(R);

    impl<R: Read> Read for Slow<R> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(3);
            self.0.read(&mut buffer[..length])
        }
    }

    impl<R: Seek> Seek for Slow<R> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    fn decoded(bytes: &[u8]) -> (String, Vec<usize>) {
        let read = |input: &mut dyn ReadSeek| {
            let mut output = Vec::new();
            match decode(&mut Slow(input), &mut output).expect("decoded") {
                Some(lines) => (String::from_utf8(output).expect("UTF-8"), lines.first),
                None => (String::from_utf8(bytes.to_vec()).expect("UTF-8"), Vec::new()),
            }
        };
        read(&mut io::Cursor::new(bytes))
    }

    trait ReadSeek: Read + Seek {}
    impl<T: Read + Seek> ReadSeek for T {}

    #[test]
    fn wrong_bytes_are_read_as_windows_1252() {
        let (text, lines) =
            decoded(b"\xef\xbb\xbfFine \xc3\xa9\nCaf\xe9 \x93quoted\x94\nFine\xe6\x9d");
        assert_eq!(text, "Fine é\nCafé “quoted”\nFineæ\u{9d}");
        assert_eq!(lines, [2, 3]);
        let long = [b"\xe6\x9d\xb1".repeat(50_000), b"\xe9".to_vec()].concat();
        assert_eq!(decoded(&long), (format!("{}é", "東".repeat(50_000)), vec![1]));
    }

    #[test]
    fn the_encoding_of_the_declaration_is_read_unless_the_text_is_utf_8() {
        let declared = |encoding: &str, text: &[u8]| {
            let head = format!("<?xml version=\"1.0\" encoding='{encoding}' ?>");
            let (all, lines) = decoded(&[head.as_bytes(), text].concat());
            (all[head.len()..].to_owned(), lines)
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
        assert_eq!(decoded(b"\xff\xfea\0\xe9\0").0, "aé");
        assert_eq!(decoded(b"").0, "");
    }
}

//! The text of an archive, of which parts are read when they are needed: it may be larger than memory.

use std::io;

/// The largest item that is read, in bytes: no article is larger. What it is converted to takes several times as much memory.
pub(crate) const MAX_ITEM: u64 = 8 * 1024 * 1024;
/// The largest part before the first item that is read, in bytes. It has all categories, tags and authors.
pub(crate) const MAX_HEAD: u64 = 64 * 1024 * 1024;
/// The number of bytes that are searched at once.
const CHUNK: usize = 64 * 1024;

/// A text in UTF-8.
pub trait ArchiveText: Send + Sync {
    /// Reads bytes from a position on. Returns how many; 0 at the end.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Returns its length in bytes.
    fn length(&self) -> u64;
}

impl ArchiveText for str {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(self.len());
        let rest = &self.as_bytes()[start..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn length(&self) -> u64 {
        self.len() as u64
    }
}

impl ArchiveText for String {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.as_str().read_at(position, buffer)
    }

    fn length(&self) -> u64 {
        self.as_str().length()
    }
}

impl<T: ArchiveText + ?Sized> ArchiveText for &T {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(position, buffer)
    }

    fn length(&self) -> u64 {
        (**self).length()
    }
}

/// Reads the part between two positions, or as much of it as there is, if it has `most` bytes at most.
///
/// # Errors
///
/// If it cannot be read, is not UTF-8, or is larger.
pub(crate) fn part(
    text: &dyn ArchiveText,
    (start, end): (u64, u64),
    most: u64,
) -> io::Result<String> {
    let length = end.saturating_sub(start);
    if length > most {
        let why = format!("it has more than {} MB", most / 1024 / 1024);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    let read = fill(text, start, &mut bytes)?;
    bytes.truncate(read);
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Whether [`part`] failed because of what the text is, and would again.
pub(crate) fn is_of_the_text(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData)
}

/// Fills a buffer, or as much of it as there is.
fn fill(text: &dyn ArchiveText, start: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match text.read_at(start + filled as u64, &mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Searches a text from its beginning to its end, with a part of it in memory.
pub(crate) struct TextScanner<'a> {
    text: &'a dyn ArchiveText,
    buffer: Vec<u8>,
    /// The position of the buffer in the text.
    start: u64,
}

impl<'a> TextScanner<'a> {
    pub(crate) fn new(text: &'a dyn ArchiveText) -> Self {
        Self { text, buffer: Vec::new(), start: 0 }
    }

    /// Returns where `what` is found at `from` or after it.
    pub(crate) fn find(&mut self, from: u64, what: &str) -> io::Result<Option<u64>> {
        let mut at = from;
        loop {
            let bytes = self.at(at, what.len())?;
            if bytes.len() < what.len() {
                return Ok(None);
            }
            let found = match what.as_bytes() {
                [byte] => memchr::memchr(*byte, bytes),
                what => memchr::memmem::find(bytes, what),
            };
            if let Some(found) = found {
                return Ok(Some(at + found as u64));
            }
            // The end may be the beginning of what is looked for.
            at += (bytes.len() - what.len() + 1) as u64;
        }
    }

    /// Whether the text goes on with `what`.
    pub(crate) fn starts_with(&mut self, at: u64, what: &str) -> io::Result<bool> {
        Ok(self.at(at, what.len())?.starts_with(what.as_bytes()))
    }

    /// Counts the line breaks between two positions.
    pub(crate) fn count_lines(&mut self, from: u64, to: u64) -> io::Result<usize> {
        let (mut at, mut lines) = (from, 0);
        while at < to {
            let bytes = self.at(at, 1)?;
            let most = usize::try_from(to - at).unwrap_or(usize::MAX);
            let part = &bytes[..bytes.len().min(most)];
            if part.is_empty() {
                break;
            }
            lines += memchr::memchr_iter(b'\n', part).count();
            at += part.len() as u64;
        }
        Ok(lines)
    }

    /// Returns what is in memory from a position on: at least so many bytes, unless the text ends before.
    pub(crate) fn at(&mut self, at: u64, least: usize) -> io::Result<&[u8]> {
        let in_memory = |scanner: &Self| {
            let offset = usize::try_from(at.checked_sub(scanner.start)?).ok()?;
            let rest = scanner.buffer.len().checked_sub(offset)?;
            (rest >= least).then_some(offset)
        };
        let offset = match in_memory(self) {
            Some(offset) => offset,
            None => {
                self.buffer.resize(CHUNK.max(least), 0);
                self.start = at;
                let read = fill(self.text, at, &mut self.buffer);
                self.buffer.truncate(*read.as_ref().unwrap_or(&0));
                read?;
                0
            }
        };
        Ok(self.buffer.get(offset..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that is read byte by byte.
    struct Slow<'a>(&'a str);

    impl ArchiveText for Slow<'_> {
        fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read_at(position, &mut buffer[..length])
        }

        fn length(&self) -> u64 {
            self.0.length()
        }
    }

    #[test]
    fn what_lies_across_two_chunks_is_found() {
        for before in CHUNK - 12..CHUNK + 2 {
            let text = format!("{}<![CDATA[x]]>\n", "\n".repeat(before));
            let text = text.as_str();
            let mut scanner = TextScanner::new(&text);
            assert_eq!(scanner.find(0, "<![CDATA[").expect("read"), Some(before as u64));
            assert_eq!(scanner.find(1, "]]>").expect("read"), Some(before as u64 + 10));
            assert_eq!(scanner.find(before as u64 + 1, "<![CDATA[").expect("read"), None);
            assert!(scanner.starts_with(before as u64, "<![CDATA[").expect("read"));
            assert!(!scanner.starts_with(text.len() as u64, "\n").expect("read"));
            let lines = scanner.count_lines(0, text.len() as u64).expect("read");
            assert_eq!(lines, before + 1);
        }
    }

    #[test]
    fn parts_are_read_whole() {
        let text = Slow("Möwe and gull");
        assert_eq!(part(&text, (0, 5), 5).expect("read"), "Möwe");
        assert_eq!(part(&text, (10, 99), 99).expect("read"), "gull");
        assert!(part(&text, (2, 5), 99).is_err() && part(&text, (0, 5), 4).is_err());
    }
}

//! The text of an archive.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use masthead_editorial::{
    import::{DecodedArchive, Importer, decode},
    wordpress::{WxrError, WxrExport},
};

/// What a file begins with that is compressed with gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: char = '\u{feff}';

/// An archive that can be read by entry, also by several threads.
pub type OpenArchive = dyn Importer + Send + Sync;

/// The system that an archive comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// The export of WordPress (WXR).
    WordPress,
}

impl ArchiveFormat {
    /// Opens an archive with this text.
    ///
    /// # Errors
    ///
    /// Fails if the text has another format.
    pub fn open(self, text: String) -> Result<Box<OpenArchive>, WxrError> {
        match self {
            Self::WordPress => Ok(Box::new(WxrExport::open(text)?)),
        }
    }
}

/// The text of an archive, and which of its lines had bytes in a wrong encoding.
pub type ArchiveText = DecodedArchive;

/// Why the text of an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file cannot be read, or is damaged.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// The text has more bytes than are accepted.
    #[error("its text is longer than {0} bytes")]
    TooLong(u64),
}

/// Reads the text of an archive, which may be compressed with gzip, if it has `most` bytes at most.
///
/// # Errors
///
/// Fails if it cannot be read, or is longer.
pub fn read_archive(mut file: impl BufRead, most: u64) -> Result<ArchiveText, ArchiveError> {
    let mut content = Vec::new();
    // One more byte than is accepted says that there are more, however well the file is compressed.
    if file.fill_buf()?.starts_with(&GZIP) {
        MultiGzDecoder::new(file).take(most.saturating_add(1)).read_to_end(&mut content)?;
    } else {
        file.take(most.saturating_add(1)).read_to_end(&mut content)?;
    }
    if content.len() as u64 > most {
        return Err(ArchiveError::TooLong(most));
    }
    // Most are UTF-8, and are not copied.
    Ok(match String::from_utf8(content) {
        Ok(mut text) => {
            if text.starts_with(BYTE_ORDER_MARK) {
                text.drain(..BYTE_ORDER_MARK.len_utf8());
            }
            ArchiveText { text, repaired_lines: Vec::new() }
        }
        Err(error) => decode(error.as_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn compressed(text: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(text).expect("compressed");
        gzip.finish().expect("compressed")
    }

    #[test]
    fn a_text_is_read_whether_it_is_compressed_or_not() {
        let text = "\u{feff}<rss>é".as_bytes();
        for file in [text.to_vec(), compressed(text)] {
            assert_eq!(read_archive(&file[..], 99).expect("a text").text, "<rss>é");
        }
        let mixed = read_archive(&b"<rss>\nCaf\xe9"[..], 99).expect("a text");
        assert_eq!((mixed.text.as_str(), &mixed.repaired_lines[..]), ("<rss>\nCafé", &[2][..]));
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_however_small_its_file_is() {
        let small = compressed(&vec![b' '; 3_000_000]);
        assert!(small.len() < 10_000);
        assert_eq!(read_archive(&small[..], 3_000_000).expect("a text").text.len(), 3_000_000);
        let refused = read_archive(&small[..], 2_999_999);
        assert!(matches!(refused, Err(ArchiveError::TooLong(2_999_999))));
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let file = compressed(b"<rss></rss>");
        assert!(matches!(read_archive(&file[..15], 99), Err(ArchiveError::Unreadable(_))));
    }
}

//! The file of an archive, of which parts are read when they are needed. What is compressed, is not in UTF-8 or comes through a pipe is
//! written to a temporary file first. That has no name, so that it is gone when the program ends, however it ends.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read as _, Seek as _},
    os::unix::fs::FileExt,
    path::Path,
};

use flate2::bufread::MultiGzDecoder;
use masthead_editorial::import::{ArchiveText, RepairedLines, decode};
use tempfile::tempfile_in;

/// What a file begins with that is compressed with gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// See the module's documentation.
pub struct ArchiveFile {
    file: File,
    length: u64,
    repaired_lines: RepairedLines,
}

/// Why the file of an archive cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read, or the temporary file cannot be written.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    /// It is compressed, and damaged.
    #[error("its compression is damaged ({0}); copy the file again")]
    Damaged(io::Error),
    /// The text has more bytes than are accepted.
    #[error("its text is longer than {0} bytes")]
    TooLong(u64),
}

impl ArchiveFile {
    /// Opens an archive, which may be compressed with gzip, if its text has `most` bytes at most. Temporary files are in `folder`: the
    /// system's own folder for them may be in memory.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read, is longer, or a temporary file cannot be written.
    pub fn open(mut file: File, folder: &Path, most: u64) -> Result<Self, ArchiveError> {
        if file.metadata()?.is_file() {
            file.rewind()?;
        } else {
            file = copy(file, folder, most)?;
        }
        if is_compressed(&file)? {
            let text = MultiGzDecoder::new(BufReader::new(file));
            file = copy(text, folder, most).map_err(damaged)?;
        }
        if file.metadata()?.len() > most {
            return Err(ArchiveError::TooLong(most));
        }
        let mut output = BufWriter::new(tempfile_in(folder)?);
        let decoded = decode(&mut file, &mut output)?;
        if decoded.is_some() {
            file = output.into_inner().map_err(io::IntoInnerError::into_error)?;
        }
        let length = file.metadata()?.len();
        Ok(Self { file, length, repaired_lines: decoded.unwrap_or_default() })
    }

    /// Returns the lines that had bytes in a wrong encoding.
    pub fn repaired_lines(&self) -> &RepairedLines {
        &self.repaired_lines
    }
}

/// Copies everything to a temporary file.
fn copy(from: impl io::Read, folder: &Path, most: u64) -> Result<File, ArchiveError> {
    let mut file = tempfile_in(folder)?;
    // One more byte than is accepted says that there are more, however well the file is compressed.
    if io::copy(&mut from.take(most.saturating_add(1)), &mut file)? > most {
        return Err(ArchiveError::TooLong(most));
    }
    file.rewind()?;
    Ok(file)
}

/// Tells a damaged file from one that cannot be read, or a copy that cannot be written.
fn damaged(error: ArchiveError) -> ArchiveError {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error {
        ArchiveError::Unreadable(why)
            if matches!(why.kind(), InvalidData | InvalidInput | UnexpectedEof) =>
        {
            ArchiveError::Damaged(why)
        }
        error => error,
    }
}

fn is_compressed(mut file: &File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(GZIP.len() as u64).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head == GZIP)
}

impl ArchiveText for ArchiveFile {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buffer, position)
    }

    fn length(&self) -> u64 {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use flate2::{Compression, write::GzEncoder};
    use tempfile::tempdir;

    use super::*;

    fn compressed(text: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(text).expect("compressed");
        gzip.finish().expect("compressed")
    }

    fn opened(content: &[u8], most: u64) -> Result<(String, Vec<usize>), ArchiveError> {
        let folder = tempdir().expect("a folder");
        let mut file = tempfile_in(folder.path()).expect("a file");
        file.write_all(content).expect("written");
        let opened = ArchiveFile::open(file, folder.path(), most);
        let rest = fs::read_dir(folder.path()).expect("listed").count();
        assert_eq!(rest, 0, "temporary files have no names");
        let opened = opened?;
        let mut text = vec![0; usize::try_from(opened.length()).expect("a length")];
        opened.file.read_exact_at(&mut text, 0).expect("read");
        Ok((String::from_utf8(text).expect("UTF-8"), opened.repaired_lines.first))
    }

    #[test]
    fn a_text_is_read_whether_it_is_compressed_or_not() {
        let text = "\u{feff}<rss>é".as_bytes();
        for file in [text.to_vec(), compressed(text)] {
            assert_eq!(opened(&file, 99).expect("a text").0, "<rss>é");
        }
        let mixed = opened(b"<rss>\nCaf\xe9", 99).expect("a text");
        assert_eq!(mixed, ("<rss>\nCafé".to_owned(), vec![2]));
        assert_eq!(opened(b"", 99).expect("a text").0, "");
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_however_small_its_file_is() {
        let small = compressed(&vec![b' '; 3_000_000]);
        assert!(small.len() < 10_000);
        assert_eq!(opened(&small, 3_000_000).expect("a text").0.len(), 3_000_000);
        for long in [small, vec![b' '; 3_000_000]] {
            assert!(matches!(opened(&long, 2_999_999), Err(ArchiveError::TooLong(2_999_999))));
        }
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let mut file = compressed(b"<rss></rss>");
        assert!(matches!(opened(&file[..15], 99), Err(ArchiveError::Damaged(_))));
        file[12] ^= 0xff;
        assert!(matches!(opened(&file, 99), Err(ArchiveError::Damaged(_))));
    }
}

//! The file of an archive, of which parts are read when they are needed. What is compressed, is not in UTF-8 or comes through a pipe is
//! written to a temporary file first, in the data directory: the system's own folder for such files may be in memory.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read as _, Seek as _, Write as _},
    os::unix::fs::FileExt,
    path::Path,
};

use flate2::read::MultiGzDecoder;
use masthead_editorial::import::{ArchiveText, RepairedLines, decode};
use tempfile::tempfile_in;

/// What a file begins with that is compressed with gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// See the module's documentation.
pub(super) struct ArchiveFile {
    file: File,
    length: u64,
    /// The first lines that had bytes which are not UTF-8.
    pub(super) repaired_lines: RepairedLines,
}

impl ArchiveFile {
    /// Opens a file, which may be compressed with gzip. Temporary files are in `folder`.
    pub(super) fn open(path: &Path, folder: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        if !file.metadata()?.is_file() {
            file = copy(file, folder)?;
        }
        if is_compressed(&file)? {
            file = copy(MultiGzDecoder::new(BufReader::new(file)), folder)?;
        }
        let mut output = BufWriter::new(tempfile_in(folder)?);
        let decoded = decode(&mut file, &mut output)?;
        output.flush()?;
        let file = match decoded {
            Some(_) => output.into_inner().map_err(io::IntoInnerError::into_error)?,
            None => file,
        };
        let length = file.metadata()?.len();
        Ok(Self { file, length, repaired_lines: decoded.unwrap_or_default() })
    }
}

/// Copies everything to a temporary file.
fn copy(mut from: impl io::Read, folder: &Path) -> io::Result<File> {
    let mut file = tempfile_in(folder)?;
    io::copy(&mut from, &mut file)?;
    file.rewind()?;
    Ok(file)
}

fn is_compressed(file: &File) -> io::Result<bool> {
    let mut head = Vec::new();
    let mut beginning = file.take(GZIP.len() as u64);
    beginning.read_to_end(&mut head)?;
    let mut file = file;
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

//! Writing an archive.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
};

use sha2::{Digest, Sha256};
use tar::{Builder, Header};
use zstd::Encoder;

use crate::{ArchiveError, CONTENTS, Contents, MANIFEST, Manifest, encryption::EncryptingWriter};

/// Writes an archive, entry after entry.
pub struct ArchiveWriter {
    tar: Builder<Encoder<'static, Output>>,
    digests: BTreeMap<String, String>,
}

/// The file, encrypted or not.
enum Output {
    Plain(BufWriter<File>),
    Encrypted(Box<EncryptingWriter<BufWriter<File>>>),
}

impl ArchiveWriter {
    /// Begins an archive in a file, encrypted if there is a passphrase.
    ///
    /// # Errors
    ///
    /// Returns [`ArchiveError`] if the file cannot be written or the passphrase is too short.
    pub fn new(
        file: File,
        passphrase: Option<&str>,
        manifest: &Manifest,
    ) -> Result<Self, ArchiveError> {
        let file = BufWriter::new(file);
        let output = match passphrase {
            Some(passphrase) => {
                Output::Encrypted(Box::new(EncryptingWriter::new(file, passphrase)?))
            }
            None => Output::Plain(file),
        };
        let mut encoder = Encoder::new(output, zstd::DEFAULT_COMPRESSION_LEVEL)?;
        encoder.include_checksum(true)?;
        let mut writer = Self { tar: Builder::new(encoder), digests: BTreeMap::new() };
        writer.append(MANIFEST, &json(manifest)?)?;
        Ok(writer)
    }

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// Returns [`ArchiveError`] if the file cannot be written.
    pub fn append(&mut self, name: &str, content: &[u8]) -> Result<(), ArchiveError> {
        self.append_unlisted(name, content)?;
        self.digests.insert(name.to_owned(), hex::encode(Sha256::digest(content)));
        Ok(())
    }

    fn append_unlisted(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        self.tar.append_data(&mut header, name, content)
    }

    /// Ends the archive and waits until it is on the disk, unless it goes to a pipe. The entries of `contents` are filled in.
    ///
    /// # Errors
    ///
    /// Returns [`ArchiveError`] if the file cannot be written.
    pub fn finish(mut self, contents: Contents) -> Result<(), ArchiveError> {
        let contents = Contents { entries: std::mem::take(&mut self.digests), ..contents };
        self.append_unlisted(CONTENTS, &json(&contents)?)?;
        let file = match self.tar.into_inner()?.finish()? {
            Output::Plain(file) => file,
            Output::Encrypted(encrypting) => encrypting.finish()?,
        };
        match file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all() {
            // What is no file cannot be synchronized (fsync(2)).
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            synced => Ok(synced?),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Encrypted(encrypting) => encrypting.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Encrypted(encrypting) => encrypting.flush(),
        }
    }
}

fn json(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(io::Error::other)
}

//! Reading an archive.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Component, Path},
};

use sha2::{Digest, Sha256};
use tar::{Archive, Entry, EntryType};
use zstd::Decoder;

use crate::{
    ArchiveError, CONTENTS, Contents, FORMAT, MANIFEST, Manifest,
    encryption::{DecryptingReader, MAGIC},
};

/// How a Zstandard frame begins (RFC 8878, section 3.1.1).
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

type Input = Decoder<'static, BufReader<Box<dyn Read>>>;

/// An open archive.
pub struct ArchiveReader {
    tar: Archive<Input>,
}

/// An entry of an archive.
pub struct ArchiveEntry<'a> {
    /// Its name: a relative path without `..`.
    pub name: String,
    content: Entry<'a, Input>,
}

impl ArchiveReader {
    /// Opens an archive.
    ///
    /// # Errors
    ///
    /// Returns [`ArchiveError`] if the file cannot be opened, is no archive, or needs another passphrase.
    pub fn open(path: &Path, passphrase: Option<&str>) -> Result<Self, ArchiveError> {
        let mut file = BufReader::new(File::open(path)?);
        let start = file.fill_buf()?;
        let input: Box<dyn Read> = if start.starts_with(MAGIC) {
            let passphrase = passphrase.ok_or(ArchiveError::Encrypted)?;
            file.consume(MAGIC.len());
            Box::new(DecryptingReader::new(file, passphrase)?)
        } else if start.starts_with(&ZSTD_MAGIC) {
            Box::new(file)
        } else {
            return Err(ArchiveError::NotABackup);
        };
        let decoder = Decoder::new(input).map_err(ArchiveError::damaged)?;
        Ok(Self { tar: Archive::new(decoder) })
    }

    /// The entries, in order. Each must be read before the next.
    ///
    /// # Errors
    ///
    /// Returns [`ArchiveError`] if the archive is damaged.
    pub fn entries(
        &mut self,
    ) -> Result<impl Iterator<Item = Result<ArchiveEntry<'_>, ArchiveError>>, ArchiveError> {
        let entries = self.tar.entries().map_err(ArchiveError::damaged)?;
        Ok(entries.map(|entry| {
            let content = entry.map_err(ArchiveError::damaged)?;
            let name = safe_name(&content)?;
            Ok(ArchiveEntry { name, content })
        }))
    }

    /// Reads what is left, so that its checksums are compared.
    fn finish(self) -> Result<(), ArchiveError> {
        io::copy(&mut self.tar.into_inner(), &mut io::sink()).map_err(ArchiveError::damaged)?;
        Ok(())
    }
}

impl ArchiveEntry<'_> {
    /// Reads the whole entry.
    ///
    /// # Errors
    ///
    /// Returns [`ArchiveError`] if the archive is damaged.
    pub fn read_all(&mut self) -> Result<Vec<u8>, ArchiveError> {
        let mut content = Vec::new();
        self.content.read_to_end(&mut content).map_err(ArchiveError::damaged)?;
        Ok(content)
    }
}

/// Reads a whole archive and compares every checksum. Returns what it is, what is in it, and the entry with the name
/// `wanted`.
///
/// # Errors
///
/// Returns [`ArchiveError`] if it is no archive, is damaged or incomplete, or was written by a newer version.
pub fn verify(
    path: &Path,
    passphrase: Option<&str>,
    wanted: &str,
) -> Result<(Manifest, Contents, Vec<u8>), ArchiveError> {
    let mut archive = ArchiveReader::open(path, passphrase)?;
    let mut digests = BTreeMap::new();
    let (mut manifest, mut contents, mut found) = (None, None, None);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if contents.is_some() {
            return Err(ArchiveError::damaged("something follows after its end"));
        }
        let content = entry.read_all()?;
        if entry.name == CONTENTS {
            contents = Some(parse::<Contents>(&content)?);
            continue;
        }
        if digests.is_empty() {
            manifest = Some(read_manifest(&entry.name, &content)?);
        }
        digests.insert(entry.name.clone(), hex::encode(Sha256::digest(&content)));
        if entry.name == wanted {
            found = Some(content);
        }
    }
    archive.finish()?;
    let contents = contents.ok_or_else(|| ArchiveError::damaged("its end is missing"))?;
    compare(&digests, &contents.entries)?;
    let manifest = manifest.ok_or(ArchiveError::NotABackup)?;
    let found = found.ok_or_else(|| ArchiveError::damaged(format_args!("{wanted} is missing")))?;
    Ok((manifest, contents, found))
}

fn compare(
    found: &BTreeMap<String, String>,
    expected: &BTreeMap<String, String>,
) -> Result<(), ArchiveError> {
    let differs = |(name, digest): &(&String, &String)| found.get(*name) != Some(*digest);
    if let Some((name, _)) = expected.iter().find(differs) {
        return Err(ArchiveError::damaged(format_args!("{name} is missing or was changed")));
    }
    match found.keys().find(|name| !expected.contains_key(*name)) {
        Some(name) => Err(ArchiveError::damaged(format_args!("{name} was added"))),
        None => Ok(()),
    }
}

fn read_manifest(name: &str, content: &[u8]) -> Result<Manifest, ArchiveError> {
    if name != MANIFEST {
        return Err(ArchiveError::NotABackup);
    }
    let manifest: Manifest = parse(content)?;
    if manifest.format > FORMAT {
        return Err(ArchiveError::Newer(manifest.masthead));
    }
    Ok(manifest)
}

fn parse<T: serde::de::DeserializeOwned>(content: &[u8]) -> Result<T, ArchiveError> {
    serde_json::from_slice(content).map_err(ArchiveError::damaged)
}

/// The name of an entry, which must be a file below the directory that it is written to.
fn safe_name(entry: &Entry<'_, Input>) -> Result<String, ArchiveError> {
    let path = entry.path().map_err(ArchiveError::damaged)?;
    let is_file = entry.header().entry_type() == EntryType::Regular;
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    match path.to_str() {
        Some(name) if is_file && is_below => Ok(name.to_owned()),
        _ => Err(ArchiveError::damaged(format_args!("the entry {}", path.display()))),
    }
}

//! Encryption with a passphrase.
//!
//! The key is derived by Argon2id (RFC 9106) from the passphrase and a random salt. The text is encrypted in chunks with
//! XChaCha20-Poly1305; the nonce of a chunk has its number and whether it is the last (the STREAM construction of Hoang,
//! Reyhanitabar, Rogaway and Vizár, 2015), so chunks cannot be dropped, repeated or reordered.
//!
//! Form: [`MAGIC`], salt (16 bytes), nonce prefix (19 bytes), then chunks of 64 KiB, each followed by its tag (16 bytes).
//! Only the last chunk may be shorter.

use std::io::{self, BufRead, Read, Write};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use rand::Rng;

use crate::ArchiveError;

/// How an encrypted file begins.
pub(crate) const MAGIC: &[u8; 20] = b"masthead encrypted 1";
/// The shortest passphrase. Anyone who has the file can try passphrases without a limit.
pub const MIN_PASSPHRASE: usize = 12;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const SALT: usize = 16;
const PREFIX: usize = 19;
/// Memory in KiB, passes and lanes: the second recommendation of RFC 9106, section 4.
#[cfg(not(test))]
const COST: (u32, u32, u32) = (64 * 1024, 3, 4);
/// Tests derive many keys.
#[cfg(test)]
const COST: (u32, u32, u32) = (64, 1, 1);

struct ChunkCipher {
    aead: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    chunk: u32,
}

impl ChunkCipher {
    fn new(passphrase: &str, salt: &[u8], prefix: [u8; PREFIX]) -> Result<Self, ArchiveError> {
        if passphrase.chars().count() < MIN_PASSPHRASE {
            return Err(ArchiveError::ShortPassphrase(MIN_PASSPHRASE));
        }
        let (memory, passes, lanes) = COST;
        let mut key = [0; 32];
        let derived = Params::new(memory, passes, lanes, Some(key.len())).and_then(|parameters| {
            Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters).hash_password_into(
                passphrase.as_bytes(),
                salt,
                &mut key,
            )
        });
        derived.map_err(|_| ArchiveError::ShortPassphrase(MIN_PASSPHRASE))?;
        Ok(Self { aead: XChaCha20Poly1305::new(&key.into()), prefix, chunk: 0 })
    }

    /// The nonce of the next chunk.
    fn next_nonce(&mut self, is_last: bool) -> io::Result<[u8; 24]> {
        let mut nonce = [0; 24];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..23].copy_from_slice(&self.chunk.to_be_bytes());
        nonce[23] = u8::from(is_last);
        let next = self.chunk.checked_add(1);
        self.chunk = next.ok_or_else(|| io::Error::other("the file is too long"))?;
        Ok(nonce)
    }

    fn encrypt(&mut self, chunk: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.next_nonce(is_last)?;
        let sealed = self.aead.encrypt(&nonce.into(), Payload { msg: chunk, aad: MAGIC });
        sealed.map_err(|_| io::Error::other("a chunk cannot be encrypted"))
    }

    fn decrypt(&mut self, chunk: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let nonce = self.next_nonce(is_last)?;
        let opened = self.aead.decrypt(&nonce.into(), Payload { msg: chunk, aad: MAGIC });
        opened.map_err(|_| io::Error::other("a part cannot be decrypted"))
    }
}

/// Encrypts what is written to it.
pub(crate) struct EncryptingWriter<W> {
    inner: W,
    cipher: ChunkCipher,
    waiting: Vec<u8>,
}

impl<W: Write> EncryptingWriter<W> {
    /// Writes the header of an encrypted file.
    pub fn new(mut inner: W, passphrase: &str) -> Result<Self, ArchiveError> {
        let (mut salt, mut prefix) = ([0; SALT], [0; PREFIX]);
        rand::rng().fill_bytes(&mut salt);
        rand::rng().fill_bytes(&mut prefix);
        let cipher = ChunkCipher::new(passphrase, &salt, prefix)?;
        for part in [&MAGIC[..], &salt, &prefix] {
            inner.write_all(part)?;
        }
        Ok(Self { inner, cipher, waiting: Vec::with_capacity(CHUNK) })
    }

    /// Writes the last chunk.
    pub fn finish(mut self) -> io::Result<W> {
        let last = self.cipher.encrypt(&self.waiting, true)?;
        self.inner.write_all(&last)?;
        Ok(self.inner)
    }
}

impl<W: Write> Write for EncryptingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits for another byte: the last chunk is encrypted differently.
        if self.waiting.len() == CHUNK && !bytes.is_empty() {
            let chunk = self.cipher.encrypt(&self.waiting, false)?;
            self.inner.write_all(&chunk)?;
            self.waiting.clear();
        }
        let taken = bytes.len().min(CHUNK - self.waiting.len());
        self.waiting.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Decrypts what is read from it.
pub(crate) struct DecryptingReader<R> {
    inner: R,
    cipher: ChunkCipher,
    opened: io::Cursor<Vec<u8>>,
    is_at_end: bool,
}

impl<R: BufRead> DecryptingReader<R> {
    /// Reads what follows after [`MAGIC`].
    pub fn new(mut inner: R, passphrase: &str) -> Result<Self, ArchiveError> {
        let (mut salt, mut prefix) = ([0; SALT], [0; PREFIX]);
        inner
            .read_exact(&mut salt)
            .and_then(|()| inner.read_exact(&mut prefix))
            .map_err(ArchiveError::damaged)?;
        let cipher = ChunkCipher::new(passphrase, &salt, prefix)?;
        let mut reader = Self { inner, cipher, opened: io::Cursor::default(), is_at_end: false };
        reader.open_chunk().map_err(|_| ArchiveError::WrongPassphrase)?;
        Ok(reader)
    }

    fn open_chunk(&mut self) -> io::Result<()> {
        let mut sealed = Vec::with_capacity(CHUNK + TAG);
        self.inner.by_ref().take((CHUNK + TAG) as u64).read_to_end(&mut sealed)?;
        self.is_at_end = self.inner.fill_buf()?.is_empty();
        self.opened = io::Cursor::new(self.cipher.decrypt(&sealed, self.is_at_end)?);
        Ok(())
    }
}

impl<R: BufRead> Read for DecryptingReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.opened.read(to)?;
        if read > 0 || self.is_at_end || to.is_empty() {
            return Ok(read);
        }
        self.open_chunk()?;
        self.opened.read(to)
    }
}

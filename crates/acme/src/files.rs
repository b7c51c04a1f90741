//! Account and certificate on disk, in a folder for each ACME server, so that changing to another keeps both apart.
//!
//! Key and chain are in one file: a crash leaves the old pair or the new one, and no mixture.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use instant_acme::AccountCredentials;
use tempfile::NamedTempFile;

use crate::error::AcmeError;

/// The files of one ACME server. Methods block; see [`Self::blocking`].
#[derive(Clone, Debug)]
pub(crate) struct Files {
    folder: PathBuf,
}

impl Files {
    /// The files of the ACME server with this directory, below `root`.
    pub(crate) fn new(root: &Path, directory: &str) -> Self {
        let name = directory.trim_start_matches("https://");
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        let name = name.replace(|c| !is_plain(c), "_");
        // Not a folder above, whatever the address.
        Self { folder: root.join(name.trim_start_matches('.')) }
    }

    /// Runs a method on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Self) -> Result<T, AcmeError> + Send + 'static,
    ) -> Result<T, AcmeError> {
        let files = self.clone();
        let done = tokio::task::spawn_blocking(move || run(&files)).await;
        done.unwrap_or_else(|error| Err(AcmeError::Protocol(error.to_string())))
    }

    /// The private key and the certificate chain, in PEM.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    fn account(&self) -> PathBuf {
        self.folder.join("account.json")
    }

    /// Reads the certificate; `None` if there is none yet.
    pub(crate) fn read_certificate(&self) -> Result<Option<Vec<u8>>, AcmeError> {
        read(self.certificate())
    }

    /// Replaces key and certificate.
    pub(crate) fn write_certificate(&self, key: &str, chain: &str) -> Result<(), AcmeError> {
        self.write(&self.certificate(), format!("{key}\n{chain}").as_bytes())
    }

    /// Reads the account; `None` if there is none yet.
    pub(crate) fn read_account(&self) -> Result<Option<AccountCredentials>, AcmeError> {
        let path = self.account();
        let Some(json) = read(path.clone())? else { return Ok(None) };
        serde_json::from_slice(&json)
            .map(Some)
            .map_err(|error| AcmeError::Malformed { path, reason: format!("no account ({error})") })
    }

    /// Replaces the account.
    pub(crate) fn write_account(&self, account: &AccountCredentials) -> Result<(), AcmeError> {
        let path = self.account();
        let failed = |error| AcmeError::File { path: path.clone(), error: io::Error::other(error) };
        let json = serde_json::to_vec(account).map_err(failed)?;
        self.write(&path, &json)
    }

    /// Removes the account.
    pub(crate) fn forget_account(&self) -> Result<(), AcmeError> {
        let path = self.account();
        fs::remove_file(&path).map_err(|error| AcmeError::File { path, error })
    }

    /// Replaces a file by one that only its owner can read.
    fn write(&self, path: &Path, content: &[u8]) -> Result<(), AcmeError> {
        let write = || {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
            let mut file = NamedTempFile::new_in(&self.folder)?;
            file.write_all(content)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            // Otherwise a power cut could take the account away, and its limits at the authority are per account.
            fs::File::open(&self.folder)?.sync_all()
        };
        write().map_err(|error| AcmeError::File { path: path.to_owned(), error })
    }
}

fn read(path: PathBuf) -> Result<Option<Vec<u8>>, AcmeError> {
    match fs::read(&path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(AcmeError::File { path, error }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn files_of_each_server_are_apart_and_only_their_owners() {
        let root = tempfile::tempdir().expect("a folder");
        let files = |directory| Files::new(root.path(), directory);
        let one = files("https://ca.example/directory");
        one.write_certificate("key", "chain").expect("written");
        let read = one.read_certificate().expect("read").expect("a certificate");
        assert_eq!(read, b"key\nchain");
        assert_eq!(files("https://ca.example/staging").read_certificate().expect("read"), None);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&one.certificate()), 0o600);
        assert_eq!(mode(one.certificate().parent().expect("a folder")), 0o700);
        let odd = files("https://../../etc").certificate();
        assert_eq!(odd.parent().and_then(Path::parent), Some(root.path()), "{}", odd.display());
    }
}

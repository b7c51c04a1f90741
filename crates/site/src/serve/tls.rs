//! TLS with certificates from files, which are read again when they have changed. Files that are written by ACME may not exist
//! yet: until then only the authority that is to issue them is answered.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::RwLock;
use rustls::{
    ConfigBuilder, ServerConfig,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    server::{Acceptor, ResolvesServerCert, WantsServerCert},
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

/// HTTP/2 and HTTP/1.1 in application-layer protocol negotiation (RFC 7301).
pub(super) const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";
/// The protocol in which an ACME server checks that a name leads here (RFC 8737, section 3).
const ACME: &[u8] = b"acme-tls/1";

/// Where the certificate chain and its private key are, both in PEM.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The certificate of the server, followed by those of the authorities between it and the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A file has nothing that could be used.
    #[error("{} has no {expected} in PEM", .file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What should be in it.
        expected: &'static str,
        /// What is wrong, if it is known.
        #[source]
        error: Option<pem::Error>,
    },
    /// The certificate cannot be used with the key.
    #[error("the certificate in {} cannot be used with the key in {}: {error}", .files.certificate.display(), .files.key.display())]
    Mismatch {
        /// The two files.
        files: CertificateFiles,
        /// Why.
        #[source]
        error: rustls::Error,
    },
    /// TLS cannot be set up, with any certificate.
    #[error("TLS cannot be set up: {0}")]
    Unavailable(#[from] rustls::Error),
    /// The new certificate is worse than the one in use.
    #[error("{0}")]
    Refused(String),
}

/// The certificates in use.
pub struct Certificates {
    files: CertificateFiles,
    /// `None` before the first certificate was issued.
    loaded: RwLock<Option<Loaded>>,
    /// How ACME servers are answered, if certificates are ordered from one.
    challenges: Option<Arc<ServerConfig>>,
}

struct Loaded {
    contents: Contents,
    /// The server's own certificate, and those of authorities.
    chain: Vec<CertificateDer<'static>>,
    config: Arc<ServerConfig>,
}

/// What is in the files.
#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Certificates {
    /// Reads certificates from files. Blocks.
    ///
    /// # Errors
    ///
    /// If the files cannot be read, or their contents cannot be used.
    pub fn open(files: CertificateFiles) -> Result<Self, CertificateError> {
        let loaded = Loaded::read(&files)?;
        Ok(Self { files, loaded: RwLock::new(Some(loaded)), challenges: None })
    }

    /// Reads certificates from files that do not exist before they are issued by an ACME server, which is answered with
    /// `challenges`. Blocks.
    ///
    /// # Errors
    ///
    /// If the files exist and cannot be read, or their contents cannot be used.
    pub fn ordered(
        files: CertificateFiles,
        challenges: Arc<dyn ResolvesServerCert>,
    ) -> Result<Self, CertificateError> {
        let loaded = match Loaded::read(&files) {
            Ok(loaded) => Some(loaded),
            Err(error) if error.is_missing() => None,
            Err(error) => return Err(error),
        };
        let mut config = builder()?.with_cert_resolver(challenges);
        config.alpn_protocols = vec![ACME.to_vec()];
        let challenges = Some(Arc::new(config));
        Ok(Self { files, loaded: RwLock::new(loaded), challenges })
    }

    /// Reads the files again, and returns whether they have changed. Connections that have begun keep the certificates that
    /// they began with. Blocks.
    ///
    /// # Errors
    ///
    /// If the files cannot be read, or their contents cannot be used; the certificates in use stay.
    pub fn reload(&self) -> Result<bool, CertificateError> {
        self.reload_if(|_| Ok(()))
    }

    /// Does the same as [`Self::reload`], unless `accept` says why a new chain is not to be used.
    ///
    /// # Errors
    ///
    /// Also if `accept` refuses it.
    pub fn reload_if(
        &self,
        accept: impl FnOnce(&[CertificateDer<'static>]) -> Result<(), String>,
    ) -> Result<bool, CertificateError> {
        let contents = match Contents::read(&self.files) {
            Err(error) if error.is_missing() && self.in_use().is_none() => return Ok(false),
            contents => contents?,
        };
        if self.loaded.read().as_ref().is_some_and(|loaded| loaded.contents == contents) {
            return Ok(false);
        }
        let loaded = Loaded::new(&self.files, contents)?;
        accept(&loaded.chain).map_err(CertificateError::Refused)?;
        *self.loaded.write() = Some(loaded);
        Ok(true)
    }

    /// Returns the certificate in use; `None` before the first one was issued.
    pub fn in_use(&self) -> Option<CertificateDer<'static>> {
        self.chain_in_use().into_iter().next()
    }

    /// Returns the certificate in use, followed by those of authorities in its file; empty before the first one was issued.
    pub fn chain_in_use(&self) -> Vec<CertificateDer<'static>> {
        self.loaded.read().as_ref().map(|loaded| loaded.chain.clone()).unwrap_or_default()
    }

    /// Returns where the certificate is.
    pub fn file(&self) -> &Path {
        &self.files.certificate
    }

    /// Begins TLS on a connection. Returns `None` for one that has ended: that of an ACME server, which only looks at the
    /// certificate, and all others while there is no certificate.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<Option<TlsStream<S>>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let begun = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let asks_for = |protocol: &[u8]| {
            begun.client_hello().alpn().is_some_and(|mut all| all.any(|one| one == protocol))
        };
        if let Some(challenges) = self.challenges.as_ref().filter(|_| asks_for(ACME)) {
            begun.into_stream(Arc::clone(challenges)).await?.shutdown().await?;
            return Ok(None);
        }
        let config = self.loaded.read().as_ref().map(|loaded| Arc::clone(&loaded.config));
        let Some(config) = config else { return Ok(None) };
        begun.into_stream(config).await.map(Some)
    }
}

impl CertificateError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::Unreadable { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }
}

impl Loaded {
    fn read(files: &CertificateFiles) -> Result<Self, CertificateError> {
        Self::new(files, Contents::read(files)?)
    }

    fn new(files: &CertificateFiles, contents: Contents) -> Result<Self, CertificateError> {
        let chain = chain(files, &contents)?;
        if chain.is_empty() {
            return Err(malformed(&files.certificate, "certificate", None));
        }
        let key = PrivateKeyDer::from_pem_slice(&contents.key)
            .map_err(|error| malformed(&files.key, "private key", Some(error)))?;
        let mut config = builder()?
            .with_single_cert(chain.clone(), key)
            .map_err(|error| CertificateError::Mismatch { files: files.clone(), error })?;
        config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1.to_vec()];
        Ok(Self { contents, chain, config: Arc::new(config) })
    }
}

impl Contents {
    fn read(files: &CertificateFiles) -> Result<Self, CertificateError> {
        let read = |file: &Path| {
            let file = file.to_owned();
            fs::read(&file).map_err(|error| CertificateError::Unreadable { file, error })
        };
        Ok(Self { certificate: read(&files.certificate)?, key: read(&files.key)? })
    }
}

fn chain(
    files: &CertificateFiles,
    contents: &Contents,
) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let all = CertificateDer::pem_slice_iter(&contents.certificate).collect::<Result<_, _>>();
    all.map_err(|error| malformed(&files.certificate, "certificate", Some(error)))
}

fn malformed(file: &Path, expected: &'static str, error: Option<pem::Error>) -> CertificateError {
    CertificateError::Malformed { file: file.to_owned(), expected, error }
}

fn builder() -> Result<ConfigBuilder<ServerConfig, WantsServerCert>, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_no_client_auth())
}

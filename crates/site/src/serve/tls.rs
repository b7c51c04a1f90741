//! TLS with certificates from files, which are read again when they have changed.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::RwLock;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// HTTP/2 and HTTP/1.1 in application-layer protocol negotiation (RFC 7301).
pub(super) const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

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
    #[error("the certificate and its key cannot be used together: {0}")]
    Mismatch(#[from] rustls::Error),
}

/// The certificates in use.
pub struct Certificates {
    files: CertificateFiles,
    loaded: RwLock<Loaded>,
}

struct Loaded {
    contents: Contents,
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
        let contents = Contents::read(&files)?;
        let config = configure(&files, &contents)?;
        Ok(Self { files, loaded: RwLock::new(Loaded { contents, config }) })
    }

    /// Reads the files again, and returns whether they have changed. Connections that have begun keep the certificates that
    /// they began with. Blocks.
    ///
    /// # Errors
    ///
    /// If the files cannot be read, or their contents cannot be used; the certificates in use stay.
    pub fn reload(&self) -> Result<bool, CertificateError> {
        let contents = Contents::read(&self.files)?;
        if contents == self.loaded.read().contents {
            return Ok(false);
        }
        let config = configure(&self.files, &contents)?;
        *self.loaded.write() = Loaded { contents, config };
        Ok(true)
    }

    /// Begins TLS on a connection.
    pub(super) async fn accept<S>(&self, stream: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = Arc::clone(&self.loaded.read().config);
        TlsAcceptor::from(config).accept(stream).await
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

fn configure(
    files: &CertificateFiles,
    contents: &Contents,
) -> Result<Arc<ServerConfig>, CertificateError> {
    let malformed = |file: &Path, expected, error| CertificateError::Malformed {
        file: file.to_owned(),
        expected,
        error,
    };
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&contents.certificate)
        .collect::<Result<_, _>>()
        .map_err(|error| malformed(&files.certificate, "certificate", Some(error)))?;
    if chain.is_empty() {
        return Err(malformed(&files.certificate, "certificate", None));
    }
    let key = PrivateKeyDer::from_pem_slice(&contents.key)
        .map_err(|error| malformed(&files.key, "private key", Some(error)))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1.to_vec()];
    Ok(Arc::new(config))
}

//! A certificate for a publication that is measured, and clients that trust it.

use std::{fs, path::Path, sync::Arc};

use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio_rustls::TlsConnector;

use crate::BenchError;

const NAME: &str = "localhost";

/// The name that the certificate is for.
pub fn name() -> Result<ServerName<'static>, BenchError> {
    Ok(ServerName::try_from(NAME)?)
}

/// Makes the publication in `folder` speak TLS with a certificate of its own. Returns what its clients connect with.
pub fn configure(folder: &Path) -> Result<TlsConnector, BenchError> {
    let own = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
    fs::write(folder.join("certificate.pem"), own.cert.pem())?;
    fs::write(folder.join("key.pem"), own.signing_key.serialize_pem())?;
    let file = folder.join("masthead.toml");
    let settings = fs::read_to_string(&file)?;
    let settings = settings.replace("http://127.0.0.1", "https://localhost");
    let tls = "[tls]\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"\n";
    fs::write(&file, format!("{settings}{tls}"))?;
    let mut roots = RootCertStore::empty();
    roots.add(own.cert.der().clone())?;
    let clients = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(clients)))
}

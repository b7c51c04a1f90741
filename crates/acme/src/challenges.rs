//! The certificates that prove to an ACME server that names lead here (RFC 8737, section 3).

use std::{collections::HashMap, sync::Arc};

use parking_lot::RwLock;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    crypto::ring::sign::any_ecdsa_type,
    pki_types::PrivateKeyDer,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::error::AcmeError;

/// The protocol that an ACME server asks for when it checks a name.
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// The names that are being proved, each with its certificate.
#[derive(Debug, Default)]
pub struct Challenges {
    open: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Challenges {
    /// Proves a name by the digest of a key authorization (RFC 8555, section 8.1) until [`Self::clear`] is called.
    pub(crate) fn prove(&self, name: &str, digest: [u8; 32]) -> Result<(), AcmeError> {
        let certificate = Arc::new(certificate(name, digest)?);
        self.open.write().insert(name.to_ascii_lowercase(), certificate);
        Ok(())
    }

    /// Ends all proofs.
    pub(crate) fn clear(&self) {
        self.open.write().clear();
    }
}

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        self.open.read().get(&name).cloned()
    }
}

fn certificate(name: &str, digest: [u8; 32]) -> Result<CertifiedKey, AcmeError> {
    let failed = |error: rcgen::Error| AcmeError::Crypto(error.to_string());
    let mut params = CertificateParams::new([name.to_owned()]).map_err(failed)?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(&digest)];
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = params.self_signed(&key).map_err(failed)?;
    let key = any_ecdsa_type(&PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .map_err(|error| AcmeError::Crypto(error.to_string()))?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

//! `[tls]`: certificates, if no proxy in front speaks https.
//!
//! A change of these takes a restart; the files themselves are read again when they change.

use serde::{Deserialize, Serialize};

use crate::{
    addresses::https_url,
    listen_address,
    values::{email_or_empty, host_names},
};

/// The directory of Let's Encrypt.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// `[tls]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// The file with the certificate chain in PEM, seen from the configuration; empty for no TLS.
    pub certificate: String,
    /// The file with its private key in PEM.
    pub key: String,
    /// The address and port at which plain http is redirected to https; empty for none.
    #[serde(deserialize_with = "listen_address::optional")]
    pub redirect: String,
    /// Whether certificates are ordered from an ACME server (RFC 8555) instead.
    pub acme: bool,
    /// Whether the publisher agrees to the terms of the ACME server.
    pub acme_terms_agreed: bool,
    /// An email address for the ACME server; empty for none.
    #[serde(deserialize_with = "email_or_empty")]
    pub acme_contact: String,
    /// Names that the certificate is valid for besides that of the address.
    #[serde(deserialize_with = "host_names")]
    pub acme_names: Vec<String>,
    /// The address of the ACME server's directory.
    #[serde(deserialize_with = "https_url")]
    pub acme_directory: String,
    /// The file with the authority that has signed the ACME server's own certificate, in PEM; empty for those that browsers
    /// know.
    pub acme_authority: String,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            certificate: String::new(),
            key: String::new(),
            redirect: String::new(),
            acme: false,
            acme_terms_agreed: false,
            acme_contact: String::new(),
            acme_names: Vec::new(),
            acme_directory: LETS_ENCRYPT.to_owned(),
            acme_authority: String::new(),
        }
    }
}

impl TlsSettings {
    /// Returns whether the server speaks https itself.
    pub fn is_on(&self) -> bool {
        self.acme || !self.certificate.is_empty()
    }
}

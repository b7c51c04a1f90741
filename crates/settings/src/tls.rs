//! `[tls]`: certificates, if no proxy in front speaks https.
//!
//! A change of these takes a restart; the files themselves are read again when they change.

use serde::{Deserialize, Serialize};

/// `[tls]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// The file with the certificate chain in PEM, seen from the configuration; empty for no TLS.
    pub certificate: String,
    /// The file with its private key in PEM.
    pub key: String,
    /// The address and port at which plain http is redirected to https; empty for none.
    pub redirect: String,
}

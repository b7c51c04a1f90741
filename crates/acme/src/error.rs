//! What can go wrong with an order.

use std::{error::Error, io, path::PathBuf};

use instant_acme::Problem;
use jiff::Timestamp;

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// The ACME server does not answer.
    #[error(
        "the ACME server cannot be reached at {directory}: {reason}; it is tried again, check acme_directory and the \
         firewall if this goes on"
    )]
    Unreachable {
        /// The address of its directory.
        directory: String,
        /// Why, with all causes.
        reason: String,
    },
    /// Something else answers at the address.
    #[error(
        "{directory} is not the directory of an ACME server ({reason}); correct acme_directory under [tls] in masthead.toml"
    )]
    NoDirectory {
        /// The address.
        directory: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The ACME server refuses the account or the order.
    #[error("the ACME server refuses: {0}")]
    Refused(#[source] Problem),
    /// The ACME server has not seen the proof.
    #[error(
        "the ACME server could not check that {name} leads here: {reason}; port 443 of that name has to lead to this \
         server, without a proxy that ends TLS between them"
    )]
    Unproven {
        /// The name.
        name: String,
        /// What the ACME server has seen.
        reason: String,
    },
    /// The ACME server offers other ways to prove a name only.
    #[error(
        "the ACME server does not offer the challenge tls-alpn-01 for {0}, so certificates cannot be ordered from it"
    )]
    NoChallenge(String),
    /// A file cannot be read or written.
    #[error("{} cannot be read or written: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A file does not have what it should.
    #[error("{} has {reason}; move it away, and it is made again", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What it has.
        reason: String,
    },
    /// Keys or certificates cannot be made.
    #[error("a certificate cannot be made: {0}")]
    Crypto(String),
    /// The order is not valid any more.
    #[error("the ACME server has ended the order and does not say why")]
    Unexplained,
    /// The rest.
    #[error("the order failed: {0}")]
    Protocol(String),
    /// There is a certificate, and it could not be renewed.
    #[error("the certificate is valid until {until} and was not renewed: {error}")]
    NotRenewed {
        /// When it expires.
        until: Timestamp,
        /// Why.
        #[source]
        error: Box<AcmeError>,
    },
}

impl AcmeError {
    /// The error of a request to an ACME server.
    pub(crate) fn of(error: instant_acme::Error, directory: &str) -> Self {
        let directory = directory.to_owned();
        match error {
            instant_acme::Error::Api(problem) => Self::Refused(problem),
            instant_acme::Error::Json(error) => {
                Self::NoDirectory { directory, reason: error.to_string() }
            }
            instant_acme::Error::Other(error) => {
                Self::Unreachable { directory, reason: with_causes(&*error) }
            }
            other => Self::Protocol(with_causes(&other)),
        }
    }

    /// Whether the ACME server does not know the account any more (RFC 8555, section 6.7).
    pub(crate) fn is_unknown_account(&self) -> bool {
        matches!(self, Self::Refused(problem)
            if problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:accountDoesNotExist"))
    }
}

/// An error and its causes in one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

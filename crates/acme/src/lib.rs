//! Certificates that are ordered and renewed automatically, by ACME (RFC 8555).
//!
//! An order is proved by TLS-ALPN-01 (RFC 8737): the authority connects to port 443 of each name, where the server shows a
//! certificate made for this connection. So port 443 has to lead here, and no other port is needed. Account, key and
//! certificate are files, so they belong to one server.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`Renewal`] | decides when to order, and waits longer after each failure |
//! | `order` | one order, from account to certificate |
//! | [`Challenges`] | the certificates that prove names |
//! | `files` | account and certificate on disk |
//! | [`Validity`] | for which names and how long a certificate is valid |
//! | [`ChainFault`] | what is wrong with a chain of certificates |

mod chain;
mod challenges;
mod client;
mod error;
mod files;
mod order;
mod renewal;
mod validity;

pub use chain::ChainFault;
pub use challenges::{ACME_TLS, Challenges};
pub use error::AcmeError;
pub use renewal::{AcmeSettings, Renewal};
pub use validity::Validity;

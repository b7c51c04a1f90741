//! How requests are received: proxies in front, host names, and what browsers and researchers are told.

use std::net::IpAddr;

use ipnet::IpNet;
use masthead_access::forwarded::{self, ForwardingHeader};
use masthead_settings::ServerSettings;

/// The part of `[server]` that concerns each request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpSettings {
    /// The networks of proxies whose forwarded addresses are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they forward the address of a client.
    pub forwarding_header: ForwardingHeader,
    /// The host names at which pages are shown besides that of the publication's address.
    pub hosts: Vec<String>,
    /// Whether browsers are told to use https at every name below the address as well.
    pub https_subdomains: bool,
    /// The URI at which weaknesses are reported; may be empty.
    pub security_contact: String,
}

impl HttpSettings {
    /// Returns whether what this peer forwards is believed.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        forwarded::is_trusted(peer, &self.trusted_proxies)
    }
}

impl From<&ServerSettings> for HttpSettings {
    fn from(server: &ServerSettings) -> Self {
        Self {
            trusted_proxies: server.trusted_proxies.clone(),
            forwarding_header: server.forwarding_header,
            hosts: server.hosts.clone(),
            https_subdomains: server.https_subdomains,
            security_contact: server.security_contact.clone(),
        }
    }
}

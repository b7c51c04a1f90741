//! Counts and logs requests that do not pass because of their host.

use std::net::IpAddr;

use jiff::Timestamp;
use masthead_access::network;
use masthead_telemetry::metrics;
use masthead_web::throttle::LogThrottle;

use super::host::HostFault;

/// When requests with each fault are logged.
#[derive(Debug, Default)]
pub(crate) struct HostMonitor {
    invalid: LogThrottle,
    other: LogThrottle,
    replaced: LogThrottle,
}

impl HostMonitor {
    /// Counts a request from `peer`, and logs it unless one like it was logged within the last minute.
    pub(super) fn note(&self, fault: &HostFault, peer: Option<IpAddr>, now: Timestamp) {
        let (throttle, counter) = match fault {
            HostFault::Invalid(_) => (&self.invalid, &metrics().hosts_refused),
            HostFault::Other { .. } => (&self.other, &metrics().hosts_redirected),
            HostFault::Replaced { .. } => (&self.replaced, &metrics().hosts_redirected),
        };
        counter.increment(1);
        if let Some(requests) = throttle.note(now) {
            log(fault, peer, requests);
        }
    }
}

fn log(fault: &HostFault, peer: Option<IpAddr>, requests: u64) {
    // Without a proxy the peer is a reader, whose address is never written down.
    let network = peer.map(network::prefix);
    match fault {
        HostFault::Invalid(_) => tracing::info!(
            ?network,
            requests,
            "host: a request without exactly one valid host was refused"
        ),
        HostFault::Other { host } => tracing::info!(
            ?network,
            host,
            requests,
            "host: a page at another name was redirected to the publication's address; if pages are to be shown at this \
             name as well, add it to hosts under [server] in masthead.toml"
        ),
        HostFault::Replaced { host } => tracing::error!(
            ?peer,
            host,
            requests,
            "host: the proxy asks for another host than the reader, so each page redirects to itself; let it pass the \
             reader's host on (in nginx: proxy_set_header Host $host), or add this one to hosts under [server] in \
             masthead.toml"
        ),
    }
}

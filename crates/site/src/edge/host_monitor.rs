//! Counts requests that do not pass because of their host, and logs those that say something about the settings. Those
//! without a valid host come from programs that look for weaknesses; they are events of the security log, and of no other.

use std::net::IpAddr;

use jiff::Timestamp;
use masthead_access::network;
use masthead_telemetry::metrics;
use masthead_web::throttle::LogThrottle;

use super::host::HostFault;

/// When requests with each fault are logged.
#[derive(Debug, Default)]
pub(crate) struct HostMonitor {
    other: LogThrottle,
    replaced: LogThrottle,
}

impl HostMonitor {
    /// Counts a request from `peer`, and logs one for another host unless one like it was logged within the last minute.
    pub(super) fn note(&self, fault: &HostFault, peer: Option<IpAddr>, now: Timestamp) {
        match fault {
            HostFault::Invalid(_) => metrics().hosts_refused.increment(1),
            HostFault::Other { host } => {
                metrics().hosts_redirected.increment(1);
                if let Some(requests) = self.other.note(now) {
                    log_other(host, peer, requests);
                }
            }
            HostFault::Replaced { host } => {
                metrics().hosts_redirected.increment(1);
                if let Some(requests) = self.replaced.note(now) {
                    log_replaced(host, peer, requests);
                }
            }
        }
    }
}

fn log_other(host: &str, peer: Option<IpAddr>, requests: u64) {
    // Without a proxy the peer is a reader, whose address is never written down.
    let network = peer.map(network::prefix);
    tracing::info!(
        ?network,
        host,
        requests,
        "host: a page at another name was redirected to the publication's address; if pages are to be shown at this \
         name as well, add it to hosts under [server] in masthead.toml"
    );
}

fn log_replaced(host: &str, peer: Option<IpAddr>, requests: u64) {
    tracing::error!(
        ?peer,
        host,
        requests,
        "host: the proxy asks for another host than the reader, so each page redirects to itself; let it pass the \
         reader's host on (in nginx: proxy_set_header Host $host), or add this one to hosts under [server] in \
         masthead.toml"
    );
}

//! What the address of the publication, https and the trusted proxies have to do with each other.

use masthead_publication::config::Config;

use super::Finding;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let address = &config.publication.address;
    let mut findings = Vec::new();
    let is_public = !address.contains("://localhost") && !address.contains("://127.0.0.1");
    if is_public && address.starts_with("http://") {
        findings.push(Finding::error(
            "proxy",
            format!("readers reach {address} without encryption, so cookies can be copied"),
            "put a proxy that speaks https in front, and write address = \"https://…\"",
        ));
    }
    let has_proxy = address.starts_with("https://") && !config.tls.is_on();
    if has_proxy && config.server.trusted_proxies.is_empty() {
        findings.push(Finding::error(
            "proxy",
            "no proxy is trusted, so all readers seem to come from one address",
            "name the proxy's network under trusted_proxies, such as [\"127.0.0.1/32\"]",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("proxy", "address and trusted_proxies fit"));
    }
    findings
}

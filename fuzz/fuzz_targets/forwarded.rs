//! Whatever a client writes before what the proxy adds, the client is the one that the proxy names.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use masthead_access::forwarded::{ForwardingHeader, client};

fuzz_target!(|written: &[u8]| {
    let proxy = IpAddr::from([10, 0, 0, 1]);
    let trusted = [proxy.into()];
    for header in ForwardingHeader::ALL {
        let added: &[u8] = match header {
            ForwardingHeader::Forwarded => b"for=203.0.113.9",
            ForwardingHeader::XForwardedFor | ForwardingHeader::XRealIp => b"203.0.113.9",
        };
        let joined = [written, b",", added].concat();
        let values = [joined.as_slice()];
        let found = client(proxy, &trusted, header, values.into_iter());
        assert_eq!(found, Ok(IpAddr::from([203, 0, 113, 9])));
        // Without the proxy's part it is an address, or refused.
        let _ = client(proxy, &trusted, header, [written].into_iter());
    }
});

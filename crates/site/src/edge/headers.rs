//! The headers that every response has. A handler may set a stricter or wider value of its own.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use masthead_publication::Publication;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// Other sites learn the publication's address, and not which page.
const REFERRER: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
/// Nothing here uses these. What embedded players may need, such as full screen, is left to the browser.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()",
);
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
/// RFC 6797, section 6.1: for a year.
const HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const HTTPS_BELOW: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// What browsers are told about https.
#[derive(Clone, Copy)]
pub(super) enum Transport {
    /// Nothing: the publication's address is not https.
    Plain,
    /// To use it at the publication's address.
    Https,
    /// To use it at every name below the address as well.
    HttpsBelow,
}

impl Transport {
    /// Returns what browsers are told about a publication.
    pub(super) fn of(publication: &Publication) -> Self {
        match (publication.is_secure(), publication.http.https_subdomains) {
            (false, _) => Self::Plain,
            (true, false) => Self::Https,
            (true, true) => Self::HttpsBelow,
        }
    }
}

/// Adds the headers to a response.
pub(super) fn add(headers: &mut HeaderMap, transport: Transport) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(PERMISSIONS_POLICY, PERMISSIONS);
    headers.insert(OPENER_POLICY, SAME_ORIGIN);
    headers.entry(header::REFERRER_POLICY).or_insert(REFERRER);
    headers.entry(RESOURCE_POLICY).or_insert(SAME_ORIGIN);
    match transport {
        Transport::Plain => {}
        Transport::Https => {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS);
        }
        Transport::HttpsBelow => {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_BELOW);
        }
    }
}

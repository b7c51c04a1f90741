//! What is wrong with a chain of certificates: the certificate of the server, followed by those of the authorities that issued it
//! and each other.

use std::fmt;

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use x509_parser::{
    certificate::X509Certificate, extensions::ParsedExtension, parse_x509_certificate,
};

/// Where the certificate of the issuer can be fetched (RFC 5280, section 4.2.2.1).
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// What is wrong with a chain, the least bad first. A position is that of a certificate in the file, from 1 on; the first is the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChainFault {
    /// The certificate of the authority is missing. Some browsers fetch it, and others refuse the chain.
    Incomplete,
    /// This certificate is not that of the authority that issued the one before. Browsers accept any order (RFC 8446, section 4.4.2), and
    /// some other programs do not.
    Unordered(usize),
    /// This certificate is not valid yet.
    Early(usize, Timestamp),
    /// This certificate has expired.
    Expired(usize, Timestamp),
    /// This certificate cannot be read.
    Unreadable(usize),
}

impl ChainFault {
    /// Returns the worst that is wrong with a chain; `None` if nothing is.
    pub fn of(chain: &[CertificateDer<'_>], now: Timestamp) -> Option<Self> {
        let mut read = Vec::with_capacity(chain.len());
        for (position, certificate) in (1..).zip(chain) {
            match parse_x509_certificate(certificate) {
                Ok((_, certificate)) => read.push(certificate),
                Err(_) => return Some(Self::Unreadable(position)),
            }
        }
        let times = (1..).zip(&read).filter_map(|(position, one)| at_time(position, one, now));
        times.max().or_else(|| order(&read)).or_else(|| is_alone(&read).then_some(Self::Incomplete))
    }

    /// Whether every browser refuses the chain. If not, it is worth a warning, and better than none.
    pub fn is_refused(self) -> bool {
        !matches!(self, Self::Incomplete | Self::Unordered(_))
    }

    /// How bad it is, without where.
    pub fn rank(self) -> u8 {
        match self {
            Self::Incomplete => 0,
            Self::Unordered(_) => 1,
            Self::Early(..) => 2,
            Self::Expired(..) => 3,
            Self::Unreadable(_) => 4,
        }
    }
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unordered(position)
        | Self::Early(position, _)
        | Self::Expired(position, _)
        | Self::Unreadable(position)) = self
        else {
            return f.write_str(
                "the certificate of the authority that issued it is missing, so some browsers may refuse it; append the authority's \
                 intermediate certificate to the file, or name the file with the whole chain, which certbot calls fullchain.pem",
            );
        };
        match position {
            1 => f.write_str("the certificate ")?,
            _ => write!(f, "certificate {position} in the file ")?,
        }
        match self {
            Self::Early(_, from) => write!(f, "is not valid before {from}; check the clock, or wait"),
            Self::Expired(_, until) => write!(f, "has expired at {until}; renew it"),
            Self::Unreadable(_) => f.write_str("cannot be read; write it to the file again"),
            Self::Unordered(_) | Self::Incomplete => f.write_str(
                "is not that of the authority that issued the one before it, so some programs may refuse it; put the certificates in this order, each followed by that \
                 of its authority",
            ),
        }
    }
}

fn at_time(
    position: usize,
    certificate: &X509Certificate<'_>,
    now: Timestamp,
) -> Option<ChainFault> {
    let validity = certificate.validity();
    let from = Timestamp::from_second(validity.not_before.timestamp()).ok()?;
    let until = Timestamp::from_second(validity.not_after.timestamp()).ok()?;
    if until <= now {
        Some(ChainFault::Expired(position, until))
    } else {
        (from > now).then_some(ChainFault::Early(position, from))
    }
}

/// The first certificate that did not issue the one before it.
fn order(chain: &[X509Certificate<'_>]) -> Option<ChainFault> {
    let pairs = (2..).zip(chain.windows(2));
    let is_wrong = |pair: &[X509Certificate<'_>]| matches!(pair, [issued, authority] if issued.issuer().as_raw() != authority.subject().as_raw());
    let mut wrong = pairs.filter(|(_, pair)| is_wrong(pair));
    wrong.next().map(|(position, _)| ChainFault::Unordered(position))
}

/// Whether a chain has only the certificate of the server, although that says where its authority's can be fetched. Public authorities never
/// issue it with their root; one of a private network may, and says nothing.
fn is_alone(chain: &[X509Certificate<'_>]) -> bool {
    let [leaf] = chain else { return false };
    let is_own = leaf.issuer().as_raw() == leaf.subject().as_raw();
    let names_issuer = leaf.extensions().iter().any(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return false;
        };
        access.accessdescs.iter().any(|one| one.access_method.to_id_string() == CA_ISSUERS)
    });
    !is_own && names_issuer
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, Certificate, CertificateParams, CustomExtension, DnType, IsCa, Issuer,
        KeyPair, date_time_ymd,
    };

    use super::*;

    /// The value of an extension that says where the certificate of the issuer is: `http://a.example/ca`.
    const ACCESS: [u8; 33] = [
        0x30, 0x1f, 0x30, 0x1d, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02, 0x86,
        0x11, b'h', b't', b't', b'p', b':', b'/', b'/', b'a', b'.', b'e', b'x', b'a', b'm', b'p',
        b'l', b'e', b'/',
    ];

    fn params(name: &str, until: i32) -> CertificateParams {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params
    }

    fn authority(name: &str, until: i32) -> (Certificate, Issuer<'static, KeyPair>) {
        let mut params = params(name, until);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        (certificate, Issuer::new(params, key))
    }

    fn issued(
        by: &Issuer<'static, KeyPair>,
        until: i32,
        names_issuer: bool,
    ) -> CertificateDer<'static> {
        let mut params = params("paper.example", until);
        if names_issuer {
            let oid = [1, 3, 6, 1, 5, 5, 7, 1, 1];
            let access = CustomExtension::from_oid_content(&oid, ACCESS.to_vec());
            params.custom_extensions.push(access);
        }
        let key = KeyPair::generate().expect("a key");
        params.signed_by(&key, by).expect("a certificate").der().clone()
    }

    fn fault(chain: &[CertificateDer<'static>]) -> Option<ChainFault> {
        ChainFault::of(chain, "2026-06-01T00:00:00Z".parse().expect("a time"))
    }

    #[test]
    fn what_is_wrong_is_found() {
        let (known, by) = authority("authority.example", 2090);
        let (other, _) = authority("other.example", 2090);
        let (old, by_old) = authority("old.example", 2025);
        let (known, other, old) = (known.der().clone(), other.der().clone(), old.der().clone());
        let leaf = || issued(&by, 2090, true);
        assert_eq!(fault(&[leaf(), known.clone()]), None);
        assert_eq!(fault(std::slice::from_ref(&known)), None, "signed by itself");
        assert_eq!(fault(&[issued(&by, 2090, false)]), None, "of a private authority");
        assert_eq!(fault(&[leaf()]), Some(ChainFault::Incomplete));
        assert!(!ChainFault::Incomplete.is_refused() && !ChainFault::Unordered(2).is_refused());
        assert!(ChainFault::Unreadable(1).is_refused());
        assert_eq!(fault(&[leaf(), other]), Some(ChainFault::Unordered(2)));
        let expired = fault(&[issued(&by, 2025, true), known.clone()]);
        assert!(matches!(expired, Some(ChainFault::Expired(1, _))), "{expired:?}");
        let expired = fault(&[issued(&by_old, 2090, true), old]);
        assert!(matches!(expired, Some(ChainFault::Expired(2, _))), "{expired:?}");
        let before = "2019-01-01T00:00:00Z".parse().expect("a time");
        let early = ChainFault::of(&[leaf(), known], before);
        assert!(matches!(early, Some(ChainFault::Early(..))), "{early:?}");
        let junk = CertificateDer::from(b"nonsense".to_vec());
        assert_eq!(fault(&[leaf(), junk]), Some(ChainFault::Unreadable(2)));
    }

    #[test]
    fn a_fault_says_where_it_is_and_what_to_do() {
        let until = "2025-01-01T00:00:00Z".parse().expect("a time");
        let said = ChainFault::Expired(1, until).to_string();
        assert_eq!(said, "the certificate has expired at 2025-01-01T00:00:00Z; renew it");
        let said = ChainFault::Unreadable(2).to_string();
        assert!(said.starts_with("certificate 2 in the file cannot be read"), "{said}");
    }
}

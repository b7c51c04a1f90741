//! For which names and how long a certificate is valid.

use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use x509_parser::{extensions::GeneralName, parse_x509_certificate};

/// The validity of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// The names that it is for, in small letters.
    pub names: Vec<String>,
}

impl Validity {
    /// Reads the first certificate of a chain in PEM; `None` if there is none that can be read.
    pub fn of_pem(pem: &[u8]) -> Option<Self> {
        Self::of(&CertificateDer::from_pem_slice(pem).ok()?)
    }

    /// Reads a certificate; `None` if it cannot be read.
    pub fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = parse_x509_certificate(certificate).ok()?;
        let names = parsed.subject_alternative_name().ok().flatten();
        let names = names.into_iter().flat_map(|names| &names.value.general_names);
        let names = names.filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        });
        let validity = parsed.validity();
        Some(Self {
            from: Timestamp::from_second(validity.not_before.timestamp()).ok()?,
            until: Timestamp::from_second(validity.not_after.timestamp()).ok()?,
            names: names.collect(),
        })
    }

    /// When it is renewed: when a third of its time is left, which is thirty days of ninety.
    pub fn renewed_at(&self) -> Timestamp {
        let third = self.until.duration_since(self.from).as_secs() / 3;
        self.until.checked_sub(SignedDuration::from_secs(third)).unwrap_or(self.from)
    }

    /// Whether it is for all of these names. A name such as `*.paper.example` stands for one label (RFC 6125, section 6.4.3).
    pub fn covers(&self, names: &[String]) -> bool {
        names.iter().all(|name| {
            let name = name.to_ascii_lowercase();
            let wildcard = name.split_once('.').map(|(_, parent)| format!("*.{parent}"));
            self.names.contains(&name) || wildcard.is_some_and(|name| self.names.contains(&name))
        })
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn a_certificate_is_renewed_when_a_third_of_its_time_is_left() {
        let names = ["Paper.example".to_owned(), "www.paper.example".to_owned()];
        let mut params = CertificateParams::new(names.clone()).expect("names");
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 4, 1);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let validity = Validity::of_pem(pem.as_bytes()).expect("a certificate");
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert_eq!(validity.until, at("2026-04-01T00:00:00Z"));
        assert_eq!(validity.renewed_at(), at("2026-03-02T00:00:00Z"));
        assert!(validity.covers(&names));
        assert!(!validity.covers(&["other.example".to_owned()]));
        let validity = Validity { names: vec!["*.paper.example".to_owned()], ..validity };
        assert!(validity.covers(&["www.paper.example".to_owned()]));
        for other in ["paper.example", "a.www.paper.example"] {
            assert!(!validity.covers(&[other.to_owned()]), "{other}");
        }
        assert_eq!(Validity::of_pem(b"nonsense"), None);
    }
}

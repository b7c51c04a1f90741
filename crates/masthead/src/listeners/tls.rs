//! The certificates of the public listener: from files, or ordered by ACME.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_acme::{AcmeSettings, ChainFault, Renewal, Validity};
use masthead_publication::config::Config;
use masthead_settings::TlsSettings;
use masthead_site::serve::tls::{CertificateFiles, Certificates};
use masthead_telemetry::{TaskError, metrics};
use url::{Host, Url};

use crate::{error::CliError, folder::Folder};

/// The certificates of a server that speaks https itself.
#[derive(Clone)]
pub struct Tls {
    /// Those in use.
    pub certificates: Arc<Certificates>,
    /// What orders them, unless they are files of the publisher's.
    pub renewal: Option<Arc<Renewal>>,
    /// The names that a certificate of the publisher's should be for.
    names: Arc<[String]>,
}

impl Tls {
    /// Reads what `[tls]` names; `None` if the server does not speak https. Blocks.
    pub fn open(dir: &Path, folder: &Folder, config: &Config) -> Result<Option<Self>, CliError> {
        if !is_configured(config)? {
            return Ok(None);
        }
        let opened = open_at(dir, &folder.data().join("acme"), config)?;
        opened.measure();
        Ok(Some(opened))
    }

    /// Checks what `[tls]` names, and changes nothing. Blocks.
    ///
    /// # Errors
    ///
    /// Returns why a server would not start with it.
    pub fn check(dir: &Path, config: &Config) -> Result<(), CliError> {
        if !is_configured(config)? {
            return check_redirect(config);
        }
        // The server's own folder for what it orders stays as it is.
        let folder = tempfile::tempdir().map_err(|error| invalid(&error))?;
        open_at(dir, folder.path(), config).map(drop)
    }

    /// The same for a restored copy. It orders nothing, because its names lead to the original.
    #[must_use]
    pub fn of_copy(self) -> Self {
        Self { renewal: None, ..self }
    }

    /// Reads the certificates again if they have changed, and checks those in use.
    ///
    /// # Errors
    ///
    /// Returns an error if they cannot be read or used, or browsers refuse them; if they would refuse those in use less, these stay. Also
    /// if browsers refuse those in use.
    pub async fn reload(&self) -> Result<(), TaskError> {
        let (certificates, now) = (Arc::clone(&self.certificates), Timestamp::now());
        let reload = move || {
            let in_use = certificates.chain_in_use();
            let (has_some, before) = (!in_use.is_empty(), ChainFault::of(&in_use, now));
            certificates.reload_if(|new| match ChainFault::of(new, now) {
                Some(fault) if has_some && fault.is_refused() => {
                    refuse_worse(certificates.file(), fault, before)
                }
                _ => Ok(()),
            })
        };
        if tokio::task::spawn_blocking(reload).await?? {
            tracing::info!("tls: new certificates are in use");
            self.warn();
        }
        self.measure();
        self.fault(now).map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// What browsers refuse about the certificates in use, with their file; `None` if nothing is wrong, or none is in use.
    pub fn fault(&self, now: Timestamp) -> Option<String> {
        self.chain_fault(now).filter(|fault| fault.is_refused()).map(|fault| self.describe(fault))
    }

    /// What only some browsers or other programs may refuse about the certificates in use, with their file.
    pub fn doubt(&self, now: Timestamp) -> Option<String> {
        self.chain_fault(now).filter(|fault| !fault.is_refused()).map(|fault| self.describe(fault))
    }

    fn chain_fault(&self, now: Timestamp) -> Option<ChainFault> {
        ChainFault::of(&self.certificates.chain_in_use(), now)
    }

    fn describe(&self, fault: ChainFault) -> String {
        format!("{}: {fault}", self.certificates.file().display())
    }

    /// Says in the log what is doubtful about the certificates in use, once they are loaded.
    pub fn warn(&self) {
        self.warn_of_names();
        if let Some(doubt) = self.doubt(Timestamp::now()) {
            tracing::warn!(%doubt, "tls: certificates are in use that not everybody may accept");
        }
    }

    /// Orders a certificate if one is due, and uses it.
    ///
    /// # Errors
    ///
    /// Returns why there is no new certificate. The one in use stays.
    pub async fn renew(&self, renewal: &Renewal) -> Result<(), TaskError> {
        if renewal.run(Timestamp::now()).await? {
            self.reload().await?;
        }
        Ok(())
    }

    /// The names of the publication, and of the hosts under `[server]`, that the certificate in use is not for. One that the server
    /// orders itself is ordered again for other names, so none of them counts.
    pub fn names_without_certificate(&self, config: &Config) -> Vec<String> {
        let in_use = self.certificates.in_use().filter(|_| self.renewal.is_none());
        let Some(validity) = in_use.and_then(|certificate| Validity::of(&certificate)) else {
            return Vec::new();
        };
        without_certificate(&validity, &expected_names(config))
    }

    /// Says in the log for which names browsers will refuse the certificate.
    fn warn_of_names(&self) {
        let in_use = self.certificates.in_use().filter(|_| self.renewal.is_none());
        let Some(validity) = in_use.and_then(|certificate| Validity::of(&certificate)) else {
            return;
        };
        let names = without_certificate(&validity, &self.names).join(", ");
        if !names.is_empty() {
            tracing::warn!(%names, "tls: the certificate is not for these names, browsers refuse it there");
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds are exact in an f64")]
    fn measure(&self) {
        let in_use = self.certificates.in_use();
        if let Some(validity) = in_use.and_then(|certificate| Validity::of(&certificate)) {
            metrics().certificate_expiry.set(validity.until.as_second() as f64);
        }
    }
}

/// The names of the publication, and of the hosts under `[server]`.
fn expected_names(config: &Config) -> Vec<String> {
    let address = Url::parse(&config.publication.address).ok();
    let host = address.as_ref().and_then(Url::domain).map(str::to_owned);
    host.into_iter().chain(config.server.hosts.iter().cloned()).collect()
}

fn without_certificate(validity: &Validity, names: &[String]) -> Vec<String> {
    let is_missing = |name: &&String| !validity.covers(std::slice::from_ref(*name));
    names.iter().filter(is_missing).cloned().collect()
}

/// Refuses a new chain with a fault if that in use has none, or one that is less bad.
fn refuse_worse(file: &Path, new: ChainFault, in_use: Option<ChainFault>) -> Result<(), String> {
    if in_use.is_some_and(|in_use| in_use.rank() >= new.rank()) {
        return Ok(());
    }
    let file = file.display();
    Err(format!("{file}: {new}; the certificate that was there before stays in use"))
}

/// Returns whether the server speaks https itself, as `[tls]` says without contradiction.
fn is_configured(config: &Config) -> Result<bool, CliError> {
    let tls = &config.tls;
    if !tls.is_on() && tls.key.is_empty() {
        return Ok(false);
    }
    check(tls)?;
    if !config.publication.is_secure() {
        return Err(CliError::new(
            "[tls] in masthead.toml has a certificate, and the address under [publication] is not https; write \
             address = \"https://…\"",
        ));
    }
    Ok(true)
}

/// Checks, for a server without certificates, that nothing is redirected to https.
pub(super) fn check_redirect(config: &Config) -> Result<(), CliError> {
    if config.tls.redirect.is_empty() {
        return Ok(());
    }
    Err(CliError::new(
        "[tls] in masthead.toml redirects to https and has no certificate; write certificate and key, or acme = true",
    ))
}

fn open_at(dir: &Path, orders: &Path, config: &Config) -> Result<Tls, CliError> {
    if config.tls.acme { order(dir, orders, config) } else { read(dir, config) }
}

/// Checks that `[tls]` says one thing.
fn check(tls: &TlsSettings) -> Result<(), CliError> {
    let has_files = !tls.certificate.is_empty() || !tls.key.is_empty();
    let wrong = if tls.acme && has_files {
        "has acme and a certificate; write one of the two"
    } else if tls.acme && !tls.acme_terms_agreed {
        "has acme = true; read the terms of the authority that issues the certificates (of Let's Encrypt at \
         https://letsencrypt.org/repository/), and write acme_terms_agreed = true if you agree"
    } else if !tls.acme && (tls.certificate.is_empty() || tls.key.is_empty()) {
        "needs both certificate and key; write the other one as well"
    } else {
        return Ok(());
    };
    Err(CliError::new(format!("[tls] in masthead.toml {wrong}")))
}

fn read(dir: &Path, config: &Config) -> Result<Tls, CliError> {
    let tls = &config.tls;
    let files =
        CertificateFiles { certificate: dir.join(&tls.certificate), key: dir.join(&tls.key) };
    let certificates = Certificates::open(files).map_err(|error| invalid(&error))?;
    let names = expected_names(config).into();
    Ok(Tls { certificates: Arc::new(certificates), renewal: None, names })
}

fn order(dir: &Path, orders: &Path, config: &Config) -> Result<Tls, CliError> {
    let tls = &config.tls;
    let names = names(config)?;
    let authority = &tls.acme_authority;
    if !authority.is_empty() {
        check_authority(&dir.join(authority))?;
    }
    let settings = AcmeSettings {
        directory: tls.acme_directory.clone(),
        contact: tls.acme_contact.clone(),
        names,
        authority: (!authority.is_empty()).then(|| dir.join(authority)),
    };
    let renewal = Renewal::open(orders, settings);
    let renewal = renewal.map_err(|error| CliError::new(format!("acme: {error}")))?;
    let file = renewal.certificate();
    let files = CertificateFiles { certificate: file.clone(), key: file };
    let certificates =
        Certificates::ordered(files, renewal.challenges()).map_err(|error| invalid(&error))?;
    let certificates = Arc::new(certificates);
    Ok(Tls { certificates, renewal: Some(Arc::new(renewal)), names: Arc::default() })
}

/// Checks that the file with the authority of the ACME server is there: without it no order succeeds.
fn check_authority(file: &Path) -> Result<(), CliError> {
    std::fs::read(file).map(drop).map_err(|error| {
        CliError::new(format!(
            "acme_authority under [tls] in masthead.toml: {} cannot be read ({error}); name the file with the authority's certificate, \
             or leave the key out",
            file.display()
        ))
    })
}

/// The names of the certificate: that of the address first, then the others, each once.
fn names(config: &Config) -> Result<Vec<String>, CliError> {
    let address = &config.publication.address;
    let host = match Url::parse(address).ok().as_ref().and_then(Url::host) {
        // Authorities issue for names of the public internet, or of their own network.
        Some(Host::Domain(name)) if name.contains('.') => name.to_owned(),
        Some(_) | None => {
            return Err(CliError::new(format!(
                "[tls] in masthead.toml has acme = true, and the address under [publication], {address}, has no domain; write \
                 one such as address = \"https://paper.example\""
            )));
        }
    };
    let mut names = vec![host];
    for name in config.tls.acme_names.iter().map(|name| name.to_ascii_lowercase()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn invalid(error: &dyn std::fmt::Display) -> CliError {
    CliError::new(format!("[tls] in masthead.toml: {error}"))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    /// Writes a certificate for this name that is valid until the end of this year, and its key.
    fn put(folder: &Path, name: &str, year: i32) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        std::fs::write(folder.join("paper.pem"), certificate).expect("written");
        std::fs::write(folder.join("paper.key"), key.serialize_pem()).expect("written");
    }

    #[tokio::test]
    async fn a_certificate_that_is_refused_does_not_replace_a_valid_one() {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "paper.example", 2090);
        let files = CertificateFiles {
            certificate: folder.path().join("paper.pem"),
            key: folder.path().join("paper.key"),
        };
        let certificates = Arc::new(Certificates::open(files).expect("certificates"));
        let names = Arc::from(["paper.example".to_owned()]);
        let tls = Tls { certificates, renewal: None, names };
        let in_use = tls.certificates.in_use();
        put(folder.path(), "paper.example", 2020);
        let refused = tls.reload().await.expect_err("expired").to_string();
        assert!(
            refused.contains("paper.pem: the certificate has expired at 2020-12-31"),
            "{refused}"
        );
        assert_eq!(tls.certificates.in_use(), in_use);
        assert_eq!(tls.fault(Timestamp::now()), None, "that in use is valid");
        // Again and again, until somebody corrects it.
        tls.reload().await.expect_err("still expired");
        let junk = "-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n";
        let other_key = KeyPair::generate().expect("a key").serialize_pem();
        for (file, content) in
            [("paper.pem", "nonsense"), ("paper.pem", junk), ("paper.key", other_key.as_str())]
        {
            put(folder.path(), "paper.example", 2091);
            std::fs::write(folder.path().join(file), content).expect("written");
            let refused = tls.reload().await.expect_err("nonsense").to_string();
            assert!(refused.contains(file), "{file}: {refused}");
            assert_eq!(tls.certificates.in_use(), in_use);
        }
        // Behind the certificate of the server, where nothing else would read it.
        put(folder.path(), "paper.example", 2091);
        let good = std::fs::read_to_string(folder.path().join("paper.pem")).expect("a certificate");
        std::fs::write(folder.path().join("paper.pem"), format!("{good}{junk}")).expect("written");
        let refused = tls.reload().await.expect_err("nonsense").to_string();
        assert!(
            refused.contains("paper.pem: certificate 2 in the file cannot be read"),
            "{refused}"
        );
        assert_eq!(tls.certificates.in_use(), in_use);
        // A chain that only some programs refuse is used.
        put(folder.path(), "other.example", 2091);
        let other =
            std::fs::read_to_string(folder.path().join("paper.pem")).expect("a certificate");
        put(folder.path(), "paper.example", 2091);
        let next = std::fs::read_to_string(folder.path().join("paper.pem")).expect("a certificate");
        std::fs::write(folder.path().join("paper.pem"), next + &other).expect("written");
        tls.reload().await.expect("used");
        assert_ne!(tls.certificates.in_use(), in_use);
        let doubt = tls.doubt(Timestamp::now()).expect("a doubt");
        assert!(
            doubt.contains("certificate 2 in the file is not that of the authority"),
            "{doubt}"
        );
        let in_use = tls.certificates.in_use();
        // One for another name may be meant so: it is used, and the log says so.
        put(folder.path(), "other.example", 2091);
        tls.reload().await.expect("used");
        assert_ne!(tls.certificates.in_use(), in_use);
        let validity = tls.certificates.in_use().and_then(|found| Validity::of(&found));
        let missing = without_certificate(&validity.expect("a certificate"), &tls.names);
        assert_eq!(missing, ["paper.example"]);
    }

    #[tokio::test]
    async fn the_task_fails_while_an_expired_certificate_is_in_use() {
        let folder = tempfile::tempdir().expect("a folder");
        put(folder.path(), "paper.example", 2020);
        let files = CertificateFiles {
            certificate: folder.path().join("paper.pem"),
            key: folder.path().join("paper.key"),
        };
        // A server that starts with it has no other.
        let certificates = Arc::new(Certificates::open(files).expect("certificates"));
        let names = Arc::from(["paper.example".to_owned()]);
        let tls = Tls { certificates, renewal: None, names };
        let fails = tls.reload().await.expect_err("expired").to_string();
        assert!(fails.contains("has expired at 2020-12-31"), "{fails}");
        put(folder.path(), "paper.example", 2090);
        tls.reload().await.expect("renewed");
    }
}

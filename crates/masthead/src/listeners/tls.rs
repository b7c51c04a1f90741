//! The certificates of the public listener: from files, or ordered by ACME.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use masthead_acme::{AcmeSettings, Renewal, Validity};
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

    /// Reads the certificates again if they have changed.
    ///
    /// # Errors
    ///
    /// Returns an error if they cannot be read or used. Those in use stay.
    pub async fn reload(&self) -> Result<(), TaskError> {
        let certificates = Arc::clone(&self.certificates);
        if tokio::task::spawn_blocking(move || certificates.reload()).await?? {
            tracing::info!("tls: new certificates are in use");
        }
        self.measure();
        Ok(())
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
        let address = Url::parse(&config.publication.address).ok();
        let host = address.as_ref().and_then(Url::domain).map(str::to_owned);
        let mut names: Vec<String> =
            host.into_iter().chain(config.server.hosts.iter().cloned()).collect();
        names.retain(|name| !validity.covers(std::slice::from_ref(name)));
        names
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds are exact in an f64")]
    fn measure(&self) {
        let in_use = self.certificates.in_use();
        if let Some(validity) = in_use.and_then(|certificate| Validity::of(&certificate)) {
            metrics().certificate_expiry.set(validity.until.as_second() as f64);
        }
    }
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
    if config.tls.acme { order(dir, orders, config) } else { read(dir, &config.tls) }
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

fn read(dir: &Path, tls: &TlsSettings) -> Result<Tls, CliError> {
    let files =
        CertificateFiles { certificate: dir.join(&tls.certificate), key: dir.join(&tls.key) };
    let certificates = Certificates::open(files).map_err(|error| invalid(&error))?;
    Ok(Tls { certificates: Arc::new(certificates), renewal: None })
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
    Ok(Tls { certificates: Arc::new(certificates), renewal: Some(Arc::new(renewal)) })
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

//! The certificates of a server that speaks https itself.

use std::{fs, path::Path};

use jiff::{SignedDuration, Timestamp};
use masthead_acme::Validity;
use masthead_publication::config::Config;

use super::Finding;
use crate::{
    folder::{Folder, is_open_to_others},
    invocation::quoted,
    listeners::Tls,
};

const WHAT: &str = "certificates";
/// A certificate that is not renewed with so little time left will most likely expire.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What to do in a restored copy, whose names lead to the original.
const ACTIVATE: &str = "once the original is gone for good, run: masthead activate; to try the copy before, name a certificate and its \
    key under [tls]";

/// Whether others can read the private key of the certificate, or have it in their group.
pub(super) fn private_key(dir: &Path, config: &Config) -> Option<Finding> {
    let key = Some(&config.tls.key).filter(|key| !key.is_empty())?;
    let path = dir.join(key);
    let is_open = fs::metadata(&path).is_ok_and(|found| is_open_to_others(&found));
    is_open.then(|| {
        let path = path.display().to_string();
        let remedy = format!("run: chmod 600 {}", quoted(&path));
        Finding::warning(WHAT, format!("others can read the private key {path}"), remedy)
    })
}

/// Checks the certificate of the publication, or of a restored copy (`is_copy`), which orders none.
pub(super) fn check(
    dir: &Path,
    folder: &Folder,
    config: &Config,
    is_copy: bool,
) -> Option<Finding> {
    let tls = match Tls::open(dir, folder, config) {
        Ok(tls) => tls?,
        Err(error) => return Some(Finding::error(WHAT, error.to_string(), "")),
    };
    let remedy = match &tls.renewal {
        Some(_) if is_copy => ACTIVATE,
        Some(_) => {
            "look for acme in the server's log; port 443 of each name has to lead to this server"
        }
        None => "renew it with the program that it came from, such as certbot",
    };
    let Some(certificate) = tls.certificates.in_use() else {
        let text = if is_copy {
            "there is no certificate, and a restored copy orders none"
        } else {
            "there is no certificate yet; the server orders one when it starts"
        };
        return Some(Finding::warning(WHAT, text, remedy));
    };
    let validity = Validity::of(&certificate)?;
    let names = tls.names_without_certificate(config);
    let until = validity.until;
    let left = until.duration_since(Timestamp::now());
    Some(if let Some(fault) = tls.fault(Timestamp::now()) {
        Finding::error(WHAT, fault, remedy)
    } else if !names.is_empty() {
        let text =
            format!("the certificate is not for {}, so browsers refuse it there", names.join(", "));
        let remedy = "name a certificate for all names of the publication under [tls]";
        Finding::error(WHAT, text, remedy)
    } else if left < SOON && Timestamp::now() > validity.renewed_at() {
        Finding::warning(WHAT, format!("the certificate expires at {until}"), remedy)
    } else if let Some(doubt) = tls.doubt(Timestamp::now()) {
        Finding::warning(WHAT, doubt, "")
    } else {
        Finding::ok(WHAT, format!("the certificate is valid until {until}"))
    })
}

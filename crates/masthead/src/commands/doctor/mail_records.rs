//! What the world's mail servers find in DNS about the sender: without it, emails to readers end among the spam.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{RData, RecordType},
};
use masthead_desk::{MailRecord, MailRecordCheck, MailRecordKind, MailRecordState};
use masthead_settings::MailSettings;

use super::Finding;

/// How long a name server may take to answer, before it is asked once more.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long an answer may take in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known about a name.
enum Records {
    /// The records, as text; none if the name has none.
    Found(Vec<String>),
    /// Nothing, because of this.
    Unknown(String),
}

/// The check for the newsroom, with the system's name servers.
pub(in crate::commands) fn for_desk(mail: &MailSettings) -> MailRecordCheck {
    let mail = mail.clone();
    MailRecordCheck::new(move || {
        let mail = mail.clone();
        async move { check(&mail, domain_of(&mail.from, ""), None).await }
    })
}

/// Checks the records of the domain that emails are sent from. `server` is asked in place of the system's name servers.
pub(super) async fn check(
    mail: &MailSettings,
    domain: &str,
    server: Option<SocketAddr>,
) -> Vec<MailRecord> {
    let resolver = match resolver(server) {
        Ok(resolver) => resolver,
        Err(error) => return vec![unknown(MailRecordKind::Spf, domain, error.to_string())],
    };
    let (bounces, replies) = (domain_of(&mail.bounces, domain), domain_of(&mail.reply_to, domain));
    let (spf, dkim, dmarc, first_mx) = tokio::join!(
        // SPF is about the address that reports go to (RFC 7208, section 2.4).
        spf(&resolver, bounces),
        dkim(&resolver, &mail.dkim_selector, domain),
        dmarc(&resolver, domain),
        mx(&resolver, bounces),
    );
    let mut records = vec![spf, dkim, dmarc, first_mx];
    if replies != bounces {
        records.push(mx(&resolver, replies).await);
    }
    records
}

fn resolver(server: Option<SocketAddr>) -> Result<TokioResolver, NetError> {
    let mut builder = match server {
        Some(server) => {
            let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
            for connection in &mut connections {
                connection.port = server.port();
            }
            let server = NameServerConfig::new(server.ip(), true, connections);
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio()?,
    };
    let options = builder.options_mut();
    options.timeout = TIMEOUT;
    builder.build()
}

/// The domain of an address, or of the sender if there is none.
fn domain_of<'a>(address: &'a str, sender: &'a str) -> &'a str {
    address.rsplit_once('@').map_or(sender, |(_, domain)| domain.trim_end_matches('>'))
}

async fn lookup(resolver: &TokioResolver, name: &str, kind: RecordType) -> Records {
    let lookup = resolver.lookup(format!("{name}."), kind);
    match tokio::time::timeout(PATIENCE, lookup).await {
        Ok(Ok(found)) => {
            Records::Found(found.answers().iter().filter_map(|record| text(&record.data)).collect())
        }
        Ok(Err(error)) if error.is_no_records_found() => Records::Found(Vec::new()),
        Ok(Err(error)) => Records::Unknown(error.to_string()),
        Err(_) => Records::Unknown("no answer in time".to_owned()),
    }
}

/// A record as text. The strings of one record belong together (RFC 7208, section 3.3).
fn text(data: &RData) -> Option<String> {
    match data {
        RData::TXT(txt) => {
            let bytes: Vec<u8> = txt.txt_data.concat();
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        RData::MX(mx) => Some(mx.exchange.to_string()),
        _ => None,
    }
}

fn unknown(kind: MailRecordKind, name: &str, reason: String) -> MailRecord {
    record(kind, name, MailRecordState::Unknown(reason))
}

fn record(kind: MailRecordKind, name: &str, state: MailRecordState) -> MailRecord {
    MailRecord { kind, name: name.to_owned(), state }
}

/// Whether a record is of this kind: its first tag is `version`.
fn is_of(record: &str, version: &str) -> bool {
    let first = record.split([';', ' ']).next().unwrap_or_default();
    first.trim().eq_ignore_ascii_case(version)
}

/// The value of a tag such as `p=reject`.
fn tag<'a>(record: &'a str, name: &str) -> Option<&'a str> {
    record.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

async fn spf(resolver: &TokioResolver, domain: &str) -> MailRecord {
    let records = match lookup(resolver, domain, RecordType::TXT).await {
        Records::Found(records) => records,
        Records::Unknown(reason) => return unknown(MailRecordKind::Spf, domain, reason),
    };
    let found: Vec<String> = records.into_iter().filter(|record| is_of(record, "v=spf1")).collect();
    let state = match found.as_slice() {
        [] => MailRecordState::Missing,
        [record] if lets_everybody(record) => MailRecordState::LetsEverybody(record.clone()),
        [record] => MailRecordState::Good(record.clone()),
        [..] => MailRecordState::Several(found.len()),
    };
    record(MailRecordKind::Spf, domain, state)
}

fn lets_everybody(spf: &str) -> bool {
    spf.split_whitespace().any(|term| ["all", "+all"].contains(&term.to_lowercase().as_str()))
}

async fn dkim(resolver: &TokioResolver, selector: &str, domain: &str) -> MailRecord {
    let kind = MailRecordKind::Dkim;
    if selector.is_empty() {
        return record(kind, domain, MailRecordState::NotChecked);
    }
    let name = format!("{selector}._domainkey.{domain}");
    let records = match lookup(resolver, &name, RecordType::TXT).await {
        Records::Found(records) => records,
        Records::Unknown(reason) => return unknown(kind, &name, reason),
    };
    let state = match records.iter().find_map(|record| tag(record, "p")) {
        None => MailRecordState::Missing,
        Some("") => MailRecordState::Revoked,
        Some(_) => MailRecordState::Good(String::new()),
    };
    record(kind, &name, state)
}

async fn dmarc(resolver: &TokioResolver, domain: &str) -> MailRecord {
    let kind = MailRecordKind::Dmarc;
    // A domain without a record has that of the one above.
    let labels: Vec<&str> = domain.split('.').collect();
    let domains = (0..labels.len().saturating_sub(1)).map(|first| labels[first..].join("."));
    for name in domains.map(|domain| format!("_dmarc.{domain}")) {
        let records = match lookup(resolver, &name, RecordType::TXT).await {
            Records::Found(records) => records,
            Records::Unknown(reason) => return unknown(kind, &name, reason),
        };
        let found: Vec<String> =
            records.into_iter().filter(|record| is_of(record, "v=DMARC1")).collect();
        match found.as_slice() {
            [] => {}
            [one] if tag(one, "p").is_some() => {
                return record(kind, &name, MailRecordState::Good(one.clone()));
            }
            [..] => return record(kind, &name, MailRecordState::Invalid(found.join(" and "))),
        }
    }
    record(kind, &format!("_dmarc.{domain}"), MailRecordState::Missing)
}

/// Whether there is a server that takes mail to a domain.
async fn mx(resolver: &TokioResolver, domain: &str) -> MailRecord {
    let servers = match lookup(resolver, domain, RecordType::MX).await {
        Records::Found(servers) => servers,
        Records::Unknown(reason) => return unknown(MailRecordKind::Mx, domain, reason),
    };
    // A server named "." says that there is none (RFC 7505).
    let state = if servers.iter().all(|server| server == ".") {
        MailRecordState::Missing
    } else {
        let names: Vec<&str> = servers.iter().map(|server| server.trim_end_matches('.')).collect();
        MailRecordState::Good(names.join(" "))
    };
    record(MailRecordKind::Mx, domain, state)
}

fn label(kind: MailRecordKind) -> &'static str {
    match kind {
        MailRecordKind::Spf => "mail SPF",
        MailRecordKind::Dkim => "mail DKIM",
        MailRecordKind::Dmarc => "mail DMARC",
        MailRecordKind::Mx => "mail MX",
    }
}

/// What the command line says about a record.
pub(super) fn finding(MailRecord { kind, name, state }: &MailRecord) -> Finding {
    let what = label(*kind);
    match state {
        MailRecordState::Good(_) if *kind == MailRecordKind::Dkim => {
            Finding::ok(what, format!("{name} has a key"))
        }
        MailRecordState::Good(servers) if *kind == MailRecordKind::Mx => {
            Finding::ok(what, format!("{name} {servers}"))
        }
        MailRecordState::Good(value) => Finding::ok(what, format!("{name}: {value}")),
        MailRecordState::Missing => missing(*kind, name),
        MailRecordState::LetsEverybody(value) => Finding::error(
            what,
            format!("{name} lets every server send its mail: {value}"),
            "end the record with -all or ~all",
        ),
        MailRecordState::Several(count) => Finding::error(
            what,
            format!("{name} has {count} SPF records, so none of them counts"),
            "put what they say into one",
        ),
        MailRecordState::Revoked => Finding::error(
            what,
            format!("the key at {name} was revoked"),
            "let your mail provider sign with a new key, and write its selector as dkim_selector under [mail]",
        ),
        MailRecordState::Invalid(value) => {
            let text = format!("what {name} says does not count: {value}");
            Finding::error(what, text, "leave one record, with a policy (p=)")
        }
        MailRecordState::NotChecked => {
            let text = "not checked; write the selector that your mail provider names as dkim_selector under [mail]";
            Finding::ok(what, text)
        }
        MailRecordState::Unknown(reason) => {
            let text = format!("{name} could not be checked: {reason}");
            let remedy =
                "check that this machine can reach a name server, or name one with --resolver";
            Finding::warning(what, text, remedy)
        }
    }
}

/// What the command line says about a record that there is not.
fn missing(kind: MailRecordKind, name: &str) -> Finding {
    let (text, remedy) = match kind {
        MailRecordKind::Spf => (
            format!("{name} does not say which servers send its mail"),
            format!(
                "add a TXT record at {name}, such as \"v=spf1 include:spf.your-provider.example -all\"; your mail \
                 provider names the part after include"
            ),
        ),
        MailRecordKind::Dkim => (
            format!("{name} has no key, so signatures cannot be verified"),
            format!(
                "add the record that your mail provider names at {name}, or correct dkim_selector under [mail]"
            ),
        ),
        MailRecordKind::Dmarc => {
            let domain = name.strip_prefix("_dmarc.").unwrap_or(name);
            (
                format!(
                    "{domain} has no policy, which large mail providers require of newsletters"
                ),
                format!(
                    "add a TXT record at {name}: \"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\", and a stricter \
                     policy once the reports are good"
                ),
            )
        }
        MailRecordKind::Mx => (
            format!(
                "no server takes mail to {name}, so answers and reports of failed deliveries are lost"
            ),
            format!(
                "add an MX record at {name}, or write addresses at a domain that has one as reply_to and bounces under \
                 [mail]"
            ),
        ),
    };
    Finding::warning(label(kind), text, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_apart() {
        assert!(is_of("v=spf1 -all", "v=spf1") && is_of("V=SPF1", "v=spf1"));
        assert!(!is_of("v=spf10 -all", "v=spf1") && is_of("v=DMARC1;p=none", "v=DMARC1"));
        assert_eq!(tag("v=DKIM1; k=rsa; p=MIIB", "p"), Some("MIIB"));
        assert_eq!(tag("v=DKIM1; p=", "P"), Some(""));
        assert_eq!(tag("v=DMARC1; sp=none", "p"), None);
        assert!(lets_everybody("v=spf1 a +all") && !lets_everybody("v=spf1 include:all -all"));
    }

    #[test]
    fn an_address_has_the_domain_after_the_last_at_sign() {
        assert_eq!(domain_of("", "paper.example"), "paper.example");
        assert_eq!(domain_of("Desk <desk@mail.example>", "paper.example"), "mail.example");
    }
}

//! What the world's mail servers find in DNS about the sender: without it, emails to readers end among the spam.

use std::{fmt::Write as _, net::SocketAddr, time::Duration};

use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{RData, RecordType},
};
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

/// Checks the records of the domain that emails are sent from. `server` is asked in place of the system's name servers.
pub(super) async fn check(
    mail: &MailSettings,
    domain: &str,
    server: Option<SocketAddr>,
) -> Vec<Finding> {
    let resolver = match resolver(server) {
        Ok(resolver) => resolver,
        Err(error) => return vec![unchecked("mail records", domain, &error.to_string())],
    };
    let (bounces, replies) = (domain_of(&mail.bounces, domain), domain_of(&mail.reply_to, domain));
    let (spf, dkim, dmarc, first_mx) = tokio::join!(
        // SPF is about the address that reports go to (RFC 7208, section 2.4).
        spf(&resolver, bounces),
        dkim(&resolver, &mail.dkim_selector, domain),
        dmarc(&resolver, domain),
        mx(&resolver, bounces),
    );
    let mut findings = vec![spf, dkim, dmarc, first_mx];
    if replies != bounces {
        findings.push(mx(&resolver, replies).await);
    }
    findings
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

fn unchecked(what: &'static str, name: &str, reason: &str) -> Finding {
    let text = format!("{name} could not be checked: {reason}");
    let remedy = "check that this machine can reach a name server, or name one with --resolver";
    Finding::warning(what, text, remedy)
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

async fn spf(resolver: &TokioResolver, domain: &str) -> Finding {
    let records = match lookup(resolver, domain, RecordType::TXT).await {
        Records::Found(records) => records,
        Records::Unknown(reason) => return unchecked("mail SPF", domain, &reason),
    };
    let found: Vec<String> = records.into_iter().filter(|record| is_of(record, "v=spf1")).collect();
    match found.as_slice() {
        [] => Finding::warning(
            "mail SPF",
            format!("{domain} does not say which servers send its mail"),
            format!(
                "add a TXT record at {domain}, such as \"v=spf1 include:spf.your-provider.example -all\"; your mail \
                 provider names the part after include"
            ),
        ),
        [record] if lets_everybody(record) => Finding::error(
            "mail SPF",
            format!("{domain} lets every server send its mail: {record}"),
            "end the record with -all or ~all",
        ),
        [record] => Finding::ok("mail SPF", format!("{domain}: {record}")),
        [..] => Finding::error(
            "mail SPF",
            format!("{domain} has {} SPF records, so none of them counts", found.len()),
            "put what they say into one",
        ),
    }
}

fn lets_everybody(spf: &str) -> bool {
    spf.split_whitespace().any(|term| ["all", "+all"].contains(&term.to_lowercase().as_str()))
}

async fn dkim(resolver: &TokioResolver, selector: &str, domain: &str) -> Finding {
    if selector.is_empty() {
        let text = "not checked; write the selector that your mail provider names as dkim_selector under [mail]";
        return Finding::ok("mail DKIM", text);
    }
    let name = format!("{selector}._domainkey.{domain}");
    let records = match lookup(resolver, &name, RecordType::TXT).await {
        Records::Found(records) => records,
        Records::Unknown(reason) => return unchecked("mail DKIM", &name, &reason),
    };
    match records.iter().find_map(|record| tag(record, "p")) {
        None => Finding::warning(
            "mail DKIM",
            format!("{name} has no key, so signatures cannot be verified"),
            format!(
                "add the record that your mail provider names at {name}, or correct dkim_selector under [mail]"
            ),
        ),
        Some("") => Finding::error(
            "mail DKIM",
            format!("the key at {name} was revoked"),
            "let your mail provider sign with a new key, and write its selector as dkim_selector under [mail]",
        ),
        Some(_) => Finding::ok("mail DKIM", format!("{name} has a key")),
    }
}

async fn dmarc(resolver: &TokioResolver, domain: &str) -> Finding {
    // A domain without a record has that of the one above.
    let labels: Vec<&str> = domain.split('.').collect();
    let domains = (0..labels.len().saturating_sub(1)).map(|first| labels[first..].join("."));
    for name in domains.map(|domain| format!("_dmarc.{domain}")) {
        let records = match lookup(resolver, &name, RecordType::TXT).await {
            Records::Found(records) => records,
            Records::Unknown(reason) => return unchecked("mail DMARC", &name, &reason),
        };
        let found: Vec<String> =
            records.into_iter().filter(|record| is_of(record, "v=DMARC1")).collect();
        match found.as_slice() {
            [] => {}
            [record] if tag(record, "p").is_some() => {
                return Finding::ok("mail DMARC", format!("{name}: {record}"));
            }
            [..] => {
                let text = format!("what {name} says does not count: {}", found.join(" and "));
                return Finding::error("mail DMARC", text, "leave one record, with a policy (p=)");
            }
        }
    }
    Finding::warning(
        "mail DMARC",
        format!("{domain} has no policy, which large mail providers require of newsletters"),
        format!(
            "add a TXT record at _dmarc.{domain}: \"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\", and a stricter \
             policy once the reports are good"
        ),
    )
}

/// Whether there is a server that takes mail to a domain.
async fn mx(resolver: &TokioResolver, domain: &str) -> Finding {
    let servers = match lookup(resolver, domain, RecordType::MX).await {
        Records::Found(servers) => servers,
        Records::Unknown(reason) => return unchecked("mail MX", domain, &reason),
    };
    // A server named "." says that there is none (RFC 7505).
    if servers.iter().all(|server| server == ".") {
        return Finding::warning(
            "mail MX",
            format!(
                "no server takes mail to {domain}, so answers and reports of failed deliveries are lost"
            ),
            format!(
                "add an MX record at {domain}, or write addresses at a domain that has one as reply_to and bounces under \
                 [mail]"
            ),
        );
    }
    let mut text = domain.to_owned();
    for server in servers {
        let _ = write!(text, " {}", server.trim_end_matches('.'));
    }
    Finding::ok("mail MX", text)
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

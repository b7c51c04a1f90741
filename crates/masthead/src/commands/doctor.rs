//! `masthead doctor`: checks everything that a publication needs to run.
//!
//! To add a check, write a function in `checks` that returns [`Finding`]s, and call it in [`Doctor::run`].

mod certificates;
mod checks;
mod companions;
mod files;
mod findings;
mod listening;
pub(super) mod mail_records;
mod payment_key;
mod proxy;
mod running;

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
};

use jiff::Timestamp;
use masthead_publication::config::Config;
use serde_json::json;

use self::findings::Findings;
use super::{check, print_json, serve::Place};
use crate::{error::CliError, folder::Folder, invocation::literal};

#[derive(clap::Args)]
pub struct Doctor {
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
    /// Ask this name server for the DNS records of the mail domain, such as 9.9.9.9, and not the system's.
    #[arg(long, value_name = "ADDRESS", value_parser = name_server)]
    resolver: Option<SocketAddr>,
}

/// Parses an address with or without a port.
fn name_server(text: &str) -> Result<SocketAddr, String> {
    let without_port = |_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    text.parse().or_else(without_port).map_err(|_| "write an IP address such as 9.9.9.9".to_owned())
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    /// It works, and may not do so for long or for everybody.
    Warning,
    /// It does not work.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How one thing is, and what to do about it.
struct Finding {
    level: Level,
    /// What was checked, such as `mail`.
    what: &'static str,
    text: String,
    /// What to do; empty if nothing is.
    remedy: String,
}

impl Finding {
    fn ok(what: &'static str, text: impl Into<String>) -> Self {
        Self::new(Level::Ok, what, &text.into(), "")
    }

    fn warning(what: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Level::Warning, what, &text.into(), &remedy.into())
    }

    fn error(what: &'static str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Level::Error, what, &text.into(), &remedy.into())
    }

    fn new(level: Level, what: &'static str, text: &str, remedy: &str) -> Self {
        let (text, remedy) = (literal(text).into_owned(), literal(remedy).into_owned());
        Self { level, what, text, remedy }
    }
}

impl Doctor {
    /// Checks everything and prints what was found.
    ///
    /// # Errors
    ///
    /// Fails if something does not work, so that the exit status says so.
    pub async fn run(self, dir: &Path, place: &Place) -> Result<(), CliError> {
        let mut findings = Findings::new(!self.json);
        examine(&mut findings, dir, place, self.resolver).await;
        if self.json {
            let all = findings.iter().map(|finding| {
                let Finding { level, what, text, remedy } = finding;
                json!({ "level": level.name(), "what": what, "text": text, "remedy": remedy })
            });
            print_json(&all.collect());
        }
        match findings.errors() {
            0 => Ok(()),
            1 => Err(CliError::new("1 thing does not work")),
            errors => Err(CliError::new(format!("{errors} things do not work"))),
        }
    }
}

fn print(finding: &Finding) {
    let Finding { level, what, text, remedy } = finding;
    outln!("{:<8} {what:<14} {text}", level.name());
    if !remedy.is_empty() {
        outln!("{:23} → {remedy}", "");
    }
}

async fn examine(findings: &mut Findings, dir: &Path, place: &Place, resolver: Option<SocketAddr>) {
    let config = match Folder::config(dir) {
        Ok(config) => config,
        Err(error) => {
            let remedy = "correct masthead.toml; everything else is checked then";
            return findings.extend([Finding::error("settings", error.to_string(), remedy)]);
        }
    };
    let folder = Folder::new(dir, &config, place.data.as_deref());
    findings.extend([Finding::ok("settings", "masthead.toml can be read")]);
    findings.extend(files::check(dir, &folder, &config));
    findings.extend(listening::check(&config));
    let checks::DatabaseCheck { findings: of_database, is_copy } =
        checks::database(&folder, &config, place).await;
    findings.extend(of_database);
    findings.extend(checks::pictures(&folder, &config).await);
    findings.extend(checks::mail(&config, resolver).await);
    findings.extend(checks::payments(&config, is_copy).await);
    findings.extend(proxy::check(&config));
    findings.extend(running::check(&folder));
    findings.extend(certificates::private_key(dir, &config));
    findings.extend(certificates::check(dir, &folder, &config, is_copy));
    let refused = refused_at_start(dir, &folder, &config, place);
    let is_new = |refused: &Finding| !findings.iter().any(|found| found.text == refused.text);
    let refused: Vec<Finding> = refused.into_iter().filter(is_new).collect();
    findings.extend(refused);
}

/// Everything that `masthead check` finds: with most of it a server does not start.
fn refused_at_start(dir: &Path, folder: &Folder, config: &Config, place: &Place) -> Vec<Finding> {
    let mut faults = check::faults(dir, folder, config, place);
    let now = Timestamp::now();
    let theme = check::theme(folder, config, now).map_err(|fault| faults.push(fault)).ok();
    let unprintable = theme.and_then(|theme| check::unprintable(&theme, config, now));
    let remedy = "correct masthead.toml or the theme; masthead check finds it as well";
    let fault = |fault: CliError| Finding::error("settings", fault.to_string(), remedy);
    let warnings = unprintable.map(|text| Finding::warning("invoices", text, ""));
    faults.into_iter().map(fault).chain(warnings).collect()
}

//! Checks of the database and of services.

use std::{net::SocketAddr, time::Duration};

use jiff::{SignedDuration, Timestamp};
use masthead_editorial::{
    Status,
    standard_pages::{STANDARD_PAGES, has_gaps},
};
use masthead_payments::processor_keys;
use masthead_publication::config::Config;
use masthead_store::{DatabaseHealth, Store, StoreError};

use super::{Finding, Level, Place, companions, mail_records, payment_key};
use crate::{
    database_clock::TOLERANCE, folder::Folder, open_stores, ownership::foreign_owner, remedy,
    services,
};

/// How many failed emails are looked at.
const MAX_FAILED: u64 = 20;
const MEGABYTE: u64 = 1024 * 1024;
/// How long a service may take to answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The findings about a database.
pub(super) struct DatabaseCheck {
    pub findings: Vec<Finding>,
    /// Whether it is known to be a copy that was not activated.
    pub is_copy: bool,
}

pub(super) async fn database(folder: &Folder, config: &Config, place: &Place) -> DatabaseCheck {
    let store = match existing_store(folder, config, place).await {
        Ok(store) => store,
        Err(finding) => {
            let findings = [companions::new_keys(folder, &finding), Some(finding)];
            let findings = findings.into_iter().flatten().collect();
            return DatabaseCheck { findings, is_copy: false };
        }
    };
    // What another program keeps locked is named, and not waited for.
    store.limit_lock_waits();
    let mut findings = Vec::new();
    if let Err(error) = store.check_unlocked().await {
        findings.push(Finding::error("database", error.to_string(), ""));
    }
    findings.extend(health(&store).await.unwrap_or_else(|error| failed(&error)));
    findings.extend(desk_and_outbox(&store, config).await.unwrap_or_else(|error| failed(&error)));
    findings.extend(own_pages(&store).await.unwrap_or_else(|error| failed(&error)));
    findings.extend(companions::keys(folder, &store).await.unwrap_or_else(|error| failed(&error)));
    let index = companions::search_index(folder, &store).await;
    findings.push(index.unwrap_or_else(|error| Finding::error("search", error.to_string(), "")));
    let is_copy = matches!(store.restored_at().await, Ok(Some(_)));
    if is_copy {
        let remedy =
            "if the original is gone for good, stop all its servers and run: masthead activate";
        let text = "it is a restored copy, or was moved: a server on it charges nobody, sells nothing and sends no mail";
        findings.push(Finding::warning("database", text, remedy));
    }
    DatabaseCheck { findings, is_copy }
}

/// Returns a finding if there is nothing to look at.
async fn existing_store(folder: &Folder, config: &Config, place: &Place) -> Result<Store, Finding> {
    let location = match folder.database(config, place.database.as_deref()) {
        Ok(location) => location,
        Err(error) => return Err(Finding::error("database", error.to_string(), "")),
    };
    if let Err(error) = folder.refuse_lost(&location).await {
        return Err(Finding::error("database", error.to_string(), ""));
    }
    Store::open_existing(&location).await.map(open_stores::noted).map_err(|error| match error {
        StoreError::Empty(_) => {
            let text = "it is empty; the first start of the server, or masthead migrate, creates its tables";
            Finding::ok("database", text)
        }
        error => Finding::error("database", error.to_string(), ""),
    })
}

fn failed(error: &StoreError) -> Vec<Finding> {
    vec![Finding::error("database", error.to_string(), "")]
}

async fn health(store: &Store) -> Result<Vec<Finding>, StoreError> {
    let health = store.health().await?;
    let mut findings = Vec::new();
    let text = format!("{}, {} MB, up to date", health.engine, health.bytes / MEGABYTE);
    findings.push(if health.damage.is_empty() {
        Finding::ok("database", text)
    } else {
        let text = format!("the file is damaged: {}", health.damage);
        Finding::error("database", text, "stop the server and restore a backup")
    });
    findings.extend(durability(&health));
    let difference = Timestamp::now().duration_since(health.clock).abs();
    findings.push(if difference > TOLERANCE {
        let seconds = difference.as_secs();
        Finding::error(
            "clock",
            format!("it differs from the database's by {seconds} seconds"),
            "synchronize the clocks of both machines, for example with chrony",
        )
    } else {
        Finding::ok("clock", "it agrees with the database's")
    });
    Ok(findings)
}

/// Warns if commits may be lost, payments among them.
fn durability(health: &DatabaseHealth) -> Option<Finding> {
    let settings = &health.unsafe_settings;
    let changes = settings.iter().map(|name| format!("{name} = on")).collect::<Vec<_>>();
    let text = format!(
        "PostgreSQL has {} turned off, so a power cut may lose payments or damage the database",
        settings.join(" and ")
    );
    let remedy = format!(
        "write {} in postgresql.conf and reload PostgreSQL; ALTER ROLE and ALTER DATABASE can set it as well",
        changes.join(" and ")
    );
    (!settings.is_empty()).then(|| Finding::warning("database", text, remedy))
}

/// Warns of standard pages, such as the terms, that are not published, or still say what is to be filled in.
async fn own_pages(store: &Store) -> Result<Vec<Finding>, StoreError> {
    let (mut open, mut unfinished) = (Vec::new(), Vec::new());
    for slug in STANDARD_PAGES {
        match store.piece(slug).await? {
            Some(page) if page.status == Status::Published => {
                if has_gaps(&page.body) {
                    unfinished.push(slug);
                }
            }
            Some(_) | None => open.push(slug),
        }
    }
    let mut findings = Vec::new();
    if !open.is_empty() {
        let text = format!("these pages are not published: {}", open.join(", "));
        let remedy = "fill in the drafts in pages/ or at the desk, and publish them";
        findings.push(Finding::warning("pages", text, remedy));
    }
    if !unfinished.is_empty() {
        let text = format!("these pages have places to fill in: {}", unfinished.join(", "));
        let remedy = "look for square brackets in them, fill them in, and publish them again";
        findings.push(Finding::warning("pages", text, remedy));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            "pages",
            "terms, privacy and the other standard pages are published",
        ));
    }
    Ok(findings)
}

async fn desk_and_outbox(store: &Store, config: &Config) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    if !store.has_owner().await? {
        let remedy = "run: masthead staff link owner";
        findings.push(Finding::warning("desk", "nobody owns it", remedy));
    }
    let state = Some(masthead_store::EmailState::Failed);
    let query = masthead_store::EmailQuery { state, before: None, limit: MAX_FAILED };
    let since = Timestamp::now() - SignedDuration::from_hours(24);
    let emails = store.list_emails(query).await?;
    let failed = emails.iter().filter(|email| email.written >= since).count();
    if failed > 0 && !config.mail.from.is_empty() {
        let text = format!("{failed} or more emails of the last day failed or came back");
        findings.push(Finding::warning("outbox", text, "run: masthead outbox --failed"));
    }
    Ok(findings)
}

pub(super) async fn pictures(folder: &Folder, config: &Config) -> Vec<Finding> {
    let is_bucket = !config.pictures.bucket.is_empty();
    // Root would create a folder there that the server cannot use.
    let is_skipped = !folder.data().exists() || foreign_owner(folder.data()).is_some();
    if !is_bucket && is_skipped {
        return Vec::new();
    }
    let library = match folder.media_library(config) {
        Ok(library) => library,
        Err(error) => return vec![Finding::error("pictures", error.to_string(), "")],
    };
    vec![match library.check_writable().await {
        Ok(()) => Finding::ok("pictures", "they can be written"),
        Err(error) if is_bucket => Finding::error(
            "pictures",
            format!("the bucket cannot be written: {error}"),
            "check bucket, endpoint, region and keys under [pictures]",
        ),
        Err(error) => Finding::error(
            "pictures",
            format!("they cannot be written: {error}"),
            remedy::of(&error, "check who owns the folder media in the data directory"),
        ),
    }]
}

pub(super) async fn mail(config: &Config, resolver: Option<SocketAddr>) -> Vec<Finding> {
    let relay = match services::relay(&config.mail) {
        Ok(Some(relay)) => relay,
        Ok(None) => {
            let text = "there is no relay, so readers cannot sign in by email";
            return vec![Finding::warning("mail", text, "write one under [mail] in masthead.toml")];
        }
        Err(error) => return vec![Finding::error("mail", error.to_string(), "")],
    };
    let reached = tokio::time::timeout(TIMEOUT, relay.check()).await;
    let reached = reached.map_err(|_| "it does not answer".to_owned());
    let reached = reached.and_then(|checked| checked.map_err(|error| error.to_string()));
    let mut findings = vec![match reached {
        Ok(()) => Finding::ok("mail", "the relay is reached and accepts the password"),
        Err(error) => Finding::error(
            "mail",
            format!("the relay cannot be used: {error}"),
            "check relay under [mail], and MASTHEAD_MAIL_PASSWORD; then run: masthead outbox --retry",
        ),
    }];
    if config.mail.bounces.is_empty() {
        let text = "reports of undeliverable mail go to the sender";
        let remedy =
            "write bounces under [mail], and hand what arrives there to masthead outbox --bounce";
        findings.push(Finding::warning("mail", text, remedy));
    }
    let records = mail_records::check(&config.mail, relay.domain(), resolver).await;
    findings.extend(records.iter().map(mail_records::finding));
    findings
}

/// Checks how readers pay. A restored copy (`is_copy`) sells nothing, whatever its settings are.
pub(super) async fn payments(config: &Config, is_copy: bool) -> Vec<Finding> {
    let is_selling = !config.publication.catalogue.is_empty() && !is_copy;
    let processors = match masthead_payments::configured(&config.payments) {
        Ok(processors) => processors,
        Err(error) => return vec![Finding::error("payments", error.to_string(), "")],
    };
    match processors.as_slice() {
        [] if is_selling && config.payments.sandbox => vec![Finding::warning(
            "payments",
            "readers pay at the sandbox, which collects no money",
            format!("write {} under [payments], and remove sandbox", processor_keys()),
        )],
        [] if is_selling && !config.payments.transfer.is_empty() => {
            let text = "there is no payment processor; readers can only pay by invoice";
            vec![Finding::ok("payments", text)]
        }
        [] if is_selling => vec![Finding::warning(
            "payments",
            "there are prices and no payment processor",
            format!(
                "write {} under [payments], as the guide's chapter on paying says, or transfer to be paid by invoice",
                processor_keys()
            ),
        )],
        [] => Vec::new(),
        named => {
            let mut findings = Vec::new();
            for processor in named {
                let Some(address) = processor.api() else { continue };
                let reached = reach(address).await;
                let is_reached = reached.level == Level::Ok;
                findings.push(reached);
                if is_reached {
                    findings.push(payment_key::check(processor.as_ref()).await);
                }
            }
            findings
        }
    }
}

/// Whether a processor's API is reached, without a key.
async fn reach(api: &str) -> Finding {
    let url = url::Url::parse(api).ok();
    let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
    let port = url.as_ref().and_then(url::Url::port_or_known_default).unwrap_or(443);
    let connected =
        tokio::time::timeout(TIMEOUT, tokio::net::TcpStream::connect((host, port))).await;
    match connected {
        Ok(Ok(_)) => Finding::ok("payments", format!("{host} is reached")),
        Ok(Err(error)) => unreached(host, &error.to_string()),
        Err(_) => unreached(host, "it does not answer"),
    }
}

fn unreached(host: &str, reason: &str) -> Finding {
    let remedy = "check that the firewall lets this machine connect to it";
    Finding::error("payments", format!("{host} cannot be reached: {reason}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_may_lose_commits_is_a_warning() {
        let mut health = DatabaseHealth {
            engine: "PostgreSQL 17".into(),
            bytes: 0,
            clock: Timestamp::now(),
            damage: String::new(),
            unsafe_settings: vec!["fsync".into(), "synchronous_commit".into()],
        };
        let finding = durability(&health).expect("a finding");
        assert_eq!(finding.level, Level::Warning);
        assert!(
            finding.text.contains("fsync and synchronous_commit turned off"),
            "{}",
            finding.text
        );
        assert!(
            finding.remedy.contains("fsync = on and synchronous_commit = on"),
            "{}",
            finding.remedy
        );
        health.unsafe_settings.clear();
        assert!(durability(&health).is_none());
    }
}

//! How the publication is run, and with whom it works: the server, mail, payments, accounts elsewhere.

use std::num::NonZeroU16;

use ipnet::IpNet;
use jiff::SignedDuration;
use serde::Deserialize;

use super::values::{endpoint, issuer, name};

/// `[server]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The address and port to listen on.
    pub listen: String,
    /// The directory for database, pictures and keys.
    pub data: String,
    /// `sqlite`, or a PostgreSQL URL.
    pub database: String,
    /// The directory of the publisher's own theme.
    pub theme: String,
    /// Networks of proxies in front.
    pub trusted_proxies: Vec<IpNet>,
    /// Ready pages kept in memory, in megabytes.
    pub page_cache: u64,
    /// Readers whose latest token is remembered.
    pub recent_readers: usize,
    /// How the log is written.
    pub log: LogFormat,
    /// Whether and how requests are logged.
    pub access_log: AccessLogFormat,
    /// The address and port of the admin listener; empty for none.
    pub admin: String,
    /// Whether the admin listener may have an address that is not loopback.
    pub admin_remote: bool,
}

/// Whether and how requests are logged.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessLogFormat {
    /// Not at all.
    #[default]
    Off,
    /// For people.
    Text,
    /// For machines, one object per line.
    Json,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines, one object a line.
    Json,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: "data".to_owned(),
            database: "sqlite".to_owned(),
            theme: "theme".to_owned(),
            trusted_proxies: Vec::new(),
            page_cache: 40,
            recent_readers: 100_000,
            log: LogFormat::default(),
            access_log: AccessLogFormat::default(),
            admin: String::new(),
            admin_remote: false,
        }
    }
}

/// `[pictures]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PicturesConfig {
    /// The bucket that they are kept in; empty for the data directory.
    pub bucket: String,
    /// Where the store is that has the bucket; none for Amazon's.
    #[serde(deserialize_with = "endpoint")]
    pub endpoint: Option<String>,
    /// The store's region.
    pub region: String,
    /// The name of the key to it; empty where the environment has it.
    pub access_key: String,
    /// The key; empty where the environment has it.
    pub secret_key: String,
}

impl Default for PicturesConfig {
    fn default() -> Self {
        Self {
            bucket: String::new(),
            endpoint: None,
            region: "us-east-1".to_owned(),
            access_key: String::new(),
            secret_key: String::new(),
        }
    }
}

/// `[mail]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// The sender that readers see.
    pub from: String,
    /// The SMTP URL of the relay; empty for none.
    pub relay: String,
    /// How many days emails are kept in the outbox after they were written.
    pub keep_days: NonZeroU16,
}

impl MailConfig {
    /// How long emails are kept.
    pub fn keep(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.keep_days.get()))
    }
}

impl Default for MailConfig {
    fn default() -> Self {
        // As long as support is asked about an email, and a bank lets a payment be disputed.
        let keep_days = NonZeroU16::new(90).unwrap_or(NonZeroU16::MAX);
        Self { from: String::new(), relay: String::new(), keep_days }
    }
}

/// `[payments]`
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaymentsConfig {
    /// The secret key of the account at Stripe; empty for the sandbox.
    pub stripe_key: String,
    /// The secret with which Stripe signs its messages.
    pub webhook_secret: String,
    /// Whether Stripe works out the tax in the prices.
    pub tax: bool,
    /// Who sells, as invoices name them; empty for the publication's name and address.
    pub seller: String,
    /// How an invoice is paid, such as the number of an account; empty where there are none.
    pub transfer: String,
    /// Another address of the API than Stripe's own, to test against.
    pub api: Option<String>,
}

/// `[[openid]]`
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenidConfig {
    /// By which addresses name it.
    #[serde(deserialize_with = "name")]
    pub slug: String,
    /// What readers call it.
    pub name: String,
    /// Its issuer.
    #[serde(deserialize_with = "issuer")]
    pub issuer: String,
    /// The publication's client there.
    pub client_id: String,
    /// The client's secret; empty where the environment has it.
    #[serde(default)]
    pub client_secret: String,
}

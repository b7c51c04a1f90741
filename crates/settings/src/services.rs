//! `[server]`, `[pictures]`, `[mail]`, `[payments]` and `[[openid]]`: how the publication is run, and with which services.
//!
//! A change of these takes a restart.

use std::num::NonZeroU16;

use ipnet::IpNet;
use jiff::SignedDuration;
use masthead_access::forwarded::ForwardingHeader;
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{
    SecretText,
    addresses::{issuer, web_address},
    listen_address,
    values::{contact, host_names, networks, slug, text, within},
};

/// `[server]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// The address and port to listen on.
    #[serde(deserialize_with = "listen_address::required")]
    pub listen: String,
    /// The directory for database, pictures and keys.
    pub data: String,
    /// `sqlite`, or a PostgreSQL URL.
    pub database: SecretText,
    /// The directory of the publisher's own theme.
    pub theme: String,
    /// The directory of the backups that the server makes; empty for the folder `backups` in the data directory.
    pub backups: String,
    /// Networks of proxies whose forwarded addresses are believed.
    #[serde(with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they forward the address of a client.
    #[serde(with = "text")]
    pub forwarding_header: ForwardingHeader,
    /// Host names at which pages are shown besides that of the address.
    #[serde(deserialize_with = "host_names")]
    pub hosts: Vec<String>,
    /// Whether browsers are told to use https at every name below the address as well.
    pub https_subdomains: bool,
    /// Where weaknesses are reported, as `/.well-known/security.txt` says; empty for no such file.
    #[serde(deserialize_with = "contact")]
    pub security_contact: String,
    /// Ready pages kept in memory, in megabytes.
    #[serde(deserialize_with = "page_cache")]
    pub page_cache: u64,
    /// Readers whose latest token is remembered.
    #[serde(deserialize_with = "recent_readers")]
    pub recent_readers: usize,
    /// How the log is written.
    pub log: LogFormat,
    /// Whether and how requests are logged.
    pub access_log: AccessLogFormat,
    /// Where the security log is written besides the log, as JSON: `stdout`, or a file; empty for nowhere.
    pub security_log: String,
    /// The address and port of the admin listener; empty for none.
    #[serde(deserialize_with = "listen_address::optional")]
    pub admin: String,
    /// Whether the admin listener may have an address that is not loopback.
    pub admin_remote: bool,
    /// Names, besides the one in `admin`, that the admin listener answers to.
    #[serde(deserialize_with = "listen_address::names")]
    pub admin_hosts: Vec<String>,
}

/// Whether and how requests are logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines, one object per line.
    Json,
}

/// `[pictures]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PicturesSettings {
    /// The bucket that pictures are kept in; empty for the data directory.
    pub bucket: String,
    /// The address of the store that has the bucket; `None` for Amazon's.
    #[serde(deserialize_with = "endpoint", skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The store's region.
    pub region: String,
    /// The name of the key to it; empty if the environment has it.
    pub access_key: SecretText,
    /// The key; empty if the environment has it.
    pub secret_key: SecretText,
}

/// `[mail]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// The sender that readers see.
    pub from: String,
    /// Where answers of readers go; empty for the sender.
    pub reply_to: String,
    /// Where reports of failed deliveries go; empty for the sender.
    pub bounces: String,
    /// The selector of the DKIM key that the relay signs with, for `masthead doctor`; empty if it is not checked.
    #[serde(deserialize_with = "selector")]
    pub dkim_selector: String,
    /// The SMTP URL of the relay; empty for none.
    pub relay: SecretText,
    /// Whether the relay takes addresses with characters other than ASCII before the @ (RFC 6531).
    pub smtputf8: bool,
    /// How many days emails are kept in the outbox after they were written.
    pub keep_days: NonZeroU16,
}

/// `[payments]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaymentsSettings {
    /// The secret key of the account at Stripe; empty for none.
    pub stripe_key: SecretText,
    /// The secret with which Stripe signs its messages.
    pub webhook_secret: SecretText,
    /// Whether readers pay at the sandbox, which collects nothing, if there is no processor.
    pub sandbox: bool,
    /// Whether Stripe works out the tax in the prices.
    pub tax: bool,
    /// Who sells, as invoices name them; empty for the publication's name and address.
    pub seller: String,
    /// How an invoice is paid, such as the number of an account; empty if there are no invoices.
    pub transfer: String,
    /// Another address of the API than Stripe's own, to test against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
}

/// What the desk stores in place of `seller` and `transfer` of `[payments]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SellerPart {
    /// The settings.
    pub payments: SellerSettings,
}

/// What invoices say of the seller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SellerSettings {
    /// See [`PaymentsSettings::seller`].
    pub seller: String,
    /// See [`PaymentsSettings::transfer`].
    pub transfer: String,
}

impl PaymentsSettings {
    /// Replaces what invoices say of the seller.
    pub(crate) fn set_seller(&mut self, set: SellerSettings) {
        (self.seller, self.transfer) = (set.seller, set.transfer);
    }
}

/// One of `[[openid]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenidSettings {
    /// Its name in addresses.
    #[serde(deserialize_with = "slug")]
    pub slug: String,
    /// What readers call it.
    pub name: String,
    /// Its issuer.
    #[serde(deserialize_with = "issuer")]
    pub issuer: String,
    /// The publication's client there.
    pub client_id: String,
    /// The client's secret; empty if the environment has it.
    #[serde(default)]
    pub client_secret: SecretText,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: "data".to_owned(),
            database: "sqlite".into(),
            theme: "theme".to_owned(),
            backups: String::new(),
            trusted_proxies: Vec::new(),
            forwarding_header: ForwardingHeader::default(),
            hosts: Vec::new(),
            https_subdomains: false,
            security_contact: String::new(),
            page_cache: 40,
            recent_readers: 100_000,
            log: LogFormat::default(),
            access_log: AccessLogFormat::default(),
            security_log: String::new(),
            admin: String::new(),
            admin_remote: false,
            admin_hosts: Vec::new(),
        }
    }
}

impl Default for MailSettings {
    fn default() -> Self {
        // As long as support is asked about an email, and a bank lets a payment be disputed.
        let keep_days = NonZeroU16::new(90).unwrap_or(NonZeroU16::MAX);
        Self {
            from: String::new(),
            reply_to: String::new(),
            bounces: String::new(),
            dkim_selector: String::new(),
            relay: SecretText::default(),
            smtputf8: false,
            keep_days,
        }
    }
}

impl MailSettings {
    /// Returns how long emails are kept.
    pub fn keep(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.keep_days.get()))
    }
}

impl Default for PicturesSettings {
    fn default() -> Self {
        Self {
            bucket: String::new(),
            endpoint: None,
            region: "us-east-1".to_owned(),
            access_key: SecretText::default(),
            secret_key: SecretText::default(),
        }
    }
}

/// Without any, every page would be rendered for every request.
fn page_cache<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    within(from, 1..=1_000_000)
}

/// Each takes some memory: ten million take about a gigabyte.
fn recent_readers<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    within(from, 1..=10_000_000)?.try_into().map_err(D::Error::custom)
}

/// A name below `_domainkey` (RFC 6376, section 3.1).
fn selector<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(is_letter);
    if text.is_empty() || text.split('.').all(is_label) {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "\"{text}\" is not a selector; write it as your mail provider names it, without ._domainkey, such as mail2026"
    )))
}

fn endpoint<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    web_address(from).map(Some)
}

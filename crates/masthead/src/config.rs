//! The configuration: `masthead.toml`, the one file that a publisher edits.
//!
//! To add a key: give it a field with its default here or in the part that it belongs to, explain it in `masthead.toml` beside this
//! file, and in the guide's chapter on the configuration.

mod fronts;
mod sales;
mod services;
mod steering;
mod values;

use std::path::Path;

use ipnet::IpNet;
use jiff::{SignedDuration, tz::TimeZone};
use masthead_access::{
    Allowance, Allowances, CrawlerAccess, Policy, Rule, Tier, Window,
    message::{Draft, Locale, Message, MessageError, Messages, Moment, Placement},
    robots::{Crawler, Crawlers},
};
use masthead_circulation::Catalogue;
use masthead_editorial::{Front, Section, SectionStyle, TeaserLength, spelling::nearest};
use masthead_publication::Publication;
use serde::Deserialize;
use serde_spanned::Spanned;

use self::{
    fronts::FrontConfig,
    sales::{OfferConfig, PriceConfig, ProductConfig, SubscriptionsConfig, no_such_offer},
    values::{age, allowance, color, locale, parsed, slug_text, web_address, zone},
};

pub use self::services::{
    AccessLogFormat, LogFormat, MailConfig, OpenidConfig, PaymentsConfig, PicturesConfig,
    ServerConfig,
};
pub use self::steering::Steering;

/// What the file says, checked.
pub struct Config {
    /// Who the publication is, and who may read it.
    pub publication: Publication,
    /// Where and how it is served.
    pub server: ServerConfig,
    /// Where pictures are kept.
    pub pictures: PicturesConfig,
    /// How mail reaches readers.
    pub mail: MailConfig,
    /// Who collects payments.
    pub payments: PaymentsConfig,
    /// Where readers may have an account to sign in with.
    pub openid: Vec<OpenidConfig>,
    /// First reads an hour from one network; none without a limit.
    pub fresh_per_network: Option<u32>,
    /// The messages that are not built in.
    pub own_messages: Vec<Message>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    publication: PublicationConfig,
    #[serde(default)]
    server: ServerConfig,
    #[serde(default)]
    pictures: PicturesConfig,
    #[serde(default)]
    mail: MailConfig,
    #[serde(default)]
    payments: PaymentsConfig,
    #[serde(default)]
    openid: Vec<Spanned<OpenidConfig>>,
    #[serde(default)]
    meter: MeterConfig,
    #[serde(default)]
    rules: Vec<RuleConfig>,
    #[serde(default)]
    sections: Vec<SectionConfig>,
    #[serde(default)]
    fronts: Vec<Spanned<FrontConfig>>,
    #[serde(default)]
    subscriptions: SubscriptionsConfig,
    #[serde(default)]
    products: Vec<Spanned<ProductConfig>>,
    #[serde(default)]
    prices: Vec<Spanned<PriceConfig>>,
    #[serde(default)]
    offers: Vec<Spanned<OfferConfig>>,
    #[serde(default)]
    messages: Vec<Spanned<MessageConfig>>,
    #[serde(default)]
    crawlers: Vec<CrawlerConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicationConfig {
    name: String,
    #[serde(default)]
    tagline: String,
    #[serde(deserialize_with = "web_address")]
    address: String,
    #[serde(deserialize_with = "locale")]
    locale: Locale,
    #[serde(deserialize_with = "zone")]
    zone: TimeZone,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MeterConfig {
    #[serde(deserialize_with = "parsed")]
    window: Window,
    #[serde(deserialize_with = "allowance")]
    anonymous: Allowance,
    #[serde(deserialize_with = "allowance")]
    registered: Allowance,
    #[serde(deserialize_with = "parsed")]
    default_tier: Tier,
    #[serde(deserialize_with = "parsed")]
    teaser: TeaserLength,
    crawlers: CrawlerReach,
    /// 0 for no limit.
    fresh_per_network: u32,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CrawlerReach {
    Teasers,
    #[default]
    Metered,
}

impl Default for MeterConfig {
    fn default() -> Self {
        Self {
            window: Window::Month,
            anonymous: Allowance::Articles(3),
            registered: Allowance::Articles(5),
            default_tier: Tier::Metered,
            teaser: TeaserLength::Paragraphs(2),
            crawlers: CrawlerReach::default(),
            fresh_per_network: 300,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleConfig {
    #[serde(deserialize_with = "parsed")]
    tier: Tier,
    section: Option<String>,
    topic: Option<String>,
    author: Option<String>,
    kind: Option<String>,
    #[serde(default, deserialize_with = "age")]
    younger_than: Option<SignedDuration>,
    #[serde(default, deserialize_with = "age")]
    older_than: Option<SignedDuration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionConfig {
    #[serde(deserialize_with = "slug_text")]
    slug: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default, deserialize_with = "color")]
    color: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageConfig {
    #[serde(deserialize_with = "parsed")]
    moment: Moment,
    #[serde(deserialize_with = "parsed")]
    placement: Placement,
    #[serde(default)]
    title: String,
    text: String,
    narrow: Option<String>,
    #[serde(default)]
    benefits: Vec<String>,
    #[serde(default)]
    actions: Vec<ActionConfig>,
    offer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionConfig {
    label: String,
    link: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrawlerConfig {
    user_agent: String,
    networks: Vec<IpNet>,
}

/// What the file says of what has to be checked, checked.
struct Said {
    messages: Vec<Message>,
    fronts: Vec<Front>,
    catalogue: Catalogue,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// It cannot be read.
    #[error(
        "{path} cannot be read ({reason}); run `masthead init DIR` to start a publication, or name its directory with --dir"
    )]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// What was set at the desk does not fit.
    #[error("what was set at the desk does not fit: {0}")]
    Steered(String),
    /// Something in it is wrong.
    #[error("{path}, line {line}, column {column}: {reason}")]
    Wrong {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What, and what to do.
        reason: String,
    },
}

impl Config {
    /// Reads a configuration file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::read_steered(path, &Steering::default())
    }

    /// The same, with what was set at the desk in the place of what the file says.
    pub fn read_steered(path: &Path, steering: &Steering) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        Self::parse(&text, &path.display().to_string(), steering)
    }

    /// Reads the text of a configuration file that is called `path`, with what was set at the desk in the place of what
    /// the file says.
    pub fn parse(text: &str, path: &str, steering: &Steering) -> Result<Self, ConfigError> {
        let wrong = |offset: usize, reason: String| {
            let before = text.get(..offset).unwrap_or(text);
            ConfigError::Wrong {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1,
                reason,
            }
        };
        let mut file: File = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            wrong(offset, explain(error.message()))
        })?;
        let mut said = file.checked().map_err(|(offset, reason)| wrong(offset, reason))?;
        let experiment = steering.apply(&mut file, &mut said)?;
        let Said { messages: theirs, fronts, catalogue } = said;
        let mut messages =
            Messages::in_the_box(!catalogue.is_empty(), file.publication.locale.language());
        messages.replace(theirs.clone());
        let mut config = file.into_config(messages, catalogue);
        config.publication.experiment = experiment;
        (config.own_messages, config.publication.fronts) = (theirs, fronts);
        Ok(config)
    }

    /// The sections that manuscripts may name.
    pub fn sections(&self) -> Vec<Section> {
        let styles = self.publication.sections.iter();
        styles.map(|s| Section { slug: s.slug.clone(), name: s.name.clone() }).collect()
    }
}

impl File {
    /// What it says by itself; or where something is wrong, and what.
    fn checked(&self) -> Result<Said, (usize, String)> {
        let catalogue = self.catalogue()?;
        let mut messages = Vec::new();
        for message in &self.messages {
            let start = message.span().start;
            let checked = message.get_ref().check();
            let checked = checked.map_err(|error| (start, refusal(&error)))?;
            if let Some(reason) = no_such_offer(&checked, &catalogue) {
                return Err((start, format!("in this message: {reason}")));
            }
            messages.push(checked);
        }
        self.check_openid()?;
        Ok(Said { messages, fronts: fronts::of_file(&self.fronts)?, catalogue })
    }

    /// Whether every provider has a name of its own.
    fn check_openid(&self) -> Result<(), (usize, String)> {
        for (index, provider) in self.openid.iter().enumerate() {
            let slug = &provider.get_ref().slug;
            if self.openid.iter().take(index).any(|before| before.get_ref().slug == *slug) {
                let reason = format!("there are two [[openid]] \"{slug}\"; give one another slug");
                return Err((provider.span().start, reason));
            }
        }
        Ok(())
    }

    fn into_config(self, messages: Messages, catalogue: Catalogue) -> Config {
        let Self {
            publication,
            server,
            pictures,
            mail,
            payments,
            openid,
            meter,
            rules,
            sections,
            crawlers,
            subscriptions,
            ..
        } = self;
        let PublicationConfig { name, tagline, address, locale, zone } = publication;
        let policy = Policy {
            window: meter.window,
            allowances: Allowances { anonymous: meter.anonymous, registered: meter.registered },
            rules: rules.into_iter().map(RuleConfig::rule).collect(),
            default_tier: meter.default_tier,
            crawlers: match meter.crawlers {
                CrawlerReach::Teasers => CrawlerAccess::Teasers,
                CrawlerReach::Metered => CrawlerAccess::Metered,
            },
            ..Policy::new(zone)
        };
        let crawler = |CrawlerConfig { user_agent, networks }| Crawler { user_agent, networks };
        let publication = Publication {
            settings_fingerprint: 0,
            name,
            tagline,
            address,
            locale,
            policy,
            messages,
            experiment: None,
            sections: sections.into_iter().map(SectionConfig::style).collect(),
            fronts: Vec::new(),
            teaser: meter.teaser,
            crawlers: Crawlers::new(crawlers.into_iter().map(crawler).collect()),
            trusted_proxies: server.trusted_proxies.clone(),
            is_demo: false,
            catalogue,
            grace: subscriptions.grace,
            transfer: payments.transfer.clone(),
            seller: payments.seller.clone(),
        };
        let limit = meter.fresh_per_network;
        Config {
            publication,
            server,
            pictures,
            mail,
            payments,
            openid: openid.into_iter().map(Spanned::into_inner).collect(),
            fresh_per_network: (limit > 0).then_some(limit),
            own_messages: Vec::new(),
        }
    }
}

impl SectionConfig {
    fn style(self) -> SectionStyle {
        let Self { slug, name, description, color } = self;
        SectionStyle { slug, name, description, color }
    }
}

impl RuleConfig {
    fn rule(self) -> Rule {
        let Self { tier, section, topic, author, kind, younger_than, older_than } = self;
        Rule { tier, section, topic, author, kind, younger_than, older_than }
    }
}

impl MessageConfig {
    fn check(&self) -> Result<Message, MessageError> {
        let actions = self.actions.iter();
        let draft = Draft {
            title: &self.title,
            text: &self.text,
            narrow: self.narrow.as_deref(),
            benefits: self.benefits.iter().map(String::as_str).collect(),
            actions: actions.map(|a| (a.label.as_str(), a.link.as_str())).collect(),
            offer: self.offer.as_deref(),
        };
        Message::check(self.moment, self.placement, &draft)
    }
}

fn refusal(error: &MessageError) -> String {
    match error.field() {
        Some(field) => {
            format!("in this message's {}: {error}", format!("{field:?}").to_lowercase())
        }
        None => format!("in this message: {error}"),
    }
}

/// serde lists every key that there is; people want the one that they meant.
fn explain(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown field").then(|| quoted.next()).flatten();
    let Some(unknown) = unknown else { return message.to_owned() };
    let known: Vec<&str> = quoted.collect();
    match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("there is no key \"{unknown}\" here; did you mean \"{near}\"?"),
        None => format!("there is no key \"{unknown}\" here; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests;

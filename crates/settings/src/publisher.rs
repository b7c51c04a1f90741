//! The whole of what a publisher sets, and its entries checked against each other.

use jiff::SignedDuration;
use masthead_access::{
    Experiment, Policy, Treatment,
    message::{Locale, Message},
    robots::{Crawler, Crawlers},
};
use masthead_circulation::{Catalogue, CatalogueEntry, WithdrawalPeriod};
use masthead_editorial::{
    BreakingNews, Front, Menus, SectionStyle, TeaserLength, TopicStyle, spelling::suggest,
    strip::DataStrip,
};
use serde::{Deserialize, Serialize};

use crate::{
    AppearanceSettings, BackupSettings, BreakingSettings, CrawlerSettings, ExperimentSettings,
    FrontSettings, MailSettings, MenusSettings, MessageSettings, MeterSettings, OfferSettings,
    OpenidSettings, PartSettings, PaymentsSettings, PicturesSettings, PriceSettings,
    ProductSettings, PublicationSettings, RetentionSettings, RuleSettings, SectionSettings,
    ServerSettings, StripSettings, SubscriptionsSettings, TlsSettings, TopicSettings,
    error::{InvalidSetting, Location, SettingsError, TextError, key_of},
    meter,
    unprintable::check_printable,
};

/// Everything a publisher sets, as `masthead.toml` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublisherSettings {
    /// `[publication]`
    pub publication: PublicationSettings,
    /// `[appearance]`
    #[serde(default)]
    pub appearance: AppearanceSettings,
    /// `[server]`
    #[serde(default)]
    pub server: ServerSettings,
    /// `[tls]`
    #[serde(default)]
    pub tls: TlsSettings,
    /// `[pictures]`
    #[serde(default)]
    pub pictures: PicturesSettings,
    /// `[mail]`
    #[serde(default)]
    pub mail: MailSettings,
    /// `[retention]`
    #[serde(default)]
    pub retention: RetentionSettings,
    /// `[backups]`
    #[serde(default)]
    pub backups: BackupSettings,
    /// `[payments]`
    #[serde(default)]
    pub payments: PaymentsSettings,
    /// `[[openid]]`
    #[serde(default)]
    pub openid: Vec<OpenidSettings>,
    /// `[meter]`
    #[serde(default)]
    pub meter: MeterSettings,
    /// `[[rules]]`
    #[serde(default)]
    pub rules: Vec<RuleSettings>,
    /// `[[sections]]`
    #[serde(default)]
    pub sections: Vec<SectionSettings>,
    /// `[menus]`
    #[serde(default)]
    pub menus: MenusSettings,
    /// `[[topics]]`
    #[serde(default)]
    pub topics: Vec<TopicSettings>,
    /// `[[fronts]]`
    #[serde(default)]
    pub fronts: Vec<FrontSettings>,
    /// `[[strip]]`
    #[serde(default, rename = "strip")]
    pub strips: Vec<StripSettings>,
    /// `[subscriptions]`
    #[serde(default)]
    pub subscriptions: SubscriptionsSettings,
    /// `[[products]]`
    #[serde(default)]
    pub products: Vec<ProductSettings>,
    /// `[[prices]]`
    #[serde(default)]
    pub prices: Vec<PriceSettings>,
    /// `[[offers]]`
    #[serde(default)]
    pub offers: Vec<OfferSettings>,
    /// `[[messages]]`
    #[serde(default)]
    pub messages: Vec<MessageSettings>,
    /// `[[crawlers]]`
    #[serde(default)]
    pub crawlers: Vec<CrawlerSettings>,
    /// The running experiment. Only the desk sets it.
    #[serde(skip)]
    pub experiment: Option<ExperimentSettings>,
    /// The breaking news. Only the desk sets it.
    #[serde(skip)]
    pub breaking: Option<BreakingSettings>,
}

/// Settings in the types of the domain, each valid and all fitting together.
#[derive(Debug)]
pub struct CheckedSettings {
    /// The language and region it writes in.
    pub locale: Locale,
    /// Who may read what.
    pub policy: Policy,
    /// How much of a locked article everybody sees.
    pub teaser: TeaserLength,
    /// The search crawlers that are let in when they prove themselves.
    pub crawlers: Crawlers,
    /// The sections, in the order of the navigation.
    pub sections: Vec<SectionStyle>,
    /// The navigation and the footer, where the site does not make them.
    pub menus: Menus,
    /// What is said about topics.
    pub topics: Vec<TopicStyle>,
    /// The fronts that don't arrange themselves.
    pub fronts: Vec<Front>,
    /// The strips of short facts on the home page.
    pub strips: Vec<DataStrip>,
    /// What is sold.
    pub catalogue: Catalogue,
    /// How long there is full access after a renewal has failed, and to pay an invoice.
    pub grace: SignedDuration,
    /// Whether all addresses of a mailbox count as one reader.
    pub folds_addresses: bool,
    /// Whether a cancellation without signing in takes effect at once.
    pub cancels_at_once: bool,
    /// For how many days readers may withdraw from a contract.
    pub withdrawal: WithdrawalPeriod,
    /// The messages that are not built in.
    pub messages: Vec<Message>,
    /// The running experiment.
    pub experiment: Option<Experiment>,
    /// The breaking news at the top of every page, which may be over.
    pub breaking: Option<BreakingNews>,
}

impl PublisherSettings {
    /// Reads and checks the text of a `masthead.toml`.
    ///
    /// # Errors
    ///
    /// Returns an error with line and column if the text is not TOML, has an unknown key or a value that does not fit, or
    /// if its entries do not fit together.
    pub fn from_toml(text: &str) -> Result<Self, TextError> {
        let settings: Self =
            toml::from_str(text).map_err(|error| TextError::of_toml(&error, text))?;
        check_printable(text)?;
        match settings.check().and_then(|checked| settings.check_steps(&checked.catalogue)) {
            Ok(()) => Ok(settings),
            Err(error) => Err(TextError::of_settings(&error, text)),
        }
    }

    /// Writes them as TOML, without the experiment, which is not part of the file.
    ///
    /// # Errors
    ///
    /// Returns an error if a value cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Replaces a part.
    pub fn replace(&mut self, content: PartSettings) {
        match content {
            PartSettings::Meter(part) => {
                // The desk did not store this key at first.
                let before = self.meter.first_reads_per_network;
                (self.meter, self.rules) = (part.meter, part.rules);
                self.meter.first_reads_per_network = self.meter.first_reads_per_network.or(before);
            }
            PartSettings::Sections(part) => self.sections = part.sections,
            PartSettings::Fronts(part) => self.fronts = part.fronts,
            PartSettings::Products(part) => {
                self.subscriptions = part.subscriptions;
                (self.products, self.prices) = (part.products, part.prices);
            }
            PartSettings::Offers(part) => self.offers = part.offers,
            PartSettings::Messages(part) => self.messages = part.messages,
            PartSettings::Experiment(part) => self.experiment = Some(part.experiment),
            PartSettings::Breaking(part) => self.breaking = Some(part.breaking),
            PartSettings::Publication(part) => self.publication.set_identity(part.publication),
            PartSettings::Seller(part) => self.payments.set_seller(part.payments),
            PartSettings::Retention(part) => self.retention = part.retention,
            PartSettings::Appearance(part) => self.appearance = part.appearance,
            PartSettings::Menus(part) => self.menus = part.menus,
            PartSettings::Backups(part) => self.backups = part.backups,
        }
    }

    /// Returns the settings in the types of the domain.
    ///
    /// # Errors
    ///
    /// Returns the first entry that is invalid or names one that does not exist.
    pub fn check(&self) -> Result<CheckedSettings, SettingsError> {
        let catalogue = self.catalogue()?;
        let messages = self.checked_messages(&catalogue)?;
        self.check_providers()?;
        self.check_logo()?;
        Ok(CheckedSettings {
            locale: self.locale()?,
            policy: meter::policy(&self.meter, &self.rules, self.publication.zone.clone()),
            teaser: self.meter.teaser,
            crawlers: Crawlers::new(self.crawlers.iter().map(Crawler::from).collect()),
            sections: self.checked_sections()?,
            menus: self.checked_menus()?,
            topics: self.checked_topics()?,
            fronts: self.checked_fronts()?,
            strips: self.checked_strips()?,
            experiment: self.checked_experiment(&catalogue)?,
            breaking: self.checked_breaking()?,
            catalogue,
            grace: self.subscriptions.grace,
            folds_addresses: self.subscriptions.folds_addresses,
            cancels_at_once: self.subscriptions.cancels_at_once,
            withdrawal: self.subscriptions.withdrawal,
            messages,
        })
    }

    fn locale(&self) -> Result<Locale, SettingsError> {
        Locale::new(&self.publication.locale).map_err(|error| SettingsError {
            at: Location::entry("publication", 0).key("locale"),
            entry: "the publication".to_owned(),
            cause: error.into(),
        })
    }

    fn catalogue(&self) -> Result<Catalogue, SettingsError> {
        let products = self.products.iter().map(From::from).collect();
        let prices = self.prices.iter().enumerate().map(|(index, price)| {
            price
                .price(&self.subscriptions)
                .map_err(|cause| self.unsold(CatalogueEntry::Price(index), Some("amount"), cause))
        });
        let prices = prices.collect::<Result<_, _>>()?;
        let offers = self.offers.iter().enumerate().map(|(index, offer)| {
            offer.offer(&self.subscriptions).map_err(|cause| {
                let is_money =
                    matches!(cause, InvalidSetting::NoCurrency | InvalidSetting::Money(_));
                self.unsold(CatalogueEntry::Offer(index), is_money.then_some("first"), cause)
            })
        });
        let offers = offers.collect::<Result<_, _>>()?;
        Catalogue::new(products, prices, offers)
            .map(|catalogue| catalogue.with_tax(self.subscriptions.tax))
            .map_err(|error| self.unsold(error.entry, None, error.kind.into()))
    }

    /// Checks that Stripe can charge every amount. Without it, amounts are paid by invoice.
    fn check_steps(&self, catalogue: &Catalogue) -> Result<(), SettingsError> {
        if self.payments.stripe_key.is_empty() {
            return Ok(());
        }
        catalogue.check_steps().map_err(|error| self.unsold(error.entry, None, error.kind.into()))
    }

    /// The error of an entry of the catalogue.
    fn unsold(
        &self,
        place: CatalogueEntry,
        key: Option<&'static str>,
        cause: InvalidSetting,
    ) -> SettingsError {
        let (what, table, index, slug) = match place {
            CatalogueEntry::Product(index) => {
                ("product", "products", index, self.products.get(index).map(|p| &p.slug))
            }
            CatalogueEntry::Price(index) => {
                ("price", "prices", index, self.prices.get(index).map(|p| &p.slug))
            }
            CatalogueEntry::Offer(index) => {
                ("offer", "offers", index, self.offers.get(index).map(|o| &o.slug))
            }
        };
        let entry = format!("the {what} \"{}\"", slug.map(String::as_str).unwrap_or_default());
        SettingsError { at: Location { table, index, key }, entry, cause }
    }

    fn checked_messages(&self, catalogue: &Catalogue) -> Result<Vec<Message>, SettingsError> {
        let check = |(index, message): (usize, &MessageSettings)| {
            let at = Location::entry("messages", index);
            let (moment, placement) = (message.moment.name(), message.placement.name());
            let entry = format!("the message {moment}, {placement}");
            let cause = match Message::try_from(message) {
                Ok(checked) => match unknown_offer(&checked, catalogue) {
                    Some(cause) => cause,
                    None => return Ok(checked),
                },
                Err(error) => match error.field().map(key_of) {
                    Some((key, words)) => {
                        let entry = format!("{words} of {entry}");
                        return Err(SettingsError { at: at.key(key), entry, cause: error.into() });
                    }
                    None => error.into(),
                },
            };
            Err(SettingsError { at, entry, cause })
        };
        self.messages.iter().enumerate().map(check).collect()
    }

    fn checked_sections(&self) -> Result<Vec<SectionStyle>, SettingsError> {
        for (index, section) in self.sections.iter().enumerate() {
            let slug = &section.slug;
            if self.sections.iter().take(index).any(|before| before.slug == *slug) {
                return Err(SettingsError {
                    at: Location::entry("sections", index),
                    entry: format!("the section \"{slug}\""),
                    cause: InvalidSetting::TwoSections(slug.clone()),
                });
            }
        }
        Ok(self.sections.iter().map(SectionStyle::from).collect())
    }

    fn check_logo(&self) -> Result<(), SettingsError> {
        match (&self.appearance.logo, &self.appearance.logo_dark) {
            (None, Some(_)) => Err(SettingsError {
                at: Location::entry("appearance", 0).key("logo_dark"),
                entry: "the appearance".to_owned(),
                cause: InvalidSetting::DarkLogoAlone,
            }),
            _ => Ok(()),
        }
    }

    fn checked_menus(&self) -> Result<Menus, SettingsError> {
        Menus::try_from(&self.menus).map_err(|error| SettingsError {
            at: Location::entry("menus", 0),
            entry: "the menus".to_owned(),
            cause: error.into(),
        })
    }

    fn checked_topics(&self) -> Result<Vec<TopicStyle>, SettingsError> {
        for (index, topic) in self.topics.iter().enumerate() {
            let slug = &topic.slug;
            if self.topics.iter().take(index).any(|before| before.slug == *slug) {
                return Err(SettingsError {
                    at: Location::entry("topics", index),
                    entry: format!("the topic \"{slug}\""),
                    cause: InvalidSetting::TwoTopics(slug.clone()),
                });
            }
        }
        Ok(self.topics.iter().map(TopicStyle::from).collect())
    }

    fn checked_fronts(&self) -> Result<Vec<Front>, SettingsError> {
        let mut all: Vec<Front> = Vec::new();
        for (index, front) in self.fronts.iter().enumerate() {
            let refused = |cause| SettingsError {
                at: Location::entry("fronts", index),
                entry: format!("the front {}", front.page),
                cause,
            };
            let checked = Front::try_from(front).map_err(|error| refused(error.into()))?;
            if all.iter().any(|before| before.page == checked.page) {
                return Err(refused(InvalidSetting::TwoFronts(checked.page)));
            }
            all.push(checked);
        }
        Ok(all)
    }

    fn checked_strips(&self) -> Result<Vec<DataStrip>, SettingsError> {
        let check = |(index, strip): (usize, &StripSettings)| {
            let checked = match DataStrip::try_from(strip) {
                Ok(_) if index >= DataStrip::MAX_STRIPS => Err(InvalidSetting::ManyStrips),
                checked => checked.map_err(InvalidSetting::from),
            };
            checked.map_err(|cause| SettingsError {
                at: Location::entry("strip", index),
                entry: format!("the strip \"{}\"", strip.label),
                cause,
            })
        };
        self.strips.iter().enumerate().map(check).collect()
    }

    fn check_providers(&self) -> Result<(), SettingsError> {
        for (index, provider) in self.openid.iter().enumerate() {
            let slug = &provider.slug;
            if self.openid.iter().take(index).any(|before| before.slug == *slug) {
                return Err(SettingsError {
                    at: Location::entry("openid", index),
                    entry: format!("the provider \"{slug}\""),
                    cause: InvalidSetting::TwoProviders(slug.clone()),
                });
            }
        }
        Ok(())
    }

    fn checked_breaking(&self) -> Result<Option<BreakingNews>, SettingsError> {
        let Some(news) = &self.breaking else { return Ok(None) };
        let checked = BreakingNews::try_from(news).map_err(|error| SettingsError {
            at: Location::entry("breaking", 0),
            entry: "the breaking news".to_owned(),
            cause: error.into(),
        })?;
        Ok(Some(checked))
    }

    fn checked_experiment(
        &self,
        catalogue: &Catalogue,
    ) -> Result<Option<Experiment>, SettingsError> {
        let Some(settings) = &self.experiment else { return Ok(None) };
        let refused = |entry: &str, cause| SettingsError {
            at: Location::entry("experiment", 0),
            entry: entry.to_owned(),
            cause,
        };
        let experiment =
            Experiment::try_from(settings).map_err(|cause| refused("the experiment", cause))?;
        if let Treatment::Message(message) = &experiment.treatment
            && let Some(cause) = unknown_offer(message, catalogue)
        {
            return Err(refused("the message that is tried", cause));
        }
        Ok(Some(experiment))
    }
}

/// Returns why a message is refused that names an offer which does not exist.
fn unknown_offer(message: &Message, catalogue: &Catalogue) -> Option<InvalidSetting> {
    let offer = message.offer.as_deref()?;
    let known = || catalogue.offers().iter().map(|offer| offer.slug.as_str());
    if known().any(|slug| slug == offer) {
        return None;
    }
    let near = suggest(offer, known()).map(str::to_owned);
    Some(InvalidSetting::NoOffer { offer: offer.to_owned(), near })
}

//! What was set at the desk in place of parts of the file, in the file's own words.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use masthead_access::{AllowanceError, Experiment, Treatment};
use masthead_desk::Steered;
use masthead_editorial::Front;
use serde::{Deserialize, de::DeserializeOwned};
use serde_spanned::Spanned;

use super::{
    ConfigError, File, MessageConfig, MeterConfig, RuleConfig, Said, SectionConfig, explain,
    fronts::FrontConfig,
    refusal,
    sales::{OfferConfig, PriceConfig, ProductConfig, SubscriptionsConfig, no_such_offer},
};

/// The parts that were set at the desk. The file speaks of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steering(BTreeMap<&'static str, String>);

/// In place of `[meter]` and all `[[rules]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeterSteering {
    meter: MeterConfig,
    #[serde(default)]
    rules: Vec<RuleConfig>,
}

/// In place of all `[[sections]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionsSteering {
    sections: Vec<SectionConfig>,
}

/// In place of all `[[fronts]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontsSteering {
    fronts: Vec<FrontConfig>,
}

/// In place of `[subscriptions]`, all `[[products]]` and all `[[prices]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductsSteering {
    #[serde(default)]
    subscriptions: SubscriptionsConfig,
    #[serde(default)]
    products: Vec<Spanned<ProductConfig>>,
    #[serde(default)]
    prices: Vec<Spanned<PriceConfig>>,
}

/// In place of all `[[offers]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OffersSteering {
    offers: Vec<Spanned<OfferConfig>>,
}

/// In place of all `[[messages]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessagesSteering {
    messages: Vec<MessageConfig>,
}

/// The experiment that runs. The file has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExperimentSteering {
    experiment: ExperimentConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExperimentConfig {
    number: u32,
    message: Option<MessageConfig>,
    anonymous: Option<String>,
}

impl Steering {
    /// Returns a number that differs when what was set differs.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }

    /// What was set of a part; empty where the file speaks of it.
    pub fn text(&self, part: Steered) -> &str {
        self.0.get(part.name()).map_or("", String::as_str)
    }

    /// The same with another text for a part; an empty one lets the file speak of it again.
    #[must_use]
    pub fn with(mut self, part: Steered, text: &str) -> Self {
        if text.is_empty() {
            self.0.remove(part.name());
        } else {
            self.0.insert(part.name(), text.to_owned());
        }
        self
    }

    /// Puts what was set in the place of what the file says, and gives the experiment that runs.
    pub(super) fn apply(
        &self,
        file: &mut File,
        said: &mut Said,
    ) -> Result<Option<Experiment>, ConfigError> {
        let steered = ConfigError::Steered;
        if let Some(MeterSteering { meter, rules }) = self.of(Steered::Meter)? {
            let fresh_per_network = file.meter.fresh_per_network;
            file.meter = MeterConfig { fresh_per_network, ..meter };
            file.rules = rules;
        }
        if let Some(SectionsSteering { sections }) = self.of(Steered::Sections)? {
            file.sections = sections;
        }
        if let Some(FrontsSteering { fronts }) = self.of(Steered::Fronts)? {
            let checked = fronts.iter().map(FrontConfig::check);
            let checked: Result<Vec<Front>, _> = checked.collect();
            said.fronts = checked.map_err(|error| steered(error.to_string()))?;
        }
        if let Some(set) = self.of::<ProductsSteering>(Steered::Products)? {
            let ProductsSteering { subscriptions, products, prices } = set;
            (file.subscriptions, file.products, file.prices) = (subscriptions, products, prices);
        }
        if let Some(OffersSteering { offers }) = self.of(Steered::Offers)? {
            file.offers = offers;
        }
        said.catalogue = file.catalogue().map_err(|(_, reason)| steered(reason))?;
        if let Some(MessagesSteering { messages }) = self.of(Steered::Messages)? {
            let checked = messages.iter().map(MessageConfig::check);
            let checked: Result<Vec<_>, _> = checked.collect();
            said.messages = checked.map_err(|error| steered(refusal(&error)))?;
        }
        for message in &said.messages {
            if let Some(reason) = no_such_offer(message, &said.catalogue) {
                let (moment, placement) = (message.moment.name(), message.placement.name());
                return Err(steered(format!("in the message {moment}, {placement}: {reason}")));
            }
        }
        let experiment = self.experiment()?;
        if let Some(Experiment { tried: Treatment::Message(message), .. }) = &experiment
            && let Some(reason) = no_such_offer(message, &said.catalogue)
        {
            return Err(steered(format!("in the message that is tried: {reason}")));
        }
        Ok(experiment)
    }

    fn experiment(&self) -> Result<Option<Experiment>, ConfigError> {
        let Some(set) = self.of::<ExperimentSteering>(Steered::Experiment)? else {
            return Ok(None);
        };
        let ExperimentConfig { number, message, anonymous } = set.experiment;
        let tried = match (message, anonymous) {
            (Some(message), None) => {
                let checked = message.check();
                let checked = checked.map_err(|error| ConfigError::Steered(refusal(&error)))?;
                Treatment::Message(Box::new(checked))
            }
            (None, Some(allowance)) => {
                let parsed = allowance.parse();
                Treatment::Anonymous(parsed.map_err(|error: AllowanceError| {
                    ConfigError::Steered(format!("in the experiment: {error}"))
                })?)
            }
            (Some(_), Some(_)) | (None, None) => {
                let reason = "an experiment tries either a message or an allowance";
                return Err(ConfigError::Steered(reason.to_owned()));
            }
        };
        Ok(Some(Experiment { number, tried }))
    }

    /// What was set of a part.
    fn of<T: DeserializeOwned>(&self, part: Steered) -> Result<Option<T>, ConfigError> {
        let read = |text: &String| {
            toml::from_str(text).map_err(|error| ConfigError::Steered(explain(error.message())))
        };
        self.0.get(part.name()).map(read).transpose()
    }
}

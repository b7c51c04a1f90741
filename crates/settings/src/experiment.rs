//! The running experiment. The desk begins and ends it; the file has none.

use masthead_access::{Allowance, Experiment, Treatment, message::Message};
use serde::{Deserialize, Serialize};

use crate::{MessageSettings, error::InvalidSetting, values::optional_allowance};

/// An experiment tries either a message or an allowance on half of the readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentSettings {
    /// Its number; no two experiments have the same.
    pub number: u32,
    /// Another allowance for readers without an account.
    #[serde(default, with = "optional_allowance", skip_serializing_if = "Option::is_none")]
    pub anonymous: Option<Allowance>,
    /// Another message in its moment and placement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageSettings>,
}

/// What the desk stores while an experiment runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentPart {
    /// The experiment.
    pub experiment: ExperimentSettings,
}

impl From<&Experiment> for ExperimentPart {
    fn from(experiment: &Experiment) -> Self {
        Self { experiment: experiment.into() }
    }
}

impl From<&Experiment> for ExperimentSettings {
    fn from(experiment: &Experiment) -> Self {
        let (anonymous, message) = match &experiment.treatment {
            Treatment::Anonymous(allowance) => (Some(*allowance), None),
            Treatment::Message(message) => (None, Some(MessageSettings::from(&**message))),
        };
        Self { number: experiment.number, anonymous, message }
    }
}

impl TryFrom<&ExperimentSettings> for Experiment {
    type Error = InvalidSetting;

    fn try_from(experiment: &ExperimentSettings) -> Result<Self, InvalidSetting> {
        let treatment = match (&experiment.message, experiment.anonymous) {
            (Some(message), None) => Treatment::Message(Box::new(Message::try_from(message)?)),
            (None, Some(allowance)) => Treatment::Anonymous(allowance),
            (Some(_), Some(_)) | (None, None) => return Err(InvalidSetting::Experiment),
        };
        Ok(Self { number: experiment.number, treatment })
    }
}

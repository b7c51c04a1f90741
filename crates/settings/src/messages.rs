//! `[[messages]]`: what readers are told, in the publisher's own words.

use masthead_access::message::{
    Message, MessageAction, MessageDraft, MessageError, Moment, Placement, Template,
};
use serde::{Deserialize, Serialize};

use crate::values::text;

/// One of `[[messages]]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageSettings {
    /// When it is said.
    #[serde(with = "text")]
    pub moment: Moment,
    /// Where it appears.
    #[serde(with = "text")]
    pub placement: Placement,
    /// The headline; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The text for wide screens, and for narrow ones if `narrow` is absent.
    pub text: String,
    /// The text for narrow screens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub narrow: Option<String>,
    /// What the reader would get, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<String>,
    /// The offer it names, by its slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// Its buttons and links.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionSettings>,
}

/// A button or link of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionSettings {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub link: String,
}

/// What the desk stores in place of all `[[messages]]`. Without entries, readers get the built-in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagesPart {
    /// The messages that are not built in.
    pub messages: Vec<MessageSettings>,
}

impl From<&[Message]> for MessagesPart {
    fn from(messages: &[Message]) -> Self {
        Self { messages: messages.iter().map(MessageSettings::from).collect() }
    }
}

impl From<&Message> for MessageSettings {
    fn from(message: &Message) -> Self {
        let Message { moment, placement, title, text, narrow, benefits, actions, offer } = message;
        let action = |MessageAction { label, link }: &MessageAction| ActionSettings {
            label: label.source(),
            link: link.clone(),
        };
        Self {
            moment: *moment,
            placement: *placement,
            title: title.source(),
            text: text.source(),
            narrow: narrow.as_ref().map(Template::source),
            benefits: benefits.iter().map(Template::source).collect(),
            offer: offer.clone(),
            actions: actions.iter().map(action).collect(),
        }
    }
}

impl TryFrom<&MessageSettings> for Message {
    type Error = MessageError;

    fn try_from(message: &MessageSettings) -> Result<Self, MessageError> {
        let MessageSettings { moment, placement, title, text, narrow, benefits, offer, actions } =
            message;
        let draft = MessageDraft {
            title,
            text,
            narrow: narrow.as_deref(),
            benefits: benefits.iter().map(String::as_str).collect(),
            actions: actions.iter().map(|a| (a.label.as_str(), a.link.as_str())).collect(),
            offer: offer.as_deref(),
        };
        Self::check(*moment, *placement, &draft)
    }
}

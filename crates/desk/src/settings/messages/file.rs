//! Messages in the format of the configuration file.

use masthead_access::message::{Message, MessageAction, Template};
use serde::Serialize;

use crate::settings::save::SettingsText;

/// Buttons of one message.
const ACTIONS: usize = Message::MAX_ACTIONS;

/// A message in the format of the configuration file.
#[derive(Serialize)]
pub(crate) struct MessageEntry {
    moment: &'static str,
    placement: &'static str,
    title: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    narrow: Option<String>,
    benefits: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<String>,
    actions: Vec<ButtonEntry>,
}

#[derive(Serialize)]
pub(super) struct ButtonEntry {
    label: String,
    link: String,
}

impl MessageEntry {
    pub(crate) fn of(message: &Message) -> Self {
        let button = |action: &MessageAction| ButtonEntry {
            label: action.label.source(),
            link: action.link.clone(),
        };
        Self {
            moment: message.moment.name(),
            placement: message.placement.name(),
            title: message.title.source(),
            text: message.text.source(),
            narrow: message.narrow.as_ref().map(Template::source),
            benefits: message.benefits.iter().map(Template::source).collect(),
            offer: message.offer.clone(),
            actions: message.actions.iter().take(ACTIONS).map(button).collect(),
        }
    }
}

/// The publisher's own messages with this one among them. A moment is overridden as a whole, so its messages at other
/// placements become the publisher's own too.
pub(crate) fn replace(own: Vec<Message>, all: &[Message], message: Message) -> Vec<Message> {
    let (moment, placement) = (message.moment, message.placement);
    let others = all.iter().filter(|m| m.moment == moment && m.placement != placement).cloned();
    own.into_iter().filter(|m| m.moment != moment).chain(others).chain([message]).collect()
}

/// Messages in the format of the configuration file.
pub(crate) fn to_toml(messages: &[Message]) -> SettingsText {
    #[derive(Serialize)]
    struct File {
        messages: Vec<MessageEntry>,
    }
    // Without any, the built-in messages are in force, whatever the file says.
    if messages.is_empty() {
        return Ok("messages = []\n".to_owned());
    }
    toml::to_string(&File { messages: messages.iter().map(MessageEntry::of).collect() })
}

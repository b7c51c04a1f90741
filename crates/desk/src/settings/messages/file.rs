//! Messages in the words of the configuration file.

use masthead_access::message::{Message, MessageAction, Template};
use serde::Serialize;

/// Actions in one form.
const ACTIONS: usize = Message::MAX_ACTIONS;

/// A message in the words of the configuration file.
#[derive(Serialize)]
pub(crate) struct Entry {
    moment: &'static str,
    placement: &'static str,
    title: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    narrow: Option<String>,
    benefits: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<String>,
    actions: Vec<Button>,
}

#[derive(Serialize)]
pub(super) struct Button {
    label: String,
    link: String,
}

impl Entry {
    pub(crate) fn of(message: &Message) -> Self {
        let button = |action: &MessageAction| Button {
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

/// The publisher's messages with this one among them. A moment is taken over whole, so what else stands at it comes along.
pub(crate) fn with(own: Vec<Message>, all: &[Message], message: Message) -> Vec<Message> {
    let (moment, placement) = (message.moment, message.placement);
    let others = all.iter().filter(|m| m.moment == moment && m.placement != placement).cloned();
    own.into_iter().filter(|m| m.moment != moment).chain(others).chain([message]).collect()
}

/// Messages in the words of the configuration file.
pub(crate) fn text(messages: &[Message]) -> Result<String, toml::ser::Error> {
    #[derive(Serialize)]
    struct File {
        messages: Vec<Entry>,
    }
    // Nothing of one's own: the built-in words are heard, and not the file's, until the file is to speak again.
    if messages.is_empty() {
        return Ok("messages = []\n".to_owned());
    }
    toml::to_string(&File { messages: messages.iter().map(Entry::of).collect() })
}

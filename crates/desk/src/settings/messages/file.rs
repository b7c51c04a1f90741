//! The publisher's own messages as a part of the settings.

use masthead_access::message::Message;
use masthead_settings::PartSettings;

/// The publisher's own messages with this one among them. A moment is overridden as a whole, so its messages at other
/// placements become the publisher's own too.
pub(crate) fn replace(own: Vec<Message>, all: &[Message], message: Message) -> Vec<Message> {
    let (moment, placement) = (message.moment, message.placement);
    let others = all.iter().filter(|m| m.moment == moment && m.placement != placement).cloned();
    own.into_iter().filter(|m| m.moment != moment).chain(others).chain([message]).collect()
}

/// The settings of these messages.
pub(crate) fn settings(messages: &[Message]) -> PartSettings {
    PartSettings::Messages(messages.into())
}

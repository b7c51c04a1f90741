//! The form of a message.

use masthead_access::message::{
    Message, MessageDraft, MessageError, MessageField, Moment, Placement, Template,
};
use serde::{Deserialize, Serialize};

use super::faults::fault;
use crate::{http::with_query, settings::save::FormFault, words::DeskWords};

/// Which message a form is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageKey {
    pub moment: Moment,
    pub placement: Placement,
}

impl MessageKey {
    /// The address of its page.
    pub fn address(self) -> String {
        format!("/desk/messages/{}/{}", self.moment.name(), self.placement.name())
    }
}

/// See the module's documentation. It is also the query of the preview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct MessageForm {
    #[serde(skip_serializing)]
    pub version: String,
    #[serde(rename = "do", skip_serializing)]
    pub button: String,
    pub title: String,
    pub text: String,
    pub narrow: String,
    /// One per line.
    pub benefits: String,
    pub label_0: String,
    pub link_0: String,
    pub label_1: String,
    pub link_1: String,
    pub label_2: String,
    pub link_2: String,
    pub offer: String,
}

impl MessageForm {
    pub fn of(message: &Message) -> Self {
        let label =
            |index: usize| message.actions.get(index).map(|a| a.label.source()).unwrap_or_default();
        let link =
            |index: usize| message.actions.get(index).map(|a| a.link.clone()).unwrap_or_default();
        Self {
            title: message.title.source(),
            text: message.text.source(),
            narrow: message.narrow.as_ref().map(Template::source).unwrap_or_default(),
            benefits: message.benefits.iter().map(Template::source).collect::<Vec<_>>().join("\n"),
            label_0: label(0),
            link_0: link(0),
            label_1: label(1),
            link_1: link(1),
            label_2: label(2),
            link_2: link(2),
            offer: message.offer.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The message of this form.
    ///
    /// # Errors
    ///
    /// What to correct.
    pub fn message(&self, key: MessageKey, words: DeskWords) -> Result<Message, FormFault> {
        if self.text.trim().is_empty() {
            return Err(FormFault::at("text", words.text("messages_fault_text")));
        }
        let actions = [
            (&self.label_0, &self.link_0),
            (&self.label_1, &self.link_1),
            (&self.label_2, &self.link_2),
        ];
        let places = ["link_0", "link_1", "link_2"];
        for ((label, link), place) in actions.iter().zip(places) {
            if label.trim().is_empty() != link.trim().is_empty() {
                return Err(FormFault::at(place, words.text("messages_fault_button")));
            }
        }
        let some = |text: &'_ str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let (narrow, offer) = (some(&self.narrow), some(&self.offer));
        let benefits = self.benefits.lines().map(str::trim).filter(|line| !line.is_empty());
        let draft = MessageDraft {
            title: self.title.trim(),
            text: self.text.trim(),
            narrow: narrow.as_deref(),
            benefits: benefits.collect(),
            actions: actions
                .iter()
                .filter(|(label, _)| !label.trim().is_empty())
                .map(|(label, link)| (label.trim(), link.trim()))
                .collect(),
            offer: offer.as_deref(),
        };
        Message::check(key.moment, key.placement, &draft)
            .map_err(|error| FormFault::at(field_of(&error), fault(&error, words)))
    }

    /// The address of a page of the site with this message on it.
    pub fn preview_address(&self, key: MessageKey) -> String {
        with_query(&format!("{}/page", key.address()), self)
    }
}

fn field_of(error: &MessageError) -> &'static str {
    match error.field() {
        Some(MessageField::Title) => "title",
        Some(MessageField::Narrow) => "narrow",
        Some(MessageField::Benefit(_)) => "benefits",
        Some(MessageField::Label(0)) => "label_0",
        Some(MessageField::Label(1)) => "label_1",
        Some(MessageField::Label(_)) => "label_2",
        Some(MessageField::Link(0)) => "link_0",
        Some(MessageField::Link(1)) => "link_1",
        Some(MessageField::Link(_)) => "link_2",
        Some(MessageField::Text) | None => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::messages::file::settings;

    const KEY: MessageKey = MessageKey { moment: Moment::MeterLeft, placement: Placement::Banner };

    fn form() -> MessageForm {
        MessageForm {
            title: "Welcome".to_owned(),
            text: "You have {{numberArticlesLeft}} left.".to_owned(),
            benefits: "One\n\n Two ".to_owned(),
            label_0: "Offers".to_owned(),
            link_0: "/offers".to_owned(),
            label_2: "{{#price}}Account{{/price}}".to_owned(),
            link_2: "/account".to_owned(),
            ..MessageForm::default()
        }
    }

    #[test]
    fn a_message_survives_the_form() {
        let message = form().message(KEY, DeskWords::default()).expect("a message");
        assert_eq!(message.benefits.len(), 2);
        let again =
            MessageForm::of(&message).message(KEY, DeskWords::default()).expect("a message");
        assert_eq!(again, message);
        let text = settings(&[message]).to_toml().expect("text");
        assert!(text.contains("moment = \"meter.left\""), "{text}");
        assert!(text.contains("[[messages.actions]]"), "{text}");
    }

    #[test]
    fn a_mistake_names_its_field() {
        let fault = |change: &dyn Fn(&mut MessageForm)| {
            let mut form = form();
            change(&mut form);
            form.message(KEY, DeskWords::default()).expect_err("a fault")
        };
        assert_eq!(fault(&|s| s.text = " ".into()).field, "text");
        let FormFault { field, text, .. } = fault(&|s| s.title = "{{nope}}".into());
        assert!(field == "title" && text.contains("Line 1, column 1: there is no value"), "{text}");
        assert_eq!(fault(&|s| s.benefits = "{{".into()).field, "benefits");
        assert_eq!(fault(&|s| s.link_0 = "javascript:x".into()).field, "link_0");
        assert_eq!(fault(&|s| s.label_1 = "More".into()).field, "link_1");
        assert_eq!(fault(&|s| s.link_2 = String::new()).field, "link_2");
        assert_eq!(fault(&|s| s.label_0 = "{{x}}".into()).field, "label_0");
    }
}

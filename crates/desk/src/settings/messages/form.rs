//! The form of a message.

use masthead_access::message::{Message, MessageDraft, MessageError, MessageField, Template};
use serde::{Deserialize, Serialize};

use super::{Of, address};

/// What the form of a message holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Sheet {
    #[serde(skip_serializing)]
    pub version: String,
    #[serde(rename = "do", skip_serializing)]
    pub wish: String,
    pub title: String,
    pub text: String,
    pub narrow: String,
    /// One a line.
    pub benefits: String,
    pub label_0: String,
    pub link_0: String,
    pub label_1: String,
    pub link_1: String,
    pub offer: String,
}

impl Sheet {
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
            offer: message.offer.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The message that it is; or the field that is wrong, and why.
    pub fn check(&self, (moment, placement): Of) -> Result<Message, (&'static str, String)> {
        if self.text.trim().is_empty() {
            return Err(("text", "Write what readers are told.".to_owned()));
        }
        let actions = [(&self.label_0, &self.link_0), (&self.label_1, &self.link_1)];
        let places = ["link_0", "link_1"];
        for ((label, link), place) in actions.iter().zip(places) {
            if label.trim().is_empty() != link.trim().is_empty() {
                return Err((place, "A button has both words and an address.".to_owned()));
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
        Message::check(moment, placement, &draft)
            .map_err(|error| (place_of(&error), error.to_string()))
    }

    /// Where a page with this message on it is.
    pub fn page(&self, of: Of) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        format!("{}/page?{query}", address(of))
    }
}

fn place_of(error: &MessageError) -> &'static str {
    match error.field() {
        Some(MessageField::Title) => "title",
        Some(MessageField::Narrow) => "narrow",
        Some(MessageField::Benefit(_)) => "benefits",
        Some(MessageField::Label(0)) => "label_0",
        Some(MessageField::Label(_)) => "label_1",
        Some(MessageField::Link(0)) => "link_0",
        Some(MessageField::Link(_)) => "link_1",
        Some(MessageField::Text) | None => "text",
    }
}

#[cfg(test)]
mod tests {
    use masthead_access::message::{Moment, Placement};

    use super::*;
    use crate::settings::messages::text;

    const OF: Of = (Moment::MeterLeft, Placement::Banner);

    fn sheet() -> Sheet {
        Sheet {
            title: "Welcome".to_owned(),
            text: "You have {{numberArticlesLeft}} left.".to_owned(),
            benefits: "One\n\n Two ".to_owned(),
            label_0: "Offers".to_owned(),
            link_0: "/offers".to_owned(),
            ..Sheet::default()
        }
    }

    #[test]
    fn a_message_goes_to_the_form_and_back() {
        let message = sheet().check(OF).expect("a message");
        assert_eq!(message.benefits.len(), 2);
        let again = Sheet::of(&message).check(OF).expect("a message");
        assert_eq!(again, message);
        let text = text(&[message]).expect("text");
        assert!(text.contains("moment = \"meter.left\""), "{text}");
        assert!(text.contains("[[messages.actions]]"), "{text}");
    }

    #[test]
    fn a_mistake_names_its_field() {
        let fault = |change: &dyn Fn(&mut Sheet)| {
            let mut sheet = sheet();
            change(&mut sheet);
            sheet.check(OF).expect_err("a fault")
        };
        assert_eq!(fault(&|s| s.text = " ".into()).0, "text");
        let (at, why) = fault(&|s| s.title = "{{nope}}".into());
        assert!(at == "title" && why.contains("line 1, column 1: there is no variable"), "{why}");
        assert_eq!(fault(&|s| s.benefits = "{{".into()).0, "benefits");
        assert_eq!(fault(&|s| s.link_0 = "javascript:x".into()).0, "link_0");
        assert_eq!(fault(&|s| s.label_1 = "More".into()).0, "link_1");
        assert_eq!(fault(&|s| s.label_0 = "{{x}}".into()).0, "label_0");
    }
}

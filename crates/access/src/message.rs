//! The messages shown with a decision, by moment and placement, in the publisher's own templates.
//!
//! To add a moment: add it to [`Moment`], say in [`Moments::of`] when it applies and in
//! [`Moment::variables`] which variables have a value then, and write its default text in
//! `defaults`.

mod defaults;
mod direction;
mod locale;
mod moment;
mod template;
mod variable;

use std::collections::HashMap;

pub use self::{
    direction::TextDirection,
    locale::{InvalidLocale, Locale},
    moment::{Moment, Moments, Placement},
    template::{Template, TemplateError, TemplateErrorKind},
    variable::{MessageFacts, Variable},
};
use crate::window::Window;

/// A button or link of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageAction {
    /// The link text.
    pub label: Template,
    /// The target: a path of the publication (`/offers`), `https://…` or `mailto:…`.
    pub link: String,
}

/// A message written by the publisher, validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The moment at which it is shown.
    pub moment: Moment,
    /// Where on the page it is shown.
    pub placement: Placement,
    /// The headline. May be empty.
    pub title: Template,
    /// The text for wide screens, and for narrow screens if `narrow` is `None`.
    pub text: Template,
    /// The text for narrow screens.
    pub narrow: Option<Template>,
    /// What the reader gets, one line each.
    pub benefits: Vec<Template>,
    /// The links, at most [`Message::MAX_ACTIONS`]. One whose label is empty for a reader is left out, and of the others the
    /// first [`Message::SHOWN_ACTIONS`] are shown.
    pub actions: Vec<MessageAction>,
    /// The name of the offer that the message is about.
    pub offer: Option<String>,
}

/// A message as written, before validation.
#[derive(Clone, Debug, Default)]
pub struct MessageDraft<'a> {
    /// See [`Message::title`].
    pub title: &'a str,
    /// See [`Message::text`].
    pub text: &'a str,
    /// See [`Message::narrow`].
    pub narrow: Option<&'a str>,
    /// See [`Message::benefits`].
    pub benefits: Vec<&'a str>,
    /// The label and link of each action.
    pub actions: Vec<(&'a str, &'a str)>,
    /// See [`Message::offer`].
    pub offer: Option<&'a str>,
}

/// The part of a message that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageField {
    /// The title.
    Title,
    /// The text for wide screens.
    Text,
    /// The text for narrow screens.
    Narrow,
    /// The benefit with this index.
    Benefit(usize),
    /// The label of the action with this index.
    Label(usize),
    /// The link of the action with this index.
    Link(usize),
}

/// The error for a message that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A template does not parse.
    #[error("{error}")]
    Template {
        /// The field with the template.
        field: MessageField,
        /// The error, with line and column within that field.
        error: TemplateError,
    },
    /// The link could lead to an unsafe address.
    #[error(
        "the link \"{link}\" is refused; write an address of the publication that begins with /, or https://… or mailto:…"
    )]
    Link {
        /// The field with the link.
        field: MessageField,
        /// The link as written.
        link: String,
    },
    /// The message has more than [`Message::MAX_ACTIONS`] actions.
    #[error("a message has at most {most} actions, and this one has {0}", most = Message::MAX_ACTIONS)]
    TooManyActions(usize),
}

impl MessageError {
    /// Returns the field that the error is about, or `None` if it is about the whole message.
    pub fn field(&self) -> Option<MessageField> {
        match self {
            Self::Template { field, .. } | Self::Link { field, .. } => Some(*field),
            Self::TooManyActions(_) => None,
        }
    }
}

impl Message {
    /// The maximum number of actions.
    pub const MAX_ACTIONS: usize = 3;
    /// The maximum number of actions that a reader sees. More would not fit beside each other.
    pub const SHOWN_ACTIONS: usize = 2;

    /// Returns `true` if any text of the message uses `variable`.
    pub fn mentions(&self, variable: Variable) -> bool {
        let texts = [&self.title, &self.text].into_iter().chain(&self.narrow);
        let labels = self.actions.iter().map(|action| &action.label);
        let mut all = texts.chain(&self.benefits).chain(labels);
        all.any(|template| template.mentions(variable))
    }

    /// Validates a draft for this moment and placement.
    pub fn check(
        moment: Moment,
        placement: Placement,
        draft: &MessageDraft<'_>,
    ) -> Result<Self, MessageError> {
        let template = |field, text| {
            Template::parse(text, moment.variables())
                .map_err(|error| MessageError::Template { field, error })
        };
        if draft.actions.len() > Self::MAX_ACTIONS {
            return Err(MessageError::TooManyActions(draft.actions.len()));
        }
        let mut actions = Vec::new();
        for (index, (label, link)) in draft.actions.iter().enumerate() {
            if !is_safe_link(link) {
                let link = (*link).to_owned();
                return Err(MessageError::Link { field: MessageField::Link(index), link });
            }
            actions.push(MessageAction {
                label: template(MessageField::Label(index), label)?,
                link: (*link).to_owned(),
            });
        }
        let benefits = draft.benefits.iter().enumerate();
        Ok(Self {
            moment,
            placement,
            title: template(MessageField::Title, draft.title)?,
            text: template(MessageField::Text, draft.text)?,
            narrow: draft.narrow.map(|text| template(MessageField::Narrow, text)).transpose()?,
            benefits: benefits
                .map(|(index, text)| template(MessageField::Benefit(index), text))
                .collect::<Result<_, _>>()?,
            actions,
            offer: draft.offer.map(str::to_owned),
        })
    }
}

fn is_safe_link(link: &str) -> bool {
    let own = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\");
    let clean = !link.chars().any(|c| c.is_control() || c.is_whitespace());
    clean && (own || link.starts_with("https://") || link.starts_with("mailto:"))
}

/// All messages of a publication: the publisher's own, and the built-in ones for other moments.
#[derive(Clone, Debug)]
pub struct Messages(HashMap<(Moment, Placement), Message>);

impl Default for Messages {
    /// The built-in messages in English, for a publication that sells nothing.
    fn default() -> Self {
        Self::built_in(false, Window::Month, "en")
    }
}

impl Messages {
    /// The built-in messages in `language` (see [`Locale::language`]), or in English if there is no
    /// translation. `sells` selects the texts of a publication that sells subscriptions, `window` what they call the period
    /// of its meter.
    pub fn built_in(sells: bool, window: Window, language: &str) -> Self {
        let messages = defaults::messages(sells, window, language);
        Self(messages.into_iter().map(|m| ((m.moment, m.placement), m)).collect())
    }

    /// Replaces built-in messages with the publisher's. A publisher's message replaces all built-in
    /// messages of its moment, including those for other placements.
    pub fn replace(&mut self, theirs: Vec<Message>) {
        for message in &theirs {
            self.0.retain(|(moment, _), _| *moment != message.moment);
        }
        self.0.extend(theirs.into_iter().map(|m| ((m.moment, m.placement), m)));
    }

    /// Returns the message for a placement: that of the first of `moments` that has one there.
    pub fn pick(&self, moments: Moments, placement: Placement) -> Option<&Message> {
        moments.iter().find_map(|moment| self.0.get(&(moment, placement)))
    }

    /// Iterates over all messages, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Message> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_has_a_default() {
        let messages = Messages::default();
        for moment in Moment::ALL {
            for messages in [&messages, &Messages::built_in(true, Window::Month, "de")] {
                assert!(messages.iter().any(|m| m.moment == moment), "{moment}");
            }
        }
        for moment in Moment::ALL.into_iter().filter(|moment| moment.is_wall()) {
            let moments = Moments { main: Some(moment), ..Moments::default() };
            assert!(messages.pick(moments, Placement::Wall).is_some(), "{moment}");
        }
    }

    #[test]
    fn built_in_messages_round_trip_through_their_source() {
        for language in ["en", "de", "pl"] {
            for message in Messages::built_in(true, Window::Month, language).iter() {
                let texts = [&message.title, &message.text].into_iter().chain(&message.benefits);
                for text in texts.chain(message.narrow.as_ref()) {
                    let again = Template::parse(&text.source(), message.moment.variables());
                    assert_eq!(again.as_ref(), Ok(text), "{}", text.source());
                }
            }
        }
    }

    #[test]
    fn a_publishers_message_replaces_all_defaults_of_its_moment() {
        let mut messages = Messages::default();
        let draft = MessageDraft { text: "One more.", ..MessageDraft::default() };
        let theirs = Message::check(Moment::MeterLast, Placement::Inline, &draft).expect("valid");
        messages.replace(vec![theirs.clone()]);
        let moments = Moments { main: Some(Moment::MeterLast), ..Moments::default() };
        assert_eq!(messages.pick(moments, Placement::Inline), Some(&theirs));
        assert_eq!(messages.pick(moments, Placement::Banner), None);
    }

    #[test]
    fn only_safe_links_are_accepted() {
        for link in ["/offers", "https://example.org/x", "mailto:help@example.org"] {
            assert!(is_safe_link(link), "{link}");
        }
        for link in
            ["javascript:alert(1)", "//evil.example", "http://example.org", "/\\evil", "/a b", ""]
        {
            assert!(!is_safe_link(link), "{link}");
        }
    }

    #[test]
    fn an_error_names_its_field() {
        let draft = MessageDraft {
            text: "Fine.",
            benefits: vec!["ok", "{{nope}}"],
            ..MessageDraft::default()
        };
        let error =
            Message::check(Moment::MeterLeft, Placement::Banner, &draft).expect_err("refused");
        assert_eq!(error.field(), Some(MessageField::Benefit(1)));
    }
}

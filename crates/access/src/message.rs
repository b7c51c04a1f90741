//! The words: messages by moment and placement, in the publisher's own templates.
//!
//! To add a moment: add it to [`Moment`], say in [`Moments::of`] when it comes, which variables have
//! a value then in [`Moment::variables`], and write its default text in `defaults`.

mod defaults;
mod locale;
mod moment;
mod template;
mod variable;

use std::collections::HashMap;

pub use self::{
    locale::{Locale, UnknownLocale},
    moment::{Moment, Moments, Placement},
    template::{Template, TemplateError, TemplateFault},
    variable::{Facts, Variable},
};

/// A button or link of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it says.
    pub label: Template,
    /// Where it leads: an address of the publication (`/offers`), `https://…` or `mailto:…`.
    pub link: String,
}

/// A message as the publisher has written it, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When it is said.
    pub moment: Moment,
    /// Where it stands.
    pub placement: Placement,
    /// The headline; may be empty.
    pub title: Template,
    /// The text for wide screens, and for narrow ones where `narrow` is absent.
    pub text: Template,
    /// The text for narrow screens.
    pub narrow: Option<Template>,
    /// What the reader would get, one line each.
    pub benefits: Vec<Template>,
    /// At most [`Message::MOST_ACTIONS`].
    pub actions: Vec<Action>,
    /// The offer it speaks of, by name.
    pub offer: Option<String>,
}

/// A message as written, before it is checked.
#[derive(Clone, Debug, Default)]
pub struct Draft<'a> {
    /// See [`Message::title`].
    pub title: &'a str,
    /// See [`Message::text`].
    pub text: &'a str,
    /// See [`Message::narrow`].
    pub narrow: Option<&'a str>,
    /// See [`Message::benefits`].
    pub benefits: Vec<&'a str>,
    /// Label and link of each action.
    pub actions: Vec<(&'a str, &'a str)>,
    /// See [`Message::offer`].
    pub offer: Option<&'a str>,
}

/// Which part of a message is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
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

/// Why a message is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A template is at fault.
    #[error("{error}")]
    Template {
        /// Where.
        field: Field,
        /// What, with line and column within that field.
        error: TemplateError,
    },
    /// A link that would leave the publication unsafely.
    #[error(
        "the link \"{link}\" is refused; write an address of the publication that begins with /, or https://… or mailto:…"
    )]
    Link {
        /// Where.
        field: Field,
        /// The link as written.
        link: String,
    },
    /// More actions than a reader can weigh.
    #[error("a message has at most {most} actions, and this one has {0}", most = Message::MOST_ACTIONS)]
    TooManyActions(usize),
}

impl MessageError {
    /// The part of the message at fault, where there is one.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Template { field, .. } | Self::Link { field, .. } => Some(*field),
            Self::TooManyActions(_) => None,
        }
    }
}

impl Message {
    /// As many choices as fit beside each other without one of them hiding.
    pub const MOST_ACTIONS: usize = 2;

    /// Whether what it says depends on this.
    pub fn mentions(&self, variable: Variable) -> bool {
        let texts = [&self.title, &self.text].into_iter().chain(&self.narrow);
        let labels = self.actions.iter().map(|action| &action.label);
        let mut all = texts.chain(&self.benefits).chain(labels);
        all.any(|template| template.mentions(variable))
    }

    /// Checks a draft for the moment and placement where it is to stand.
    pub fn check(
        moment: Moment,
        placement: Placement,
        draft: &Draft<'_>,
    ) -> Result<Self, MessageError> {
        let template = |field, text| {
            Template::parse(text, moment.variables())
                .map_err(|error| MessageError::Template { field, error })
        };
        if draft.actions.len() > Self::MOST_ACTIONS {
            return Err(MessageError::TooManyActions(draft.actions.len()));
        }
        let mut actions = Vec::new();
        for (index, (label, link)) in draft.actions.iter().enumerate() {
            if !is_safe_link(link) {
                let link = (*link).to_owned();
                return Err(MessageError::Link { field: Field::Link(index), link });
            }
            actions.push(Action {
                label: template(Field::Label(index), label)?,
                link: (*link).to_owned(),
            });
        }
        let benefits = draft.benefits.iter().enumerate();
        Ok(Self {
            moment,
            placement,
            title: template(Field::Title, draft.title)?,
            text: template(Field::Text, draft.text)?,
            narrow: draft.narrow.map(|text| template(Field::Narrow, text)).transpose()?,
            benefits: benefits
                .map(|(index, text)| template(Field::Benefit(index), text))
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

/// All messages of a publication: the publisher's where there are any, the defaults elsewhere.
#[derive(Clone, Debug)]
pub struct Messages(HashMap<(Moment, Placement), Message>);

impl Default for Messages {
    /// What ships in the box, in English, for a publication that sells nothing.
    fn default() -> Self {
        Self::in_the_box(false, "en")
    }
}

impl Messages {
    /// What ships in the box, for a publication that sells subscriptions or one that does not, in its
    /// language (see [`Locale::language`]) where there are words of it, else in English.
    pub fn in_the_box(sells: bool, language: &str) -> Self {
        let messages = defaults::messages(sells, language);
        Self(messages.into_iter().map(|m| ((m.moment, m.placement), m)).collect())
    }

    /// Puts the publisher's message in the place of the default. The publisher's first message for
    /// a moment takes that moment over whole: the defaults for its other placements go.
    pub fn replace(&mut self, theirs: Vec<Message>) {
        for message in &theirs {
            self.0.retain(|(moment, _), _| *moment != message.moment);
        }
        self.0.extend(theirs.into_iter().map(|m| ((m.moment, m.placement), m)));
    }

    /// The message for a placement: the first of these moments that has one there.
    pub fn pick(&self, moments: Moments, placement: Placement) -> Option<&Message> {
        moments.iter().find_map(|moment| self.0.get(&(moment, placement)))
    }

    /// Every message.
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
            assert!(messages.iter().any(|m| m.moment == moment), "{moment}");
        }
        for moment in Moment::ALL.into_iter().filter(|moment| moment.is_wall()) {
            let moments = Moments { main: Some(moment), ..Moments::default() };
            assert!(messages.pick(moments, Placement::Wall).is_some(), "{moment}");
        }
    }

    #[test]
    fn every_built_in_message_is_written_as_it_was_read() {
        for language in ["en", "de"] {
            for message in Messages::in_the_box(true, language).iter() {
                let texts = [&message.title, &message.text].into_iter().chain(&message.benefits);
                for text in texts.chain(message.narrow.as_ref()) {
                    let again = Template::parse(&text.source(), message.moment.variables());
                    assert_eq!(again.as_ref(), Ok(text), "{}", text.source());
                }
            }
        }
    }

    #[test]
    fn a_publishers_message_takes_its_moment_over() {
        let mut messages = Messages::default();
        let draft = Draft { text: "One more.", ..Draft::default() };
        let theirs = Message::check(Moment::MeterLast, Placement::Inline, &draft).expect("valid");
        messages.replace(vec![theirs.clone()]);
        let moments = Moments { main: Some(Moment::MeterLast), ..Moments::default() };
        assert_eq!(messages.pick(moments, Placement::Inline), Some(&theirs));
        assert_eq!(messages.pick(moments, Placement::Banner), None);
    }

    #[test]
    fn only_safe_links_pass() {
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
    fn a_fault_names_its_field() {
        let draft = Draft { text: "Fine.", benefits: vec!["ok", "{{nope}}"], ..Draft::default() };
        let error =
            Message::check(Moment::MeterLeft, Placement::Banner, &draft).expect_err("refused");
        assert_eq!(error.field(), Some(Field::Benefit(1)));
    }
}

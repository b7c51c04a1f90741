//! What is wrong with a message, in words.

use std::fmt::Display;

use masthead_access::message::{Message, MessageError, TemplateError, TemplateErrorKind};

use crate::words::DeskWords;

/// What to correct.
pub(super) fn fault(error: &MessageError, words: DeskWords) -> String {
    match error {
        MessageError::Template { error, .. } => template_fault(error, words),
        MessageError::Link { link, .. } => words.fill("messages_fault_link", &[("link", link)]),
        MessageError::TooManyActions(_) => {
            words.fill("messages_fault_buttons", &[("most", &Message::MAX_ACTIONS)])
        }
    }
}

fn template_fault(error: &TemplateError, words: DeskWords) -> String {
    let fault = kind_in_words(&error.kind, words);
    let gaps: [(&str, &dyn Display); 3] =
        [("line", &error.line), ("column", &error.column), ("fault", &fault)];
    words.fill("template_fault", &gaps)
}

fn kind_in_words(kind: &TemplateErrorKind, words: DeskWords) -> String {
    let tag = |name: &str| format!("{{{{{name}}}}}");
    match kind {
        TemplateErrorKind::UnclosedTag => {
            words.fill("template_fault_tag", &[("open", &"{{"), ("close", &"}}")])
        }
        TemplateErrorKind::UnknownVariable { name, known } => {
            words.fill("template_fault_value", &[("name", name), ("known", known)])
        }
        TemplateErrorKind::NotACount(name) => words.fill("template_fault_count", &[("name", name)]),
        TemplateErrorKind::UnclosedBlock(name) => {
            let close = tag(&format!("/{name}"));
            words.fill("template_fault_block", &[("name", name), ("close", &close)])
        }
        TemplateErrorKind::UnopenedBlock(name) => {
            words.fill("template_fault_closing", &[("tag", &tag(&format!("/{name}")))])
        }
        TemplateErrorKind::MissingOther => {
            words.fill("template_fault_other", &[("tag", &tag("other"))])
        }
        TemplateErrorKind::TextBeforeCategory => words.text("template_fault_category").to_owned(),
        TemplateErrorKind::DuplicateCategory(name) => {
            words.fill("template_fault_twice", &[("name", name)])
        }
        TemplateErrorKind::TooDeep(most) => words.fill("template_fault_depth", &[("most", most)]),
    }
}

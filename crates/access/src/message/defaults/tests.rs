//! Tests of the built-in messages.

use std::collections::BTreeSet;

use super::*;
use crate::message::{Locale, Variable};

const WINDOWS: [Window; 3] = [Window::Month, Window::Week, Window::Days(30)];

#[test]
fn every_built_in_message_is_valid_in_every_language() {
    for (language, sells) in LANGUAGES.into_iter().flat_map(|name| [(name, true), (name, false)]) {
        for message in built_in(sells, words(language)) {
            for window in WINDOWS {
                if let Err(error) = message.check(words(language), window) {
                    let BuiltIn { moment, placement, .. } = message;
                    panic!("{language}, {moment} {placement:?}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_language_without_a_translation_gets_english() {
    assert!(std::ptr::eq(words("sv"), words("en")));
    for language in LANGUAGES.into_iter().filter(|language| *language != "en") {
        assert!(!std::ptr::eq(words(language), words("en")), "{language}");
    }
}

/// The categories of each plural block in a text.
fn plurals(text: &'static str) -> Vec<BTreeSet<&'static str>> {
    const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
    let blocks = text.split("{{#plural ").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("{{/plural}}").next());
    let forms = |block: &'static str| {
        let tags = block.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
        tags.filter(|tag| FORMS.contains(tag)).collect()
    };
    blocks.map(forms).collect()
}

#[test]
fn plural_blocks_have_the_forms_that_their_language_needs_and_no_others() {
    for language in LANGUAGES {
        let locale = Locale::new(language).expect("a locale");
        let mut needed: BTreeSet<&str> = (0..=200).map(|count| locale.category(count)).collect();
        needed.insert("other");
        for message in built_in(true, words(language)) {
            for text in [message.text.text, message.text.narrow] {
                for forms in plurals(text) {
                    assert_eq!(forms, needed, "{language}: {text}");
                }
                assert!(language == "en" || !text.contains("-plural}}"), "{language}: {text}");
            }
        }
    }
}

#[test]
fn every_language_uses_the_same_variables() {
    let variables = |language: &str| -> Vec<Vec<_>> {
        let messages = built_in(true, words(language)).into_iter();
        let messages = messages.map(|message| message.check(words(language), Window::Month));
        messages
            .map(|message| {
                let message = message.expect("valid");
                let used = |variable: &_| message.mentions(*variable);
                Variable::ALL.into_iter().filter(used).collect()
            })
            .collect()
    };
    for language in LANGUAGES {
        assert_eq!(variables(language), variables("en"), "{language}");
    }
}

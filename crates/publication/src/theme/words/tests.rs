//! Tests of the built-in words: what a language lacks, or has too much, is found here.

use std::collections::BTreeSet;

use masthead_access::message::Locale;

use super::*;
use crate::words::{FORMS, gaps};

/// The words of each language, by its tag.
fn languages() -> Vec<(String, Table)> {
    let read = |file: &str| -> Table {
        let file = DefaultTheme::get(file).expect("words");
        toml::from_str(&String::from_utf8_lossy(&file.data)).expect("TOML")
    };
    let mut languages = vec![("en".to_owned(), read("words.toml"))];
    for file in DefaultTheme::iter().filter(|file| file.starts_with("words/")) {
        let tag = file.trim_start_matches("words/").trim_end_matches(".toml");
        languages.push((tag.to_owned(), read(&file)));
    }
    languages
}

/// The counts that readers may see.
fn counts(locale: &Locale, category: &str) -> usize {
    (0..=200).filter(|count| locale.category(*count) == category).count()
}

fn is_form(name: &str, words: &Table) -> bool {
    base(name, words) != name
}

#[test]
fn every_language_has_every_word_and_the_plural_forms_that_it_needs_and_no_others() {
    let languages = languages();
    let english = &languages[0].1;
    let expected = |locale: &Locale| -> BTreeSet<String> {
        let forms = english.keys().filter(|name| is_form(name, english));
        let bases: BTreeSet<&str> = forms.map(|name| base(name, english)).collect();
        let plain = english.keys().filter(|name| !is_form(name, english)).cloned();
        let suffixes = FORMS.iter().filter(|form| counts(locale, &form[1..]) > 0);
        let forms = suffixes.flat_map(|form| {
            bases.iter().map(move |base| format!("{}{form}", base.trim_end_matches("_other")))
        });
        plain.chain(forms).collect()
    };
    assert_eq!(languages.len(), 7, "one of the files of words is missing");
    for (language, words) in &languages {
        let locale = Locale::new(language).expect("a locale");
        let names: BTreeSet<String> = words.keys().cloned().collect();
        let expected = expected(&locale);
        let missing: Vec<_> = expected.difference(&names).collect();
        let unknown: Vec<_> = names.difference(&expected).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "{language}: {missing:?} {unknown:?}");
    }
}

#[test]
fn every_word_has_the_same_gaps_in_every_language() {
    let languages = languages();
    let english = &languages[0].1;
    super::gaps::check(english, english).expect("words that may be copied");
    for (language, words) in &languages {
        let locale = Locale::new(language).expect("a locale");
        for (name, word) in words {
            let word = word.as_str().expect("a text");
            assert!(!word.trim().is_empty(), "{language}: {name}");
            let wanted = gaps(english[base(name, english)].as_str().expect("a text"));
            let form = FORMS.iter().find(|form| name.ends_with(**form) && is_form(name, words));
            let is_single = form.is_some_and(|form| counts(&locale, &form[1..]) == 1);
            let found = gaps(word);
            // A form for a single number may say that number.
            assert!(found == wanted || is_single && found.is_empty(), "{language}, {name}: {word}");
        }
    }
}

#[test]
fn a_count_selects_the_form_of_its_language() {
    let form = |language: &str, count| {
        let (words, _) = load(None, language).expect("words");
        words.for_count("length_month", count).replace("{number}", &count.to_string())
    };
    assert_eq!([form("en", 1), form("en", 2)], ["1 month", "2 months"]);
    assert_eq!(
        [form("pl", 1), form("pl", 2), form("pl", 5)],
        ["1 miesiąc", "2 miesiące", "5 miesięcy"]
    );
    assert_eq!([form("ja", 1), form("ja", 2)], ["1か月", "2か月"]);
    let (words, _) = load(None, "en").expect("words");
    assert_eq!(words.for_count("search_count", 1), "1 result");
    assert_eq!(words.for_count("search_count", 2), "{number} results");
}

#[test]
fn a_theme_may_have_more_plural_forms_and_former_names() {
    let theme = tempfile::tempdir().expect("a folder");
    let own = "search_one = \"Jeden\"\nsearch_count = \"{number} celkem\"\nsearch_count_few = \"{number} články\"\n";
    std::fs::write(theme.path().join("words.toml"), own).expect("written");
    let (words, warnings) = load(Some(theme.path()), "cs").expect("words");
    let form = |count| words.for_count("search_count", count);
    assert_eq!([form(1), form(3), form(9)], ["Jeden", "{number} články", "{number} celkem"]);
    assert_eq!(warnings, Vec::<String>::new());
}

/// What is text in a template: not in a tag, an expression or a comment.
fn texts(template: &str) -> String {
    let mut text = template.to_owned();
    for (from, to) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<style", "</style>"), ("<", ">")]
    {
        while let Some(start) = text.find(from) {
            let end = text[start..].find(to).map_or(text.len(), |end| start + end + to.len());
            text.replace_range(start..end, " ");
        }
    }
    text
}

/// The values of attributes that readers see or hear.
fn spoken_attributes(template: &str) -> String {
    let names = ["alt=\"", "title=\"", "aria-label=\"", "placeholder=\"", "content=\""];
    let values = |name: &'static str| {
        template.split(name).skip(1).filter_map(|rest| rest.split('"').next()).map(texts)
    };
    names.into_iter().flat_map(values).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_text_in_a_template_is_one_of_the_words() {
    // The name of a format, a path, values for browsers, and a class.
    const NAMES: [&str; 12] = [
        "PDF",
        "/account",
        "width=device-width",
        ", initial-scale=1",
        "light dark",
        "article",
        "slim",
        "#fffdf9",
        "#151412",
        "summary_large_image",
        "summary",
        "noindex",
    ];
    for file in DefaultTheme::iter().filter(|file| crate::theme::is_template(file)) {
        let template = DefaultTheme::get(&file).expect("a template");
        let template = String::from_utf8_lossy(&template.data).into_owned();
        let mut text = format!("{} {}", texts(&template), spoken_attributes(&template));
        for name in NAMES {
            text = text.replace(name, " ");
        }
        let found: Vec<&str> =
            text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).collect();
        assert_eq!(found, Vec::<&str>::new(), "{file}: put it into words.toml");
    }
}

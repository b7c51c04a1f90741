//! Tests of the words: what a language lacks, what nothing uses, and texts that are no words.

mod sources;

use std::collections::BTreeSet;

use self::sources::{
    Source, hidden_in_rust, hidden_in_script, hidden_in_template, named_in_rust, named_in_template,
    sources,
};
use super::*;

/// Files whose texts are not words yet. This list only becomes shorter.
const NOT_YET: &[&str] = &[];

fn names(words: DeskWords) -> BTreeSet<&'static str> {
    words.table().map(|(name, _)| name).collect()
}

#[test]
fn every_language_has_the_same_words_with_the_same_gaps() {
    let english = DeskWords::default();
    for words in DeskWords::all() {
        let tag = words.tag();
        let (of, model) = (words.words().expect("words"), english.words().expect("words"));
        assert_eq!(of.differences(model), Vec::<String>::new(), "{tag}");
        let differing: Vec<_> =
            names(words).symmetric_difference(&names(english)).copied().collect();
        assert_eq!(differing, Vec::<&str>::new(), "{tag}");
        for (name, word) in words.table() {
            assert!(!word.trim().is_empty(), "{tag}: {name} is empty");
        }
    }
}

#[test]
fn no_word_is_in_two_files() {
    for (tag, _, files) in LANGUAGES {
        let count = |file: &&str| Words::parse(&[file], tag).expect("TOML").all().len();
        let all: usize = files.iter().map(count).sum();
        assert_eq!(Words::parse(files, tag).expect("TOML").all().len(), all, "{tag}");
    }
}

#[test]
fn every_word_is_used_and_every_name_is_a_word() {
    let known = names(DeskWords::default());
    let mut used = BTreeSet::new();
    for source in sources() {
        let named = match source.kind() {
            "html" => named_in_template(&source.text),
            _ => named_in_rust(&source.text),
        };
        for name in named.certain {
            assert!(is_known(&known, &name), "{}: there is no word {name:?}", source.name);
            used.insert(name);
        }
        used.extend(named.possible);
    }
    let unused: Vec<&str> = known.iter().copied().filter(|name| !is_used(&used, name)).collect();
    assert_eq!(unused, Vec::<&str>::new(), "words that nothing uses");
}

/// Whether there is a word with this name, or one with plural forms.
fn is_known(known: &BTreeSet<&str>, name: &str) -> bool {
    known.contains(name) || known.contains(format!("{name}_other").as_str())
}

/// Whether a word is named itself, by what its parts have in common, or by a script.
fn is_used(used: &BTreeSet<String>, name: &str) -> bool {
    const ENDINGS: [&str; 5] = ["", "_one", "_other", "_heading", "_text"];
    let stems = ENDINGS.into_iter().filter_map(|ending| name.strip_suffix(ending));
    let mut stems = stems.map(|stem| stem.strip_prefix("script_editor_").unwrap_or(stem));
    stems.any(|stem| used.contains(stem))
}

#[test]
fn every_text_that_people_read_is_a_word() {
    let sources = sources();
    let done = sources.iter().filter(|source| !NOT_YET.contains(&source.name.as_str()));
    let texts = done.map(|source| (&source.name, hidden(source)));
    let texts: Vec<_> = texts.filter(|(_, hidden)| !hidden.is_empty()).collect();
    assert!(texts.is_empty(), "put these texts into words/:\n{texts:#?}");
}

#[test]
fn files_that_have_only_words_leave_the_list_of_those_that_have_not() {
    let sources = sources();
    let has_texts = |name: &&str| {
        sources.iter().any(|source| source.name == **name && !hidden(source).is_empty())
    };
    let done: Vec<&str> = NOT_YET.iter().filter(|name| !has_texts(name)).copied().collect();
    assert_eq!(done, Vec::<&str>::new(), "take them out of NOT_YET");
}

/// Texts in a file that are no words.
fn hidden(source: &Source) -> Vec<String> {
    match source.kind() {
        "html" => hidden_in_template(&source.text),
        "rs" => hidden_in_rust(&source.text),
        _ => hidden_in_script(&source.text),
    }
}

#[test]
fn texts_that_are_no_words_are_found() {
    let found = |template: &str| hidden_in_template(template).len();
    assert_eq!(found("<p>{{ words.a }} · <b>{{ b }}</b></p>{# A comment #}"), 0);
    for hidden in [
        "<p>Save</p>",
        "<a aria-label=\"Pages\">{{ words.a }}</a>",
        "<input placeholder=\"Search\">",
        "<input type=\"submit\" value=\"Send\">",
        "{{ item(\"/desk\", \"Today\") }}",
        "{{ headline or \"No headline yet\" }}",
    ] {
        assert_eq!(found(hidden), 1, "{hidden}");
    }
    assert_eq!(hidden_in_rust("let a = format!(\"Paid until {day}\");").len(), 1);
    assert_eq!(hidden_in_rust("/// \"Paid until\"\nlog(\"pages: rendering failed\");").len(), 0);
    assert_eq!(hidden_in_script("button.textContent = 'Copied';").len(), 1);
}

#[test]
fn numbers_and_times_are_written_as_in_the_language() {
    let [english, german] =
        ["en-US", "de-AT"].map(|tag| DeskWords::in_language(tag).expect("words"));
    assert_eq!([english.number(1_234_567), german.number(1_234_567)], ["1,234,567", "1.234.567"]);
    assert_eq!([english.decimal(2.25, 1), german.decimal(2.25, 1)], ["2.2", "2,2"]);
    let at: Timestamp = "2026-11-24T08:00:00Z".parse().expect("a time");
    let zone = TimeZone::get("Europe/Berlin").expect("a zone");
    assert_eq!(english.date_time(at, &zone), "24\u{a0}November 2026, 09:00");
    assert_eq!(german.date_time(at, &zone), "24.\u{a0}November 2026, 09:00");
    let later = at + jiff::SignedDuration::from_hours(24);
    assert_eq!(german.short_time(at, at, &zone), "09:00");
    assert_eq!(english.short_time(at, later, &zone), "24\u{a0}Nov, 09:00");
    assert_eq!(german.short_time(at, later, &zone), "24.\u{a0}Nov., 09:00");
    assert_eq!(
        [english.count("minutes", 1), german.count("minutes", 2000)],
        ["1 minute", "2.000 Minuten"]
    );
    assert!(DeskWords::in_language("tlh").is_none());
}

//! The words of a theme: English, then those of the language, then the publisher's own.

use std::path::Path;

use masthead_access::message::TextDirection;
use masthead_editorial::spelling::suggest;
use toml::{Table, Value};

use super::{ThemeError, gaps};
use crate::{
    assets::{self, DefaultTheme},
    words::{Words, base, without_gaps},
};

/// Words that have another name since a version: copied themes still have the former one.
const RENAMED: [(&str, &str); 1] = [("search_one", "search_count_one")];

/// Loads the words of a theme in a language (BCP 47 primary subtag). Also returns what is probably a mistake.
pub(super) fn load(
    folder: Option<&Path>,
    language: &str,
) -> Result<(Words, Vec<String>), ThemeError> {
    let mut texts = built_in(language)?;
    let mut warnings = Vec::new();
    let own = folder.map(|folder| folder.join("words.toml")).filter(|path| path.exists());
    if let Some(path) = own {
        let text = std::fs::read_to_string(&path).map_err(|error| ThemeError::Unreadable {
            file: "words.toml".to_owned(),
            reason: error.to_string(),
        })?;
        let mut own: Table = toml::from_str(&text)?;
        rename(&mut own);
        gaps::check(&own, &texts)?;
        warnings = misspelt(&own, &texts);
        texts.extend(own);
    }
    isolate_untranslated(&mut texts, language);
    Ok((Words::new(texts, language), warnings))
}

/// The built-in words in a language; those that it does not have are in English.
fn built_in(language: &str) -> Result<Table, ThemeError> {
    let mut words = Table::new();
    for file in ["words.toml".to_owned(), assets::words_file(language)] {
        let Some(built_in) = DefaultTheme::get(&file) else { continue };
        words.extend(toml::from_str::<Table>(&String::from_utf8_lossy(&built_in.data))?);
    }
    Ok(words)
}

/// Isolates the words that are still in English in a language that is written from right to left: their full stops and numbers
/// would be at the wrong end.
fn isolate_untranslated(words: &mut Table, language: &str) {
    if TextDirection::of_tag(language) == TextDirection::LeftToRight {
        return;
    }
    for (_, word) in words.iter_mut() {
        let Value::String(text) = word else { continue };
        if TextDirection::of_text(&without_gaps(text), language) == TextDirection::LeftToRight {
            *text = TextDirection::LeftToRight.isolate(text);
        }
    }
}

/// Gives words with a former name their present one.
fn rename(words: &mut Table) {
    for (former, present) in RENAMED {
        if let Some(text) = words.remove(former) {
            words.entry(present).or_insert(text);
        }
    }
}

/// The names of words that the built-in theme does not have, but nearly. Others may be for the publisher's own templates.
fn misspelt(own: &Table, built_in: &Table) -> Vec<String> {
    let unknown = own.keys().filter(|name| !built_in.contains_key(base(name, built_in)));
    let warning = |name: &String| {
        let near = suggest(name, built_in.keys().map(String::as_str))?;
        Some(format!("words.toml: the built-in theme has no word “{name}”; did you mean “{near}”?"))
    };
    unknown.filter_map(warning).collect()
}

#[cfg(test)]
mod legal_labels;
#[cfg(test)]
mod tests;

//! The words of a theme: English, then those of the language, then the publisher's own.
//!
//! A word with a count has the forms that the plural rules of its language need, with the CLDR category as the suffix:
//! `search_count_one`. The form for all other counts has the suffix `_other`, or none.

use std::path::Path;

use masthead_access::message::Locale;
use masthead_editorial::spelling::suggest;
use toml::{Table, Value};

use super::{ThemeError, gaps};
use crate::assets::{self, DefaultTheme};

/// The suffixes of plural forms, apart from the one for all other counts.
const FORMS: [&str; 5] = ["_zero", "_one", "_two", "_few", "_many"];
/// Words that have another name since a version: copied themes still have the former one.
const RENAMED: [(&str, &str); 1] = [("search_one", "search_count_one")];

/// The words of a theme.
pub(super) struct Words {
    texts: Table,
    /// Has the plural rules.
    locale: Option<Locale>,
}

impl Words {
    /// Loads the words in a language (BCP 47 primary subtag). Also returns what is probably a mistake.
    pub fn load(folder: Option<&Path>, language: &str) -> Result<(Self, Vec<String>), ThemeError> {
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
        Ok((Self { texts, locale: Locale::new(language).ok() }, warnings))
    }

    /// All words by their names.
    pub fn all(&self) -> &Table {
        &self.texts
    }

    /// Returns a word.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).and_then(Value::as_str)
    }

    /// Returns the form of a word for a count; empty if there is no such word.
    pub fn for_count(&self, name: &str, count: u32) -> &str {
        let category = self.locale.as_ref().map_or("other", |locale| locale.category(count));
        let form = self.get(&format!("{name}_{category}"));
        let form = form.or_else(|| self.get(&format!("{name}_other")));
        form.or_else(|| self.get(name)).unwrap_or_default()
    }
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

/// Gives words with a former name their present one.
fn rename(words: &mut Table) {
    for (former, present) in RENAMED {
        if let Some(text) = words.remove(former) {
            words.entry(present).or_insert(text);
        }
    }
}

/// The name of the word that `name` is a plural form of, or `name` itself.
pub(super) fn base<'a>(name: &'a str, words: &'a Table) -> &'a str {
    let Some(stem) = FORMS.iter().find_map(|form| name.strip_suffix(form)) else { return name };
    let other = words.keys().find(|known| known.strip_suffix("_other") == Some(stem));
    other.or_else(|| words.get_key_value(stem).map(|(known, _)| known)).map_or(name, String::as_str)
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

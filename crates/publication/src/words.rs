//! Words by their names, in one language: those of a theme, and those of the newsroom's tool.
//!
//! A word may have gaps, such as `{date}`. A word with a count has the forms that the plural rules of its language need, with
//! the CLDR category as the suffix: `search_count_one`. The form for all other counts has the suffix `_other`, or none.

use std::fmt::Display;

use masthead_access::message::Locale;
use toml::{Table, Value};

/// The suffixes of plural forms, apart from the one for all other counts.
pub(crate) const FORMS: [&str; 5] = ["_zero", "_one", "_two", "_few", "_many"];

/// The words of a language.
#[derive(Debug)]
pub struct Words {
    texts: Table,
    /// Has the plural rules.
    locale: Option<Locale>,
}

impl Words {
    /// These words in a language (BCP 47).
    pub(crate) fn new(texts: Table, language: &str) -> Self {
        Self { texts, locale: Locale::new(language).ok() }
    }

    /// Parses the files of a language (TOML). A word in a later file replaces one of the same name.
    ///
    /// # Errors
    ///
    /// If a file is not TOML.
    pub fn parse(files: &[&str], language: &str) -> Result<Self, toml::de::Error> {
        let mut texts = Table::new();
        for file in files {
            texts.extend(toml::from_str::<Table>(file)?);
        }
        Ok(Self::new(texts, language))
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

    /// The names of words that have no translation or another set of gaps here than in `model`, or that `model` does not
    /// have; for tests of a translation.
    pub fn differences(&self, model: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        for (name, word) in &self.texts {
            let gaps_here = gaps(word.as_str().unwrap_or_default());
            match model.texts.get(base(name, &model.texts)).and_then(Value::as_str) {
                None => differences.push(format!("{name} is in one language only")),
                // A form for a single number may say that number.
                Some(_) if base(name, &self.texts) != name && gaps_here.is_empty() => {}
                Some(word) if gaps(word) != gaps_here => {
                    differences.push(format!("{name} has other gaps"));
                }
                Some(_) => {}
            }
        }
        let missing = model.texts.keys().filter(|name| !self.texts.contains_key(*name));
        let missing = missing.filter(|name| base(name, &model.texts) == *name);
        differences.extend(missing.map(|name| format!("{name} is missing")));
        differences
    }
}

/// Fills the gaps of a word.
pub fn fill(word: &str, gaps: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(word.len());
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let gap = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = gaps.iter().find(|(gap, _)| *gap == name)?;
            Some((value, after))
        });
        match gap {
            Some((value, after)) => {
                filled.push_str(&value.to_string());
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// A word without its gaps, whose values are in no particular language.
pub(crate) fn without_gaps(word: &str) -> String {
    let mut parts = word.split('{');
    let first = parts.next().unwrap_or_default();
    let rests = parts.map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    [first].into_iter().chain(rests).collect()
}

/// The gaps in a word, in order of the alphabet, each once.
pub fn gaps(word: &str) -> Vec<&str> {
    let is_name = |gap: &&str| {
        !gap.is_empty()
            && gap.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let parts = word.split('{').skip(1);
    let mut gaps: Vec<&str> =
        parts.filter_map(|rest| Some(rest.split_once('}')?.0)).filter(is_name).collect();
    gaps.sort_unstable();
    gaps.dedup();
    gaps
}

/// The name of the word that `name` is a plural form of, or `name` itself.
pub(crate) fn base<'a>(name: &'a str, words: &'a Table) -> &'a str {
    let Some(stem) = FORMS.iter().find_map(|form| name.strip_suffix(form)) else { return name };
    let other = words.keys().find(|known| known.strip_suffix("_other") == Some(stem));
    other.or_else(|| words.get_key_value(stem).map(|(known, _)| known)).map_or(name, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_once_and_values_are_not_searched_for_gaps() {
        let filled = fill(
            "{name}: {number} of {name} {unknown} {",
            &[("name", &"{number}"), ("number", &3)],
        );
        assert_eq!(filled, "{number}: 3 of {number} {unknown} {");
        assert_eq!(gaps("{b} {a} {b} {X} {"), ["a", "b"]);
        assert_eq!(without_gaps("© {year} {publication}: {"), "©  : ");
    }

    #[test]
    fn a_translation_that_lacks_a_word_or_has_other_gaps_is_found() {
        let words = |text| Words::parse(&[text], "en").expect("words");
        let model = words("a = \"{x}\"\nb_one = \"one\"\nb_other = \"{number}\"\nc = \"\"");
        let same = words("a = \"- {x}\"\nb_one = \"eins\"\nb_other = \"{number} x\"\nc = \"-\"");
        assert_eq!(same.differences(&model), Vec::<String>::new());
        let other = words("a = \"{y}\"\nb_one = \"eins\"\nb_other = \"{number}\"\nd = \"\"");
        let expected = ["a has other gaps", "d is in one language only", "c is missing"];
        assert_eq!(other.differences(&model), expected);
    }
}

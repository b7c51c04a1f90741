//! Slugs: the readable part of addresses.
//!
//! A slug is lower case and has letters, digits and hyphens. It is stored as it is read; in addresses it is percent-encoded
//! ([`crate::paths`]). A publication chooses by its [`SlugScript`] in which letters slugs are written that are made from names.
//! What is a slug in one of them stays one, so that addresses are permanent whatever is chosen later.

mod letters;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

pub(crate) use self::letters::is_hidden;
use self::letters::{is_joined, is_part, look_alike, plain};
use crate::redirect::is_of_the_site;

/// The maximum length in bytes. Longer slugs are cut at a word boundary.
const MAX_LENGTH: usize = 80;
/// The maximum length of one that is made in its own script, in bytes of the percent-encoded form: 22 Chinese characters.
const MAX_ENCODED: usize = 200;
/// The maximum length of one that was chosen or has a number, in the same bytes.
const MAX_CHOSEN: usize = 240;

/// In which letters slugs are written that are made from names.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Deserialize,
    Serialize,
    strum_macros::EnumString,
    strum_macros::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum SlugScript {
    /// Latin letters without accents. Other scripts are transliterated.
    #[default]
    Latin,
    /// The letters of the name.
    OwnScript,
}

impl SlugScript {
    /// Returns the name that settings and forms use.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Derives a slug from `text`: lower-case words joined by hyphens. Returns an empty string if `text` has no letters or digits.
    pub fn slugify(self, text: &str) -> String {
        let [first, second] = match self {
            Self::Latin => [latin, own_script],
            Self::OwnScript => [own_script, latin],
        };
        // Some scripts cannot be transliterated, and some signs have only a name in Latin letters.
        Some(first(text)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| second(text))
    }

    /// Returns `true` if `text` is a slug that may be chosen.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Latin => text.is_ascii() && is_slug(text),
            Self::OwnScript => is_slug(text),
        }
    }
}

/// Whether addresses that begin with this are answered by the site itself, so that no page, section, topic or author may have it as
/// slug; also if it only looks as if they were.
pub fn is_reserved(slug: &str) -> bool {
    let is_own = |slug: &str| {
        matches!(slug, "author" | "feed" | "topic") || is_of_the_site(&format!("/{slug}"))
    };
    is_own(slug) || !slug.is_ascii() && is_own(&look_alike(slug))
}

/// Derives a slug in [Latin letters](SlugScript::Latin) from `text`.
pub fn slugify(text: &str) -> String {
    SlugScript::Latin.slugify(text)
}

/// Returns `true` if `text` is a slug, in whatever script.
pub fn is_slug(text: &str) -> bool {
    if text.is_ascii() {
        return !text.is_empty() && slug::slugify(text) == text;
    }
    encoded_length(text) <= MAX_CHOSEN && words(text) == text
}

/// Returns `true` if a slug was made from this name, in whatever script.
pub fn is_of_name(slug: &str, name: &str) -> bool {
    !slug.is_empty()
        && [SlugScript::Latin, SlugScript::OwnScript]
            .iter()
            .any(|script| script.slugify(name) == slug)
}

/// Returns `true` if two slugs may have been made from one name in different scripts: one is the other in Latin letters.
pub fn is_in_other_letters(slug: &str, other: &str) -> bool {
    slug != other && (is_of_name(slug, other) || is_of_name(other, slug))
}

fn latin(text: &str) -> String {
    // Signs of currencies would become letters: “£3” is 3, and not “ps3”.
    let mut slug = slug::slugify(text.replace(['\'', '’', '£', '¥'], ""));
    shorten(&mut slug);
    slug
}

/// Shortens a slug in Latin letters.
fn shorten(slug: &mut String) {
    if slug.len() > MAX_LENGTH {
        let cut = slug[..MAX_LENGTH].rfind('-').unwrap_or(MAX_LENGTH);
        slug.truncate(cut);
    }
}

fn own_script(text: &str) -> String {
    let mut slug = words(text);
    if slug.is_ascii() {
        shorten(&mut slug);
        return slug;
    }
    let fits = |end: usize| encoded_length(&slug[..end]) <= MAX_ENCODED;
    if !fits(slug.len()) {
        // Never between a letter and its accent.
        let ends = slug.char_indices().filter(|(_, next)| !is_joined(*next)).map(|(end, _)| end);
        let end = ends.take_while(|end| fits(*end)).last().unwrap_or_default();
        let word = slug[..end].rfind('-').filter(|word| *word >= end / 2);
        slug.truncate(word.unwrap_or(end));
    }
    slug
}

/// The words of a text in lower case (NFC), joined by hyphens.
fn words(text: &str) -> String {
    // What is left out may be between a letter and its accent.
    let is_left_out = |letter: &char| matches!(letter, '\'' | '’') || is_hidden(*letter);
    let letters: String = plain(text).chars().filter(|letter| !is_left_out(letter)).collect();
    let lower = letters.to_lowercase();
    let mut slug = String::with_capacity(lower.len());
    for letter in lower.nfc() {
        let begins = slug.is_empty() || slug.ends_with('-');
        if is_part(letter) {
            if !(begins && is_joined(letter)) {
                slug.push(letter);
            }
        } else if !begins {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// The length of the percent-encoded form, in bytes.
fn encoded_length(slug: &str) -> usize {
    slug.chars().map(|letter| if letter.is_ascii() { 1 } else { 3 * letter.len_utf8() }).sum()
}

#[cfg(test)]
mod tests;

//! How an article appears in search results, and where its link is shared.
//!
//! To add a property: add it to [`Appearance`], to `texts` if it is a text, to the keys of front matter
//! (`manuscript::matter`), to the desk's form, and to `docs/src/publish.md`.

use serde::{Deserialize, Serialize};

use crate::{clean::FindPicture, text};

/// How an article appears elsewhere. What is empty follows from the article itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Appearance {
    /// The title in search results; empty for the headline.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub search_title: String,
    /// The description in search results; empty for the deck or the beginning.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub search_description: String,
    /// The title where the link is shared; empty for the headline.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub social_title: String,
    /// The description where the link is shared; empty for that of search results.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub social_description: String,
    /// The stored picture that is shown where the link is shared; empty for the lead picture.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub social_picture: String,
    /// Whether search engines are asked not to list it.
    #[serde(skip_serializing_if = "is_false")]
    pub noindex: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Appearance {
    /// Returns `true` if everything follows from the article.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The texts.
    pub(crate) fn texts(&mut self) -> [&mut String; 5] {
        [
            &mut self.search_title,
            &mut self.search_description,
            &mut self.social_title,
            &mut self.social_description,
            &mut self.social_picture,
        ]
    }

    /// Normalizes it for storage: each text on one line, and only a picture that is stored.
    #[must_use]
    pub fn cleaned(mut self, find_picture: &FindPicture<'_>) -> Self {
        let known = find_picture(&self.social_picture).map(|picture| picture.src);
        self.social_picture = known.unwrap_or_default();
        for text in self.texts() {
            *text = text::collapse_whitespace(text);
        }
        self
    }
}

/// Whether an address is one that search engines can prefer: a whole one.
pub(crate) fn is_canonical(address: &str) -> bool {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::StoredPicture;

    #[test]
    fn texts_are_one_line_and_only_stored_pictures_are_kept() {
        let found = |src: &str| {
            (src == "kept.jpg").then(|| StoredPicture {
                src: "/media/1.jpg".into(),
                width: 4,
                height: 3,
            })
        };
        let sent = |picture: &str| Appearance {
            search_title: " The\nbridge ".into(),
            social_picture: picture.into(),
            ..Appearance::default()
        };
        let clean = sent("kept.jpg").cleaned(&found);
        assert_eq!(
            (clean.search_title.as_str(), clean.social_picture.as_str()),
            ("The bridge", "/media/1.jpg")
        );
        assert_eq!(sent("https://elsewhere.example/a.jpg").cleaned(&found).social_picture, "");
    }

    #[test]
    fn whole_addresses_are_canonical() {
        assert!(is_canonical("https://paper.example/town/bridge"));
        for other in ["/town/bridge", "paper.example", "ftp://paper.example", "https://a b.example"]
        {
            assert!(!is_canonical(other), "{other}");
        }
    }
}

//! Designs: how the page and the card of an article look.
//!
//! To add a design: add a variant, its styles in `themes/default/assets/style.css`, its line in the
//! desk's `templates/article.html` and `sections.html`, and its row in `docs/src/publish.md`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::spelling::suggest;

/// How the page and the card of an article look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Design {
    /// The ordinary design.
    #[default]
    News,
    /// An opinion: italic headline, the author's portrait, a tinted page.
    Opinion,
    /// A long read: a wide lead picture, a large initial, the reading time on cards.
    LongRead,
    /// A recipe: ingredients beside the method.
    Recipe,
    /// An interview: the questions are set off from the answers.
    Interview,
    /// A photo story: large pictures with captions.
    PhotoStory,
}

/// The error for a text that is not a design.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no design \"{word}\"; {hint}")]
pub struct ParseDesignError {
    word: String,
    hint: String,
}

impl Design {
    /// All designs.
    pub const ALL: [Self; 6] = [
        Self::News,
        Self::Opinion,
        Self::LongRead,
        Self::Recipe,
        Self::Interview,
        Self::PhotoStory,
    ];

    /// The word in front matter, in settings, in the desk's form and in the class of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Opinion => "opinion",
            Self::LongRead => "long-read",
            Self::Recipe => "recipe",
            Self::Interview => "interview",
            Self::PhotoStory => "photo-story",
        }
    }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Design> for String {
    fn from(design: Design) -> Self {
        design.name().to_owned()
    }
}

impl TryFrom<String> for Design {
    type Error = ParseDesignError;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        word.parse()
    }
}

impl FromStr for Design {
    type Err = ParseDesignError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|design| design.name() == word);
        found.ok_or_else(|| {
            let names = || Self::ALL.into_iter().map(Self::name);
            let hint = match suggest(word, names()) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            };
            ParseDesignError { word: word.to_owned(), hint }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for design in Design::ALL {
            assert_eq!(design.name().parse(), Ok(design));
        }
    }

    #[test]
    fn an_unknown_design_gets_the_nearest_one_or_all() {
        let error = |word: &str| word.parse::<Design>().expect_err("refused").to_string();
        assert_eq!(
            error("longread"),
            "there is no design \"longread\"; did you mean \"long-read\"?"
        );
        assert_eq!(
            error("x"),
            "there is no design \"x\"; there are news, opinion, long-read, recipe, interview, photo-story"
        );
    }
}

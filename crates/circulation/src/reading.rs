//! What signed-in readers keep for themselves: articles to read later, and the topics and authors that they follow.

/// The maximum number of saved articles of an account.
pub const MAX_SAVED: u64 = 500;
/// The maximum number of topics and authors that an account follows.
pub const MAX_FOLLOWED: u64 = 200;

/// What a reader can follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum_macros::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum FollowKind {
    /// A topic.
    Topic,
    /// An author.
    Author,
}

/// The error for a word that is no [`FollowKind`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is nothing of the kind \"{0}\" to follow; use topic or author")]
pub struct ParseFollowKindError(String);

impl FollowKind {
    /// Its word, which the database and addresses have.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl std::str::FromStr for FollowKind {
    type Err = ParseFollowKindError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "topic" => Ok(Self::Topic),
            "author" => Ok(Self::Author),
            other => Err(ParseFollowKindError(other.to_owned())),
        }
    }
}

/// A topic or author that a reader follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Followed {
    /// What it is.
    pub kind: FollowKind,
    /// Its slug.
    pub slug: String,
}

/// The result of adding something to a reader's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListAddition {
    /// It is on the list now.
    Added,
    /// It was on the list before.
    Known,
    /// The list is full.
    Full,
    /// The account, or what was to be added, was deleted meanwhile.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_words_stay_as_they_are() {
        for (kind, word) in [(FollowKind::Topic, "topic"), (FollowKind::Author, "author")] {
            assert_eq!((kind.name(), word.parse()), (word, Ok(kind)));
        }
        assert!("section".parse::<FollowKind>().is_err());
    }
}

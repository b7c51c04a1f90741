//! What readers keep for themselves: saved articles, their reading history, and what they follow.

use serde::Serialize;

use super::{Card, Chrome, Link};

/// The articles that a reader has saved.
#[derive(Debug, Serialize)]
pub struct SavedContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// An article that the reader wanted to save before they signed in.
    pub add: Option<Link>,
    /// The article that was saved a moment ago.
    pub added: Option<Link>,
    /// The article that was removed a moment ago.
    pub removed: Option<Link>,
    /// The articles, the latest first.
    pub articles: Vec<KeptArticleContext>,
}

/// An article on a list of a reader.
#[derive(Clone, Debug, Serialize)]
pub struct KeptArticleContext {
    /// Its number, by which it is removed.
    pub id: u32,
    /// The article as on other lists; `None` if it is no longer published.
    pub card: Option<Card>,
    /// When it was put on the list, written out.
    pub since: String,
}

/// The articles that a reader has opened.
#[derive(Debug, Serialize)]
pub struct HistoryContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// Whether a history is kept.
    pub kept: bool,
    /// The articles, the latest first.
    pub articles: Vec<KeptArticleContext>,
}

/// A topic or author that readers can follow.
#[derive(Clone, Debug, Serialize)]
pub struct FollowContext {
    /// `topic` or `author`.
    pub kind: &'static str,
    /// Its slug.
    pub slug: String,
    /// Its name. The slug if there are no articles any more.
    pub name: String,
    /// Its address; empty if there are no articles any more.
    pub href: String,
}

/// What a reader follows.
#[derive(Debug, Serialize)]
pub struct FollowingContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// What the reader wanted to follow before they signed in.
    pub add: Option<FollowContext>,
    /// What the reader has begun to follow a moment ago.
    pub added: Option<FollowContext>,
    /// What the reader has ceased to follow a moment ago.
    pub removed: Option<FollowContext>,
    /// The topics, in the order in which the reader began to follow them.
    pub topics: Vec<FollowContext>,
    /// The authors, in the same order.
    pub authors: Vec<FollowContext>,
    /// The latest articles of what is followed.
    pub cards: Vec<Card>,
    /// The address of the reader's feed; empty if there is none.
    pub feed: String,
}

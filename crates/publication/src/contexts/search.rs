//! What is found by its words.

use serde::Serialize;

use super::{Card, Chrome};

/// Where articles are searched for.
#[derive(Debug, Serialize)]
pub struct SearchContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The words that are looked for; may be empty.
    pub asked: String,
    /// How many were found, or why none; empty where nothing was asked.
    pub said: String,
    /// What was found, the best first.
    pub hits: Vec<HitContext>,
    /// The page with what fits better.
    pub better: Option<String>,
    /// The page with what fits less.
    pub further: Option<String>,
}

/// An article that was found.
#[derive(Debug, Serialize)]
pub struct HitContext {
    /// The article.
    pub card: Card,
    /// A passage of what everybody may see.
    pub passage: Vec<PassageContext>,
}

/// A part of a passage.
#[derive(Debug, Serialize)]
pub struct PassageContext {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub marked: bool,
}

//! What is found by its words.

use serde::Serialize;

use super::{Card, Chrome};

/// Where articles are searched for. The templates of existing themes know some fields by other names.
#[derive(Debug, Serialize)]
pub struct SearchContext {
    /// See [`Chrome`].
    pub chrome: Chrome,
    /// The words that are searched for; may be empty.
    #[serde(rename = "asked")]
    pub query: String,
    /// How many articles were found, or why none; empty if nothing was searched for.
    #[serde(rename = "said")]
    pub summary: String,
    /// What was found, the best first.
    pub hits: Vec<HitContext>,
    /// The address of the page with better matches.
    #[serde(rename = "better")]
    pub previous: Option<String>,
    /// The address of the page with further matches.
    #[serde(rename = "further")]
    pub next: Option<String>,
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

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
    /// What narrows the search down.
    pub filters: FilterContext,
    /// Whether no words were asked for, so that what was found is the latest that fits.
    pub latest: bool,
    /// Whether to say that subscribers search the full text of all articles, because this reader does not.
    pub tells_of_full_text: bool,
    /// What was found, in the order that was asked for.
    pub hits: Vec<HitContext>,
    /// The address of the previous page of results.
    #[serde(rename = "better")]
    pub previous: Option<String>,
    /// The address of the next page of results.
    #[serde(rename = "further")]
    pub next: Option<String>,
}

/// An article that was found.
#[derive(Debug, Serialize)]
pub struct HitContext {
    /// The article.
    pub card: Card,
    /// Whether it is a page of the publication itself, such as "Contact". They come after all articles.
    pub is_page: bool,
    /// A passage of what the reader may see.
    pub passage: Vec<PassageContext>,
}

/// What narrows a search down, as it was entered.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FilterContext {
    /// Whether anything was entered.
    pub used: bool,
    /// The sections that have articles.
    pub sections: Vec<ChoiceContext>,
    /// The name of an author; may be empty.
    pub author: String,
    /// Names of authors to choose from.
    pub authors: Vec<String>,
    /// The first day, such as `2026-11-27`; may be empty.
    pub from: String,
    /// The last day; may be empty.
    pub to: String,
    /// Whether the newest articles come first.
    pub newest: bool,
    /// What is wrong with what was entered.
    pub faults: Vec<String>,
    /// The address of the search without it.
    pub clear: String,
}

/// One of several values of a field.
#[derive(Clone, Debug, Serialize)]
pub struct ChoiceContext {
    /// The value.
    pub value: String,
    /// What readers see.
    pub name: String,
    /// Whether it is the current one.
    pub current: bool,
}

/// A part of a passage.
#[derive(Debug, Serialize)]
pub struct PassageContext {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub marked: bool,
}

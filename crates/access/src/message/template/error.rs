//! What is wrong with a template, and where.

use std::fmt;

/// A parse error and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong at this position.
    pub kind: TemplateErrorKind,
}

/// The kinds of parse errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateErrorKind {
    /// A `{{` without its `}}`.
    #[error("\"{{{{\" is never closed; add \"}}}}\"")]
    UnclosedTag,
    /// A variable that does not exist or has no value at this moment.
    #[error("there is no variable \"{name}\" here; there are {known}")]
    UnknownVariable {
        /// The name as written.
        name: String,
        /// The available names, separated by commas.
        known: String,
    },
    /// A plural over something that is not a count.
    #[error("\"{0}\" is not a number, so it has no plural")]
    NotACount(&'static str),
    /// A block that is never closed.
    #[error("the block \"{0}\" is never closed; add \"{{{{/{0}}}}}\"")]
    UnclosedBlock(String),
    /// A closing tag without its block.
    #[error("\"{{{{/{0}}}}}\" closes nothing that is open")]
    UnopenedBlock(String),
    /// A plural block without an `{{other}}` part.
    #[error("a plural block needs an {{{{other}}}} part")]
    MissingOther,
    /// Text in a plural block before its first category.
    #[error("a plural block begins with a category: zero, one, two, few, many or other")]
    TextBeforeCategory,
    /// A plural category that appears twice in one block.
    #[error("the plural part \"{0}\" appears twice")]
    DuplicateCategory(String),
    /// More blocks within each other than the number.
    #[error("more than {0} blocks are nested here; close one before you open the next")]
    TooDeep(usize),
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.kind)
    }
}

impl std::error::Error for TemplateError {}

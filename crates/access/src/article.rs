//! The properties of an article that the decision depends on.

use std::sync::Arc;

use jiff::Timestamp;

use crate::tier::Tier;

/// The number that identifies an article in the meter. It never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleId(pub u32);

/// The properties of an article that rules can refer to, borrowed from the caller.
#[derive(Clone, Copy, Debug)]
pub struct Article<'a> {
    /// The article's number in the meter.
    pub id: ArticleId,
    /// The tier set on the article itself. It takes precedence over the rules.
    pub tier: Option<&'a Tier>,
    /// Paid for by a sponsor, and therefore free and never counted.
    pub sponsored: bool,
    /// The slug of its section.
    pub section: &'a str,
    /// The slugs of its topics.
    pub topics: &'a [Arc<str>],
    /// The slugs of its authors.
    pub authors: &'a [Arc<str>],
    /// The content type, such as `article`, `review` or `opinion`.
    pub kind: &'a str,
    /// When it was first published. Its age is measured from here.
    pub published: Timestamp,
}

impl Article<'static> {
    /// An article of the default tier, without section, topics or authors.
    pub fn plain(id: u32, published: Timestamp) -> Self {
        Self {
            id: ArticleId(id),
            tier: None,
            sponsored: false,
            section: "",
            topics: &[],
            authors: &[],
            kind: "article",
            published,
        }
    }
}

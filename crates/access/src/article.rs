//! What the decision needs to know of an article.

use std::sync::Arc;

use jiff::Timestamp;

use crate::tier::Tier;

/// The number by which the meter knows an article, the same for as long as the article exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleId(pub u32);

/// The facts of an article that rules may ask for, borrowed from whoever keeps the article.
#[derive(Clone, Copy, Debug)]
pub struct Article<'a> {
    /// The number that the meter counts by.
    pub id: ArticleId,
    /// The tier set on the article itself, which no rule overrides.
    pub tier: Option<&'a Tier>,
    /// Paid for by a sponsor: always free, never counted.
    pub sponsored: bool,
    /// The slug of the section it stands in.
    pub section: &'a str,
    /// Slugs of its topics.
    pub topics: &'a [Arc<str>],
    /// Slugs of its authors.
    pub authors: &'a [Arc<str>],
    /// The kind of content, such as `article`, `review` or `opinion`.
    pub kind: &'a str,
    /// When it was first published; its age counts from here.
    pub published: Timestamp,
}

impl Article<'static> {
    /// An article of the default tier that no rule can tell from another.
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

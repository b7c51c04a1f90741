//! Which authors and topics others have taken the place of. Access rules, fronts and articles that name one mean the other, also
//! those that were written before and those that nobody has come to yet.

use std::collections::{BTreeMap, HashMap};

use masthead_circulation::reading::FollowKind;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    Store, StoreError,
    records::{author, topic},
};

/// Who or what has the articles of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredName {
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
}

/// Slugs that were merged or changed, with who or what has the articles now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetiredNames {
    authors: BTreeMap<String, RetiredName>,
    topics: BTreeMap<String, RetiredName>,
}

impl RetiredNames {
    /// Returns who or what has the articles of this slug now; `None` if it was not merged.
    pub fn current(&self, kind: FollowKind, slug: &str) -> Option<&RetiredName> {
        match kind {
            FollowKind::Author => self.authors.get(slug),
            FollowKind::Topic => self.topics.get(slug),
        }
    }

    /// The same with one more, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with(mut self, kind: FollowKind, slug: &str, now: RetiredName) -> Self {
        match kind {
            FollowKind::Author => self.authors.insert(slug.to_owned(), now),
            FollowKind::Topic => self.topics.insert(slug.to_owned(), now),
        };
        self
    }
}

impl Store {
    /// Returns the authors and topics that were merged with others, or have another slug now.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn retired_names(&self) -> Result<RetiredNames, StoreError> {
        let authors = {
            use author::Column::{MergedInto, Name, Slug};
            retired::<author::Entity>(&self.database, (Slug, Name, MergedInto)).await?
        };
        let topics = {
            use topic::Column::{MergedInto, Name, Slug};
            retired::<topic::Entity>(&self.database, (Slug, Name, MergedInto)).await?
        };
        Ok(RetiredNames { authors, topics })
    }
}

/// The retired slugs of a table with these columns of which it is known who has the articles.
async fn retired<E: EntityTrait>(
    database: &impl ConnectionTrait,
    (slug, name, merged_into): (E::Column, E::Column, E::Column),
) -> Result<BTreeMap<String, RetiredName>, StoreError> {
    let merged = E::find().select_only().filter(merged_into.is_not_null());
    let into = merged.clone().column(merged_into).into_query();
    let merged: Vec<(String, String)> =
        merged.columns([slug, merged_into]).into_tuple().all(database).await?;
    let names: HashMap<String, String> = E::find()
        .select_only()
        .columns([slug, name])
        .filter(slug.in_subquery(into))
        .into_tuple()
        .all(database)
        .await?
        .into_iter()
        .collect();
    let known = |(former, slug): (String, String)| {
        let name = names.get(&slug)?.clone();
        Some((former, RetiredName { slug, name }))
    };
    Ok(merged.into_iter().filter_map(known).collect())
}

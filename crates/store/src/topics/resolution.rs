//! Which topics the names in a piece mean: those that were renamed or merged are named as they are now, and names that are alike in
//! Latin letters only have slugs of their own.

use masthead_circulation::reading::FollowKind;
use masthead_editorial::{Piece, Topic, is_same_name, slug::is_of_name};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter,
};

use super::names;
use crate::{
    StoreError,
    known_names::KnownNames,
    records::{topic as row, topic_name},
    renaming::has_articles,
};

/// What is stored about the topics of a piece.
struct Known {
    topics: Vec<row::Model>,
    names: Vec<topic_name::Model>,
}

/// Names the topics of a piece as they are now, and notes the names that are new.
pub(crate) async fn resolve(
    to: &DatabaseTransaction,
    piece: &mut Piece,
    stored: &mut KnownNames,
) -> Result<(), StoreError> {
    let are_known = piece.topics.iter().all(|topic| stored.has_topic(topic));
    let asked: &[Topic] = if are_known { &[] } else { &piece.topics };
    let mut known = Known::read(to, asked).await?;
    let mut topics: Vec<Topic> = Vec::with_capacity(piece.topics.len());
    for mut topic in std::mem::take(&mut piece.topics) {
        let given = topic.clone();
        let is_settled = are_known || known.named(&topic.name).next().is_some();
        if !is_settled && is_of_name(&topic.slug, &topic.name) {
            known.give_own_slug(to, &mut topic).await?;
        }
        let topic = known.now(topic);
        if topic == given {
            stored.add_topic(&topic);
        }
        if topics.iter().all(|other| other.slug != topic.slug) {
            topics.push(topic);
        }
    }
    piece.topics = topics;
    Ok(())
}

impl Known {
    async fn read(from: &impl ConnectionTrait, topics: &[Topic]) -> Result<Self, StoreError> {
        if topics.is_empty() {
            return Ok(Self { topics: Vec::new(), names: Vec::new() });
        }
        let names = names::stored(from, topics).await?;
        let slugs = topics.iter().map(|topic| topic.slug.as_str());
        let slugs = slugs.chain(names.iter().map(|row| row.slug.as_str()));
        let own = topics.iter().map(|topic| topic.name.as_str());
        let either = row::Column::Slug.is_in(slugs).or(row::Column::Name.is_in(own));
        let mut topics = row::Entity::find().filter(either).all(from).await?;
        let targets = topics.iter().filter_map(|row| row.merged_into.clone());
        let targets: Vec<String> = targets.collect();
        if !targets.is_empty() {
            let named = row::Column::Slug.is_in(targets);
            topics.extend(row::Entity::find().filter(named).all(from).await?);
        }
        Ok(Self { topics, names })
    }

    fn at(&self, slug: &str) -> Option<&row::Model> {
        self.topics.iter().find(|row| row.slug == slug)
    }

    /// The topics that the newsroom has given this name.
    fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a row::Model> {
        self.topics.iter().filter(move |row| row.merged_into.is_none() && row.name == name)
    }

    /// The topic as it is now.
    fn now(&self, topic: Topic) -> Topic {
        // A draft has names: one that was renamed and kept its slug is found by its name, or it would be another topic, which no
        // access rule names.
        let is_from_name = is_of_name(&topic.slug, &topic.name);
        let named = self.named(&topic.name).filter(|_| is_from_name);
        let own = named.max_by_key(|row| row.slug == topic.slug);
        let row = own.or_else(|| self.at(&topic.slug));
        let row =
            row.map(|row| row.merged_into.as_deref().and_then(|into| self.at(into)).unwrap_or(row));
        row.map_or(topic, |row| Topic { slug: row.slug.clone(), name: row.name.clone() })
    }

    /// Gives a topic of which only the name is known the slug of this name: the one that it has, or that of its letters, with a number
    /// if another name has it.
    async fn give_own_slug(
        &mut self,
        to: &DatabaseTransaction,
        topic: &mut Topic,
    ) -> Result<(), StoreError> {
        let has_own = |slug: &str, name: &str, names: &[topic_name::Model]| {
            names.iter().any(|row| row.slug == slug && is_same_name(&row.name, name))
        };
        if has_own(&topic.slug, &topic.name, &self.names) {
            return Ok(());
        }
        // It may have been set apart, or addresses were written in other letters then.
        let is_made = |row: &&topic_name::Model| {
            is_same_name(&row.name, &topic.name) && is_of_name(&row.slug, &topic.name)
        };
        let named = self.names.iter().find(|row| row.name == topic.name);
        if let Some(row) = named.or_else(|| self.names.iter().find(is_made)) {
            topic.slug.clone_from(&row.slug);
            return Ok(());
        }
        if self.is_of_another(topic) {
            topic.slug = self.number(to, topic).await?;
        }
        let is_noted = self.names.iter().any(|row| row.slug == topic.slug);
        // One that was renamed and has kept its slug is the same topic under its former name.
        let is_renamed =
            self.at(&topic.slug).is_some_and(|row| !is_same_name(&row.name, &topic.name));
        if !is_noted && !is_renamed {
            self.names.push(names::note(to, topic).await?);
        }
        Ok(())
    }

    /// Whether another name has the slug of a topic.
    fn is_of_another(&self, topic: &Topic) -> bool {
        let is_same = |name: &str| is_same_name(name, &topic.name);
        let row = self.at(&topic.slug);
        match self.names.iter().find(|row| row.slug == topic.slug) {
            Some(own) => !is_same(&own.name) && !row.is_some_and(|row| is_same(&row.name)),
            None => row.is_some_and(|row| is_of_name(&row.slug, &row.name) && !is_same(&row.name)),
        }
    }

    /// The slug of a topic with the first number that no other has, or that this one has.
    async fn number(
        &mut self,
        to: &DatabaseTransaction,
        topic: &Topic,
    ) -> Result<String, StoreError> {
        let mut number = 2;
        loop {
            let numbered =
                Topic { slug: format!("{}-{number}", topic.slug), name: topic.name.clone() };
            let slug = numbered.slug.clone();
            let Self { topics, names } = Self::read(to, std::slice::from_ref(&numbered)).await?;
            let holder = names.iter().find(|row| row.slug == slug).map(|row| row.name.clone());
            let is_stored = topics.iter().any(|row| row.slug == slug);
            self.topics.extend(topics);
            let is_own = holder.as_ref().is_some_and(|name| is_same_name(name, &topic.name));
            self.names.extend(names.into_iter().filter(|row| row.slug == slug));
            let is_free = holder.is_none()
                && !is_stored
                && !has_articles(to, FollowKind::Topic, &slug).await?;
            if is_own || is_free {
                return Ok(slug);
            }
            number += 1;
        }
    }
}

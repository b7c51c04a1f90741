//! Which name has the slug of a topic, so that another whose letters are alike gets one of its own. Of two names that have one slug
//! already, the first that an article has keeps it; the other gets its own once an article with it is saved. Access rules name the first
//! only, so the log says which others there are.

use std::collections::{HashMap, HashSet};

use masthead_access::ArticleId;
use masthead_editorial::{Piece, Topic, is_same_name, slug::is_of_name};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};

use crate::{
    ids::{Key, PieceKey},
    records::piece,
    topics::note_names,
};

/// The number of rows read at once.
const BATCH: u64 = 1000;
/// The number of names written at once.
const BATCH_OF_NAMES: usize = 500;
const STATEMENTS: [&str; 2] = [
    "CREATE TABLE topic_names (slug varchar NOT NULL PRIMARY KEY, name varchar NOT NULL)",
    "CREATE INDEX topic_names_name ON topic_names (name)",
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0246_topic_names"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for statement in STATEMENTS {
            connection.execute_unprepared(statement).await?;
        }
        let (mut after, mut topics) = (Key(ArticleId(0)), TopicsOfArticles::default());
        loop {
            let rows: Vec<(PieceKey, String)> = piece::Entity::find()
                .select_only()
                .columns([piece::Column::Id, piece::Column::Facts])
                .filter(piece::Column::Id.gt(after))
                .order_by_asc(piece::Column::Id)
                .limit(BATCH)
                .into_tuple()
                .all(connection)
                .await?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = *last;
            let mut new: Vec<Topic> = Vec::new();
            for (_, facts) in rows {
                let piece: Piece =
                    serde_json::from_str(&facts).map_err(|error| DbErr::Json(error.to_string()))?;
                let own = piece.topics.into_iter().filter(|of| is_of_name(&of.slug, &of.name));
                new.extend(own.filter(|topic| topics.add(topic)));
            }
            for part in new.chunks(BATCH_OF_NAMES) {
                note_names(connection, part.to_vec()).await?;
            }
        }
    }

    /// On SQLite too, so that an interrupted upgrade changes nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The topics of the articles that were read.
#[derive(Default)]
struct TopicsOfArticles {
    /// The first names, by their slugs.
    noted: HashMap<String, String>,
    /// Other names that were reported.
    others: HashSet<String>,
}

impl TopicsOfArticles {
    /// Adds a topic. Returns whether it is the first with its slug, and reports another that has it.
    fn add(&mut self, topic: &Topic) -> bool {
        let Topic { slug, name } = topic;
        let Some(first) = self.noted.get(slug) else {
            self.noted.insert(slug.clone(), name.clone());
            return true;
        };
        if !is_same_name(first, name) && self.others.insert(name.clone()) {
            tracing::warn!(
                slug,
                first,
                other = name,
                "database: two topics have one slug; check the access rules that name it"
            );
        }
        false
    }
}

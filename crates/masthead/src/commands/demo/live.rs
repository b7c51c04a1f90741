//! The demonstration's live coverage: posts of the last hours, in a file for each article, with how long ago each was published.

use jiff::{SignedDuration, Timestamp};
use masthead_access::ArticleId;
use masthead_editorial::live_post::LivePostText;
use masthead_store::{LiveAuthor, NewLivePost, Store, StoredPiece};
use serde::Deserialize;

use super::text;
use crate::error::CliError;

/// A post in the file.
#[derive(Deserialize)]
struct DemoPost {
    /// How many minutes ago it was published.
    minutes: i64,
    pinned: bool,
    headline: String,
    text: String,
}

/// Publishes the posts of those of these articles that have any.
pub async fn cover(store: &Store, pieces: &[StoredPiece], now: Timestamp) -> Result<(), CliError> {
    for StoredPiece { id, piece, .. } in pieces {
        let file = format!("live/{}.json", piece.slug);
        let Some(posts) = text(&file) else { continue };
        let fault = |error: &dyn std::fmt::Display| CliError::new(format!("demo/{file}, {error}"));
        let posts: Vec<DemoPost> = serde_json::from_str(&posts).map_err(|error| fault(&error))?;
        let posts = posts.into_iter().enumerate().map(|(index, post)| {
            let read = LivePostText::read(&post.headline, &post.text, &|_| None);
            let text = read.map_err(|error| fault(&error))?;
            let new = NewLivePost { request: index.to_string(), text, is_pinned: post.pinned };
            Ok((now - SignedDuration::from_mins(post.minutes), new))
        });
        publish(store, *id, posts.collect::<Result<_, CliError>>()?).await?;
    }
    Ok(())
}

/// Starts the coverage with its first post, and publishes the others.
async fn publish(
    store: &Store,
    id: ArticleId,
    posts: Vec<(Timestamp, NewLivePost)>,
) -> Result<(), CliError> {
    let Some((first, _)) = posts.first() else { return Ok(()) };
    store.start_coverage(id, LiveAuthor { by: None, at: *first }).await?;
    for (at, post) in &posts {
        store.publish_live_post(id, post, LiveAuthor { by: None, at: *at }).await?;
    }
    Ok(())
}

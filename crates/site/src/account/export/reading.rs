//! What a reader has saved and opened, and what they follow.

use masthead_access::ArticleId;
use masthead_circulation::AccountId;
use masthead_publication::SiteSnapshot;
use masthead_store::{Following, ListedArticle, StoreError};
use serde_json::{Map, Value, json};

use super::list;
use crate::state::Site;

/// The part of the download about what readers keep for themselves.
pub(super) async fn of(
    site: &Site,
    snapshot: &SiteSnapshot,
    id: AccountId,
) -> Result<Map<String, Value>, StoreError> {
    let store = &site.store;
    let article =
        |id: ArticleId| snapshot.edition.public_piece(id).map(|entry| entry.address.to_string());
    let saved = |one: &ListedArticle| json!({ "article": article(one.article), "saved": one.at.to_string() });
    let opened = |one: &ListedArticle| json!({ "article": article(one.article), "opened": one.at.to_string() });
    let follows = |one: &Following| {
        let kind = one.followed.kind.name();
        json!({ "kind": kind, "slug": one.followed.slug, "since": one.at.to_string() })
    };
    let since = store.history_since(id).await?.map(|at| at.to_string());
    let history = list(&store.history_of(id, None).await?, opened);
    let feed = store.feed_of(id).await?.map(|(_, begun)| begun.to_string());
    Ok(Map::from_iter([
        ("saved".to_owned(), list(&store.saved_articles_of(id).await?, saved).into()),
        ("history".to_owned(), json!({ "since": since, "opened": history })),
        ("following".to_owned(), list(&store.followed_by(id).await?, follows).into()),
        ("personal_feed".to_owned(), json!({ "since": feed })),
    ]))
}

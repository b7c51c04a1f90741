//! The topics and authors that readers follow.

use std::{cmp::Reverse, sync::Arc};

use axum::extract::State;
use http::HeaderMap;
use masthead_circulation::reading::{FollowKind, Followed, MAX_FOLLOWED};
use masthead_editorial::paths;
use masthead_publication::{
    SiteSnapshot, Template,
    contexts::{FollowContext, FollowingContext},
    edition::{Edition, EditionEntry, EntryList, Target},
};
use serde::Deserialize;

use super::{after_addition, after_removal, feed, sign_in_for_list};
use crate::{
    error::{Handled, SiteError},
    extract::{ReaderForm, SignedIn, UrlQuery},
    notice::Notice,
    state::Site,
};

/// The address of the list.
pub(super) const LIST: &str = "/account/following";
/// The number of articles on the page.
const SHOWN: usize = 24;

#[derive(Deserialize)]
pub(super) struct FollowForm {
    /// `topic` or `author`.
    kind: String,
    slug: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct FollowingQuery {
    /// The address of what the reader wanted to follow before they signed in.
    add: String,
    /// The address of what the reader has begun to follow a moment ago.
    added: String,
    /// The address of what the reader has ceased to follow a moment ago.
    removed: String,
}

impl FollowForm {
    fn followed(self) -> Result<Followed, SiteError> {
        let kind: FollowKind = self.kind.parse().map_err(|_| SiteError::NotFound)?;
        Ok(Followed { kind, slug: self.slug })
    }
}

/// What is followed, and its latest articles.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<FollowingQuery>,
    headers: HeaderMap,
    reader: Option<SignedIn>,
) -> Handled {
    let Some(reader) = reader else { return Ok(sign_in_for_list(LIST, &query.add)) };
    let snapshot = site.snapshot();
    let followed = followed_by(&site, &reader).await?;
    let (layout, edition) = (snapshot.layout(), &snapshot.edition);
    let of_kind = |kind| {
        let same = followed.iter().filter(|followed| followed.kind == kind);
        same.map(|followed| context(edition, followed)).collect()
    };
    let at =
        |address: &str| followed_at(edition, address).map(|followed| context(edition, &followed));
    let latest = latest(edition, &followed, SHOWN);
    let following = FollowingContext {
        chrome: layout.bare_chrome(snapshot.theme.word("following")),
        add: at(&query.add),
        added: at(&query.added),
        removed: at(&query.removed),
        topics: of_kind(FollowKind::Topic),
        authors: of_kind(FollowKind::Author),
        cards: latest.into_iter().map(|entry| layout.card(entry)).collect(),
        feed: feed::address(&site, &snapshot, reader.account.id).await?,
    };
    let links = reader.links(&site);
    site.personal_page_with_note(&headers, links, Template::Following, &following).await
}

async fn followed_by(site: &Site, reader: &SignedIn) -> Result<Vec<Followed>, SiteError> {
    let following = site.store.followed_by(reader.account.id).await?;
    Ok(following.into_iter().map(|following| following.followed).collect())
}

/// Begins to follow something.
pub(super) async fn follow(
    State(site): State<Arc<Site>>,
    reader: Option<SignedIn>,
    ReaderForm(form): ReaderForm<FollowForm>,
) -> Handled {
    let followed = form.followed()?;
    let snapshot = site.snapshot();
    let address = address(&followed);
    if followed_at(&snapshot.edition, &address).as_ref() != Some(&followed) {
        return Err(SiteError::NotFound);
    }
    let Some(reader) = reader else { return Ok(sign_in_for_list(LIST, &address)) };
    let (account, now) = (reader.account.id, (site.clock)());
    let addition = site.store.follow(account, &followed, MAX_FOLLOWED, now).await?;
    site.accounts.renew(account).await?;
    after_addition(addition, LIST, &address, Notice::FollowingFull)
}

/// Follows something no longer.
pub(super) async fn unfollow(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    ReaderForm(form): ReaderForm<FollowForm>,
) -> Handled {
    let followed = form.followed()?;
    site.store.unfollow(reader.account.id, &followed).await?;
    site.accounts.renew(reader.account.id).await?;
    Ok(after_removal(LIST, &address(&followed)))
}

/// Returns the latest articles of what is followed, each once, the latest first.
pub(super) fn latest<'a>(
    edition: &'a Edition,
    followed: &[Followed],
    most: usize,
) -> Vec<&'a EditionEntry> {
    let of = |followed: &Followed| articles(edition, followed).iter().take(most);
    let mut entries: Vec<&EditionEntry> = followed.iter().flat_map(of).map(AsRef::as_ref).collect();
    entries.sort_by_key(|entry| (Reverse(entry.published), Reverse(entry.id)));
    entries.dedup_by_key(|entry| entry.id);
    entries.truncate(most);
    entries
}

fn articles<'a>(edition: &'a Edition, followed: &Followed) -> &'a EntryList {
    match followed.kind {
        FollowKind::Topic => edition.on_topic(&followed.slug),
        FollowKind::Author => edition.by_author(&followed.slug),
    }
}

fn address(followed: &Followed) -> String {
    match followed.kind {
        FollowKind::Topic => paths::topic(&followed.slug),
        FollowKind::Author => paths::author(&followed.slug),
    }
}

/// Returns the topic or author at an address.
fn followed_at(edition: &Edition, address: &str) -> Option<Followed> {
    let (kind, slug) = match edition.find(address)? {
        Target::Topic(topic) => (FollowKind::Topic, topic.slug.clone()),
        Target::Author(author) => (FollowKind::Author, author.slug.clone()),
        Target::Section(_) | Target::Piece(_) | Target::Moved(_) => return None,
    };
    Some(Followed { kind, slug })
}

/// What of a topic or author is shown. One without published articles has its slug only.
fn context(edition: &Edition, followed: &Followed) -> FollowContext {
    let address = address(followed);
    let name = match edition.find(&address) {
        Some(Target::Topic(topic)) => Some(topic.name.clone()),
        Some(Target::Author(author)) => Some(author.name.clone()),
        Some(Target::Section(_) | Target::Piece(_) | Target::Moved(_)) | None => None,
    };
    FollowContext {
        kind: followed.kind.name(),
        slug: followed.slug.clone(),
        href: if name.is_some() { address } else { String::new() },
        name: name.unwrap_or_else(|| followed.slug.clone()),
    }
}

/// The page of a publication that a personal feed belongs to.
pub(super) fn title(snapshot: &SiteSnapshot) -> String {
    format!("{} | {}", snapshot.theme.word("following"), snapshot.publication.name)
}

//! The feed of what a reader follows, at an address that only they know. Like all feeds it has headlines, decks and addresses,
//! and no article's text.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderValue, header};
use masthead_circulation::{AccountId, Secret, reading::Followed};
use masthead_publication::SiteSnapshot;
use masthead_store::StoreError;
use masthead_telemetry::security::SecurityEvent;
use masthead_web::form::see_other;

use super::following::{LIST, latest, title};
use crate::{
    error::Handled,
    extract::{ClientAddress, EmptyForm, ReaderForm, SignedIn, UrlPath, limit::unknown_feed},
    feeds::{ATOM, feed_of},
    note::Note,
    response,
    state::Site,
};

/// The number of articles in the feed.
const IN_FEED: usize = 30;

/// The feed.
pub(super) async fn feed(
    State(site): State<Arc<Site>>,
    UrlPath(secret): UrlPath<String>,
    client: ClientAddress,
    request: Request,
) -> Handled {
    let Some((secret, account)) = found(&site, &secret).await? else {
        return Err(unknown_feed(&site, client));
    };
    let following = site.store.followed_by(account).await?;
    let followed: Vec<Followed> =
        following.into_iter().map(|following| following.followed).collect();
    let snapshot = site.snapshot();
    let articles = latest(&snapshot.edition, &followed, IN_FEED);
    let address = format!("/following/{secret}");
    let feed = feed_of(&snapshot, &title(&snapshot), &address, articles.into_iter());
    let mut answer = response::public(ATOM, feed, request.headers());
    let headers = answer.headers_mut();
    // It is for one reader: what is between them and this server keeps none of it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(answer)
}

/// The account that has a feed under this secret.
async fn found(site: &Site, secret: &str) -> Result<Option<(Secret, AccountId)>, StoreError> {
    let Ok(secret) = secret.parse::<Secret>() else { return Ok(None) };
    let account = site.store.account_of_feed(&secret).await?;
    Ok(account.map(|account| (secret, account)))
}

/// The page that the feed names as its own: what the reader follows.
pub(super) async fn page() -> Response {
    see_other(LIST, &[])
}

/// Gives the feed a new address, in place of an earlier one.
pub(super) async fn renew(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    let secret = Secret::generate(&mut rand::rng());
    site.store.renew_feed(reader.account.id, &secret, (site.clock)()).await?;
    reader.log(&site, SecurityEvent::FeedRenewed);
    Ok(Note::FeedSaved.on(&site, LIST))
}

/// Ends the feed.
pub(super) async fn end(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    site.store.end_feed(reader.account.id).await?;
    Ok(Note::FeedRemoved.on(&site, LIST))
}

/// Returns the address of an account's feed; empty if it has none.
pub(super) async fn address(
    site: &Site,
    snapshot: &SiteSnapshot,
    account: AccountId,
) -> Result<String, StoreError> {
    let feed = site.store.feed_of(account).await?;
    let address =
        |(secret, _)| format!("{}/following/{secret}/feed.xml", snapshot.publication.address);
    Ok(feed.map(address).unwrap_or_default())
}

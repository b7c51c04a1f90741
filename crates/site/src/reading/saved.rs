//! Articles that readers have saved to read later.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use masthead_access::ArticleId;
use masthead_circulation::reading::MAX_SAVED;
use masthead_publication::{
    SiteSnapshot, Template,
    contexts::{Link, SavedContext},
    edition::EditionEntry,
};
use serde::Deserialize;

use super::{after_addition, after_removal, article_at, row, sign_in_for_list};
use crate::{
    error::{Handled, SiteError},
    extract::{EmptyForm, ReaderForm, SignedIn, UrlQuery},
    note::Note,
    notice::Notice,
    state::Site,
};

/// The address of the list.
pub(super) const LIST: &str = "/account/saved";

#[derive(Deserialize)]
pub(super) struct SaveForm {
    /// The address of an article.
    article: String,
}

#[derive(Deserialize)]
pub(super) struct RemovalForm {
    /// The number of an article, which the list has; or its address, which its page has.
    article: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SavedQuery {
    /// The address of an article that the reader wanted to save before they signed in.
    add: String,
    /// The address of the article that was saved a moment ago.
    added: String,
    /// The address of the article that was removed a moment ago.
    removed: String,
}

/// The list.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    UrlQuery(query): UrlQuery<SavedQuery>,
    headers: HeaderMap,
    reader: Option<SignedIn>,
) -> Handled {
    let Some(reader) = reader else { return Ok(sign_in_for_list(LIST, &query.add)) };
    let snapshot = site.snapshot();
    let saved = site.store.saved_articles_of(reader.account.id).await?;
    let context = SavedContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("saved")),
        add: link(&snapshot, &query.add),
        added: link(&snapshot, &query.added),
        removed: link(&snapshot, &query.removed),
        articles: saved.into_iter().map(|saved| row(&snapshot, saved)).collect(),
    };
    site.personal_page_with_note(&headers, reader.links(&site), Template::Saved, &context).await
}

fn link(snapshot: &SiteSnapshot, address: &str) -> Option<Link> {
    let to = |entry: &EditionEntry| Link::to(&entry.address, entry.lines.headline());
    article_at(snapshot, address).map(to)
}

/// Saves an article.
pub(super) async fn save(
    State(site): State<Arc<Site>>,
    reader: Option<SignedIn>,
    ReaderForm(form): ReaderForm<SaveForm>,
) -> Handled {
    let snapshot = site.snapshot();
    let entry = article_at(&snapshot, &form.article).ok_or(SiteError::NotFound)?;
    let Some(reader) = reader else { return Ok(sign_in_for_list(LIST, &entry.address)) };
    let (account, now) = (reader.account.id, (site.clock)());
    let addition = site.store.save_article(account, entry.id, MAX_SAVED, now).await?;
    site.accounts.renew(account).await?;
    after_addition(addition, LIST, &entry.address, Notice::SavedListFull)
}

/// Removes an article from the list. If the form came from the page of the article, the list says which one it was.
pub(super) async fn remove(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    ReaderForm(form): ReaderForm<RemovalForm>,
) -> Handled {
    let snapshot = site.snapshot();
    let (article, removed) = match form.article.parse() {
        Ok(number) => (ArticleId(number), None),
        Err(_) => {
            let entry = article_at(&snapshot, &form.article).ok_or(SiteError::NotFound)?;
            (entry.id, Some(&entry.address))
        }
    };
    site.store.remove_saved_article(reader.account.id, article).await?;
    site.accounts.renew(reader.account.id).await?;
    Ok(match removed {
        Some(address) => after_removal(LIST, address),
        None => Note::SavedRemoved.on(&site, LIST),
    })
}

/// Removes all articles from the list.
pub(super) async fn clear(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    site.store.clear_saved_articles(reader.account.id).await?;
    site.accounts.renew(reader.account.id).await?;
    Ok(Note::SavedCleared.on(&site, LIST))
}

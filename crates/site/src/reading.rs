//! What signed-in readers keep for themselves: articles to read later, their reading history, and the topics and authors that
//! they follow, with a feed.
//!
//! Articles and lists are the same page for all readers. It has both buttons, to save and to remove or to follow and to unfollow,
//! and each reader gets theirs (`Page::assemble_for`). What a reader keeps is in memory with their account, so that this asks no
//! database: a change is in force on the server that makes it before its response, and on others as soon as they are notified. A
//! reader who is not signed in is led to the page to sign in at, and from there to a page that asks once more.
//!
//! | module | content |
//! | --- | --- |
//! | `saved` | saved articles |
//! | `history` | the reading history |
//! | `following` | topics and authors |
//! | `feed` | the feed of what is followed |

mod feed;
mod following;
mod history;
mod saved;

use std::sync::Arc;

use axum::{
    Router,
    response::Response,
    routing::{get, post},
};
use masthead_circulation::reading::ListAddition;
use masthead_publication::{
    SiteSnapshot,
    contexts::KeptArticleContext,
    edition::{EditionEntry, Target},
};
use masthead_store::ListedArticle;
use masthead_web::form::{encode_query, see_other};

use crate::{
    error::{Handled, SiteError},
    notice::Notice,
    state::Site,
};

/// The addresses of what readers keep for themselves.
pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/account/saved", get(saved::page).post(saved::save))
        .route("/account/saved/removal", post(saved::remove))
        .route("/account/saved/deletion", post(saved::clear))
        .route("/account/history", get(history::page).post(history::switch))
        .route("/account/history/deletion", post(history::delete))
        .route("/account/following", get(following::page).post(following::follow))
        .route("/account/following/removal", post(following::unfollow))
        .route("/account/following/feed", post(feed::renew))
        .route("/account/following/feed/removal", post(feed::end))
}

/// The addresses of personal feeds.
pub(crate) fn feed_routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/following/{secret}/feed.xml", get(feed::feed))
        .route("/following/{secret}/", get(feed::page))
}

/// The page that asks whether to save an article, or to follow something.
fn add_page(list: &str, what: &str) -> String {
    format!("{list}?add={}", encode_query(what))
}

/// Leads a reader who is not signed in to the page to sign in at, and from there to `page`.
fn sign_in_for(page: &str) -> Response {
    see_other(&format!("/sign-in?from={}", encode_query(page)), &[])
}

/// Leads a reader who is not signed in to sign in, and then to a list, which asks whether to `add` something if that is not empty.
fn sign_in_for_list(list: &str, add: &str) -> Response {
    sign_in_for(&if add.is_empty() { list.to_owned() } else { add_page(list, add) })
}

/// Answers a reader who has added what is at an `address` to a list.
fn after_addition(addition: ListAddition, list: &str, address: &str, full: Notice) -> Handled {
    match addition {
        ListAddition::Added | ListAddition::Known => {
            Ok(see_other(&format!("{list}?added={}", encode_query(address)), &[]))
        }
        ListAddition::Full => Err(full.into()),
        ListAddition::Gone => Err(SiteError::NotFound),
    }
}

/// Answers a reader who has removed what is at an `address` from a list.
fn after_removal(list: &str, address: &str) -> Response {
    see_other(&format!("{list}?removed={}", encode_query(address)), &[])
}

/// Says why a reader is asked to sign in who is led to `page` afterwards; empty if it is none of these pages.
pub(crate) fn reason(snapshot: &SiteSnapshot, page: &str) -> String {
    let asks = |list: &str| page.strip_prefix(list).is_some_and(|rest| rest.starts_with("?add="));
    let word = if asks(saved::LIST) {
        "sign_in_to_save"
    } else if asks(following::LIST) {
        "sign_in_to_follow"
    } else {
        return String::new();
    };
    snapshot.theme.word(word).to_owned()
}

/// Returns the published article at an address, also at one that it has left.
fn article_at<'a>(snapshot: &'a SiteSnapshot, address: &str) -> Option<&'a EditionEntry> {
    match snapshot.edition.find(address)? {
        Target::Piece(entry) | Target::Moved(entry) if !entry.is_page() => Some(entry),
        _ => None,
    }
}

/// The row of an article on a list. One that is no longer published has no card.
fn row(snapshot: &SiteSnapshot, listed: ListedArticle) -> KeptArticleContext {
    let entry = snapshot.edition.public_piece(listed.article);
    KeptArticleContext {
        id: listed.article.0,
        card: entry.map(|entry| snapshot.layout().card(entry)),
        since: snapshot.date_of(listed.at),
    }
}

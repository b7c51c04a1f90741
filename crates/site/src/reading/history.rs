//! The articles that a reader has opened. None is kept unless the reader has switched that on.

use std::sync::Arc;

use axum::extract::State;
use http::HeaderMap;
use masthead_publication::{Template, contexts::HistoryContext};
use serde::Deserialize;

use super::{row, sign_in_for};
use crate::{
    error::Handled,
    extract::{EmptyForm, ReaderForm, SignedIn},
    note::Note,
    state::Site,
};

/// The address of the list.
const LIST: &str = "/account/history";
/// The number of articles on the page. The download of everything has all.
const SHOWN: u64 = 200;

#[derive(Deserialize)]
pub(super) struct SwitchForm {
    /// `yes` to keep a history.
    #[serde(default)]
    keep: String,
}

/// The list, with its switch.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    reader: Option<SignedIn>,
) -> Handled {
    let Some(reader) = reader else { return Ok(sign_in_for(LIST)) };
    // What this server has not written yet is the latest. It is of all readers, so nobody has it written all the time.
    if site.limits.admit_flush(reader.account.id) {
        site.accounts.flush().await?;
    }
    let snapshot = site.snapshot();
    let since = site.store.history_since(reader.account.id).await?;
    let opened = site.store.history_of(reader.account.id, Some(SHOWN)).await?;
    let context = HistoryContext {
        chrome: snapshot.layout().bare_chrome(snapshot.theme.word("history")),
        kept: since.is_some(),
        articles: opened.into_iter().map(|opened| row(&snapshot, opened)).collect(),
    };
    site.personal_page_with_note(&headers, reader.links(&site), Template::History, &context).await
}

/// Switches the history on, or off, which deletes it.
pub(super) async fn switch(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    ReaderForm(form): ReaderForm<SwitchForm>,
) -> Handled {
    let account = reader.account.id;
    let note = if form.keep == "yes" {
        site.store.keep_history(account, (site.clock)()).await?;
        Note::HistoryOn
    } else {
        site.store.end_history(account).await?;
        Note::HistoryOff
    };
    site.accounts.renew(account).await?;
    Ok(note.on(&site, LIST))
}

/// Deletes the history.
pub(super) async fn delete(
    State(site): State<Arc<Site>>,
    reader: SignedIn,
    _: ReaderForm<EmptyForm>,
) -> Handled {
    site.store.delete_history(reader.account.id, (site.clock)()).await?;
    Ok(Note::HistoryDeleted.on(&site, LIST))
}

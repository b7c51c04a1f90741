//! Checks of what has to agree with the database: the keys and the search index.

use masthead_publication::search_index::IndexContents;
use masthead_store::{Store, StoreError};

use super::{Finding, Level};
use crate::folder::{Folder, KEYS_MISSING};

/// What is to be said of missing keys if there is no database to look at.
pub(super) fn new_keys(folder: &Folder, database: &Finding) -> Option<Finding> {
    let is_new = database.level == Level::Ok && !folder.keys_file().exists();
    is_new.then(|| {
        Finding::ok("keys", "there are no keys yet; the first start of the server generates them")
    })
}

/// Whether these are the keys that the database was used with. That they cannot be read is said elsewhere.
pub(super) async fn keys(folder: &Folder, store: &Store) -> Result<Vec<Finding>, StoreError> {
    let path = folder.keys_file();
    if !path.exists() {
        let text = format!("{} {KEYS_MISSING}", path.display());
        let new = "there are no keys yet; the first start of the server generates them";
        let needs = store.has_had_keys().await?;
        return Ok(vec![if needs {
            Finding::error("keys", text, "")
        } else {
            Finding::ok("keys", new)
        }]);
    }
    let Ok(keys) = folder.read_keys() else { return Ok(Vec::new()) };
    let fault = store.key_agreement(&keys).await?.fault();
    Ok(fault.map(|(text, remedy)| Finding::error("keys", text, remedy)).into_iter().collect())
}

/// Whether the search index has what the database has.
pub(super) async fn search_index(folder: &Folder, store: &Store) -> Result<Finding, StoreError> {
    let (identity, revision) = store.identity_and_revision().await?;
    let articles = store.published_pieces().await?;
    let directory = folder.search();
    let found = match IndexContents::of(&directory) {
        Ok(Some(found)) => found,
        Ok(None) => {
            return Ok(Finding::ok("search", "there is no index yet; the server builds it"));
        }
        Err(error) => {
            let remedy = "start the server, which builds the index again";
            return Ok(Finding::warning("search", error.to_string(), remedy));
        }
    };
    if !found.is_current_format || !found.is_of(&identity) {
        let text = "the index is of another version or database; the server builds it again when it starts";
        return Ok(Finding::ok("search", text));
    }
    let is_behind = found.checkpoint.revision != revision || found.checkpoint.last.is_some();
    // Also a stopped server leaves it a little behind: not every write is one of an article.
    if is_behind && found.articles != articles {
        return Ok(Finding::ok(
            "search",
            "the index is behind the database; the server catches up",
        ));
    }
    let text =
        format!("the index has {} of {articles} published articles and pages", found.articles);
    let remedy = format!(
        "stop the server, delete {}, and start it again: it builds a new index",
        directory.display()
    );
    Ok(if found.articles == articles {
        Finding::ok("search", text)
    } else {
        Finding::error("search", text, remedy)
    })
}

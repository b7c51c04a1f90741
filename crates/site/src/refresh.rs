//! Keeps the printing up to date: with the database, the clock and the theme.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use masthead_store::StoreError;
use notify::{RecursiveMode, Watcher};
use parking_lot::Mutex;

use crate::{
    edition::Edition,
    publication::Publication,
    site::Site,
    snapshot::SiteSnapshot,
    theme::{Theme, ThemeError},
};

/// How soon readers see what was published.
const PERIOD: Duration = Duration::from_millis(250);
/// Pieces that are read from the database at once.
const BATCH: u64 = 2000;
/// Editors write a file in several steps; what they wrote is read when they have come to rest.
const REST: Duration = Duration::from_millis(150);

impl Site {
    /// Brings the printing up to date with the database and the clock, and hears what has changed about
    /// members. Says whether there is a new printing.
    pub async fn refresh(&self) -> Result<bool, StoreError> {
        // One after another, so that no older printing takes the place of a newer one.
        let _turn = self.refreshing.lock().await;
        self.accounts.poll_changes().await?;
        let now = (self.clock)();
        let current = self.snapshot();
        let known = current.edition.known();
        let latest = self.store.revision().await?;
        let changed = latest > known.0;
        let due = current.edition.next_due().is_some_and(|due| due <= now);
        let day = now.to_zoned_datetime(current.publication.policy.zone.clone()).date();
        if !changed && !due && day == current.day() {
            return Ok(false);
        }
        let mut draft = current.edition.draft();
        loop {
            let (revision, last) = draft.known();
            let batch = self.store.changes_since(revision, last, BATCH).await?;
            if batch.is_empty() {
                break;
            }
            draft.add(batch);
        }
        // After the pieces: whoever they name is then among the authors.
        let authors = self.store.authors_since(known.0).await?;
        let next = tokio::task::spawn_blocking(move || draft.lay_out(latest, authors, now));
        if let Ok(edition) = next.await {
            self.print(
                Arc::clone(&current.publication),
                Arc::clone(&current.theme),
                Arc::new(edition),
            );
        }
        Ok(true)
    }

    /// Takes up what the publisher has changed in the configuration, and the theme with it. The last
    /// good ones stay if the new ones fail.
    pub fn republish(&self, publication: Publication) -> Result<(), ThemeError> {
        let theme = Theme::load(
            self.settings.theme.as_deref(),
            publication.locale.language(),
            &publication.sections,
        )?;
        let now = (self.clock)();
        let edition = Arc::clone(&self.snapshot().edition);
        let publication = Arc::new(publication);
        let theme = Arc::new(theme);
        let trial =
            SiteSnapshot::new(Arc::clone(&publication), Arc::clone(&theme), edition, now, 0);
        trial.prove()?;
        self.print(publication, theme, Arc::clone(&self.snapshot().edition));
        Ok(())
    }

    pub(crate) fn print(
        &self,
        publication: Arc<Publication>,
        theme: Arc<Theme>,
        edition: Arc<Edition>,
    ) {
        let keep = self.settings.page_cache;
        let snapshot = SiteSnapshot::new(publication, theme, edition, (self.clock)(), keep);
        let most_read = self.most_read.load_full();
        self.snapshot.store(Arc::new(snapshot.with_most_read(most_read)));
    }

    /// Refreshes for as long as it is awaited.
    pub async fn keep_fresh(self: Arc<Self>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            tick.tick().await;
            match self.refresh().await {
                Ok(_) => failing = false,
                // Once is enough to say it; what is in memory goes on being served.
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(%error, "what is new cannot be read; serving what is known");
                }
                Err(_) => {}
            }
        }
    }
}

/// Calls `then` whenever something at or below `paths` has changed and come to rest, for as long as
/// the watcher that it returns is kept. It watches what is directly in `root`, so that a file may be
/// replaced, as editors do, or made later; folders below; and paths elsewhere that are there already.
pub fn watch(
    root: &Path,
    paths: &[&Path],
    then: impl Fn() + Send + 'static,
) -> notify::Result<Arc<Mutex<notify::RecommendedWatcher>>> {
    // Events name absolute paths.
    let root = root.canonicalize()?;
    let paths: Vec<PathBuf> = paths.iter().map(std::path::absolute).collect::<Result<_, _>>()?;
    let watched: Vec<PathBuf> =
        paths.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect();
    let (changed, changes) = std::sync::mpsc::channel();
    let of_interest = watched.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let concerns = |path: &PathBuf| of_interest.iter().any(|watched| path.starts_with(watched));
        if event.is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(concerns)) {
            // The receiver ends with the watcher.
            let _ = changed.send(());
        }
    })?;
    // Not what is below: the database is there as well, and is written to all the time.
    watcher.watch(&root, RecursiveMode::NonRecursive)?;
    for path in below(&root, &watched) {
        watcher.watch(path, RecursiveMode::Recursive)?;
    }
    let watcher = Arc::new(Mutex::new(watcher));
    let kept = Arc::downgrade(&watcher);
    std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
        while changes.recv().is_ok() {
            while changes.recv_timeout(REST).is_ok() {}
            let Some(watcher) = kept.upgrade() else { return };
            // A folder may have been made, or made again.
            for path in below(&root, &watched) {
                if let Err(error) = watcher.lock().watch(path, RecursiveMode::Recursive) {
                    tracing::warn!(%error, path = %path.display(), "a folder cannot be watched");
                }
            }
            drop(watcher);
            then();
        }
    })?;
    Ok(watcher)
}

/// Those that a look at what is directly in `root` would miss.
fn below<'a>(root: &'a Path, watched: &'a [PathBuf]) -> impl Iterator<Item = &'a PathBuf> {
    watched.iter().filter(move |path| path.is_dir() || path.exists() && path.parent() != Some(root))
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::mpsc, time::Duration};

    use super::*;

    #[test]
    fn a_theme_is_watched_though_made_later_and_the_database_is_not()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let root = folder.path();
        let (file, theme) = (root.join("masthead.toml"), root.join("theme"));
        fs::create_dir(root.join("data"))?;
        let (seen, sees) = mpsc::channel();
        let _watcher = watch(root, &[&file, &theme], move || {
            let _ = seen.send(());
        })?;
        let long = Duration::from_secs(20);
        fs::write(&file, "name = \"The Gazette\"")?;
        sees.recv_timeout(long)?;
        fs::create_dir_all(theme.join("words"))?;
        sees.recv_timeout(long)?;
        fs::write(theme.join("words/en.toml"), "more = \"More\"")?;
        sees.recv_timeout(long)?;
        fs::write(root.join("data/masthead.db"), "pages")?;
        assert!(sees.recv_timeout(2 * REST).is_err());
        Ok(())
    }
}

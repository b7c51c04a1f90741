//! Watches the configuration file and the theme for changes.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

/// Editors write a file in several steps: a change counts once the file has been left alone for this long.
const SETTLE: Duration = Duration::from_millis(150);

/// Watches for changes of something at or below some paths until it is dropped. It watches what is directly in a folder, so
/// that a file may be replaced, as editors do, or made later; folders below; and paths elsewhere that are there already.
#[derive(Debug)]
pub struct FileWatcher {
    watcher: RecommendedWatcher,
    root: PathBuf,
    paths: Vec<PathBuf>,
    has_changed: Arc<AtomicBool>,
}

impl FileWatcher {
    /// Starts to watch `paths`, which are files and folders in `root` or elsewhere. Each change notifies `changed`.
    ///
    /// # Errors
    ///
    /// Returns an error if `root` is missing, or the system cannot watch as much.
    pub fn start(root: &Path, paths: &[&Path], changed: Arc<Notify>) -> notify::Result<Self> {
        // Events name absolute paths.
        let root = root.canonicalize()?;
        let paths: Vec<PathBuf> =
            paths.iter().map(std::path::absolute).collect::<Result<_, _>>()?;
        let paths: Vec<PathBuf> =
            paths.iter().map(|path| path.canonicalize().unwrap_or_else(|_| path.clone())).collect();
        let has_changed = Arc::new(AtomicBool::new(false));
        let (watched, noted) = (paths.clone(), Arc::clone(&has_changed));
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| concerns(&event, &watched)) {
                noted.store(true, Ordering::Relaxed);
                changed.notify_one();
            }
        })?;
        let mut watcher = Self { watcher, root, paths, has_changed };
        // Not what is below: the database is there as well, and is written to all the time.
        watcher.watcher.watch(&watcher.root, RecursiveMode::NonRecursive)?;
        watcher.watch_below()?;
        Ok(watcher)
    }

    /// Returns `true` if something has changed since the last call. Waits until the changes have come to rest.
    ///
    /// # Errors
    ///
    /// Returns an error if a folder that was made meanwhile cannot be watched.
    pub async fn changes(&mut self) -> notify::Result<bool> {
        let mut has_changed = false;
        while self.has_changed.swap(false, Ordering::Relaxed) {
            has_changed = true;
            tokio::time::sleep(SETTLE).await;
        }
        if has_changed {
            // A folder may have been made, or made again.
            self.watch_below()?;
        }
        Ok(has_changed)
    }

    fn watch_below(&mut self) -> notify::Result<()> {
        below(&self.root, &self.paths)
            .try_for_each(|path| self.watcher.watch(path, RecursiveMode::Recursive))
    }
}

fn concerns(event: &Event, watched: &[PathBuf]) -> bool {
    let is_watched = |path: &PathBuf| watched.iter().any(|watched| path.starts_with(watched));
    !event.kind.is_access() && event.paths.iter().any(is_watched)
}

/// Those that a look at what is directly in `root` would miss.
fn below<'a>(root: &'a Path, watched: &'a [PathBuf]) -> impl Iterator<Item = &'a PathBuf> {
    watched.iter().filter(move |path| path.is_dir() || path.exists() && path.parent() != Some(root))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn a_theme_is_watched_though_made_later_and_the_database_is_not()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let root = folder.path();
        let (file, theme) = (root.join("masthead.toml"), root.join("theme"));
        fs::create_dir(root.join("data"))?;
        let changed = Arc::new(Notify::new());
        let mut watcher = FileWatcher::start(root, &[&file, &theme], Arc::clone(&changed))?;
        let notified = || tokio::time::timeout(Duration::from_secs(20), changed.notified());
        assert!(!watcher.changes().await?);
        fs::write(&file, "name = \"The Gazette\"")?;
        notified().await?;
        assert!(watcher.changes().await?);
        fs::create_dir_all(theme.join("words"))?;
        while !watcher.changes().await? {
            notified().await?;
        }
        fs::write(theme.join("words/en.toml"), "more = \"More\"")?;
        while !watcher.changes().await? {
            notified().await?;
        }
        fs::write(root.join("data/masthead.db"), "pages")?;
        tokio::time::sleep(2 * SETTLE).await;
        assert!(!watcher.changes().await?);
        Ok(())
    }
}

//! Watches the configuration file and the theme for changes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use notify::{RecursiveMode, Watcher};
use parking_lot::Mutex;

/// Editors write a file in several steps: a change counts once the file has been left alone for this long.
const SETTLE: Duration = Duration::from_millis(150);

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
            while changes.recv_timeout(SETTLE).is_ok() {}
            let Some(watcher) = kept.upgrade() else { return };
            // A folder may have been made, or made again.
            for path in below(&root, &watched) {
                if let Err(error) = watcher.lock().watch(path, RecursiveMode::Recursive) {
                    tracing::warn!(%error, path = %path.display(), "watch: folder cannot be watched");
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
        assert!(sees.recv_timeout(2 * SETTLE).is_err());
        Ok(())
    }
}

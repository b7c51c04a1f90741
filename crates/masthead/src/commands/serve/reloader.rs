//! Applies changes of the configuration and the theme while the server runs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use masthead_publication::{LiveSettings, config::Config, watch};

use crate::{folder::Folder, front::Tls, process::Hangups};

/// Reloads the settings, and knows with which of them the server has started.
pub struct Reloader {
    dir: PathBuf,
    theme: PathBuf,
    started: Config,
    live_settings: Arc<LiveSettings>,
}

impl Reloader {
    /// Reloads the settings of the publication in `dir`, whose server has started with this configuration.
    pub fn new(
        dir: &Path,
        folder: &Folder,
        started: Config,
        live_settings: Arc<LiveSettings>,
    ) -> Self {
        let theme = folder.theme(&started);
        Self { dir: dir.to_path_buf(), theme, started, live_settings }
    }

    /// Applies what has changed. A broken configuration or theme is logged and not applied.
    async fn reload(&self) {
        match self.live_settings.reload().await {
            Ok(()) => {
                tracing::info!("settings: reloaded file and theme");
                self.warn_of_restart();
            }
            Err(error) => {
                tracing::error!(%error, "settings: reload failed, the last good settings stay in force");
            }
        }
    }

    /// Names what was changed and is not in force.
    fn warn_of_restart(&self) {
        // If it has become unreadable since, the next reload says so.
        let Ok(config) = Folder::config(&self.dir) else { return };
        let changed = config.changes_that_need_a_restart(&self.started).join(", ");
        if !changed.is_empty() {
            tracing::warn!(%changed, "settings: these take effect after a restart");
        }
    }
}

/// Reloads whenever the configuration or the theme changes, until the result is dropped.
pub fn watch(reloader: &Arc<Reloader>) -> Option<impl Sized + use<>> {
    let file = Folder::config_file(&reloader.dir);
    let runtime = tokio::runtime::Handle::current();
    let reloading = Arc::clone(reloader);
    let reload = move || runtime.block_on(reloading.reload());
    match watch::watch(&reloader.dir, &[&file, &reloader.theme], reload) {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, "settings: file and theme cannot be watched, changes need a restart");
            None
        }
    }
}

/// Reloads settings, theme and certificates when an operator asks for it by SIGHUP.
pub async fn reload_on_hangup(reloader: Arc<Reloader>, tls: Option<Tls>) {
    let mut hangups = Hangups::listen();
    loop {
        hangups.next().await;
        reloader.reload().await;
        let Some(tls) = &tls else { continue };
        if let Err(error) = tls.reload().await {
            tracing::error!(%error, "tls: reload failed, the last good certificates stay in use");
        }
    }
}

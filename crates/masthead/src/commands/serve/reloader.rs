//! Applies changes of the configuration and the theme while the server runs.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use masthead_publication::{LiveSettings, config::Config, watch::FileWatcher};
use masthead_telemetry::TaskError;
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::{folder::Folder, listeners::Tls, signals::ReloadSignals};

/// Reloads the settings, and knows with which of them the server has started.
pub struct Reloader {
    dir: PathBuf,
    theme: PathBuf,
    started: Config,
    live_settings: Arc<LiveSettings>,
    files: Mutex<Files>,
    changed: Arc<Notify>,
    signals: Mutex<ReloadSignals>,
}

/// The watched files.
#[derive(Default)]
struct Files {
    /// `None` if they are not watched now.
    watcher: Option<FileWatcher>,
    /// Whether they may have changed while they were not watched.
    may_have_changed: bool,
}

impl Reloader {
    /// Reloads the settings of the publication in `dir`, whose server has started with this configuration.
    pub fn new(
        dir: &Path,
        folder: &Folder,
        started: Config,
        live_settings: Arc<LiveSettings>,
    ) -> Self {
        let (dir, theme) = (dir.to_path_buf(), folder.theme(&started));
        let (files, changed) = (Mutex::default(), Arc::default());
        // Before anybody is told that the server runs: until then these signals end the process.
        let signals = Mutex::new(ReloadSignals::listen());
        let mut reloader = Self { dir, theme, started, live_settings, files, changed, signals };
        // From now on, so that no change is missed. If it fails, the first run says so and tries it again.
        let watcher = reloader.watch().ok();
        reloader.files = Mutex::new(Files { may_have_changed: watcher.is_none(), watcher });
        reloader
    }

    /// Notified when a file has changed.
    pub fn changed(&self) -> Arc<Notify> {
        Arc::clone(&self.changed)
    }

    /// Reloads if the configuration or the theme has changed since the last time.
    ///
    /// # Errors
    ///
    /// Returns an error if the files cannot be watched. The next run tries it again, and then reloads.
    pub async fn reload_changes(&self) -> Result<(), TaskError> {
        let mut files = self.files.lock().await;
        let changed = self.check(&mut files).await;
        if changed.is_err() {
            *files = Files { watcher: None, may_have_changed: true };
        }
        if changed? {
            self.reload().await;
        }
        Ok(())
    }

    fn watch(&self) -> Result<FileWatcher, TaskError> {
        let paths = [&*Folder::config_file(&self.dir), &*self.theme];
        Ok(FileWatcher::start(&self.dir, &paths, self.changed())?)
    }

    async fn check(&self, files: &mut Files) -> Result<bool, TaskError> {
        let watcher = match &mut files.watcher {
            Some(watcher) => watcher,
            None => files.watcher.insert(self.watch()?),
        };
        let changed = watcher.changes().await?;
        Ok(std::mem::take(&mut files.may_have_changed) || changed)
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

    /// Reloads settings, theme and certificates whenever an operator asks for it by SIGHUP.
    pub async fn reload_on_hangup(&self, tls: Option<&Tls>, stop: CancellationToken) {
        let mut signals = self.signals.lock().await;
        while stop.run_until_cancelled(signals.next_hangup()).await.is_some() {
            self.reload().await;
            let Some(tls) = tls else { continue };
            if let Err(error) = tls.reload().await {
                tracing::error!(%error, "tls: certificates not reloaded, or browsers refuse those in use");
            }
        }
    }
}

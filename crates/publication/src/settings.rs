//! The settings of a running publication: the configuration file, and in its place what was set at the desk.
//!
//! | module | content |
//! | --- | --- |
//! | [`source`] | where settings come from, and how they are read and checked with the theme |
//! | `fit` | which parts of the desk fit together, if not all do |
//! | `save` | changing a part |
//! | `changes` | what a save changes, for the audit log |
//! | `start` | what a server starts with |
//!
//! Settings are read and put in force while no other change of what is in force can happen, so that an older setting never
//! replaces a newer one. Every server compares how many saves are in force with how many are stored, and reloads if the
//! numbers differ.
//!
//! What is set must fit as a whole: the parts of the desk, those of the file, and the theme. A part is saved only if it does.
//! If the file or the theme is changed so that it doesn't any more, a running server keeps what is in force. One that starts
//! leaves out as little as possible, and owners see at the desk what and why.

mod changes;
mod fit;
mod save;
pub mod source;
mod start;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use masthead_settings::{DeskSettings, renamed_keys};
use masthead_store::{Store, StoreError, StoredSettings};
use parking_lot::Mutex;

use self::{
    fit::LeftOut,
    source::{Loaded, Loader},
};
pub use self::{
    save::SaveError,
    source::{LoadError, SettingsSource},
    start::StartSettings,
};
use crate::{Clock, Live, SiteSnapshot, SnapshotParts};

/// How long to wait before settings that failed are tried again.
const RETRY: Duration = Duration::from_secs(30);

/// See the module's documentation.
pub struct LiveSettings {
    source: SettingsSource,
    store: Store,
    clock: Clock,
    live: OnceLock<Arc<Live>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The text of the file in force.
    text: String,
    /// What is probably a mistake in what is in force.
    warnings: Vec<String>,
    /// What is not in force because it does not fit.
    left_out: LeftOut,
    failure: Option<Failure>,
}

/// Why not everything that is set is in force.
struct Failure {
    /// The number of saves of the settings that failed; `None` if they could not be read.
    saves: Option<i64>,
    at: Instant,
    error: String,
}

impl LiveSettings {
    /// Reads the settings of a publication, and leaves out what does not fit.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails, or if the file cannot be used even on its own.
    pub async fn open(
        source: SettingsSource,
        store: Store,
        clock: Clock,
    ) -> Result<(Arc<Self>, StartSettings), LoadError> {
        let (live, state) = (OnceLock::new(), Mutex::default());
        let settings = Arc::new(Self { source, store, clock, live, state });
        let (_, desk) = settings.stored().await?;
        let loaded = settings.load(desk, None, LeftOut::everything()).await?;
        settings.loaded(&loaded);
        for key in renamed_keys(&loaded.text) {
            tracing::warn!("settings: {key}");
        }
        let Loaded { publication, theme, .. } = loaded;
        Ok((settings, StartSettings { publication, theme }))
    }

    /// Changes what is in force there from now on.
    pub fn attach(&self, live: &Arc<Live>) {
        // Attached once, at the start of the server.
        let _ = self.live.set(Arc::clone(live));
    }

    /// Reads the file, the theme and what is stored, and puts them in force.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails, or if the settings do not fit. What is in force stays.
    pub async fn reload(&self) -> Result<(), LoadError> {
        let Some(live) = self.live.get() else { return Ok(()) };
        let mut saves = None;
        let reloaded = live
            .update(async |current| {
                let (_, desk) = self.stored().await?;
                saves = Some(desk.versions.saves);
                let left_out = self.state.lock().left_out.clone();
                let loaded = self.load(desk, Some(current), left_out).await?;
                let is_in_force = self.is_in_force(&loaded, current);
                self.loaded(&loaded);
                Ok::<_, LoadError>((!is_in_force).then(|| loaded.parts(current)))
            })
            .await;
        if let Err(error) = &reloaded {
            let failure = Failure { saves, at: Instant::now(), error: error.to_string() };
            self.state.lock().failure = Some(failure);
        }
        reloaded.map(|_| ())
    }

    /// Compares what is in force with what is stored, and reloads if they differ. What has failed is tried again after a
    /// while.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails, or if the settings do not fit. What is in force stays.
    pub async fn poll(&self) -> Result<(), LoadError> {
        let stored = self.store.settings_saves().await?;
        if self.is_due(stored) { self.reload().await } else { Ok(()) }
    }

    fn is_due(&self, stored: i64) -> bool {
        let Some(live) = self.live.get() else { return false };
        match &self.state.lock().failure {
            Some(failure) => failure.saves != Some(stored) || failure.at.elapsed() >= RETRY,
            None => live.peek().publication.desk_versions.saves != stored,
        }
    }

    /// Returns why not everything that is set is in force, for owners: it may quote the file, which has secrets. `None`
    /// if everything is in force.
    pub fn reload_error(&self) -> Option<String> {
        self.state.lock().failure.as_ref().map(|failure| failure.error.clone())
    }

    /// Whether a load has made what is in force already. A new snapshot would drop every ready page.
    fn is_in_force(&self, loaded: &Loaded, current: &SiteSnapshot) -> bool {
        let state = self.state.lock();
        state.text == loaded.text
            && state.left_out == loaded.left_out
            && current.publication.desk_versions == loaded.publication.desk_versions
            && Arc::ptr_eq(&current.theme, &loaded.theme)
    }

    /// Records the outcome of a load, which is put in force next.
    fn loaded(&self, loaded: &Loaded) {
        let mut state = self.state.lock();
        if state.left_out != loaded.left_out {
            let left_out = &loaded.left_out;
            match &loaded.error {
                Some(error) => {
                    tracing::error!(%error, %left_out, "settings: some do not fit and are left out");
                }
                None => tracing::info!("settings: nothing is left out any more"),
            }
        }
        for warning in loaded.warnings.iter().filter(|warning| !state.warnings.contains(warning)) {
            tracing::warn!("settings: {warning}");
        }
        state.warnings.clone_from(&loaded.warnings);
        state.left_out = loaded.left_out.clone();
        state.text.clone_from(&loaded.text);
        state.failure = loaded.error.as_ref().map(|error| Failure {
            saves: Some(loaded.publication.desk_versions.saves),
            at: Instant::now(),
            error: format!("{error}. Left out until this is corrected: {}.", loaded.left_out),
        });
    }

    /// Reads what was set at the desk.
    async fn stored(&self) -> Result<(StoredSettings, DeskSettings), StoreError> {
        let stored = self.store.stored_settings().await?;
        let desk = source::desk_settings(&stored);
        Ok((stored, desk))
    }

    /// Reads file and theme with these settings of the desk, and checks everything together. May leave out what is left
    /// out already, and no more.
    async fn load(
        &self,
        desk: DeskSettings,
        current: Option<&SiteSnapshot>,
        may_leave_out: LeftOut,
    ) -> Result<Loaded, LoadError> {
        let loader = Loader {
            source: self.source.clone(),
            now: (self.clock)(),
            theme: current.map(|current| Arc::clone(&current.theme)),
        };
        let loading = move || loader.load(&desk, &may_leave_out);
        match tokio::task::spawn_blocking(loading).await {
            Ok(loaded) => loaded,
            Err(error) => Err(LoadError::Interrupted(error.to_string())),
        }
    }
}

impl Loaded {
    /// Returns the parts of the snapshot that follows `current`.
    fn parts(self, current: &SiteSnapshot) -> SnapshotParts {
        SnapshotParts { publication: self.publication, theme: self.theme, ..current.parts() }
    }
}

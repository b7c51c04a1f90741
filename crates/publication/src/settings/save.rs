//! Changing a part of the settings.

use std::error::Error;

use masthead_settings::{DeskSettings, PartChange, SettingsPart};
use masthead_store::{SettingAuthor, SettingWrite, StoreError};

use super::{LiveSettings, LoadError, changes::changes};

/// How often a part is checked again because another server has saved one meanwhile.
const ATTEMPTS: usize = 20;

/// Why a part was not saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else has changed the part since.
    #[error("the settings were changed meanwhile")]
    Behind,
    /// The settings would not fit, with this reason for the person who wanted to change them.
    #[error("{0}")]
    Rejected(String),
    /// Something failed.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}

impl SaveError {
    fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StoreError> for SaveError {
    fn from(error: StoreError) -> Self {
        Self::failed(error)
    }
}

impl From<LoadError> for SaveError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Config(_) | LoadError::Theme(_) => Self::Rejected(error.to_string()),
            LoadError::Store(error) => error.into(),
            LoadError::Interrupted(_) => Self::failed(error),
        }
    }
}

impl LiveSettings {
    /// Changes a part for somebody who has seen this version of it, and puts it in force.
    ///
    /// The part is checked with all others, the file and the theme before it is stored, and stored only if no other part
    /// was stored since.
    ///
    /// # Errors
    ///
    /// Returns an error if the part has another version by now, if the settings do not fit, or if the database fails.
    pub async fn save(
        &self,
        change: &PartChange,
        version: i32,
        author: SettingAuthor,
    ) -> Result<(), SaveError> {
        self.check_left_out(change)?;
        let Some(live) = self.live.get() else {
            return Err(SaveError::failed("the server has not started"));
        };
        let (part, text) = (change.part(), change.to_toml().map_err(SaveError::failed)?);
        live.update(async |current| {
            for _ in 0..ATTEMPTS {
                let (stored, desk) = self.stored().await?;
                // A change of one entry was made from the others in force here, so those must be the latest as well.
                let in_force = &current.publication.desk_versions;
                if [&desk.versions, in_force].iter().any(|known| known.of(part) != version) {
                    return Err(SaveError::Behind);
                }
                let left_out = self.state.lock().left_out.clone();
                let loaded = self.load(next(desk, part, &text), Some(current), left_out).await?;
                let changes = changes(&current.publication, &loaded.publication, part)
                    .map_err(SaveError::failed)?;
                let set = self.store.set(&stored, part.name(), version, &text, author, &changes);
                match set.await? {
                    SettingWrite::Done => {
                        self.loaded(&loaded);
                        return Ok(Some(loaded.parts(current)));
                    }
                    SettingWrite::Behind => return Err(SaveError::Behind),
                    // Another server was quicker: check against what it has stored.
                    SettingWrite::Outdated => {}
                }
            }
            Err(SaveError::failed("other settings were saved again and again meanwhile; try again"))
        })
        .await
        .map(|_| ())
    }

    /// Rejects a new version of a part that is left out: its writer has seen the file's, and would replace what was set
    /// before without knowing it.
    fn check_left_out(&self, change: &PartChange) -> Result<(), SaveError> {
        let PartChange::Set(settings) = change else { return Ok(()) };
        if !self.state.lock().left_out.parts.contains(&settings.part()) {
            return Ok(());
        }
        let fault = "what was set here before does not fit and is left out; let an owner correct what the first page of \
                     the desk says, or use the values from masthead.toml again here";
        Err(SaveError::Rejected(fault.to_owned()))
    }
}

/// Returns the settings as they are once this part is saved.
fn next(mut desk: DeskSettings, part: SettingsPart, text: &str) -> DeskSettings {
    desk.versions.saves += 1;
    *desk.versions.parts.entry(part).or_default() += 1;
    desk.with(part, text)
}

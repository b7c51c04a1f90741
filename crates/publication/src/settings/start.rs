//! What a server starts with.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;

use crate::{
    publication::Publication,
    theme::{Theme, ThemeError},
};

/// Settings and theme that were checked together.
pub struct StartSettings {
    /// What the publisher has set.
    pub publication: Arc<Publication>,
    /// The theme that pages are rendered with.
    pub theme: Arc<Theme>,
}

impl StartSettings {
    /// Loads the theme in `folder` for this publication.
    ///
    /// # Errors
    ///
    /// Returns an error if the theme cannot be used with these settings.
    pub async fn check(
        publication: impl Into<Arc<Publication>>,
        folder: Option<PathBuf>,
        now: Timestamp,
    ) -> Result<Self, ThemeError> {
        let publication = publication.into();
        let checked = tokio::task::spawn_blocking(move || {
            let theme = Theme::load_checked(folder.as_deref(), &publication, None, now)?;
            Ok(Self { publication, theme })
        });
        checked.await.map_err(|error| ThemeError::Interrupted(error.to_string()))?
    }
}

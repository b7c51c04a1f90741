//! Rendering a decision and its text from the same content.

use std::sync::Arc;

use crate::{
    live::Live,
    snapshot::{PageError, SiteSnapshot},
};

impl Live {
    /// Returns the latest snapshot to decide and render with once more, if `error` says that a piece was
    /// changed after the snapshot was made.
    ///
    /// # Errors
    ///
    /// Returns `error` if it says anything else, or the error of the database.
    pub async fn after_change(
        &self,
        error: Arc<PageError>,
    ) -> Result<Arc<SiteSnapshot>, Arc<PageError>> {
        if !matches!(*error, PageError::Changed) {
            return Err(error);
        }
        self.refresh().await.map_err(PageError::from)?;
        Ok(self.snapshot())
    }
}

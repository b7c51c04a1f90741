//! The systems that archives come from.

use masthead_editorial::{
    SlugScript,
    import::{ArchiveText, Importer},
    wordpress::{WxrError, WxrExport},
};

/// An archive that can be read by entry, also by several threads.
pub type OpenArchive = dyn Importer + Send + Sync;

/// The system that an archive comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// The export of WordPress (WXR).
    WordPress,
}

impl ArchiveFormat {
    /// Opens an archive with this text, of which parts are read when they are needed. Slugs are written in the letters of `slugs`.
    ///
    /// # Errors
    ///
    /// Fails if the text has another format, or cannot be read.
    pub fn open(
        self,
        text: impl ArchiveText + 'static,
        slugs: SlugScript,
    ) -> Result<Box<OpenArchive>, WxrError> {
        match self {
            Self::WordPress => Ok(Box::new(WxrExport::open(text, slugs)?)),
        }
    }
}

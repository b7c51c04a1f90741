//! Sealing what must not be readable in the database or a backup of it, with the publication's keys.

use std::sync::Arc;

use masthead_access::{
    sealed_box::{OpenError, Opened, SealedBox},
    token::Keyring,
};

use crate::StoreError;

/// Seals and opens values of columns. Without keys it does neither.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealer(Option<Arc<SealedBox>>);

/// Why a sealed value cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenSealedError {
    /// There are no keys.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was sealed with other keys, or changed.
    #[error(transparent)]
    Sealed(#[from] OpenError),
}

impl Sealer {
    pub fn new(keyring: &Keyring) -> Self {
        Self(Some(Arc::new(SealedBox::new(keyring))))
    }

    fn sealed_box(&self) -> Result<&SealedBox, StoreError> {
        self.0.as_deref().ok_or(StoreError::NoKeys)
    }

    /// Seals a message. `associated` binds it to its row: it must be the same when it is opened.
    pub fn seal(&self, message: &[u8], associated: &[u8]) -> Result<Vec<u8>, StoreError> {
        let sealed = self.sealed_box()?.seal(message, associated, &mut rand::rng());
        sealed.map_err(StoreError::unreadable)
    }

    /// Opens a sealed message.
    pub fn open(&self, sealed: &[u8], associated: &[u8]) -> Result<Vec<u8>, OpenSealedError> {
        Ok(self.open_with_age(sealed, associated)?.message)
    }

    /// Opens a sealed message, and says whether the newest key has sealed it.
    pub fn open_with_age(
        &self,
        sealed: &[u8],
        associated: &[u8],
    ) -> Result<Opened, OpenSealedError> {
        Ok(self.sealed_box()?.open(sealed, associated)?)
    }
}

//! Where files lie: in a folder, or in a bucket. Both are an [`ObjectStore`], the one interface to either.

use std::{io, path::Path as FilePath, sync::Arc};

use bytes::Bytes;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use moka::future::Cache;
use object_store::{
    Error, ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path,
};

use crate::bucket::{Bucket, BucketError};

/// Of a bucket, what is asked for often is kept in memory, up to this many bytes.
const NEAR: u64 = 64 * 1024 * 1024;

/// Larger files are read piece by piece, so that slow readers of many hold little memory.
const AT_ONCE: u64 = 1024 * 1024;

/// A place for files. A file never changes: its name is made from its content.
pub(crate) struct MediaStore {
    store: Arc<dyn ObjectStore>,
    /// What was asked for lately, where it is far away.
    near: Option<Cache<String, Bytes>>,
}

/// Why a shelf does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum MediaStoreError {
    /// The store says why; all who asked for the same at the same time are told so.
    #[error(transparent)]
    Store(#[from] Arc<Error>),
    /// A file that is to be put there cannot be read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

impl From<Error> for MediaStoreError {
    fn from(error: Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl MediaStoreError {
    /// Whether it would not help to try again: there is no such bucket, or the keys do not open it.
    pub fn is_refusal(&self) -> bool {
        let Self::Store(error) = self else { return false };
        matches!(
            **error,
            Error::NotFound { .. } | Error::PermissionDenied { .. } | Error::Unauthenticated { .. }
        )
    }
}

/// A file that is read.
pub struct Opened {
    /// How long it is, in bytes.
    pub length: u64,
    /// It, piece by piece.
    pub content: BoxStream<'static, io::Result<Bytes>>,
}

impl MediaStore {
    /// A folder, which is made where there is none.
    pub fn folder(path: &FilePath) -> Result<Self, MediaStoreError> {
        std::fs::create_dir_all(path)?;
        let store = LocalFileSystem::new_with_prefix(path)?;
        Ok(Self { store: Arc::new(store), near: None })
    }

    /// A bucket.
    pub fn bucket(bucket: &Bucket) -> Result<Self, BucketError> {
        let near = Cache::builder()
            .max_capacity(NEAR)
            .weigher(|name: &String, content: &Bytes| {
                u32::try_from(name.len() + content.len()).unwrap_or(u32::MAX)
            })
            .build();
        Ok(Self { store: bucket.open()?, near: Some(near) })
    }

    /// Whether there is a file of this name.
    pub async fn has(&self, name: &str) -> Result<bool, MediaStoreError> {
        let Some(path) = path(name) else { return Ok(false) };
        match self.store.head(&path).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a file there. Nobody ever sees half of it.
    pub async fn put(&self, name: &str, content: Bytes) -> Result<(), MediaStoreError> {
        let path = Path::parse(name).map_err(Error::from)?;
        self.store.put(&path, PutPayload::from_bytes(content)).await?;
        Ok(())
    }

    /// Opens a file; none where there is none of this name.
    pub async fn open(&self, name: &str) -> Result<Option<Opened>, MediaStoreError> {
        if self.near.is_some() {
            let content = self.read(name).await?;
            return Ok(content.map(|content| Opened {
                length: content.len() as u64,
                content: stream::once(async { Ok(content) }).boxed(),
            }));
        }
        let Some(path) = path(name) else { return Ok(None) };
        match self.store.get(&path).await {
            Ok(found) => {
                let length = found.meta.size;
                let content = if length <= AT_ONCE {
                    let content = found.bytes().await?;
                    stream::once(async { Ok(content) }).boxed()
                } else {
                    found.into_stream().map_err(io::Error::from).boxed()
                };
                Ok(Some(Opened { length, content }))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// All of a file; none where there is none of this name.
    pub async fn read(&self, name: &str) -> Result<Option<Bytes>, MediaStoreError> {
        let Some(path) = path(name) else { return Ok(None) };
        let fetch = async { self.store.get(&path).await?.bytes().await };
        let read = match &self.near {
            // Who asks for the same at the same time waits for the first.
            Some(near) => near.try_get_with(name.to_owned(), fetch).await,
            None => fetch.await.map_err(Arc::new),
        };
        match read {
            Ok(content) => Ok(Some(content)),
            Err(error) if matches!(*error, Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The names of all files.
    pub fn names(&self) -> BoxStream<'static, Result<String, MediaStoreError>> {
        let names = self.store.list(None).map_ok(|file| file.location.to_string());
        names.try_filter(|name| std::future::ready(path(name).is_some())).err_into().boxed()
    }

    /// Finds out whether files can be put there.
    pub async fn try_out(&self) -> Result<(), MediaStoreError> {
        let path = Path::from("trial");
        self.store.put(&path, PutPayload::new()).await?;
        self.store.delete(&path).await?;
        Ok(())
    }
}

/// Where the file of a name lies; none where no file can: nothing outside, and nothing hidden.
fn path(name: &str) -> Option<Path> {
    let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains('/');
    is_plain.then(|| Path::parse(name).ok()).flatten()
}

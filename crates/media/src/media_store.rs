//! File storage in a folder or a bucket, both through [`ObjectStore`].

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

/// The size of the memory cache for files of a bucket, in bytes.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Larger files are streamed, so that many slow clients take little memory.
const STREAM_ABOVE: u64 = 1024 * 1024;

/// A file store. Files are immutable, because their names are derived from their contents.
pub(crate) struct MediaStore {
    store: Arc<dyn ObjectStore>,
    /// Recently requested files, if the store is remote.
    cache: Option<Cache<String, Bytes>>,
}

/// The error for a failed storage operation.
#[derive(Debug, thiserror::Error)]
pub enum MediaStoreError {
    /// The store's error, shared by all who requested the same file at the same time.
    #[error(transparent)]
    Store(#[from] Arc<Error>),
    /// A file that is to be stored cannot be read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

impl From<Error> for MediaStoreError {
    fn from(error: Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl MediaStoreError {
    /// Returns `true` if retrying does not help, because the bucket does not exist or access is
    /// denied.
    pub fn is_permanent(&self) -> bool {
        let Self::Store(error) = self else { return false };
        matches!(
            **error,
            Error::NotFound { .. } | Error::PermissionDenied { .. } | Error::Unauthenticated { .. }
        )
    }
}

/// A file opened for reading.
pub struct OpenFile {
    /// The size in bytes.
    pub length: u64,
    /// The content, in chunks.
    pub content: BoxStream<'static, io::Result<Bytes>>,
}

impl MediaStore {
    /// Opens a folder, which is created if it does not exist.
    pub fn folder(path: &FilePath) -> Result<Self, MediaStoreError> {
        std::fs::create_dir_all(path)?;
        let store = LocalFileSystem::new_with_prefix(path)?;
        Ok(Self { store: Arc::new(store), cache: None })
    }

    /// Opens a bucket.
    pub fn bucket(bucket: &Bucket) -> Result<Self, BucketError> {
        let cache = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(|name: &String, content: &Bytes| {
                u32::try_from(name.len() + content.len()).unwrap_or(u32::MAX)
            })
            .build();
        Ok(Self { store: bucket.open()?, cache: Some(cache) })
    }

    /// Returns `true` if there is a file with this name.
    pub async fn has(&self, name: &str) -> Result<bool, MediaStoreError> {
        let Some(path) = path(name) else { return Ok(false) };
        match self.store.head(&path).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a file atomically.
    pub async fn put(&self, name: &str, content: Bytes) -> Result<(), MediaStoreError> {
        let path = Path::parse(name).map_err(Error::from)?;
        self.store.put(&path, PutPayload::from_bytes(content)).await?;
        Ok(())
    }

    /// Opens a file, or returns `None` if there is none with this name.
    pub async fn open(&self, name: &str) -> Result<Option<OpenFile>, MediaStoreError> {
        if self.cache.is_some() {
            let content = self.read(name).await?;
            return Ok(content.map(|content| OpenFile {
                length: content.len() as u64,
                content: stream::once(async { Ok(content) }).boxed(),
            }));
        }
        let Some(path) = path(name) else { return Ok(None) };
        match self.store.get(&path).await {
            Ok(found) => {
                let length = found.meta.size;
                let content = if length <= STREAM_ABOVE {
                    let content = found.bytes().await?;
                    stream::once(async { Ok(content) }).boxed()
                } else {
                    found.into_stream().map_err(io::Error::from).boxed()
                };
                Ok(Some(OpenFile { length, content }))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a whole file, or returns `None` if there is none with this name.
    pub async fn read(&self, name: &str) -> Result<Option<Bytes>, MediaStoreError> {
        let Some(path) = path(name) else { return Ok(None) };
        let fetch = async { self.store.get(&path).await?.bytes().await };
        let read = match &self.cache {
            // Concurrent requests for the same file wait for the first.
            Some(cache) => cache.try_get_with(name.to_owned(), fetch).await,
            None => fetch.await.map_err(Arc::new),
        };
        match read {
            Ok(content) => Ok(Some(content)),
            Err(error) if matches!(*error, Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Lists the names of all files.
    pub fn names(&self) -> BoxStream<'static, Result<String, MediaStoreError>> {
        let names = self.store.list(None).map_ok(|file| file.location.to_string());
        names.try_filter(|name| std::future::ready(path(name).is_some())).err_into().boxed()
    }

    /// Returns the size of all files together, in bytes.
    pub async fn total_bytes(&self) -> Result<u64, MediaStoreError> {
        let sizes = self.store.list(None).map_ok(|file| file.size);
        Ok(sizes.try_fold(0, async |sum, size| Ok(sum + size)).await?)
    }

    /// Checks that files can be written, by writing and deleting one.
    pub async fn check_writable(&self) -> Result<(), MediaStoreError> {
        // Another name for each server, so that none deletes the file of another. Hidden files are not pictures.
        let path = Path::from(format!(".check-{:016x}", rand::random::<u64>()));
        self.store.put(&path, PutPayload::new()).await?;
        self.store.delete(&path).await?;
        Ok(())
    }
}

/// The longest name that file systems take, in bytes.
const MAX_NAME: usize = 255;

/// Returns the path of a file, or `None` if the name is not valid: files in other folders and
/// hidden files are not accessible.
fn path(name: &str) -> Option<Path> {
    let fits = (1..=MAX_NAME).contains(&name.len());
    let is_plain = fits && !name.starts_with('.') && !name.contains('/');
    is_plain.then(|| Path::parse(name).ok()).flatten()
}

//! The media library of a publication. Every picture is stored once, under a name derived from its
//! content.

use std::{cell::RefCell, collections::HashMap, path::Path};

use bytes::Bytes;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use masthead_editorial::{
    clean::{FindPicture, StoredPicture},
    renditions,
};
use parking_lot::Mutex;

use crate::{
    bucket::{Bucket, BucketError},
    incoming::Incoming,
    measure,
    media_store::{MediaStore, MediaStoreError, OpenFile},
    processing::{self, RejectedUpload},
};

/// The number of files that are written concurrently.
const CONCURRENCY: usize = 8;

/// The media library of a publication.
pub struct MediaLibrary {
    store: MediaStore,
    /// The pictures found so far, by name. Pictures are never deleted, so entries stay valid.
    known: Mutex<HashMap<String, StoredPicture>>,
}

/// The result of copying pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopyReport {
    /// The number of files that were copied.
    pub new: usize,
    /// The number of files that existed already.
    pub known: usize,
}

/// The error for a picture that could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is refused, for a reason that the user can fix.
    #[error(transparent)]
    RejectedUpload(#[from] RejectedUpload),
    /// The file could not be written.
    #[error("a picture cannot be kept: {0}")]
    Failed(#[from] MediaStoreError),
}

impl MediaLibrary {
    /// Opens the library in a folder, which is created if it does not exist.
    pub fn in_folder(path: &Path) -> Result<Self, MediaStoreError> {
        Ok(Self { store: MediaStore::folder(path)?, known: Mutex::default() })
    }

    /// Opens the library in a bucket.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, BucketError> {
        Ok(Self { store: MediaStore::bucket(bucket)?, known: Mutex::default() })
    }

    /// Checks that pictures can be written, by writing and deleting a file.
    pub async fn check_writable(&self) -> Result<(), MediaStoreError> {
        self.store.check_writable().await
    }

    /// Opens the picture with this name, or returns `None` if there is none.
    pub async fn open(&self, name: &str) -> Result<Option<OpenFile>, MediaStoreError> {
        self.store.open(name).await
    }

    /// Processes an uploaded picture and stores it in all sizes, which takes seconds.
    pub async fn upload(&self, content: Bytes) -> Result<StoredPicture, ImportError> {
        let prepare = move || processing::prepare(&content, &measure::digest(&content));
        // A panic in a decoder means that the file is broken.
        let prepared = tokio::task::spawn_blocking(prepare).await;
        let prepared = prepared.unwrap_or(Err(RejectedUpload::NotAPicture))?;
        let mut files = prepared.files.into_iter();
        let picture = files.next().ok_or(RejectedUpload::NotAPicture)?;
        let put = |(name, content): (String, Vec<u8>)| async move {
            self.store.put(&name, content.into()).await
        };
        stream::iter(files.map(put)).buffer_unordered(CONCURRENCY).try_collect::<()>().await?;
        // The main file is written last: if it exists, so do all sizes.
        let name = picture.0.clone();
        put(picture).await?;
        let stored_picture = measure::stored_picture(&name, (prepared.width, prepared.height));
        self.known.lock().insert(name, stored_picture.clone());
        Ok(stored_picture)
    }

    /// Stores all pictures of an import. Pictures that exist already are skipped.
    pub async fn store_all(&self, incoming: &Incoming) -> Result<(), MediaStoreError> {
        let keep = |waiting: crate::incoming::PendingPicture| async move {
            let name = waiting.name.clone();
            if !self.store.has(&name).await? {
                self.store.put(&name, waiting.read()?).await?;
            }
            Ok(())
        };
        stream::iter(incoming.take().into_iter().map(keep))
            .buffer_unordered(CONCURRENCY)
            .try_collect::<()>()
            .await
    }

    /// Runs `work`, which looks up pictures by address. If it asks for pictures that are not
    /// cached, they are looked up, and `work` runs again.
    pub async fn with_pictures<T>(
        &self,
        work: impl Fn(&FindPicture<'_>) -> T,
    ) -> Result<T, MediaStoreError> {
        let mut looked_up: HashMap<String, Option<StoredPicture>> = HashMap::new();
        loop {
            let unknown = {
                let unknown = RefCell::new(Vec::new());
                let done = work(&|src: &str| {
                    let found = looked_up.get(src).cloned();
                    found.or_else(|| self.known(src).map(Some)).unwrap_or_else(|| {
                        unknown.borrow_mut().push(src.to_owned());
                        None
                    })
                });
                let unknown = unknown.into_inner();
                if unknown.is_empty() {
                    return Ok(done);
                }
                unknown
            };
            for src in unknown {
                let found = self.find(&src).await?;
                looked_up.insert(src, found);
            }
        }
    }

    /// Lists the names of all files, in every size.
    pub fn file_names(&self) -> BoxStream<'static, Result<String, MediaStoreError>> {
        self.store.names()
    }

    /// Reads a file, or returns `None` if there is none with this name.
    pub async fn read_file(&self, name: &str) -> Result<Option<Bytes>, MediaStoreError> {
        self.store.read(name).await
    }

    /// Writes a file that was read from a library. One that exists already is kept.
    pub async fn restore_file(&self, name: &str, content: Bytes) -> Result<(), MediaStoreError> {
        if self.store.has(name).await? {
            return Ok(());
        }
        self.store.put(name, content).await
    }

    /// Copies every picture that `other` does not have yet.
    pub async fn copy_to(&self, other: &Self) -> Result<CopyReport, MediaStoreError> {
        let copy = |name: String| async move {
            if other.store.has(&name).await? {
                return Ok(CopyReport { known: 1, new: 0 });
            }
            let content = self.store.read(&name).await?;
            other.store.put(&name, content.unwrap_or_default()).await?;
            Ok(CopyReport { known: 0, new: 1 })
        };
        let copies = self.store.names().map_ok(copy).try_buffer_unordered(CONCURRENCY);
        let sum = |sum: CopyReport, one: CopyReport| async move {
            Ok(CopyReport { new: sum.new + one.new, known: sum.known + one.known })
        };
        copies.try_fold(CopyReport::default(), sum).await
    }

    fn known(&self, src: &str) -> Option<StoredPicture> {
        self.known.lock().get(measure::name_of(src)?).cloned()
    }

    /// Looks up the picture that is served at this address, or returns `None` if it is not in the
    /// library.
    async fn find(&self, src: &str) -> Result<Option<StoredPicture>, MediaStoreError> {
        let Some(name) = measure::name_of(src) else { return Ok(None) };
        let found = match renditions::read(src) {
            Some(said) => self.store.has(name).await?.then_some(said),
            None => self.store.read(name).await?.and_then(|content| {
                let size = measure::size_of(name, &content)?;
                Some(measure::stored_picture(name, size))
            }),
        };
        if let Some(found) = &found {
            self.known.lock().insert(name.to_owned(), found.clone());
        }
        Ok(found)
    }
}

//! The media library of a publication. Every picture is stored once, under a name derived from its
//! content.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    num::NonZero,
    path::Path,
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use masthead_editorial::{
    clean::{FindPicture, StoredPicture},
    crops::{Crop, CropPlace},
    renditions,
};
use parking_lot::Mutex;
use tokio::task::spawn_blocking;

use crate::{
    bounded::{Bounded, WorkError, WorkOwner},
    bucket::{Bucket, BucketError},
    drawing,
    incoming::{Incoming, PendingPicture},
    measure,
    media_store::{MediaStore, MediaStoreError, OpenFile},
    pixels::{self, Pixels},
    processing::{self, Prepared},
    rejected_upload::RejectedUpload,
};

/// The number of files that are written concurrently.
const CONCURRENCY: usize = 8;

/// Pictures that are processed at once, at most one for each account: each takes a processor, and as much memory as there is for all.
const PICTURES_AT_ONCE: usize = 1;
/// Pictures of an import that are processed at once, by as many processors. Each may take as much memory as all uploads.
const MAX_IMPORTED_AT_ONCE: usize = 4;
/// Texts that are worked on at once, at most one for each account.
const TEXTS_AT_ONCE: usize = 2;
/// How long a picture waits for others, and how long it may take.
const PICTURE_TIMES: (Duration, Duration) = (Duration::from_mins(1), Duration::from_mins(2));
/// How long a text waits for others, and how long it may take.
const TEXT_TIMES: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(20));

/// The media library of a publication.
pub struct MediaLibrary {
    store: MediaStore,
    /// The pictures found so far, by name. Pictures are never deleted, so entries stay valid.
    known: Arc<Mutex<HashMap<String, StoredPicture>>>,
    pictures: Bounded,
    texts: Bounded,
}

/// What looking up the pictures of a text found so far, by address.
type LookedUp = HashMap<String, Option<StoredPicture>>;

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
    /// The picture was not processed.
    #[error(transparent)]
    Work(WorkError),
}

/// The error for work on a text that was not done.
#[derive(Debug, thiserror::Error)]
pub enum TextWorkError {
    /// Its pictures cannot be looked up.
    #[error(transparent)]
    Pictures(#[from] MediaStoreError),
    /// There was no thread or no time for it.
    #[error(transparent)]
    Work(#[from] WorkError),
}

impl MediaLibrary {
    /// Opens the library in a folder, which is created if it does not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be opened.
    pub fn in_folder(path: &Path) -> Result<Self, MediaStoreError> {
        Ok(Self::with(MediaStore::folder(path)?))
    }

    /// Opens the library in a bucket.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be opened.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, BucketError> {
        Ok(Self::with(MediaStore::bucket(bucket)?))
    }

    fn with(store: MediaStore) -> Self {
        let bounded = |at_once, (wait, time)| Bounded::new(at_once, wait, time);
        let pictures = bounded(PICTURES_AT_ONCE, PICTURE_TIMES);
        Self { store, known: Arc::default(), pictures, texts: bounded(TEXTS_AT_ONCE, TEXT_TIMES) }
    }

    /// Checks that pictures can be written, by writing and deleting a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails.
    pub async fn check_writable(&self) -> Result<(), MediaStoreError> {
        self.store.check_writable().await
    }

    /// Opens the picture with this name, or returns `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails.
    pub async fn open(&self, name: &str) -> Result<Option<OpenFile>, MediaStoreError> {
        self.store.open(name).await
    }

    /// Processes a picture that `owner` uploads and stores it in all sizes, which takes seconds. Each account has one processed at a time.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is refused, cannot be processed in time, or cannot be stored.
    pub async fn upload(
        &self,
        owner: WorkOwner,
        content: Bytes,
    ) -> Result<StoredPicture, ImportError> {
        let prepare = move || processing::prepare(&content, &measure::digest(&content));
        let prepared =
            self.pictures.run_for(owner, prepare).await.map_err(|error| match error {
                // A panic in a decoder means that the file is broken.
                WorkError::Interrupted(error) if error.is_panic() => {
                    RejectedUpload::NotAPicture.into()
                }
                error => ImportError::Work(error),
            })??;
        self.store_prepared(prepared).await
    }

    /// Cuts the part for a place out of the picture with this name for `owner`, and stores it in all sizes, which takes seconds. Each
    /// account has one picture processed at a time.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such picture, if it cannot be cropped (animations, AVIF files and drawings are shown whole), if it cannot be
    /// processed in time, or if the store fails.
    pub async fn crop(
        &self,
        owner: WorkOwner,
        name: &str,
        (place, crop): (CropPlace, Crop),
    ) -> Result<StoredPicture, ImportError> {
        let content = self.store.read(name).await?.ok_or(RejectedUpload::NotAPicture)?;
        let name = name.to_owned();
        let cut = move || processing::cropped(&content, &name, (place, crop));
        let prepared = self.pictures.run_for(owner, cut).await.map_err(ImportError::Work)??;
        self.store_prepared(prepared).await
    }

    async fn store_prepared(&self, prepared: Prepared) -> Result<StoredPicture, ImportError> {
        let size = (prepared.width, prepared.height);
        let name = self.put_all(prepared).await?;
        let stored_picture = measure::stored_picture(&name, size);
        self.known.lock().insert(name, stored_picture.clone());
        Ok(stored_picture)
    }

    /// Writes all files of a picture. Returns the name of the main one.
    async fn put_all(&self, prepared: Prepared) -> Result<String, ImportError> {
        let mut files = prepared.files.into_iter();
        let (name, content) = files.next().ok_or(RejectedUpload::NotAPicture)?;
        let put = |(name, content): (String, Vec<u8>)| async move {
            self.store.put(&name, content.into()).await
        };
        stream::iter(files.map(put)).buffer_unordered(CONCURRENCY).try_collect::<()>().await?;
        // The main file is written last: if it exists, so do all sizes.
        self.store.put(&name, content.into()).await?;
        Ok(name)
    }

    /// Stores a logo: a drawing without anything that runs or loads, or a picture as [`upload`](Self::upload) does. The name has the size.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is refused, or cannot be stored. An animation or an AVIF, which has one size, is not a logo.
    pub async fn upload_logo(
        &self,
        owner: WorkOwner,
        content: Bytes,
    ) -> Result<StoredPicture, ImportError> {
        if processing::has_one_size(&content) {
            return Err(RejectedUpload::NotAPicture.into());
        }
        if !drawing::is_drawing(&content) {
            return self.upload(owner, content).await;
        }
        let clean = move || drawing::sanitized(&content);
        let drawing = self.texts.run_for(owner, clean).await.map_err(ImportError::Work)??;
        let (size, content) = ((drawing.width, drawing.height), Bytes::from(drawing.content));
        let name = renditions::picture(&measure::digest(&content), size.0, size.1, "svg");
        self.store.put(&name, content).await?;
        Ok(measure::stored_picture(&name, size))
    }

    /// Stores all pictures of an import, processed as by [`upload`](Self::upload). Pictures that exist already are skipped.
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails, or if a file was changed since its text was read.
    pub async fn store_all(&self, incoming: &Incoming) -> Result<(), ImportError> {
        let at_once = available_parallelism().map_or(1, NonZero::get).min(MAX_IMPORTED_AT_ONCE);
        stream::iter(incoming.take().into_iter().map(|waiting| self.store_pending(waiting)))
            .buffer_unordered(at_once)
            .try_collect::<()>()
            .await
    }

    async fn store_pending(&self, waiting: PendingPicture) -> Result<(), ImportError> {
        let name = waiting.name.clone();
        if self.store.has(&name).await? {
            return Ok(());
        }
        let is_processed = waiting.is_processed;
        let content = waiting.read().map_err(MediaStoreError::from)?;
        if !is_processed {
            return Ok(self.store.put(&name, content).await?);
        }
        let prepare = move || processing::prepare(&content, &measure::digest(&content));
        let prepared = spawn_blocking(prepare).await.map_err(WorkError::from);
        self.put_all(prepared.map_err(ImportError::Work)??).await.map(drop)
    }

    /// Runs `work` on a text of `owner`, which looks up pictures by address, on a thread that serves no requests. If it asks for
    /// pictures that are not cached, they are looked up, and `work` runs again.
    ///
    /// # Errors
    ///
    /// Fails if the pictures cannot be looked up, or if there is no thread or no time for the work.
    pub async fn with_pictures<T: Send + 'static>(
        &self,
        owner: WorkOwner,
        work: impl Fn(&FindPicture<'_>) -> T + Send + Sync + 'static,
    ) -> Result<T, TextWorkError> {
        let work = Arc::new(work);
        let mut looked_up = LookedUp::new();
        loop {
            let (work, known) = (Arc::clone(&work), Arc::clone(&self.known));
            let attempt = move || {
                let (done, unknown) = work_with(&*work, &known, &looked_up);
                (done, unknown, looked_up)
            };
            let (done, unknown, found) = self.texts.run_for(owner, attempt).await?;
            if unknown.is_empty() {
                return Ok(done);
            }
            looked_up = found;
            let find = |src: String| async move {
                let found = self.find(&src).await?;
                Ok::<_, MediaStoreError>((src, found))
            };
            let all = stream::iter(unknown.into_iter().map(find)).buffer_unordered(CONCURRENCY);
            looked_up.extend(all.try_collect::<Vec<_>>().await?);
        }
    }

    /// Runs `work` on a text of `owner` that needs no pictures, such as a comparison or a preview, on a thread that serves no requests.
    ///
    /// # Errors
    ///
    /// Fails if there is no thread or no time for it.
    pub async fn work_on_text<T: Send + 'static>(
        &self,
        owner: WorkOwner,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WorkError> {
        self.texts.run_for(owner, work).await
    }

    /// Lists the names of all files, in every size.
    pub fn file_names(&self) -> BoxStream<'static, Result<String, MediaStoreError>> {
        self.store.names()
    }

    /// Returns the size of all files together, in bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails.
    pub async fn total_bytes(&self) -> Result<u64, MediaStoreError> {
        self.store.total_bytes().await
    }

    /// Reads a file, or returns `None` if there is none with this name.
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails.
    pub async fn read_file(&self, name: &str) -> Result<Option<Bytes>, MediaStoreError> {
        self.store.read(name).await
    }

    /// Reads a picture as pixels, scaled down to at most this size. Returns `None` for drawings, for what has no decoder, and if there
    /// is no such picture.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be read.
    pub async fn pixels(
        &self,
        name: &str,
        max: (u32, u32),
    ) -> Result<Option<Pixels>, MediaStoreError> {
        let Some(content) = self.read_file(name).await? else { return Ok(None) };
        // A panic in a decoder means that the file is broken.
        Ok(spawn_blocking(move || pixels::decode(&content, max)).await.ok().flatten())
    }

    /// Writes a file that was read from a library. One that exists already is kept.
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails.
    pub async fn restore_file(&self, name: &str, content: Bytes) -> Result<(), MediaStoreError> {
        if self.store.has(name).await? {
            return Ok(());
        }
        self.store.put(name, content).await
    }

    /// Copies every picture that `other` does not have yet.
    ///
    /// # Errors
    ///
    /// Returns an error if a store fails.
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

/// Runs `work` with the pictures that are known. Also returns the addresses of those that are not.
fn work_with<T>(
    work: &impl Fn(&FindPicture<'_>) -> T,
    known: &Mutex<HashMap<String, StoredPicture>>,
    looked_up: &LookedUp,
) -> (T, HashSet<String>) {
    let unknown = RefCell::new(HashSet::new());
    let done = work(&|src: &str| {
        // Whatever is not in the library needs no lookup.
        let name = measure::name_of(src)?;
        let found = looked_up.get(src).cloned();
        found.or_else(|| known.lock().get(name).cloned().map(Some)).unwrap_or_else(|| {
            unknown.borrow_mut().insert(src.to_owned());
            None
        })
    });
    (done, unknown.into_inner())
}

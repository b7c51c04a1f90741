//! The pictures of a publication: each is kept once, under a name made from what it shows.

use std::{cell::RefCell, collections::HashMap, path::Path};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use masthead_editorial::{
    clean::{FindPicture, KeptPicture},
    renditions,
};
use parking_lot::Mutex;

use crate::{
    bucket::{Bucket, BucketError},
    incoming::Incoming,
    intake::{self, NotTaken},
    measure,
    media_store::{MediaStore, MediaStoreError, Opened},
};

/// Files that are put on the shelf at once.
const AT_ONCE: usize = 8;

/// The pictures of a publication.
pub struct MediaLibrary {
    shelf: MediaStore,
    /// Those that were found, by name. None ever goes.
    known: Mutex<HashMap<String, KeptPicture>>,
}

/// What became of pictures that were to be brought somewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopyReport {
    /// Files that were not there before.
    pub new: usize,
    /// Files that were.
    pub known: usize,
}

/// Why a picture is not kept.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// For a reason that whoever sends it can mend.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    /// It cannot be put where pictures are.
    #[error("a picture cannot be kept: {0}")]
    Failed(#[from] MediaStoreError),
}

impl MediaLibrary {
    /// The pictures kept in a folder, which is made where there is none.
    pub fn in_folder(path: &Path) -> Result<Self, MediaStoreError> {
        Ok(Self { shelf: MediaStore::folder(path)?, known: Mutex::default() })
    }

    /// The pictures kept in a bucket.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, BucketError> {
        Ok(Self { shelf: MediaStore::bucket(bucket)?, known: Mutex::default() })
    }

    /// Finds out whether pictures can be kept there.
    pub async fn try_out(&self) -> Result<(), MediaStoreError> {
        self.shelf.try_out().await
    }

    /// Opens a picture by its name; none where there is none.
    pub async fn open(&self, name: &str) -> Result<Option<Opened>, MediaStoreError> {
        self.shelf.open(name).await
    }

    /// Makes a picture from somebody's camera fit to be shown, and keeps it in all its sizes. This takes seconds.
    pub async fn take_in(&self, content: Bytes) -> Result<KeptPicture, ImportError> {
        let prepare = move || intake::prepare(&content, &measure::digest(&content));
        // A decoder that panics has met a broken file.
        let prepared = tokio::task::spawn_blocking(prepare).await;
        let prepared = prepared.unwrap_or(Err(NotTaken::NoPicture))?;
        let mut files = prepared.files.into_iter();
        let picture = files.next().ok_or(NotTaken::NoPicture)?;
        let put = |(name, content): (String, Vec<u8>)| async move {
            self.shelf.put(&name, content.into()).await
        };
        stream::iter(files.map(put)).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        // The picture itself last: who finds it finds all of its sizes.
        let name = picture.0.clone();
        put(picture).await?;
        let kept = measure::kept(&name, (prepared.width, prepared.height));
        self.known.lock().insert(name, kept.clone());
        Ok(kept)
    }

    /// Keeps all pictures that wait. One that is there already is not kept again.
    pub async fn keep_all(&self, incoming: &Incoming) -> Result<(), MediaStoreError> {
        let keep = |waiting: crate::incoming::Waiting| async move {
            let name = waiting.name.clone();
            if !self.shelf.has(&name).await? {
                self.shelf.put(&name, waiting.read()?).await?;
            }
            Ok(())
        };
        stream::iter(incoming.take().into_iter().map(keep))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await
    }

    /// Does work that asks for pictures by their addresses. Those that have to be looked for are, and the work is done
    /// again.
    pub async fn find_for<T>(
        &self,
        work: impl Fn(&FindPicture<'_>) -> T,
    ) -> Result<T, MediaStoreError> {
        let mut looked_for: HashMap<String, Option<KeptPicture>> = HashMap::new();
        loop {
            let unknown = {
                let unknown = RefCell::new(Vec::new());
                let done = work(&|src: &str| {
                    let found = looked_for.get(src).cloned();
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
                looked_for.insert(src, found);
            }
        }
    }

    /// Brings every picture to another gallery that is not there yet.
    pub async fn copy_to(&self, other: &Self) -> Result<CopyReport, MediaStoreError> {
        let bring = |name: String| async move {
            if other.shelf.has(&name).await? {
                return Ok(CopyReport { known: 1, new: 0 });
            }
            let content = self.shelf.read(&name).await?;
            other.shelf.put(&name, content.unwrap_or_default()).await?;
            Ok(CopyReport { known: 0, new: 1 })
        };
        let brought = self.shelf.names().map_ok(bring).try_buffer_unordered(AT_ONCE);
        let sum = |sum: CopyReport, one: CopyReport| async move {
            Ok(CopyReport { new: sum.new + one.new, known: sum.known + one.known })
        };
        brought.try_fold(CopyReport::default(), sum).await
    }

    fn known(&self, src: &str) -> Option<KeptPicture> {
        self.known.lock().get(measure::name_of(src)?).cloned()
    }

    /// The picture that is served at this address, if it is one of ours.
    async fn find(&self, src: &str) -> Result<Option<KeptPicture>, MediaStoreError> {
        let Some(name) = measure::name_of(src) else { return Ok(None) };
        let found = match renditions::read(src) {
            Some(said) => self.shelf.has(name).await?.then_some(said),
            None => self.shelf.read(name).await?.and_then(|content| {
                let size = measure::size_of(name, &content)?;
                Some(measure::kept(name, size))
            }),
        };
        if let Some(found) = &found {
            self.known.lock().insert(name.to_owned(), found.clone());
        }
        Ok(found)
    }
}

//! Pictures of texts that are being imported. They are measured when a text refers to them, and
//! stored together with the text.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use masthead_editorial::clean::StoredPicture;
use parking_lot::Mutex;

use crate::{measure::measure, processing::MAX_BYTES};

/// The pictures that imported texts refer to, to be stored by
/// [`MediaLibrary::store_all`](crate::MediaLibrary::store_all).
#[derive(Default)]
pub struct Incoming {
    files: Mutex<HashMap<PathBuf, Option<StoredPicture>>>,
    waiting: Mutex<Vec<PendingPicture>>,
}

/// A picture to be stored.
pub(crate) struct PendingPicture {
    pub name: String,
    content: Content,
}

enum Content {
    /// There may be thousands, so their contents are not kept in memory.
    InFile(PathBuf),
    InMemory(Cow<'static, [u8]>),
}

impl Incoming {
    /// Returns the picture in a file, or `None` if it cannot be read or is not a picture.
    pub fn file(&self, path: &Path) -> Option<StoredPicture> {
        if let Some(known) = self.files.lock().get(path) {
            return known.clone();
        }
        let size = fs::metadata(path).ok().filter(fs::Metadata::is_file)?.len();
        let content = (size <= MAX_BYTES as u64).then(|| fs::read(path).ok()).flatten();
        let measured = content.and_then(|content| measure(&path.to_string_lossy(), &content));
        let picture = measured.map(|(name, picture)| {
            let content = Content::InFile(path.to_path_buf());
            self.waiting.lock().push(PendingPicture { name, content });
            picture
        });
        self.files.lock().insert(path.to_path_buf(), picture.clone());
        picture
    }

    /// Returns the picture with this file name and content, or `None` if it is not a picture.
    pub fn content(&self, name: &str, content: Cow<'static, [u8]>) -> Option<StoredPicture> {
        let (name, picture) = measure(name, &content)?;
        self.waiting.lock().push(PendingPicture { name, content: Content::InMemory(content) });
        Some(picture)
    }

    /// Takes the pictures that are to be stored.
    pub(crate) fn take(&self) -> Vec<PendingPicture> {
        std::mem::take(&mut *self.waiting.lock())
    }
}

impl PendingPicture {
    pub fn read(self) -> io::Result<Bytes> {
        match self.content {
            Content::InFile(path) => fs::read(path).map(Bytes::from),
            Content::InMemory(content) => Ok(Bytes::from(content.into_owned())),
        }
    }
}

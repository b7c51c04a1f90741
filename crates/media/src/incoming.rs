//! Pictures of texts that are being imported. They are measured when a text refers to them, and
//! stored together with the text.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fs, io, panic,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use masthead_editorial::clean::StoredPicture;
use parking_lot::Mutex;

use crate::{
    drawing,
    measure::{digest, measure, stored_picture},
    processing::{Described, MAX_BYTES, describe},
    rejected_upload::RejectedUpload,
};

/// The pictures that imported texts refer to, to be stored by
/// [`MediaLibrary::store_all`](crate::MediaLibrary::store_all).
#[derive(Default)]
pub struct Incoming {
    /// The stems of pictures that the newsroom has replaced.
    replaced: HashSet<String>,
    files: Mutex<HashMap<PathBuf, Option<StoredPicture>>>,
    waiting: Mutex<Vec<PendingPicture>>,
    rejected: Mutex<Vec<RejectedFile>>,
}

/// A file that is there, and is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Why it is not stored.
    pub why: RejectedUpload,
}

/// A picture to be stored.
pub(crate) struct PendingPicture {
    /// The name of its main file.
    pub name: String,
    /// Whether it is processed as one that is uploaded: all but drawings, and those of the program itself.
    pub is_processed: bool,
    content: Content,
}

enum Content {
    /// There may be thousands, so their contents are not kept in memory.
    InFile(PathBuf),
    InMemory(Cow<'static, [u8]>),
}

impl Incoming {
    /// Creates an empty one. `replaced` has the stems of the pictures that the newsroom has replaced: those keep the name that earlier
    /// versions gave them, so that they stay replaced.
    pub fn new(replaced: HashSet<String>) -> Self {
        Self { replaced, ..Self::default() }
    }

    /// Returns the picture in a file as it will be stored: like one that is uploaded. `None` if the file cannot be read, or is rejected
    /// ([`take_rejected`](Self::take_rejected)). A drawing (SVG) is stored as it is.
    pub fn file(&self, path: &Path) -> Option<StoredPicture> {
        if let Some(known) = self.files.lock().get(path) {
            return known.clone();
        }
        let size = fs::metadata(path).ok().filter(fs::Metadata::is_file)?.len();
        let content = if size > MAX_BYTES as u64 { None } else { Some(fs::read(path).ok()?) };
        let found = content.ok_or(RejectedUpload::TooLarge).and_then(|content| {
            let path = path.to_path_buf();
            if drawing::is_drawing(&content) {
                let (name, picture) =
                    measure("drawing.svg", &content).ok_or(RejectedUpload::DrawingSize)?;
                let content = Content::InFile(path);
                return Ok((picture, PendingPicture { name, is_processed: false, content }));
            }
            if self.replaced.contains(&digest(&content))
                && let Some((name, picture)) = measure(&path.to_string_lossy(), &content)
            {
                // It is stored already.
                let content = Content::InFile(path);
                return Ok((picture, PendingPicture { name, is_processed: false, content }));
            }
            let Described { name, width, height, .. } = described(&content)?;
            let picture = stored_picture(&name, (width, height));
            let content = Content::InFile(path);
            Ok((picture, PendingPicture { name, is_processed: true, content }))
        });
        let picture = match found {
            Ok((picture, pending)) => {
                self.waiting.lock().push(pending);
                Some(picture)
            }
            Err(why) => {
                self.rejected.lock().push(RejectedFile { path: path.to_path_buf(), why });
                None
            }
        };
        self.files.lock().insert(path.to_path_buf(), picture.clone());
        picture
    }

    /// Returns a picture of the program itself, such as one of the demonstration, which is stored as it is. `None` if it is not a
    /// picture.
    pub fn own_picture(&self, name: &str, content: Cow<'static, [u8]>) -> Option<StoredPicture> {
        let (name, picture) = measure(name, &content)?;
        let content = Content::InMemory(content);
        self.waiting.lock().push(PendingPicture { name, is_processed: false, content });
        Some(picture)
    }

    /// Takes the pictures that are to be stored.
    pub(crate) fn take(&self) -> Vec<PendingPicture> {
        std::mem::take(&mut *self.waiting.lock())
    }

    /// Takes the files that were rejected, each once.
    pub fn take_rejected(&self) -> Vec<RejectedFile> {
        std::mem::take(&mut *self.rejected.lock())
    }
}

/// A panic in a decoder means that the file is broken.
fn described(content: &[u8]) -> Result<Described, RejectedUpload> {
    panic::catch_unwind(|| describe(content, &digest(content)))
        .unwrap_or(Err(RejectedUpload::NotAPicture))
}

impl PendingPicture {
    pub fn read(self) -> io::Result<Bytes> {
        match self.content {
            Content::InFile(path) => fs::read(path).map(Bytes::from),
            Content::InMemory(content) => Ok(Bytes::from(content.into_owned())),
        }
    }
}

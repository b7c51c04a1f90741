//! Pictures of texts on their way in: measured when a text asks for them, kept when it is.

use std::{
    borrow::Cow,
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use masthead_editorial::clean::KeptPicture;
use parking_lot::Mutex;

use crate::{intake::LARGEST, measure::measure};

/// Pictures that texts on their way in have asked for, and that are still to be kept
/// ([`MediaLibrary::keep_all`](crate::Gallery::keep_all)).
#[derive(Default)]
pub struct Incoming {
    files: Mutex<HashMap<PathBuf, Option<KeptPicture>>>,
    waiting: Mutex<Vec<Waiting>>,
}

/// One that is still to be kept.
pub(crate) struct Waiting {
    pub name: String,
    content: Content,
}

enum Content {
    /// There may be thousands: none is held in memory while it waits.
    InFile(PathBuf),
    InHand(Cow<'static, [u8]>),
}

impl Incoming {
    /// The picture in a file; none if it is no picture or cannot be read.
    pub fn file(&self, path: &Path) -> Option<KeptPicture> {
        if let Some(known) = self.files.lock().get(path) {
            return known.clone();
        }
        let size = fs::metadata(path).ok().filter(fs::Metadata::is_file)?.len();
        let content = (size <= LARGEST as u64).then(|| fs::read(path).ok()).flatten();
        let measured = content.and_then(|content| measure(&path.to_string_lossy(), &content));
        let picture = measured.map(|(name, picture)| {
            let content = Content::InFile(path.to_path_buf());
            self.waiting.lock().push(Waiting { name, content });
            picture
        });
        self.files.lock().insert(path.to_path_buf(), picture.clone());
        picture
    }

    /// The picture that is called `name` and has this content; none if it is no picture.
    pub fn content(&self, name: &str, content: Cow<'static, [u8]>) -> Option<KeptPicture> {
        let (name, picture) = measure(name, &content)?;
        self.waiting.lock().push(Waiting { name, content: Content::InHand(content) });
        Some(picture)
    }

    /// Those that wait, who wait no longer.
    pub(crate) fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.waiting.lock())
    }
}

impl Waiting {
    pub fn read(self) -> io::Result<Bytes> {
        match self.content {
            Content::InFile(path) => fs::read(path).map(Bytes::from),
            Content::InHand(content) => Ok(Bytes::from(content.into_owned())),
        }
    }
}

//! The folder of pictures: each is kept once, under a name made from what it shows.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use masthead_editorial::{clean::KeptPicture, renditions};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::intake::{self, NotTaken};

/// Endings of files that are taken in as pictures.
const PICTURES: [&str; 7] = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg"];
/// Larger files are no pictures for a page.
const LARGEST: u64 = 30 * 1024 * 1024;

/// The pictures of a publication.
pub struct Gallery {
    folder: PathBuf,
    kept: Mutex<HashMap<PathBuf, Option<KeptPicture>>>,
}

impl Gallery {
    /// The pictures kept in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, kept: Mutex::default() }
    }

    /// Keeps the picture in a file; none if it is no picture or cannot be read.
    pub fn keep_file(&self, path: &Path) -> Option<KeptPicture> {
        if let Some(known) = self.kept.lock().get(path) {
            return known.clone();
        }
        let size = fs::metadata(path).ok().filter(fs::Metadata::is_file)?.len();
        let content = (size <= LARGEST).then(|| fs::read(path).ok()).flatten();
        let kept = content.and_then(|content| self.keep(&path.to_string_lossy(), &content));
        self.kept.lock().insert(path.to_path_buf(), kept.clone());
        kept
    }

    /// The picture that is served at this address, if it is one of ours.
    pub fn find(&self, src: &str) -> Option<KeptPicture> {
        let name = src.strip_prefix("/media/")?;
        let path = Path::new(name);
        // Nothing outside the folder, and nothing that is only half written.
        if path.file_name()? != path.as_os_str() || name.starts_with('.') {
            return None;
        }
        let kept = self.folder.join(name);
        if let Some(said) = renditions::read(src) {
            return kept.exists().then_some(said);
        }
        if let Some(known) = self.kept.lock().get(&kept) {
            return known.clone();
        }
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        let (width, height) = size(&ending, &fs::read(&kept).ok()?)?;
        let found = Some(KeptPicture { src: src.to_owned(), width, height });
        self.kept.lock().insert(kept, found.clone());
        found
    }

    /// Keeps a picture that has this name and content.
    pub fn keep(&self, name: &str, content: &[u8]) -> Option<KeptPicture> {
        let ending = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
        PICTURES.contains(&ending.as_str()).then_some(())?;
        let (width, height) = size(&ending, content)?;
        let name = format!("{}.{ending}", digest(content));
        if let Err(error) = self.write(&name, content) {
            tracing::error!(%error, picture = name, "a picture cannot be kept");
            return None;
        }
        Some(KeptPicture { src: format!("/media/{name}"), width, height })
    }

    /// Makes a picture from somebody's camera fit to be shown, and keeps it in all its sizes. This takes seconds
    /// of a processor.
    pub fn take_in(&self, content: &[u8]) -> Result<KeptPicture, TakeInError> {
        let digest = digest(content);
        let prepared = intake::prepare(content, &digest)?;
        // The picture itself last: who finds it finds all of its sizes.
        for (name, content) in prepared.files.iter().rev() {
            self.write(name, content)?;
        }
        let name = prepared.files.first().map(|(name, _)| name.as_str()).unwrap_or_default();
        let (width, height) = (prepared.width, prepared.height);
        Ok(KeptPicture { src: format!("/media/{name}"), width, height })
    }

    /// Writes aside and renames, so that no half of a picture is ever served.
    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.folder.join(name);
        if path.exists() {
            return Ok(());
        }
        let aside = self.folder.join(format!(".{name}"));
        fs::write(&aside, content)?;
        fs::rename(&aside, &path)
    }
}

/// Why a picture is not kept.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    /// For a reason that whoever sends it can mend.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    /// The folder cannot be written.
    #[error("a picture cannot be kept: {0}")]
    Failed(#[from] io::Error),
}

fn digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// Width and height in pixels; none if it is not what its name says.
fn size(ending: &str, content: &[u8]) -> Option<(u32, u32)> {
    if ending == "svg" {
        return svg_size(std::str::from_utf8(content).ok()?);
    }
    let size = imagesize::blob_size(content).ok()?;
    Some((size.width.try_into().ok()?, size.height.try_into().ok()?))
}

/// The last two numbers of the view box, which every drawing for the web has.
fn svg_size(text: &str) -> Option<(u32, u32)> {
    let start = text.find("<svg")?;
    let root = &text[start..start + text[start..].find('>')?];
    let view_box = root.split("viewBox=").nth(1)?.get(1..)?;
    let numbers = view_box.split(['"', '\'']).next()?.split([' ', ',']);
    let numbers: Vec<f32> =
        numbers.filter(|word| !word.is_empty()).map_while(|n| n.parse().ok()).collect();
    let [_, _, width, height] = numbers[..] else { return None };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
    Some((width.round() as u32, height.round() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_kept_once_with_its_size() {
        let folder = tempfile::tempdir().expect("a folder");
        let media = Gallery::new(folder.path().to_path_buf());
        let drawing = br#"<svg xmlns="x" viewBox="0 0 1200 800.4"><rect/></svg>"#;
        let kept = media.keep("a.svg", drawing).expect("a picture");
        assert_eq!((kept.width, kept.height), (1200, 800));
        assert_eq!(media.find(&kept.src), Some(kept.clone()));
        assert_eq!(media.keep("b.SVG", drawing), Some(kept));
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
    }

    #[test]
    fn what_is_no_picture_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let media = Gallery::new(folder.path().to_path_buf());
        assert_eq!(media.keep("a.png", b"no picture"), None);
        assert_eq!(media.keep("a.html", b"<svg viewBox='0 0 1 1'>"), None);
        assert_eq!(media.keep("a.svg", b"<svg>"), None);
        assert_eq!(media.keep_file(Path::new("/nowhere.png")), None);
        for src in
            ["/media/none.png", "/media/../keys", "/media/.half.png", "https://t.example/1.png"]
        {
            assert_eq!(media.find(src), None);
        }
    }
}

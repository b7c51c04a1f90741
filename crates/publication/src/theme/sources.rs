//! What a theme is made from. Equal sources make equal themes.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use masthead_editorial::Logo;

/// See the module's documentation. The built-in files are the same for as long as the process runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ThemeSources {
    /// The language of the words.
    pub language: String,
    /// The style sheet of the sections.
    pub accents: String,
    /// The logo that the publisher has set.
    pub logo: Option<Logo>,
    /// The fingerprint of the publisher's own files.
    files: u64,
}

impl ThemeSources {
    /// The sources with the files as they are now. They are read before the theme is, so that a theme that was made from
    /// newer files is made again.
    pub fn of(folder: Option<&Path>, language: &str, accents: String, logo: Option<Logo>) -> Self {
        let mut hasher = DefaultHasher::new();
        if let Some(folder) = folder {
            hash_folder(folder, &mut hasher);
        }
        Self { language: language.to_owned(), accents, logo, files: hasher.finish() }
    }
}

/// Adds the names and the content of all files in a folder, except hidden ones, such as a repository's. One that cannot be
/// read has no content; loading says why.
fn hash_folder(folder: &Path, hasher: &mut DefaultHasher) {
    let mut paths: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let is_hidden = |path: &Path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    for path in paths.into_iter().filter(|path| !is_hidden(path)) {
        path.hash(hasher);
        if path.is_dir() {
            hash_folder(&path, hasher);
        } else {
            fs::read(&path).ok().hash(hasher);
        }
    }
}

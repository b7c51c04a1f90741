//! Files that stay after a power cut.

use std::{fs::File, io, path::Path};

/// Waits until a file and its name are on the disk. A name is part of its folder: without that, a power cut may leave a folder
/// in which the file is missing, or has its former content.
pub(crate) fn sync_with_folder(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

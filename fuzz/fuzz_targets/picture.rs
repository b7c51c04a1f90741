//! Any upload is stored as a picture with a size, or refused.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use masthead_media::{MediaLibrary, WorkOwner};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

static LIBRARY: LazyLock<(MediaLibrary, TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    (MediaLibrary::in_folder(folder.path()).expect("a library"), folder)
});
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

fuzz_target!(|content: &[u8]| {
    if let Ok(picture) = RUNTIME.block_on(LIBRARY.0.upload(WorkOwner(1), content.to_vec().into())) {
        assert!(picture.width > 0 && picture.height > 0);
    }
});

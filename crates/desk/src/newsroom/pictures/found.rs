//! Pictures that came to the library without the desk: with manuscripts, archives, or an earlier version.

use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use masthead_editorial::renditions;
use masthead_store::NewPicture;

use crate::state::DeskState;

/// Seconds between two looks for new files.
const INTERVAL: i64 = 600;
/// Pictures that are added at once.
const MAX_FOUND: usize = 200_000;

/// Adds the files that the library does not have yet, if nobody has looked for them a moment ago. What fails is tried again
/// later.
pub(super) async fn add_new(desk: &DeskState) {
    let (now, last) = (desk.now().as_second(), desk.pictures_found.load(Ordering::Relaxed));
    if now - last < INTERVAL
        || desk
            .pictures_found
            .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_err()
    {
        return;
    }
    let names = desk.media.file_names().filter_map(|name| async move { name.ok() });
    let pictures: Vec<NewPicture> = names
        .filter_map(|name| async move { is_whole(&name).then(|| picture(name)) })
        .take(MAX_FOUND)
        .collect()
        .await;
    if let Err(error) = desk.store.add_pictures(&pictures, None, desk.now()).await {
        tracing::warn!(%error, "pictures: new files not added to the library");
    }
}

/// Whether a file is a picture itself, and not a rendition of one: `5f-1600x1067.jpg`.
fn is_whole(name: &str) -> bool {
    name.split('.').count() == 2
}

fn picture(name: String) -> NewPicture {
    let (width, height) = renditions::size(&name).unwrap_or_default();
    NewPicture { name, width, height, file_name: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renditions_are_no_pictures_of_their_own() {
        assert!(is_whole("5f-1600x1067.jpg") && is_whole("5f.svg"));
        assert!(!is_whole("5f-1600x1067.480.webp"));
        let found = picture("5f-1600x1067.jpg".to_owned());
        assert_eq!((found.width, found.height), (1600, 1067));
    }
}

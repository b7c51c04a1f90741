//! Pictures that came to the library without the desk: with manuscripts, archives, or an earlier version.

use futures_util::{StreamExt, TryStreamExt};
use jiff::SignedDuration;
use masthead_editorial::renditions;
use masthead_store::{FIND_PICTURES, NewPicture};
use masthead_telemetry::TaskError;

use crate::state::DeskState;

/// Files that are looked up at once.
const CHUNK: usize = 500;
/// How often one of the servers looks, unless the command line has stored pictures.
const PERIOD: SignedDuration = SignedDuration::from_hours(6);

impl DeskState {
    /// Adds the files that the library does not have yet, if that is due and no other server does it. It reads the names of all files,
    /// so it is a background task.
    ///
    /// # Errors
    ///
    /// Fails at the first name or batch that cannot be read or stored. What was added until then stays; the next run goes on.
    pub async fn find_pictures(&self) -> Result<(), TaskError> {
        if !self.store.claim_task_run(FIND_PICTURES, PERIOD, self.now()).await? {
            return Ok(());
        }
        let added = self.add_found().await;
        if added.is_err() {
            self.store.request_task_run(FIND_PICTURES).await?;
        }
        added
    }

    async fn add_found(&self) -> Result<(), TaskError> {
        let names = self.media.file_names().try_filter(|name| std::future::ready(is_whole(name)));
        let mut chunks = names.map_ok(picture).try_chunks(CHUNK);
        while let Some(chunk) = chunks.next().await {
            let (found, failed) = match chunk {
                Ok(found) => (found, None),
                // What was read before an error is added all the same.
                Err(error) => (error.0, Some(error.1)),
            };
            self.store.add_found_pictures(&found, self.now()).await?;
            if let Some(failed) = failed {
                return Err(failed.into());
            }
        }
        Ok(())
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

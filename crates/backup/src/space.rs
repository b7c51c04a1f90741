//! How much room there is.

use std::path::Path;

/// Returns how many bytes this user can still write into a folder; `None` if the system does not say.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(folder).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}

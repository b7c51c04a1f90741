//! How much room there is on a disk.

use std::path::Path;

/// How much of a disk a backup leaves free at most, in bytes.
const MAX_RESERVE: u64 = 1_000_000_000;
/// The part of a smaller disk that a backup leaves free.
const RESERVE_DIVISOR: u64 = 20;

/// What a disk has, and what is left of it for this user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Free bytes.
    pub free: u64,
    /// The size of the disk, in bytes.
    pub size: u64,
    /// Free inodes.
    pub free_inodes: u64,
    /// All inodes; 0 if the file system has no number of them.
    pub inodes: u64,
}

impl DiskSpace {
    /// Returns the space on the disk of a folder; `None` if the system does not say.
    pub fn of(folder: &Path) -> Option<Self> {
        let space = rustix::fs::statvfs(folder).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(space.f_frsize);
        Some(Self {
            free: bytes(space.f_bavail),
            size: bytes(space.f_blocks),
            free_inodes: space.f_favail,
            inodes: space.f_files,
        })
    }

    /// Returns the bytes that a backup leaves free, because the database may be on the same disk: 1 GB, or a twentieth of a disk
    /// that is smaller than 20 GB.
    pub fn reserve(&self) -> u64 {
        Ord::min(MAX_RESERVE, self.size / RESERVE_DIVISOR)
    }

    /// Whether a file of this size, in bytes, fits without the reserve.
    pub fn has_room_for(&self, bytes: u64) -> bool {
        bytes.saturating_add(self.reserve()) <= self.free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_leaves_a_gigabyte_or_a_twentieth_of_the_disk_free() {
        const GB: u64 = 1_000_000_000;
        let disk = |size, free| DiskSpace { free, size, free_inodes: 9, inodes: 9 };
        assert_eq!(disk(100 * GB, 0).reserve(), GB);
        assert_eq!(disk(2 * GB, 0).reserve(), GB / 10);
        assert!(disk(100 * GB, 3 * GB).has_room_for(2 * GB));
        assert!(!disk(100 * GB, 3 * GB).has_room_for(2 * GB + 1));
        assert!(!disk(2 * GB, GB / 20).has_room_for(0));
    }
}

//! What to do about a file that cannot be written or read.

use std::{error::Error, io};

use rustix::io::Errno;

/// What to do if a disk has no room.
const FULL: &str =
    "the disk is full: free some room, or delete files if df -i says that all inodes are used";
/// What to do if no more files may be open.
const FILES: &str = "too many files are open: close other programs of this user, or raise the limit with ulimit -n or LimitNOFILE";

/// What to do if a file system was mounted without writing, or the system has stopped writing to it.
const READ_ONLY: &str = "the file system is read-only: dmesg says whether the disk has failed; if it has not, run as root: mount -o \
    remount,rw and the mount point, which df names; with systemd, ReadWritePaths of the service must contain the directory";

/// Returns what to do about an error, if it is not the fault of the file: the disk is full or read-only, or too many files are open.
pub fn of_system(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.raw_os_error().map(Errno::from_raw_os_error) {
                Some(Errno::NOSPC | Errno::DQUOT) => return Some(FULL),
                Some(Errno::MFILE | Errno::NFILE) => return Some(FILES),
                Some(Errno::ROFS) => return Some(READ_ONLY),
                _ => {}
            }
            // An error of a temporary file has the system's own inside, and only its kind outside.
            match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => return Some(FULL),
                io::ErrorKind::ReadOnlyFilesystem => return Some(READ_ONLY),
                _ => {}
            }
            next = error.get_ref().map(|inner| inner as &(dyn Error + 'static)).or(error.source());
        } else {
            next = error.source();
        }
    }
    None
}

/// Returns what to do about an error of a file: what its cause asks for, or else `otherwise`.
pub fn of(error: &(dyn Error + 'static), otherwise: &'static str) -> &'static str {
    of_system(error).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_is_told_from_the_owner() {
        let of = |errno: Errno| of(&io::Error::from(errno), "check who owns it");
        assert!(of(Errno::NOSPC).contains("df -i"));
        assert!(of(Errno::DQUOT).contains("full"));
        assert!(of(Errno::MFILE).contains("ulimit -n"));
        assert!(of(Errno::ROFS).contains("remount"));
        let temporary = io::Error::from(io::ErrorKind::ReadOnlyFilesystem);
        assert_eq!(of_system(&temporary), Some(READ_ONLY));
        assert_eq!(of(Errno::ACCESS), "check who owns it");
        let wrapped = io::Error::other(io::Error::from(Errno::MFILE));
        assert_eq!(of_system(&wrapped), Some(FILES));
    }
}

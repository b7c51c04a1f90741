//! A clock that jumps: `libfaketime`, which Debian's package `faketime` installs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicI64, Ordering},
};

const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// A clock that programs see in place of the system's.
pub struct FakeClock {
    library: PathBuf,
    file: PathBuf,
    seconds: AtomicI64,
}

impl FakeClock {
    /// A clock that shows the right time. Returns `None` if the library is not there.
    pub fn new(folder: &Path) -> Option<Self> {
        let libraries = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
        let found = libraries.map(|entry| entry.path().join(LIBRARY)).find(|path| path.exists());
        let Some(library) = found else {
            eprintln!("left out: libfaketime is not there");
            return None;
        };
        let clock = Self { library, file: folder.join("clock"), seconds: AtomicI64::new(0) };
        clock.set(0);
        Some(clock)
    }

    /// Shows a time that is so many seconds after the right one from now on.
    pub fn set(&self, seconds: i64) {
        let aside = self.file.with_extension("new");
        fs::write(&aside, format!("{seconds:+}s\n")).expect("written");
        fs::rename(&aside, &self.file).expect("renamed");
        self.seconds.store(seconds, Ordering::Relaxed);
    }

    /// By how many seconds it is ahead.
    pub fn seconds(&self) -> i64 {
        self.seconds.load(Ordering::Relaxed)
    }

    /// Has a program see this clock. Timers, which count the time that passes, stay right.
    pub fn apply(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("FAKETIME_TIMESTAMP_FILE", &self.file);
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
}

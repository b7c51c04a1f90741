//! Programs written in Python that tests talk to, each in the folder into which `scripts/test` installs it.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::Mutex,
};

/// A program that runs until this one ends, or it is dropped.
pub(crate) struct Program(Mutex<Child>);

impl Program {
    /// Runs Python as it is installed in `target/name`.
    pub fn start(name: &str, arguments: &[&str]) -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = here.join("../../target").join(name).join("bin/python");
        assert!(python.exists(), "{name} is not there; scripts/test installs it");
        let script = "\"$@\" >/dev/null 2>&1 & cat >/dev/null; kill $!; wait $!";
        let watch = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&python)
            .args(arguments)
            .stdin(Stdio::piped())
            .spawn();
        Self(Mutex::new(watch.expect("a shell")))
    }

    /// Ends it, and waits until it answers no more.
    pub fn end(&self) {
        self.0.lock().expect("a lock").wait().expect("an end");
    }
}

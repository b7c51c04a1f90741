//! Test doubles written in Python. `scripts/test` installs each in its own folder in `target`.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::Mutex,
};

/// A program that runs until it is dropped or the test program exits.
pub(crate) struct Program(Mutex<Child>);

impl Program {
    /// Runs the Python in `target/name`.
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

    /// Stops the program and waits until it has exited.
    pub fn end(&self) {
        self.0.lock().expect("a lock").wait().expect("an end");
    }
}

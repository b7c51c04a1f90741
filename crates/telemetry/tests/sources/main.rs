//! What the sources of all crates have to keep to so that an operator sees what a server does.

#![allow(clippy::expect_used, clippy::panic)]

mod background;
mod messages;
mod spans;

use std::{fs, path::Path};

/// A source file.
struct Source {
    /// The path from the folder of the crates, such as `store/src/lib.rs`.
    path: String,
    text: String,
}

/// The sources of all crates, without tests.
fn sources() -> Vec<Source> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("crates");
    let mut found = Vec::new();
    for entry in fs::read_dir(crates).expect("crates").flatten() {
        if entry.file_name() != "test-support" {
            collect(crates, &entry.path().join("src"), &mut found);
        }
    }
    found
}

fn collect(crates: &Path, folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                collect(crates, &path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests.rs")
        {
            let text = fs::read_to_string(&path).expect("a source");
            // Tests are at the end of their file.
            let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned();
            let path = path.strip_prefix(crates).expect("a path of the workspace");
            found.push(Source { path: path.display().to_string(), text });
        }
    }
}

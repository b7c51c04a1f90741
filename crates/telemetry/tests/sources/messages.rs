//! Every log message of the workspace begins with its component and the operation.

#![allow(clippy::expect_used, clippy::panic)]

use std::{
    fs,
    path::{Path, PathBuf},
};

const MACROS: [&str; 5] = [
    "tracing::error!(",
    "tracing::warn!(",
    "tracing::info!(",
    "tracing::debug!(",
    "tracing::trace!(",
];

/// All Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The last string in the arguments of each call in a source text.
fn messages(text: &str) -> impl Iterator<Item = &str> {
    MACROS.into_iter().flat_map(move |name| {
        text.split(name).skip(1).map(|rest| {
            let end = rest.find(");").unwrap_or(rest.len());
            rest[..end].split('"').rev().nth(1).unwrap_or_default()
        })
    })
}

/// Whether a message looks like `renewals: charge failed`.
fn names_component_and_operation(message: &str) -> bool {
    let Some((component, operation)) = message.split_once(": ") else { return false };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    component.chars().all(plain) && !operation.is_empty()
}

#[test]
fn log_messages_begin_with_component_and_operation() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("crates");
    let mut files = Vec::new();
    for entry in fs::read_dir(crates).expect("crates").flatten() {
        sources(&entry.path().join("src"), &mut files);
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        for message in messages(&text) {
            count += 1;
            if !names_component_and_operation(message) {
                wrong.push(format!("{}: {message:?}", file.display()));
            }
        }
    }
    assert!(count > 20, "only {count} messages were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Every log message of the workspace begins with its component and the operation.

use crate::sources;

const MACROS: [&str; 5] = [
    "tracing::error!(",
    "tracing::warn!(",
    "tracing::info!(",
    "tracing::debug!(",
    "tracing::trace!(",
];

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
    let mut wrong = Vec::new();
    let mut count = 0;
    for source in sources() {
        for message in messages(&source.text) {
            count += 1;
            if !names_component_and_operation(message) {
                wrong.push(format!("{}: {message:?}", source.path));
            }
        }
    }
    assert!(count > 20, "only {count} messages were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! The differences between two texts, word by word.

use std::time::Duration;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// The maximum time to look for the fewest differences. After that, more words than necessary are shown as different.
const MAX_TIME: Duration = Duration::from_millis(200);

/// A run of words that are in both texts, or in one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DiffRun {
    /// `same`, `gone` or `new`.
    pub kind: &'static str,
    pub text: String,
}

/// A paragraph, with or without differences.
pub(crate) type DiffParagraph = Vec<DiffRun>;

/// The words of both texts, paragraph by paragraph, as `old` becomes `new`.
pub(crate) fn diff_paragraphs(old: &str, new: &str) -> Vec<DiffParagraph> {
    let mut all: Vec<DiffParagraph> = Vec::new();
    let mut current: DiffParagraph = Vec::new();
    let diff = TextDiff::configure().timeout(MAX_TIME).diff_words(old, new);
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => "same",
            ChangeTag::Delete => "gone",
            ChangeTag::Insert => "new",
        };
        let mut pieces = change.value().split('\n');
        add(&mut current, kind, pieces.next().unwrap_or_default());
        for piece in pieces {
            all.push(std::mem::take(&mut current));
            add(&mut current, kind, piece);
        }
    }
    all.push(current);
    all.retain(|paragraph| !paragraph.is_empty());
    all
}

fn add(paragraph: &mut DiffParagraph, kind: &'static str, text: &str) {
    if text.is_empty() {
        return;
    }
    match paragraph.last_mut() {
        Some(last) if last.kind == kind => last.text.push_str(text),
        Some(_) | None => paragraph.push(DiffRun { kind, text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(old: &str, new: &str) -> String {
        let run = |run: &DiffRun| match run.kind {
            "gone" => format!("[-{}-]", run.text),
            "new" => format!("[+{}+]", run.text),
            _ => run.text.clone(),
        };
        let paragraph = |paragraph: &DiffParagraph| paragraph.iter().map(run).collect::<String>();
        diff_paragraphs(old, new).iter().map(paragraph).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn texts_are_compared_by_words_and_paragraphs() {
        assert_eq!(
            marked("The last ferry\nIt left.", "The last ferry\nIt left."),
            "The last ferry|It left."
        );
        assert_eq!(marked("It left late.", "It left early."), "It left [-late.-][+early.+]");
        assert_eq!(marked("One.", "One.\nTwo."), "One.[++]|[+Two.+]".replace("[++]", ""));
        assert_eq!(marked("", "New."), "[+New.+]");
        assert!(diff_paragraphs("", "").is_empty());
    }
}

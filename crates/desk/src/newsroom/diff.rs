//! What is different between two texts, for people.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// A run of words that are in both, or in one alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    /// `same`, `gone` or `new`.
    pub kind: &'static str,
    pub text: String,
}

/// A paragraph in which something is different, or not.
pub(crate) type Paragraph = Vec<Run>;

/// The words of both, paragraph by paragraph, as `old` becomes `new`.
pub(crate) fn paragraphs(old: &str, new: &str) -> Vec<Paragraph> {
    let mut all: Vec<Paragraph> = Vec::new();
    let mut current: Paragraph = Vec::new();
    for change in TextDiff::from_words(old, new).iter_all_changes() {
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

fn add(paragraph: &mut Paragraph, kind: &'static str, text: &str) {
    if text.is_empty() {
        return;
    }
    match paragraph.last_mut() {
        Some(last) if last.kind == kind => last.text.push_str(text),
        Some(_) | None => paragraph.push(Run { kind, text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(old: &str, new: &str) -> String {
        let run = |run: &Run| match run.kind {
            "gone" => format!("[-{}-]", run.text),
            "new" => format!("[+{}+]", run.text),
            _ => run.text.clone(),
        };
        let paragraph = |paragraph: &Paragraph| paragraph.iter().map(run).collect::<String>();
        paragraphs(old, new).iter().map(paragraph).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn differences_are_words_and_paragraphs() {
        assert_eq!(
            marked("The last ferry\nIt left.", "The last ferry\nIt left."),
            "The last ferry|It left."
        );
        assert_eq!(marked("It left late.", "It left early."), "It left [-late.-][+early.+]");
        assert_eq!(marked("One.", "One.\nTwo."), "One.[++]|[+Two.+]".replace("[++]", ""));
        assert_eq!(marked("", "New."), "[+New.+]");
        assert!(paragraphs("", "").is_empty());
    }
}

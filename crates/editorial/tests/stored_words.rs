//! Words that are stored in the database. Changing one would make stored rows unreadable.

use masthead_editorial::{Design, Status, draft::WorkflowState};
use strum::VariantArray as _;

#[test]
fn stored_words_are_stable() {
    let words: Vec<&str> = Status::VARIANTS.iter().map(|status| status.name()).collect();
    assert_eq!(words, ["draft", "published", "withdrawn"]);
    let words: Vec<&str> = WorkflowState::VARIANTS.iter().map(|state| state.name()).collect();
    assert_eq!(words, ["none", "writing", "review", "spiked"]);
    let words = Design::ALL.map(Design::name);
    assert_eq!(words, ["news", "opinion", "long-read", "recipe", "interview", "photo-story"]);
}

#[test]
fn stored_words_are_read_again() {
    for status in Status::VARIANTS {
        assert_eq!(status.name().parse(), Ok(*status));
    }
    for state in WorkflowState::VARIANTS {
        assert_eq!(state.name().parse(), Ok(*state));
    }
}

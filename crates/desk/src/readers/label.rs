//! Labels that staff enter.

use masthead_access::printable;

/// The longest label, in characters.
pub(super) const MAX_LABEL: usize = 40;

/// Why a text is no label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LabelFault {
    Empty,
    TooLong,
}

/// A label from what was entered, with single spaces.
pub(super) fn parse_label(text: &str) -> Result<String, LabelFault> {
    let label = printable(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match label.chars().count() {
        0 => Err(LabelFault::Empty),
        length if length > MAX_LABEL => Err(LabelFault::TooLong),
        _ => Ok(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_single_spaces_and_forty_characters_at_most() {
        assert_eq!(parse_label("  press   club "), Ok("press club".to_owned()));
        assert_eq!(parse_label(&"ö".repeat(40)), Ok("ö".repeat(40)));
        assert_eq!(parse_label(&"ö".repeat(41)), Err(LabelFault::TooLong));
        assert_eq!(parse_label("  "), Err(LabelFault::Empty));
    }
}

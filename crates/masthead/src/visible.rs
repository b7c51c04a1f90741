//! Text from elsewhere, such as the error of another server, in the log and on a terminal: a line break in it must not begin
//! another line, nor an escape sequence change what is shown.

use std::fmt;

use tracing_subscriber::{
    field::RecordFields,
    fmt::{
        FormatFields,
        format::{DefaultFields, Writer},
    },
};

/// Returns a text with everything that is not seen written as escapes, except line breaks and tabs.
pub fn visible_lines(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = write_visible(&mut visible, text, |c| matches!(c, '\n' | '\t'));
    visible
}

fn write_visible(
    to: &mut impl fmt::Write,
    text: &str,
    is_kept: impl Fn(char) -> bool,
) -> fmt::Result {
    for c in text.chars() {
        if is_seen(c) || is_kept(c) {
            to.write_char(c)?;
        } else {
            write!(to, "{}", c.escape_default())?;
        }
    }
    Ok(())
}

/// Returns `false` for control characters, breaks of lines and paragraphs, and what changes the direction of text.
fn is_seen(c: char) -> bool {
    let is_break = matches!(c, '\u{2028}' | '\u{2029}');
    let is_direction = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !is_break && !is_direction
}

/// Formats the fields of an event as tracing does by default, within one line and without styles.
pub struct OneLineFields;

impl<'writer> FormatFields<'writer> for OneLineFields {
    fn format_fields<R: RecordFields>(
        &self,
        mut writer: Writer<'writer>,
        fields: R,
    ) -> fmt::Result {
        let mut text = String::new();
        DefaultFields::new().format_fields(Writer::new(&mut text), fields)?;
        write_visible(&mut writer, &text, |_| false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_lines_may_be_kept() {
        let text = "Łódź 東京\t\"a\"\n\r\u{1b}[31mred\u{7f}\u{9b}\u{202e}b\u{2028}c";
        assert_eq!(
            visible_lines(text),
            "Łódź 東京\t\"a\"\n\\r\\u{1b}[31mred\\u{7f}\\u{9b}\\u{202e}b\\u{2028}c"
        );
    }
}

//! The text of a manuscript: front matter and body, and the lines of errors.

use super::ManuscriptError;

/// A manuscript and where its parts begin.
pub(super) struct Source<'a> {
    pub front: &'a str,
    pub text: &'a str,
    /// The line on which the body begins, from 1.
    pub body_line: usize,
}

impl Source<'_> {
    /// An error about `key` in the front matter.
    pub fn error(&self, key: &str, reason: impl Into<String>) -> ManuscriptError {
        let line = self.front.lines().position(|line| line.trim_start().starts_with(key));
        ManuscriptError { line: line.map_or(1, |line| line + 2), reason: reason.into() }
    }

    /// An error about the first picture in the body.
    pub fn missing_picture(&self) -> ManuscriptError {
        let lines = self.text.lines().enumerate().skip(self.body_line.saturating_sub(1));
        let line = lines.clone().find(|(_, line)| line.contains("![") || line.contains("<img"));
        ManuscriptError {
            line: line.map_or(self.body_line, |(index, _)| index + 1),
            reason: "a picture in the text could not be found or read; name a file beside the \
                     manuscript, such as ![What it shows](picture.jpg)"
                .to_owned(),
        }
    }
}

/// Splits a manuscript into front matter and body, with the line on which the body begins.
pub(super) fn split(text: &str) -> Result<(&str, &str, usize), ManuscriptError> {
    let error = |line, reason: &str| ManuscriptError { line, reason: reason.to_owned() };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(rest) = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n")) else {
        return Err(error(
            1,
            "a manuscript begins with its front matter: a line of ---, then lines such as \"headline: …\", then a line of ---",
        ));
    };
    let mut offset = 0;
    for (index, line) in rest.split_inclusive('\n').enumerate() {
        if line.trim_end() == "---" {
            return Ok((&rest[..offset], &rest[offset + line.len()..], index + 3));
        }
        offset += line.len();
    }
    Err(error(1, "the front matter is never closed; add a line of --- after it"))
}

//! Finds shortcodes, in time proportional to the text.
//!
//! Anybody can write brackets, and a text may be full of openings that never end. So where the next `]` or the next ending of
//! a shortcode is, is looked for once and remembered until it is behind.

/// The shortcodes of WordPress and its largest host. Others are kept as text, because a bracket may
/// be just a bracket.
const NAMES: [&str; 16] = [
    "gallery",
    "audio",
    "video",
    "playlist",
    "embed",
    "caption",
    "wp_caption",
    "youtube",
    "vimeo",
    "twitter",
    "soundcloud",
    "slideshow",
    "googlemaps",
    "contact-form",
    "contact-field",
    "polldaddy",
];

/// A shortcode in a text.
pub(super) struct Shortcode<'a> {
    pub(super) name: &'static str,
    pub(super) attributes: &'a str,
    /// What is between opening and ending, if there is an ending.
    pub(super) inner: Option<&'a str>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The shortcodes of a text, in order.
pub(super) struct Shortcodes<'a> {
    text: &'a str,
    at: usize,
    close: NextPlace,
    endings: [NextPlace; NAMES.len()],
}

impl<'a> Shortcodes<'a> {
    /// The shortcodes of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, close: NextPlace::Unknown, endings: [NextPlace::Unknown; NAMES.len()] }
    }

    /// Reads the shortcode at `start`, where there is a bracket.
    fn read(&mut self, start: usize) -> Option<Shortcode<'a>> {
        let after = &self.text[start + 1..];
        let is_named = |name: &&str| {
            let rest = after.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with([' ', '=', '/', ']']))
        };
        let index = NAMES.iter().position(is_named)?;
        let name = NAMES[index];
        let close = self.close.at_or_after(self.text, start, "]")?;
        let attributes = &self.text[start + 1 + name.len()..close];
        let ending = format!("[/{name}]");
        let found = self.endings[index].at_or_after(self.text, close + 1, &ending);
        Some(Shortcode {
            name,
            attributes,
            inner: found.map(|at| &self.text[close + 1..at]),
            start,
            end: found.map_or(close + 1, |at| at + ending.len()),
        })
    }
}

impl<'a> Iterator for Shortcodes<'a> {
    type Item = Shortcode<'a>;

    fn next(&mut self) -> Option<Shortcode<'a>> {
        while let Some(offset) = self.text[self.at..].find('[') {
            let start = self.at + offset;
            if let Some(code) = self.read(start) {
                self.at = code.end;
                return Some(code);
            }
            self.at = start + 1;
        }
        None
    }
}

/// Where something is found next.
#[derive(Clone, Copy)]
enum NextPlace {
    Unknown,
    At(usize),
    Nowhere,
}

impl NextPlace {
    /// Finds `what` at `from` or after it. `from` never decreases from call to call.
    fn at_or_after(&mut self, text: &str, from: usize, what: &str) -> Option<usize> {
        match *self {
            Self::Nowhere => None,
            Self::At(place) if place >= from => Some(place),
            Self::Unknown | Self::At(_) => {
                let found = text[from..].find(what).map(|offset| from + offset);
                *self = found.map_or(Self::Nowhere, Self::At);
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn found(text: &str) -> Vec<(&str, &str, Option<&str>)> {
        Shortcodes::new(text).map(|code| (code.name, code.attributes, code.inner)).collect()
    }

    #[test]
    fn shortcodes_end_with_their_ending_or_their_bracket() {
        assert_eq!(found("a [gallery ids=\"1\"] b"), [("gallery", " ids=\"1\"", None)]);
        assert_eq!(
            found("[embed]x[/embed][video/]"),
            [("embed", "", Some("x")), ("video", "/", None)]
        );
        assert_eq!(found("[[audio=1] [sic] [galleryx] [gallery"), [("audio", "=1", None)]);
        // The ending of one is not that of an earlier one.
        assert_eq!(
            found("[audio]1[/audio][audio]2"),
            [("audio", "", Some("1")), ("audio", "", None)]
        );
    }

    #[test]
    fn floods_of_brackets_take_linear_time() {
        for flood in ["[", "[gallery", "[gallery]", "[caption][video]", "[/embed]", "[["] {
            let text = flood.repeat(2_000_000 / flood.len());
            let begun = Instant::now();
            Shortcodes::new(&text).for_each(drop);
            assert!(begun.elapsed() < Duration::from_secs(10), "{flood}: {:?}", begun.elapsed());
        }
    }
}

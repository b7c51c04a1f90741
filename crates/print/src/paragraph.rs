//! Text in lines: where it is broken, and in which order its parts are drawn (Unicode Standard Annex 9).

use std::ops::Range;

use krilla::text::TextDirection;
use rustybuzz::Face;
use unicode_bidi::{BidiInfo, Level};
use unicode_normalization::char::is_combining_mark;

use crate::typeface::{self, Typeface, is_invisible};

/// Characters that begin no line (JIS X 4051), apart from marks.
const NEVER_FIRST: [char; 20] = [
    '、', '。', '，', '．', '：', '；', '！', '？', '」', '』', '）', '】', '〉', '》', '〕', 'ー',
    '々', 'ゝ', '・', '…',
];

/// A part of a line in one font and one direction.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub text: String,
    pub font: usize,
    pub direction: TextDirection,
    /// The distance of its left edge from that of the line, in points.
    pub left: f32,
}

/// A line that is ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// Its parts in the order in which they are read, so that a copy of the text has that order.
    pub segments: Vec<Segment>,
    /// In points.
    pub width: f32,
}

/// A text at one size.
pub(crate) struct Paragraph<'a> {
    faces: Vec<Face<'a>>,
    text: String,
    size: f32,
    base: Level,
}

impl<'a> Paragraph<'a> {
    /// A text whose direction is `direction`, unless its parts have another.
    pub fn new(typeface: &'a Typeface, text: &str, size: f32, direction: TextDirection) -> Self {
        let base =
            if direction == TextDirection::RightToLeft { Level::rtl() } else { Level::ltr() };
        Self { faces: typeface.faces(), text: typeface::normalized(text), size, base }
    }

    /// Breaks the text into lines of at most this width, in points. Words that are wider are split.
    pub fn lines(&self, width: f32) -> Vec<Line> {
        let bidi = BidiInfo::new(&self.text, Some(self.base));
        let width_of = |range: Range<usize>| self.line(&bidi, range).width;
        let fits = |range: Range<usize>| width_of(range) <= width;
        let mut lines = Vec::new();
        // The widths of words add up, because letters are not joined across spaces.
        let (mut line, mut taken) = (0..0, 0.0);
        for word in words(&self.text) {
            for part in split_word(&self.text, word, &fits) {
                let own = width_of(part.start..trimmed_end(&self.text, part.clone()));
                if !line.is_empty() && taken + own > width {
                    lines.push(line.start..trimmed_end(&self.text, line));
                    (line, taken) = (part.start..part.start, 0.0);
                }
                line.end = part.end;
                taken += width_of(part);
            }
        }
        lines.push(line.start..trimmed_end(&self.text, line));
        lines.into_iter().map(|range| self.line(&bidi, range)).collect()
    }

    /// The parts of a line, from left to right first, to know where each is.
    fn line(&self, bidi: &BidiInfo<'_>, range: Range<usize>) -> Line {
        let Some(paragraph) = bidi.paragraphs.first().filter(|_| !range.is_empty()) else {
            return Line { segments: Vec::new(), width: 0.0 };
        };
        let (levels, runs) = bidi.visual_runs(paragraph, range);
        let mut segments = Vec::new();
        let mut left = 0.0;
        for run in runs {
            let is_right_to_left = levels.get(run.start).is_some_and(Level::is_rtl);
            let direction = if is_right_to_left {
                TextDirection::RightToLeft
            } else {
                TextDirection::LeftToRight
            };
            let mut parts = typeface::runs(&self.faces, &self.text[run.clone()]);
            if is_right_to_left {
                parts.reverse();
            }
            for part in parts {
                let start = run.start + part.range.start;
                let text: String = self.text[start..run.start + part.range.end]
                    .chars()
                    .filter(|c| !is_invisible(*c) || is_joiner(*c))
                    .collect();
                let face = self.faces.get(part.font);
                let width = face.map(|face| typeface::width(face, &text, direction, self.size));
                segments.push((start, Segment { text, font: part.font, direction, left }));
                left += width.unwrap_or_default();
            }
        }
        segments.sort_by_key(|(start, _)| *start);
        let segments = segments.into_iter().map(|(_, segment)| segment);
        Line {
            segments: segments.filter(|segment| !segment.text.is_empty()).collect(),
            width: left,
        }
    }
}

/// Whether a character changes how letters are joined.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// The words of a text, each with the spaces after it.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    text.split_inclusive(char::is_whitespace).map(move |word| {
        let start = at;
        at += word.len();
        start..at
    })
}

/// Where a part of a text ends without the spaces at its end.
fn trimmed_end(text: &str, range: Range<usize>) -> usize {
    range.start + text[range].trim_end().len()
}

/// Splits a word into parts that each fit; not before marks and closing punctuation.
fn split_word(
    text: &str,
    word: Range<usize>,
    fits: &impl Fn(Range<usize>) -> bool,
) -> Vec<Range<usize>> {
    if fits(word.start..trimmed_end(text, word.clone())) {
        return vec![word];
    }
    let ends: Vec<usize> = ends(text, word.clone()).collect();
    let (mut start, mut ends) = (word.start, &ends[..]);
    let mut parts = Vec::new();
    while !ends.is_empty() {
        let fitting = ends.partition_point(|end| fits(start..trimmed_end(text, start..*end)));
        // One character that is wider than a line is a line.
        let count = fitting.max(1);
        parts.push(start..ends[count - 1]);
        (start, ends) = (ends[count - 1], &ends[count..]);
    }
    parts
}

/// Where a part of a word may end, the end of the word last.
fn ends(text: &str, word: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    let is_bound = |c: char| {
        is_combining_mark(c) || is_invisible(c) || c.is_whitespace() || NEVER_FIRST.contains(&c)
    };
    let starts = text[word.clone()].char_indices().skip(1).filter(move |(_, c)| !is_bound(*c));
    starts.map(move |(offset, _)| word.start + offset).chain([word.end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: TextDirection = TextDirection::LeftToRight;
    const RIGHT: TextDirection = TextDirection::RightToLeft;

    fn texts(line: &Line) -> Vec<&str> {
        line.segments.iter().map(|segment| segment.text.as_str()).collect()
    }

    #[test]
    fn lines_fit_and_contain_the_whole_text() {
        let face = Typeface::text().expect("a face");
        let text = "Everything that we write, and the paper on Saturdays";
        let lines = Paragraph::new(&face, text, 11.0, LEFT).lines(100.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.width <= 100.0));
        let set: Vec<String> = lines.iter().map(|line| texts(line).concat()).collect();
        assert_eq!(set.join(" "), text);
        let long = "a".repeat(100);
        let lines = Paragraph::new(&face, &long, 11.0, LEFT).lines(100.0);
        assert!(lines.iter().all(|line| line.width <= 100.0), "{lines:?}");
        assert_eq!(lines.iter().map(|line| texts(line).concat()).collect::<String>(), long);
        let mixed = format!("See {long}, and others");
        let lines = Paragraph::new(&face, &mixed, 11.0, LEFT).lines(100.0);
        assert!(lines.iter().all(|line| line.width <= 100.0), "{lines:?}");
        let set: String = lines.iter().map(|line| texts(line).concat()).collect();
        assert_eq!(set.replace(' ', ""), mixed.replace(' ', ""));
        let empty = Paragraph::new(&face, "", 11.0, LEFT).lines(100.0);
        assert_eq!(empty, [Line { segments: Vec::new(), width: 0.0 }]);
    }

    #[test]
    fn letters_and_their_marks_are_one_character_where_there_is_one() {
        let face = Typeface::text().expect("a face");
        let lines = Paragraph::new(&face, "E\u{301}a", 11.0, LEFT).lines(100.0);
        assert_eq!(texts(&lines[0]), ["\u{c9}a"]);
    }

    #[test]
    fn marks_and_closing_punctuation_stay_with_what_is_before_them() {
        let face = Typeface::text().expect("a face");
        for (text, mark) in [("กี่กี่กี่กี่กี่กี่", '\u{e35}'), ("漢。漢。漢。漢。漢。漢。", '。')]
        {
            for width in [6.0, 14.0, 23.0] {
                for line in Paragraph::new(&face, text, 11.0, LEFT).lines(width) {
                    assert!(!texts(&line).concat().starts_with(mark), "{line:?}");
                }
            }
        }
    }

    #[test]
    fn parts_are_placed_in_the_order_of_their_directions_and_kept_in_that_of_reading() {
        let face = Typeface::text().expect("a face");
        let paragraph = Paragraph::new(&face, "שלום Ada 12.50!", 11.0, RIGHT);
        let [line] = &paragraph.lines(500.0)[..] else { panic!("one line") };
        let order = texts(line);
        assert_eq!(order, ["שלום ", "Ada 12.50", "!"], "{line:?}");
        let left: Vec<f32> = line.segments.iter().map(|segment| segment.left).collect();
        assert!(left[0] > left[1] && left[1] > left[2] && left[2].abs() < 0.01, "{line:?}");
        assert_eq!(line.segments[0].direction, RIGHT);
        // The same words in a text from left to right.
        let paragraph = Paragraph::new(&face, "Ada \u{2068}שלום 12\u{2069}!", 11.0, LEFT);
        let [line] = &paragraph.lines(500.0)[..] else { panic!("one line") };
        assert_eq!(texts(line), ["Ada ", "שלום ", "12", "!"], "{line:?}");
        let left: Vec<f32> = line.segments.iter().map(|segment| segment.left).collect();
        assert!(left[0] < left[2] && left[2] < left[1] && left[1] < left[3], "{line:?}");
    }
}

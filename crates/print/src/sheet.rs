//! A page, and a cursor that writes on it from the top down.

use krilla::{
    color::rgb,
    geom::{PathBuilder, Point, Size, Transform},
    num::NormalizedF32,
    paint::{Fill, Stroke},
    surface::Surface,
    text::TextDirection,
};

use crate::{
    Logo, Typeface,
    paragraph::{Line, Paragraph},
};

/// The page size (A4), in points.
pub(crate) const SHEET: (f32, f32) = (595.28, 841.89);
pub(crate) const MARGIN: f32 = 64.0;
/// Where the values next to the labels begin, from the edge at which lines begin.
const VALUES: f32 = 190.0;
pub(crate) const SIZE: f32 = 11.0;
const LEADING: f32 = 16.0;
pub(crate) const INK: [u8; 3] = [27, 26, 23];
pub(crate) const GREY: [u8; 3] = [93, 88, 80];

/// A cursor that moves down the page.
pub(crate) struct Cursor<'a> {
    surface: Surface<'a>,
    /// How far down the page it is, in points.
    pub top: f32,
    direction: TextDirection,
}

impl<'a> Cursor<'a> {
    /// A cursor at the top of a page on which lines have this direction.
    pub fn new(surface: Surface<'a>, direction: TextDirection) -> Self {
        Self { surface, top: MARGIN, direction }
    }

    /// Ends the page.
    pub fn finish(self) {
        self.surface.finish();
    }

    /// Draws a logo in place of a heading.
    pub fn logo(&mut self, logo: &Logo) {
        let (width, height) = logo.size();
        let Some(size) = Size::from_wh(width, height) else { return };
        let place = Transform::from_translate(self.left(MARGIN, width), self.top);
        self.surface.push_transform(&place);
        self.surface.draw_image(logo.image(), size);
        self.surface.pop();
        self.top += height;
    }

    /// Writes a text from `start` to the margin, in as many lines as needed. `start` is the distance from the edge at which lines begin.
    pub fn write(&mut self, face: &Typeface, size: f32, ink: [u8; 3], start: f32, text: &str) {
        for line in self.lines(face, size, SHEET.0 - MARGIN - start, text) {
            self.line(face, size, ink, start, &line);
        }
    }

    /// Writes a label and its value next to it.
    pub fn detail(&mut self, face: &Typeface, name: &str, value: &str) {
        self.rule();
        self.top += 4.0;
        let top = self.top;
        for line in self.lines(face, SIZE, VALUES - MARGIN - 10.0, name) {
            self.line(face, SIZE, GREY, MARGIN, &line);
        }
        let under_name = std::mem::replace(&mut self.top, top);
        self.write(face, SIZE, INK, VALUES, value);
        self.top = self.top.max(under_name) + 8.0;
    }

    fn lines(&self, face: &Typeface, size: f32, width: f32, text: &str) -> Vec<Line> {
        Paragraph::new(face, text, size, self.direction).lines(width)
    }

    fn line(&mut self, face: &Typeface, size: f32, ink: [u8; 3], start: f32, line: &Line) {
        self.top += size * LEADING / SIZE;
        let left = self.left(start, line.width);
        let fill =
            Fill { paint: colour(ink).into(), opacity: NormalizedF32::ONE, ..Fill::default() };
        self.surface.set_fill(Some(fill));
        for segment in &line.segments {
            let Some(font) = face.font(segment.font) else { continue };
            let at = Point::from_xy(left + segment.left, self.top);
            self.surface.draw_text(at, font, size, &segment.text, false, segment.direction);
        }
    }

    /// The left edge of what is so wide and begins at `start`.
    fn left(&self, start: f32, width: f32) -> f32 {
        if self.direction == TextDirection::RightToLeft { SHEET.0 - start - width } else { start }
    }

    /// Draws a hairline across the page.
    pub fn rule(&mut self) {
        let mut path = PathBuilder::new();
        path.move_to(MARGIN, self.top);
        path.line_to(SHEET.0 - MARGIN, self.top);
        if let Some(path) = path.finish() {
            self.surface.set_fill(None);
            let stroke = Stroke { paint: colour(GREY).into(), width: 0.5, ..Stroke::default() };
            self.surface.set_stroke(Some(stroke));
            self.surface.draw_path(&path);
            self.surface.set_stroke(None);
        }
    }
}

fn colour([red, green, blue]: [u8; 3]) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

//! SVG drawings: what of them is kept, so that they neither run scripts nor load anything.
//!
//! Everything that is not named here is left out. A drawing is also served with a policy that forbids scripts, and shown in `<img>`, where
//! none run.

use masthead_editorial::LogoFile;
use quick_xml::{
    Reader, XmlVersion,
    escape::{escape, resolve_xml_entity},
    events::{BytesStart, Event, attributes::Attribute},
};

use crate::rejected_upload::RejectedUpload;

/// The maximum size of a drawing, in bytes.
const MAX_BYTES: usize = 200 * 1024;
/// The maximum depth of its elements.
const MAX_DEPTH: usize = 64;
/// The elements that are kept. All others are left out with everything in them.
const ELEMENTS: [&str; 24] = [
    "svg",
    "g",
    "defs",
    "symbol",
    "use",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "title",
    "desc",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "pattern",
    "marker",
    "style",
];
/// The attributes that are kept.
const ATTRIBUTES: [&str; 85] = [
    "xmlns",
    "viewBox",
    "preserveAspectRatio",
    "id",
    "class",
    "style",
    "transform",
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "fx",
    "fy",
    "fr",
    "width",
    "height",
    "points",
    "dx",
    "dy",
    "rotate",
    "textLength",
    "lengthAdjust",
    "pathLength",
    "href",
    "offset",
    "gradientUnits",
    "gradientTransform",
    "spreadMethod",
    "clipPathUnits",
    "maskUnits",
    "maskContentUnits",
    "patternUnits",
    "patternContentUnits",
    "patternTransform",
    "markerUnits",
    "markerWidth",
    "markerHeight",
    "refX",
    "refY",
    "orient",
    "fill",
    "fill-opacity",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
    "opacity",
    "color",
    "color-interpolation",
    "stop-color",
    "stop-opacity",
    "clip-path",
    "clip-rule",
    "mask",
    "marker-start",
    "marker-mid",
    "marker-end",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "font-stretch",
    "letter-spacing",
    "word-spacing",
    "text-anchor",
    "dominant-baseline",
    "display",
    "visibility",
    "overflow",
    "paint-order",
    "vector-effect",
    "shape-rendering",
];

/// A drawing that is safe to show.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Drawing {
    pub content: String,
    /// The size of its view box, in whole units.
    pub width: u32,
    pub height: u32,
}

/// Whether a file is an SVG drawing.
pub(crate) fn is_drawing(content: &[u8]) -> bool {
    let start = &content[..content.len().min(4096)];
    let text = String::from_utf8_lossy(start);
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<') && text.contains("<svg")
}

/// Returns the drawing without scripts, links, references to other files, and whatever else is not known.
pub(crate) fn sanitized(content: &[u8]) -> Result<Drawing, RejectedUpload> {
    if content.len() > MAX_BYTES {
        return Err(RejectedUpload::LargeDrawing);
    }
    let text = std::str::from_utf8(content).map_err(|_| RejectedUpload::BrokenDrawing)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut cleaner = Cleaner::default();
    loop {
        match reader.read_event().map_err(|_| RejectedUpload::BrokenDrawing)? {
            Event::Start(element) => cleaner.open(&element, false)?,
            Event::Empty(element) => cleaner.open(&element, true)?,
            Event::End(_) => cleaner.close(),
            Event::Text(text) => cleaner.text(&text),
            Event::CData(text) => cleaner.text(&escape(&*text)),
            Event::GeneralRef(name) => {
                let letter = name.resolve_char_ref().map_err(|_| RejectedUpload::BrokenDrawing)?;
                let letter = letter.map(String::from);
                let known = letter.or_else(|| resolve_xml_entity(&name).map(str::to_owned));
                cleaner.text(&escape(known.ok_or(RejectedUpload::BrokenDrawing)?));
            }
            // Entities would be defined in a document type.
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return cleaner.finish(),
        }
    }
}

/// Writes what is kept.
#[derive(Default)]
struct Cleaner {
    written: String,
    /// The names of the open elements that are kept.
    open: Vec<String>,
    /// How many elements are open that are left out, including those in them.
    left_out: usize,
    /// The text of the style sheet that is open.
    style: String,
    size: Option<(u32, u32)>,
}

impl Cleaner {
    fn open(&mut self, element: &BytesStart<'_>, is_empty: bool) -> Result<(), RejectedUpload> {
        let name = element.name().0;
        let is_root = self.written.is_empty();
        if is_root && name != "svg" || self.open.len() + self.left_out > MAX_DEPTH {
            return Err(RejectedUpload::BrokenDrawing);
        }
        // Elements in elements without text have no meaning, and a style sheet has text only.
        let is_in_style = self.open.last().is_some_and(|open| open == "style");
        if self.left_out > 0
            || is_in_style
            || !ELEMENTS.contains(&name)
            || (!is_root && self.open.is_empty())
        {
            self.left_out += usize::from(!is_empty);
            return Ok(());
        }
        let mut attributes = Vec::new();
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|_| RejectedUpload::BrokenDrawing)?;
            attributes.extend(kept(&attribute)?);
        }
        if is_root {
            let (view_box, size) = view_box(&attributes).ok_or(RejectedUpload::DrawingSize)?;
            self.size = Some(size);
            // The size that it is shown in is that of the page.
            attributes.retain(|(name, _)| {
                !matches!(name.as_str(), "xmlns" | "viewBox" | "width" | "height")
            });
            attributes.push(("xmlns".to_owned(), "http://www.w3.org/2000/svg".to_owned()));
            attributes.push(("viewBox".to_owned(), view_box));
        } else {
            attributes.retain(|(name, _)| name != "xmlns");
        }
        self.written.push('<');
        self.written.push_str(name);
        for (name, value) in attributes {
            self.written.push_str(&format!(" {name}=\"{}\"", escape(value)));
        }
        self.written.push_str(if is_empty { "/>" } else { ">" });
        if !is_empty {
            self.open.push(name.to_owned());
        }
        Ok(())
    }

    fn close(&mut self) {
        if self.left_out > 0 {
            self.left_out -= 1;
        } else if let Some(name) = self.open.pop() {
            let style = std::mem::take(&mut self.style);
            if name == "style" && is_safe_style(&style) {
                self.written.push_str(&style);
            }
            self.written.push_str(&format!("</{name}>"));
        }
    }

    /// Adds text that is escaped.
    fn text(&mut self, text: &str) {
        match self.open.last().map(String::as_str) {
            Some("style") if self.left_out == 0 => self.style.push_str(text),
            Some("text" | "tspan" | "title" | "desc") if self.left_out == 0 => {
                self.written.push_str(text);
            }
            _ => {}
        }
    }

    fn finish(self) -> Result<Drawing, RejectedUpload> {
        let (width, height) = self.size.ok_or(RejectedUpload::BrokenDrawing)?;
        if !self.open.is_empty() || self.left_out > 0 {
            return Err(RejectedUpload::BrokenDrawing);
        }
        Ok(Drawing { content: self.written, width, height })
    }
}

/// An attribute with its value, if it is kept.
fn kept(attribute: &Attribute<'_>) -> Result<Option<(String, String)>, RejectedUpload> {
    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
    let value = value.map_err(|_| RejectedUpload::BrokenDrawing)?;
    let name = attribute.key.0;
    let name = if name == "xlink:href" { "href" } else { name };
    let is_safe = match name {
        // Only parts of the drawing itself.
        "href" => value.starts_with('#'),
        "xmlns" => true,
        _ => is_safe_style(&value),
    };
    let is_kept = is_safe && ATTRIBUTES.contains(&name);
    Ok(is_kept.then(|| (name.to_owned(), value.into_owned())))
}

/// Whether a style loads nothing: it has no imports, escapes and functions of addresses other than those of parts of the drawing.
fn is_safe_style(style: &str) -> bool {
    let style = style.to_lowercase();
    let is_plain =
        ["@import", "\\", "image(", "image-set", "src(", "expression", "javascript:", "/*"]
            .iter()
            .all(|unsafe_text| !style.contains(unsafe_text));
    is_plain
        && style
            .split("url(")
            .skip(1)
            .all(|address| address.trim_start().trim_start_matches(['"', '\'']).starts_with('#'))
}

/// The view box of the attributes, or one of their width and height, and its size.
fn view_box(attributes: &[(String, String)]) -> Option<(String, (u32, u32))> {
    let value = |wanted: &str| {
        attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    };
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let view_box = match value("viewBox") {
        Some(text) => text.to_owned(),
        None => {
            let side = |name: &str| number(value(name)?.trim().trim_end_matches("px"));
            format!("0 0 {} {}", side("width")?, side("height")?)
        }
    };
    let numbers = view_box.split([' ', ',', '\n', '\t']).filter(|text| !text.is_empty());
    let numbers: Vec<f64> = numbers.map(number).collect::<Option<_>>()?;
    let [_, _, width, height] = numbers[..] else { return None };
    // Small units do not matter: only the relation of the sides does.
    let scale = if width.min(height) < 20.0 { 100.0 / width.min(height) } else { 1.0 };
    let side = |side: f64| {
        let side = (side * scale).round();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is in the range"
        )]
        (1.0..=f64::from(LogoFile::MAX_SIDE)).contains(&side).then_some(side as u32)
    };
    let size = (side(width)?, side(height)?);
    Some((view_box, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(svg: &str) -> Result<String, RejectedUpload> {
        sanitized(svg.as_bytes()).map(|drawing| drawing.content)
    }

    #[test]
    fn a_drawing_keeps_what_it_shows() {
        let logo = "<?xml version=\"1.0\"?><!DOCTYPE svg><!-- x --><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"240\" \
            viewBox=\"0 0 240 48\"><style>path { fill: #111 } @media (prefers-color-scheme: dark) { path { fill: #fff } }</style>\
            <defs><linearGradient id=\"a\"><stop offset=\"0\" stop-color=\"red\"/></linearGradient></defs>\
            <path d=\"M0 0h9\" fill=\"url(#a)\"/><text x=\"1\">A &amp; B &#169;</text></svg>";
        let drawing = sanitized(logo.as_bytes()).expect("a drawing");
        assert_eq!((drawing.width, drawing.height), (240, 48));
        assert_eq!(
            drawing.content,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 240 48\"><style>path { fill: #111 } \
             @media (prefers-color-scheme: dark) { path { fill: #fff } }</style><defs><linearGradient id=\"a\">\
             <stop offset=\"0\" stop-color=\"red\"/></linearGradient></defs><path d=\"M0 0h9\" fill=\"url(#a)\"/>\
             <text x=\"1\">A &amp; B ©</text></svg>"
        );
        assert_eq!(sanitized(drawing.content.as_bytes()).expect("a drawing"), drawing);
    }

    #[test]
    fn nothing_that_runs_or_loads_is_kept() {
        for unsafe_part in [
            "<script>alert(1)</script>",
            "<script href=\"data:text/javascript,alert(1)\"/>",
            "<g onload=\"alert(1)\"/>",
            "<g ONCLICK=\"alert(1)\"/>",
            "<a href=\"javascript:alert(1)\"><path d=\"M0\"/></a>",
            "<image href=\"https://evil.example/x.png\"/>",
            "<use href=\"https://evil.example/x.svg#a\"/>",
            "<use xlink:href=\"data:image/svg+xml,evil\"/>",
            "<foreignObject><body xmlns=\"http://www.w3.org/1999/xhtml\"><img src=\"x\" onerror=\"alert(1)\"/></body></foreignObject>",
            "<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>",
            "<set attributeName=\"onload\" to=\"alert(1)\"/>",
            "<style>@import url(https://evil.example/a.css);</style>",
            "<style>path { fill: url(https://evil.example/#a) }</style>",
            "<style>path { fill: u\\72l(https://evil.example) }</style>",
            "<style>path { fill: url/**/(https://evil.example) }</style>",
            "<style><![CDATA[path { fill: url('//evil.example/a') }]]></style>",
            "<path style=\"fill: url( 'https://evil.example' )\"/>",
            "<path fill=\"url(https://evil.example/a#b)\"/>",
            "<title><script>alert(1)</script></title>",
            "<evil:script xmlns:evil=\"http://www.w3.org/2000/svg\">alert(1)</evil:script>",
            "<filter id=\"a\"><feImage href=\"https://evil.example\"/></filter>",
        ] {
            let svg = format!("<svg xmlns:xlink=\"x\" viewBox=\"0 0 200 200\">{unsafe_part}</svg>");
            let kept = clean(&svg).expect(unsafe_part).replace("http://www.w3.org/2000/svg", "");
            for word in ["alert", "evil", "script", "http", "data:", "onload", "import"] {
                assert!(!kept.contains(word), "{unsafe_part}: {kept}");
            }
        }
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        for broken in [
            "<svg viewBox=\"0 0 200 200\"><g></svg>",
            "<svg viewBox=\"0 0 200 200\">",
            "<html><svg viewBox=\"0 0 200 200\"/></html>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg viewBox=\"0 0 200 200\"><text>&a;</text></svg>",
            "<svg viewBox=\"0 0 200 200\"><path fill=\"&a;\"/></svg>",
            "",
        ] {
            assert_eq!(clean(broken), Err(RejectedUpload::BrokenDrawing), "{broken}");
        }
        let deep =
            format!("<svg viewBox=\"0 0 9 9\">{}{}</svg>", "<g>".repeat(100), "</g>".repeat(100));
        assert_eq!(clean(&deep), Err(RejectedUpload::BrokenDrawing));
        for sizeless in [
            "<svg/>",
            "<svg viewBox=\"0 0 x 1\"/>",
            "<svg viewBox=\"0 0 0 10\"/>",
            "<svg width=\"100%\" height=\"9\"/>",
        ] {
            assert_eq!(clean(sizeless), Err(RejectedUpload::DrawingSize), "{sizeless}");
        }
        let large =
            format!("<svg viewBox=\"0 0 9 9\"><desc>{}</desc></svg>", "a".repeat(MAX_BYTES));
        assert_eq!(clean(&large), Err(RejectedUpload::LargeDrawing));
        assert_eq!(
            sanitized(b"<svg viewBox=\"0 0 9 9\">\xff</svg>"),
            Err(RejectedUpload::BrokenDrawing)
        );
        let sized = sanitized(b"<svg width=\"24px\" height=\"12\"/>").expect("a drawing");
        assert_eq!((sized.width, sized.height), (200, 100));
    }
}

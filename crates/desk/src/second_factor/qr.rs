//! The picture that an authenticator app reads with a camera.

use std::fmt::Write;

use qrcode::{Color, QrCode};
use serde::Serialize;

/// The blank margin around a code, in modules (ISO/IEC 18004, section 9.1).
const MARGIN: usize = 4;

/// A QR code as the path of an SVG.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct QrPicture {
    /// The length of a side with the margin, in modules.
    side: usize,
    /// The dark modules, as the attribute `d` of a path.
    path: String,
}

impl QrPicture {
    /// Returns the code of a text; `None` if the text is too long for one.
    pub(super) fn new(text: &str) -> Option<Self> {
        let code = QrCode::new(text).ok()?;
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(code.width()).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] == Color::Dark {
                    // Writing to a string cannot fail.
                    let (left, top, length) = (x + MARGIN, y + MARGIN, run.len());
                    let _ = write!(path, "M{left} {top}h{length}v1h-{length}z");
                }
                x += run.len();
            }
        }
        Some(Self { side: code.width() + 2 * MARGIN, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_margin_and_the_corner_that_scanners_look_for() {
        let picture = QrPicture::new("otpauth://totp/Paper:ada?secret=ABC").expect("a code");
        assert_eq!(picture.side, 29 + 8);
        // The first row begins with the seven dark modules of the finder pattern.
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "{}", picture.path);
        assert!(QrPicture::new(&"a".repeat(5000)).is_none());
    }
}

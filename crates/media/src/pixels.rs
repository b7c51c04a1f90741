//! Pictures as pixels, for what shows them without a browser.

use image::{ImageReader, Limits, imageops::FilterType};
use std::io::Cursor;

use crate::scaling::{MAX_MEMORY, fitted_size};

/// A picture without compression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green, blue and alpha of each pixel, in rows from the top.
    pub rgba: Vec<u8>,
}

/// Decodes a stored picture, scaled down to at most this size; `None` for drawings and for what has no decoder.
pub(crate) fn decode(content: &[u8], max: (u32, u32)) -> Option<Pixels> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().ok()?;
    let (width, height) = fitted_size((picture.width(), picture.height()), max);
    let scaled = picture.resize_exact(width, height, FilterType::CatmullRom).into_rgba8();
    Some(Pixels { width, height, rgba: scaled.into_raw() })
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbaImage};

    use super::*;

    #[test]
    fn a_picture_is_scaled_and_a_drawing_is_none() {
        let mut png = Cursor::new(Vec::new());
        RgbaImage::new(40, 10).write_to(&mut png, ImageFormat::Png).expect("written");
        let pixels = decode(png.get_ref(), (20, 20)).expect("decoded");
        assert_eq!((pixels.width, pixels.height, pixels.rgba.len()), (20, 5, 400));
        assert_eq!(decode(b"<svg xmlns='http://www.w3.org/2000/svg'/>", (20, 20)), None);
    }
}

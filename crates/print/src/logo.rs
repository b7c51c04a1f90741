//! The publication's logo.

use krilla::image::Image;

/// The size at most, in points.
const MAX: (f32, f32) = (200.0, 48.0);

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green, blue and alpha of each pixel, in rows from the top: `width × height × 4` bytes.
    pub rgba: Vec<u8>,
}

impl Logo {
    /// Whether it has as many bytes as its size says, and is not empty.
    pub(crate) fn is_whole(&self) -> bool {
        let bytes = u64::from(self.width) * u64::from(self.height) * 4;
        bytes > 0 && u64::try_from(self.rgba.len()) == Ok(bytes)
    }

    /// The largest size with its shape within [`MAX`], in points.
    pub(crate) fn size(&self) -> (f32, f32) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a picture has less than 2^24 pixels a side"
        )]
        let (width, height) = (self.width as f32, self.height as f32);
        let scale = (MAX.0 / width).min(MAX.1 / height);
        (width * scale, height * scale)
    }

    pub(crate) fn image(&self) -> Image {
        Image::from_rgba8(self.rgba.clone(), self.width, self.height)
    }
}

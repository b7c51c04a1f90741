//! Scaling of pictures to the size in which they are stored, within bounded memory.

use image::{
    DynamicImage, GenericImageView, RgbaImage,
    imageops::{self, FilterType},
    metadata::Orientation,
};

/// The maximum memory to process a picture, in bytes. One is processed at a time, so that uploads take less than 256 MB in all,
/// with the files that wait.
pub(crate) const MAX_MEMORY: u64 = 208 * 1024 * 1024;
/// The maximum width and height in pixels. Larger pictures are scaled down.
pub(crate) const MAX_WIDTH: u32 = 2400;
pub(crate) const MAX_HEIGHT: u32 = 4800;
/// The maximum number of pixels that are stored: encoding AVIF takes much memory for each.
const MAX_PIXELS: u64 = 7_200_000;
/// How much larger than it is stored a picture is made by a fast method, before the best one scales it, in quarters: the best method
/// takes much memory. The first that fits is taken.
const REDUCTIONS: [u32; 4] = [8, 6, 5, 4];

/// The size of so many pixels, in bytes.
pub(crate) fn bytes((width, height): (u32, u32), of_pixel: u8) -> u64 {
    u64::from(width) * u64::from(height) * u64::from(of_pixel)
}

/// The size in which a picture is stored, before it is turned.
pub(crate) fn stored_size(size: (u32, u32), orientation: Orientation) -> (u32, u32) {
    let fitted = fitted_size(size, turned((MAX_WIDTH, MAX_HEIGHT), orientation));
    let pixels = bytes(fitted, 1);
    if pixels <= MAX_PIXELS {
        return fitted;
    }
    let smaller = |length: u32| {
        let length = u64::from(length) * MAX_PIXELS.isqrt() / pixels.isqrt();
        u32::try_from(length.max(1)).unwrap_or(u32::MAX)
    };
    (smaller(fitted.0), smaller(fitted.1))
}

/// Returns width and height after a picture was turned.
pub(crate) fn turned((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => (height, width),
        Orientation::NoTransforms
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical
        | Orientation::Rotate180 => (width, height),
    }
}

/// Scales a picture down to the size in which it is stored, and turns it.
pub(crate) fn fitted(mut picture: DynamicImage, orientation: Orientation) -> RgbaImage {
    let stored = stored_size(picture.dimensions(), orientation);
    if !is_scaled_within(picture.dimensions(), stored, picture.color().bytes_per_pixel()) {
        let reduced = reduced_size(&picture, stored);
        picture = picture.thumbnail_exact(reduced.0, reduced.1);
    }
    let mut picture = picture.into_rgba8();
    if picture.dimensions() != stored {
        picture = imageops::resize(&picture, stored.0, stored.1, FilterType::CatmullRom);
    }
    let mut picture = DynamicImage::ImageRgba8(picture);
    picture.apply_orientation(orientation);
    picture.into_rgba8()
}

/// The largest size to which a picture is reduced before it is scaled to the size in which it is stored.
fn reduced_size(picture: &DynamicImage, stored: (u32, u32)) -> (u32, u32) {
    let of_pixel = picture.color().bytes_per_pixel();
    let decoded = bytes(picture.dimensions(), of_pixel);
    let larger = |quarters: u32| {
        let length = |stored: u32, own: u32| (stored.saturating_mul(quarters) / 4).min(own);
        (length(stored.0, picture.width()), length(stored.1, picture.height()))
    };
    let fits = |size: &(u32, u32)| {
        decoded + bytes(*size, of_pixel) <= MAX_MEMORY && is_scaled_within(*size, stored, of_pixel)
    };
    REDUCTIONS.into_iter().map(larger).find(fits).unwrap_or(stored)
}

/// Whether the best method scales a picture of this size within [`MAX_MEMORY`]: it needs the picture in two forms, and then
/// four numbers of 32 bits for each pixel that has one of its dimensions scaled.
fn is_scaled_within(from: (u32, u32), to: (u32, u32), of_pixel: u8) -> bool {
    let converting = bytes(from, of_pixel) + bytes(from, 4);
    let scaling =
        if from == to { 0 } else { bytes(from, 4) + bytes((from.0, to.1), 16) + bytes(to, 4) };
    converting.max(scaling) <= MAX_MEMORY
}

/// Returns the largest size with about the same proportions within `max`, at least one pixel in each direction.
pub(crate) fn fitted_size(
    (width, height): (u32, u32),
    (max_width, max_height): (u32, u32),
) -> (u32, u32) {
    let (wide, tall) = (u64::from(width), u64::from(height));
    let scaled = |length: u64, by: u32, of: u64| {
        u32::try_from((length * u64::from(by) / of.max(1)).max(1)).unwrap_or(u32::MAX)
    };
    let fits_width = width.min(max_width);
    let fits_height = if width > max_width { scaled(tall, max_width, wide) } else { height };
    if fits_height > max_height {
        (scaled(wide, max_height, tall).min(fits_width), max_height)
    } else {
        (fits_width, fits_height)
    }
}

pub(crate) fn resized(picture: &RgbaImage, width: u32) -> RgbaImage {
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1));
    let height = u32::try_from(height.max(1)).unwrap_or(u32::MAX);
    imageops::resize(picture, width, height, FilterType::CatmullRom)
}

//! Encoding of pictures in the sizes and formats that pages show.

use image::{
    ExtendedColorType, ImageEncoder, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};
use rgb::{FromSlice, RGBA8};

use masthead_editorial::renditions;

use crate::{
    rejected_upload::RejectedUpload,
    scaling::{bytes, resized},
};

const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 78.0;
/// The maximum number of pixels that are stored as AVIF with ten bits.
const MAX_TEN_BIT_PIXELS: u64 = 4_000_000;
const AVIF_QUALITY: f32 = 60.0;
/// On a scale from 1 to 10, the fastest, because the user is waiting.
const AVIF_SPEED: u8 = 10;

/// Encodes a picture in all sizes and formats, the main file first.
pub fn in_all_sizes(
    picture: &RgbaImage,
    name: &str,
    is_opaque: bool,
) -> Result<Vec<(String, Vec<u8>)>, RejectedUpload> {
    let mut files = vec![(name.to_owned(), encode_main(picture, is_opaque)?)];
    for width in renditions::widths(picture.width()) {
        let smaller;
        let picture = if width == picture.width() {
            picture
        } else {
            smaller = resized(picture, width);
            &smaller
        };
        files.push((renditions::rendition(name, width, "webp"), webp(picture)));
        files.push((renditions::rendition(name, width, "avif"), avif(picture)?));
    }
    Ok(files)
}

/// Encodes the picture as JPEG, or as PNG if it is transparent.
pub fn encode_main(picture: &RgbaImage, is_opaque: bool) -> Result<Vec<u8>, RejectedUpload> {
    let mut written = Vec::new();
    if is_opaque {
        let opaque: Vec<u8> = picture
            .as_raw()
            .as_rgba()
            .iter()
            .flat_map(|pixel| [pixel.r, pixel.g, pixel.b])
            .collect();
        let (width, height) = picture.dimensions();
        let encoder = JpegEncoder::new_with_quality(&mut written, JPEG_QUALITY);
        encoder.write_image(&opaque, width, height, ExtendedColorType::Rgb8)
    } else {
        picture.write_with_encoder(PngEncoder::new(&mut written))
    }
    .map_err(|_| RejectedUpload::NotAPicture)?;
    Ok(written)
}

fn webp(picture: &RgbaImage) -> Vec<u8> {
    let encoder = webp::Encoder::from_rgba(picture.as_raw(), picture.width(), picture.height());
    encoder.encode(WEBP_QUALITY).to_vec()
}

fn avif(picture: &RgbaImage) -> Result<Vec<u8>, RejectedUpload> {
    let pixels: &[RGBA8] = picture.as_raw().as_rgba();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    // Ten bits take twice the memory, and are better only where colours change slowly.
    let is_large = bytes(picture.dimensions(), 1) > MAX_TEN_BIT_PIXELS;
    let depth = if is_large { ravif::BitDepth::Eight } else { ravif::BitDepth::Ten };
    let encoder = ravif::Encoder::new()
        .with_bit_depth(depth)
        .with_quality(AVIF_QUALITY)
        .with_alpha_quality(AVIF_QUALITY)
        .with_speed(AVIF_SPEED);
    let written = encoder.encode_rgba(ravif::Img::new(pixels, width, height));
    written.map(|written| written.avif_file).map_err(|_| RejectedUpload::NotAPicture)
}

//! Decoding of pictures within bounded memory.

use std::{borrow::Cow, io::Cursor};

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    metadata::Orientation,
};

use crate::{
    color::MAX_PROFILE,
    png_profile::{profile_of, without_profile},
    rejected_upload::RejectedUpload,
    scaling::{MAX_MEMORY, bytes, stored_size},
};

/// A picture as its file has it.
pub struct DecodedPicture {
    pub picture: DynamicImage,
    pub orientation: Orientation,
    /// The colour profile.
    pub profile: Option<Vec<u8>>,
    pub is_opaque: bool,
}

/// Returns the format of a picture that can be decoded.
pub fn detect_format(content: &[u8]) -> Result<ImageFormat, RejectedUpload> {
    match image::guess_format(content) {
        Ok(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif),
        ) => Ok(format),
        Ok(_) => Err(RejectedUpload::NotAPicture),
        Err(_) => Err(rejection(content)),
    }
}

/// Explains why a file is not a supported picture.
fn rejection(content: &[u8]) -> RejectedUpload {
    let start = &content[..content.len().min(4096)];
    let brand = start.get(4..12).unwrap_or_default();
    if [&b"ftypheic"[..], b"ftypheix", b"ftypmif1", b"ftyphevc"].contains(&brand) {
        return RejectedUpload::Heic;
    }
    let text = String::from_utf8_lossy(start).to_lowercase();
    if text.contains("<svg") { RejectedUpload::Svg } else { RejectedUpload::NotAPicture }
}

/// Decodes a picture within [`MAX_MEMORY`].
pub fn decode(content: &[u8], format: ImageFormat) -> Result<DecodedPicture, RejectedUpload> {
    let (content, png_profile) = match format {
        ImageFormat::Png => (without_profile(content), profile_of(content)),
        _ => (Cow::Borrowed(content), None),
    };
    let mut reader = ImageReader::with_format(Cursor::new(&content), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| rejected(&error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(RejectedUpload::NotAPicture);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = png_profile.or_else(|| decoder.icc_profile().ok().flatten());
    let profile = profile.filter(|profile| profile.len() <= MAX_PROFILE);
    let decoded = decoder.total_bytes();
    let decoding = decoded.saturating_mul(copies(&content, format));
    let stored = stored_size((width, height), orientation);
    // What is larger than it is stored is there twice while it is reduced.
    let reducing = decoded.saturating_add(bytes(stored, decoder.color_type().bytes_per_pixel()));
    if decoding.max(reducing) > MAX_MEMORY {
        return Err(RejectedUpload::TooManyPixels);
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| rejected(&error))?;
    let is_opaque = is_opaque(&picture);
    Ok(DecodedPicture { picture, orientation, profile, is_opaque })
}

fn is_opaque(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageRgba8(picture) => picture.pixels().all(|pixel| pixel.0[3] == u8::MAX),
        picture if !picture.color().has_alpha() => true,
        picture => picture.pixels().all(|(_, _, pixel)| pixel.0[3] == u8::MAX),
    }
}

fn rejected(error: &ImageError) -> RejectedUpload {
    match error {
        ImageError::Limits(_) => RejectedUpload::TooManyPixels,
        _ => RejectedUpload::NotAPicture,
    }
}

/// How many times the size of a decoded picture its decoder takes.
fn copies(content: &[u8], format: ImageFormat) -> u64 {
    match format {
        // The picture, and its coefficients with 16 bits each.
        ImageFormat::Jpeg if is_progressive(content) => 3,
        // The canvas, and a frame.
        ImageFormat::WebP | ImageFormat::Gif => 2,
        _ => 1,
    }
}

/// Returns `false` if a JPEG is sure to be sequential (ITU-T T.81, table B.1).
fn is_progressive(jpeg: &[u8]) -> bool {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        rest = match (marker, after) {
            (0xc0 | 0xc1, _) => return false,
            (0xc2..=0xcf | 0xda, _) if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => return true,
            (0xff, _) => &rest[1..],
            (0x01 | 0xd0..=0xd8, after) => after,
            (_, [high, low, ..]) => {
                after.get(usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default()
            }
            (_, _) => return true,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progressive_pictures_are_told_from_sequential_ones() {
        // A header, tables, and the frame.
        let sequential = b"\xff\xd8\xff\xe0\x00\x04JF\xff\xdb\x00\x03Q\xff\xc0\x00\x0b";
        assert!(!is_progressive(sequential));
        let frame = sequential.len() - 3;
        let mut progressive = sequential.to_vec();
        progressive[frame] = 0xc2;
        assert!(is_progressive(&progressive));
        assert!(is_progressive(b"\xff\xd8\xff\xe1\xff\xff") && is_progressive(b""));
    }
}

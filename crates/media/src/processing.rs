//! Processing of uploaded pictures: corrects the orientation, creates all sizes and formats, and
//! removes metadata such as the location.

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops::{self, FilterType},
};
use rgb::{FromSlice, RGBA8};

use masthead_editorial::renditions;

/// The maximum file size, in bytes.
pub const MAX_BYTES: usize = 30 * 1024 * 1024;
/// The maximum number of pixels: more than cameras produce, and limited by memory.
const MAX_PIXELS: u64 = 120_000_000;
/// The maximum width in pixels. Wider pictures are scaled down.
const MAX_WIDTH: u32 = 2400;
const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 78.0;
const AVIF_QUALITY: f32 = 60.0;
/// On a scale from 1 to 10, the fastest, because the user is waiting.
const AVIF_SPEED: u8 = 10;

/// The reason why an uploaded picture is refused. The messages are shown to staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectedUpload {
    /// The file is larger than [`MAX_BYTES`].
    #[error(
        "The file is too large. Save the picture smaller, with at most 30 MB, and send it again."
    )]
    TooLarge,
    /// It has more pixels than can be decoded.
    #[error(
        "The picture has too many pixels. Save it with at most 10,000 by 10,000, and send it again."
    )]
    TooManyPixels,
    /// It is an SVG drawing, which can contain scripts.
    #[error("Drawings (SVG) can carry programs, and are not taken. Save it as PNG, and send that.")]
    Svg,
    /// It is in the HEIC format of some phones, which few browsers display.
    #[error("Few browsers show this format (HEIC). Save the picture as JPEG, and send that.")]
    Heic,
    /// It is not a picture, or the file is broken.
    #[error(
        "This is no picture that browsers show, or the file is broken. Send JPEG, PNG, WebP or GIF."
    )]
    NotAPicture,
}

/// The files to store for a picture: names and contents, the main file first.
pub(crate) struct Prepared {
    pub width: u32,
    pub height: u32,
    pub files: Vec<(String, Vec<u8>)>,
}

/// Processes a picture, which takes seconds of CPU time. The file names start with `digest`.
pub(crate) fn prepare(content: &[u8], digest: &str) -> Result<Prepared, RejectedUpload> {
    if content.len() > MAX_BYTES {
        return Err(RejectedUpload::TooLarge);
    }
    let format = detect_format(content)?;
    let picture = decode(content, format)?;
    if format == ImageFormat::Gif {
        // GIFs may be animated and contain no location, so they are stored unchanged.
        let name = format!("{digest}.gif");
        let (width, height) = picture.dimensions();
        return Ok(Prepared { width, height, files: vec![(name, content.to_vec())] });
    }
    let picture = picture.to_rgba8();
    let picture = if picture.width() > MAX_WIDTH { resized(&picture, MAX_WIDTH) } else { picture };
    let (width, height) = picture.dimensions();
    let is_opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let ending = if is_opaque { "jpg" } else { "png" };
    let name = renditions::picture(digest, width, height, ending);
    let mut files = vec![(name.clone(), encode_main(&picture, is_opaque)?)];
    for width in renditions::widths(width) {
        let smaller;
        let picture = if width == picture.width() {
            &picture
        } else {
            smaller = resized(&picture, width);
            &smaller
        };
        files.push((renditions::rendition(&name, width, "webp"), webp(picture)));
        files.push((renditions::rendition(&name, width, "avif"), avif(picture)?));
    }
    Ok(Prepared { width, height, files })
}

fn detect_format(content: &[u8]) -> Result<ImageFormat, RejectedUpload> {
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

fn decode(content: &[u8], format: ImageFormat) -> Result<DynamicImage, RejectedUpload> {
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 4 * 2);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| RejectedUpload::NotAPicture)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(RejectedUpload::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(RejectedUpload::NotAPicture);
    }
    let orientation = decoder.orientation().ok();
    let mut picture =
        DynamicImage::from_decoder(decoder).map_err(|_| RejectedUpload::NotAPicture)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

fn resized(picture: &RgbaImage, width: u32) -> RgbaImage {
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1));
    let height = u32::try_from(height.max(1)).unwrap_or(u32::MAX);
    imageops::resize(picture, width, height, FilterType::CatmullRom)
}

/// Encodes the picture as JPEG, or as PNG if it is transparent.
fn encode_main(picture: &RgbaImage, is_opaque: bool) -> Result<Vec<u8>, RejectedUpload> {
    let mut written = Vec::new();
    if is_opaque {
        let opaque = DynamicImage::ImageRgba8(picture.clone()).to_rgb8();
        opaque.write_with_encoder(JpegEncoder::new_with_quality(&mut written, JPEG_QUALITY))
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
    let encoder = ravif::Encoder::new()
        .with_quality(AVIF_QUALITY)
        .with_alpha_quality(AVIF_QUALITY)
        .with_speed(AVIF_SPEED);
    let written = encoder.encode_rgba(ravif::Img::new(pixels, width, height));
    written.map(|written| written.avif_file).map_err(|_| RejectedUpload::NotAPicture)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose left half is red and whose right half is blue.
    fn drawn(width: u32, height: u32) -> RgbaImage {
        RgbaImage::from_fn(width, height, |x, _| {
            image::Rgba(if x < width / 2 { [200, 0, 0, 255] } else { [0, 0, 200, 255] })
        })
    }

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        encode_main(&drawn(width, height), true).expect("written")
    }

    /// Adds EXIF with this orientation to a JPEG (TIFF 6.0; EXIF 2.3, section 4.6.4).
    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 38.7 N 9.1 W");
        let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_picture_is_stored_in_all_sizes_and_formats() {
        let prepared = prepare(&jpeg(600, 300), "5f").expect("taken in");
        let names: Vec<&str> = prepared.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "5f-600x300.jpg",
                "5f-600x300.480.webp",
                "5f-600x300.480.avif",
                "5f-600x300.600.webp",
                "5f-600x300.600.avif",
            ]
        );
        for (name, content) in &prepared.files {
            let size = imagesize::blob_size(content).expect(name);
            let width: usize = match name.split('.').collect::<Vec<_>>()[..] {
                [_, width, _] => width.parse().expect("a width"),
                _ => 600,
            };
            assert_eq!((size.width, size.height), (width, width / 2), "{name}");
        }
    }

    #[test]
    fn the_location_is_removed_and_the_orientation_applied() {
        let sent = with_exif(&jpeg(200, 100), 6);
        assert!(sent.windows(3).any(|part| part == b"GPS"));
        let prepared = prepare(&sent, "5f").expect("taken in");
        assert_eq!((prepared.width, prepared.height), (100, 200));
        for (name, content) in &prepared.files {
            for left in [&b"GPS"[..], b"Exif"] {
                assert!(!content.windows(left.len()).any(|part| part == left), "{name}");
            }
        }
        // The left half is now at the top.
        let turned = image::load_from_memory(&prepared.files[0].1).expect("a picture").to_rgb8();
        assert!(turned.get_pixel(50, 20).0[0] > 150 && turned.get_pixel(50, 180).0[2] > 150);
    }

    #[test]
    fn transparency_is_preserved() {
        let mut glass = drawn(40, 20);
        glass.put_pixel(0, 0, image::Rgba([0, 0, 0, 0]));
        let sent = encode_main(&glass, false).expect("written");
        let prepared = prepare(&sent, "5f").expect("taken in");
        assert_eq!(prepared.files[0].0, "5f-40x20.png");
        let kept = image::load_from_memory(&prepared.files[0].1).expect("a picture").to_rgba8();
        assert_eq!(kept.get_pixel(0, 0).0[3], 0);
    }

    #[test]
    fn unsupported_files_are_refused_with_a_reason() {
        let refused = |content: &[u8]| prepare(content, "5f").err();
        assert_eq!(refused(b"no picture"), Some(RejectedUpload::NotAPicture));
        assert_eq!(refused(b""), Some(RejectedUpload::NotAPicture));
        assert_eq!(refused(&jpeg(80, 40)[..300]), Some(RejectedUpload::NotAPicture));
        assert_eq!(refused(b"<?xml?><svg onload='x'>"), Some(RejectedUpload::Svg));
        assert_eq!(refused(b"\0\0\0\x18ftypheic\0\0\0\0"), Some(RejectedUpload::Heic));
        assert_eq!(refused(&vec![0; MAX_BYTES + 1]), Some(RejectedUpload::TooLarge));
        // The header of a PNG of 60,000 by 60,000 pixels.
        let bomb =
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x83\xbb\x84\xcd";
        assert!(refused(bomb).is_some());
    }
}

//! A picture from somebody's camera, made fit to be shown: the right way up, in several sizes and formats, and without
//! what cameras write into it, such as the place.

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops::{self, FilterType},
};
use rgb::{FromSlice, RGBA8};

use masthead_editorial::renditions;

/// The largest file that is taken in, in bytes.
pub const LARGEST: usize = 30 * 1024 * 1024;
/// The most pixels: more than any camera makes, and no more than memory has room for.
const MOST_PIXELS: u64 = 120_000_000;
/// Wider pictures are made this wide, in pixels.
const WIDEST: u32 = 2400;
const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 78.0;
const AVIF_QUALITY: f32 = 60.0;
/// Of 1 to 10: the fastest, for somebody waits.
const AVIF_SPEED: u8 = 10;

/// Why a picture is not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The file is too large.
    #[error(
        "The file is too large. Save the picture smaller, with at most 30 MB, and send it again."
    )]
    TooLarge,
    /// It has too many pixels.
    #[error(
        "The picture has too many pixels. Save it with at most 10,000 by 10,000, and send it again."
    )]
    TooMany,
    /// It is a drawing, which may carry programs.
    #[error("Drawings (SVG) can carry programs, and are not taken. Save it as PNG, and send that.")]
    Drawing,
    /// It is what some telephones write, and few browsers show.
    #[error("Few browsers show this format (HEIC). Save the picture as JPEG, and send that.")]
    Heic,
    /// It is none, or is broken.
    #[error(
        "This is no picture that browsers show, or the file is broken. Send JPEG, PNG, WebP or GIF."
    )]
    NoPicture,
}

/// What is to be kept of a picture: names and contents, the picture itself first.
pub(crate) struct Prepared {
    pub width: u32,
    pub height: u32,
    pub files: Vec<(String, Vec<u8>)>,
}

/// Makes a picture fit to be shown. This takes seconds of a processor. `digest` names what was sent.
pub(crate) fn prepare(content: &[u8], digest: &str) -> Result<Prepared, NotTaken> {
    if content.len() > LARGEST {
        return Err(NotTaken::TooLarge);
    }
    let format = recognise(content)?;
    let picture = decode(content, format)?;
    if format == ImageFormat::Gif {
        // It may move, and has no place in it: it stays as it was drawn.
        let name = format!("{digest}.gif");
        let (width, height) = picture.dimensions();
        return Ok(Prepared { width, height, files: vec![(name, content.to_vec())] });
    }
    let picture = picture.to_rgba8();
    let picture = if picture.width() > WIDEST { resized(&picture, WIDEST) } else { picture };
    let (width, height) = picture.dimensions();
    let is_opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let ending = if is_opaque { "jpg" } else { "png" };
    let name = renditions::picture(digest, width, height, ending);
    let mut files = vec![(name.clone(), own(&picture, is_opaque)?)];
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

fn recognise(content: &[u8]) -> Result<ImageFormat, NotTaken> {
    match image::guess_format(content) {
        Ok(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif),
        ) => Ok(format),
        Ok(_) => Err(NotTaken::NoPicture),
        Err(_) => Err(otherwise(content)),
    }
}

/// What a file is that is no picture for us, as far as there is something to say about it.
fn otherwise(content: &[u8]) -> NotTaken {
    let start = &content[..content.len().min(4096)];
    let brand = start.get(4..12).unwrap_or_default();
    if [&b"ftypheic"[..], b"ftypheix", b"ftypmif1", b"ftyphevc"].contains(&brand) {
        return NotTaken::Heic;
    }
    let text = String::from_utf8_lossy(start).to_lowercase();
    if text.contains("<svg") { NotTaken::Drawing } else { NotTaken::NoPicture }
}

fn decode(content: &[u8], format: ImageFormat) -> Result<DynamicImage, NotTaken> {
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_PIXELS * 4 * 2);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| NotTaken::NoPicture)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(NotTaken::TooMany);
    }
    if width == 0 || height == 0 {
        return Err(NotTaken::NoPicture);
    }
    let way_up = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| NotTaken::NoPicture)?;
    if let Some(way_up) = way_up {
        picture.apply_orientation(way_up);
    }
    Ok(picture)
}

fn resized(picture: &RgbaImage, width: u32) -> RgbaImage {
    let height = u64::from(picture.height()) * u64::from(width) / u64::from(picture.width().max(1));
    let height = u32::try_from(height.max(1)).unwrap_or(u32::MAX);
    imageops::resize(picture, width, height, FilterType::CatmullRom)
}

/// It in a format that every program knows.
fn own(picture: &RgbaImage, is_opaque: bool) -> Result<Vec<u8>, NotTaken> {
    let mut written = Vec::new();
    if is_opaque {
        let opaque = DynamicImage::ImageRgba8(picture.clone()).to_rgb8();
        opaque.write_with_encoder(JpegEncoder::new_with_quality(&mut written, JPEG_QUALITY))
    } else {
        picture.write_with_encoder(PngEncoder::new(&mut written))
    }
    .map_err(|_| NotTaken::NoPicture)?;
    Ok(written)
}

fn webp(picture: &RgbaImage) -> Vec<u8> {
    let encoder = webp::Encoder::from_rgba(picture.as_raw(), picture.width(), picture.height());
    encoder.encode(WEBP_QUALITY).to_vec()
}

fn avif(picture: &RgbaImage) -> Result<Vec<u8>, NotTaken> {
    let pixels: &[RGBA8] = picture.as_raw().as_rgba();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let encoder = ravif::Encoder::new()
        .with_quality(AVIF_QUALITY)
        .with_alpha_quality(AVIF_QUALITY)
        .with_speed(AVIF_SPEED);
    let written = encoder.encode_rgba(ravif::Img::new(pixels, width, height));
    written.map(|written| written.avif_file).map_err(|_| NotTaken::NoPicture)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose left half is red, and whose right half is blue.
    fn drawn(width: u32, height: u32) -> RgbaImage {
        RgbaImage::from_fn(width, height, |x, _| {
            image::Rgba(if x < width / 2 { [200, 0, 0, 255] } else { [0, 0, 200, 255] })
        })
    }

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        own(&drawn(width, height), true).expect("written")
    }

    /// The same JPEG with EXIF in it, which says how it is turned (TIFF 6.0; EXIF 2.3, 4.6.4).
    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        exif.extend(b"GPS 38.7 N 9.1 W");
        let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_picture_is_kept_in_all_sizes_and_formats() {
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
    fn the_place_is_gone_and_the_picture_stands_up() {
        let sent = with_exif(&jpeg(200, 100), 6);
        assert!(sent.windows(3).any(|part| part == b"GPS"));
        let prepared = prepare(&sent, "5f").expect("taken in");
        assert_eq!((prepared.width, prepared.height), (100, 200));
        for (name, content) in &prepared.files {
            for left in [&b"GPS"[..], b"Exif"] {
                assert!(!content.windows(left.len()).any(|part| part == left), "{name}");
            }
        }
        // What was on the left is on top.
        let turned = image::load_from_memory(&prepared.files[0].1).expect("a picture").to_rgb8();
        assert!(turned.get_pixel(50, 20).0[0] > 150 && turned.get_pixel(50, 180).0[2] > 150);
    }

    #[test]
    fn what_can_be_seen_through_stays_so() {
        let mut glass = drawn(40, 20);
        glass.put_pixel(0, 0, image::Rgba([0, 0, 0, 0]));
        let sent = own(&glass, false).expect("written");
        let prepared = prepare(&sent, "5f").expect("taken in");
        assert_eq!(prepared.files[0].0, "5f-40x20.png");
        let kept = image::load_from_memory(&prepared.files[0].1).expect("a picture").to_rgba8();
        assert_eq!(kept.get_pixel(0, 0).0[3], 0);
    }

    #[test]
    fn what_is_no_picture_is_refused_with_a_reason() {
        let refused = |content: &[u8]| prepare(content, "5f").err();
        assert_eq!(refused(b"no picture"), Some(NotTaken::NoPicture));
        assert_eq!(refused(b""), Some(NotTaken::NoPicture));
        assert_eq!(refused(&jpeg(80, 40)[..300]), Some(NotTaken::NoPicture));
        assert_eq!(refused(b"<?xml?><svg onload='x'>"), Some(NotTaken::Drawing));
        assert_eq!(refused(b"\0\0\0\x18ftypheic\0\0\0\0"), Some(NotTaken::Heic));
        assert_eq!(refused(&vec![0; LARGEST + 1]), Some(NotTaken::TooLarge));
        // The header of a PNG of 60,000 by 60,000 pixels.
        let bomb =
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x83\xbb\x84\xcd";
        assert!(refused(bomb).is_some());
    }
}

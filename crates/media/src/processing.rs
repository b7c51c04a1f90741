//! Processing of uploaded pictures: corrects the orientation, creates all sizes and formats, and
//! removes metadata such as the location.

use std::{
    borrow::Cow,
    io::Cursor,
    panic::{self, AssertUnwindSafe},
};

use image::{
    DynamicImage, ExtendedColorType, GenericImageView, ImageDecoder, ImageEncoder, ImageError,
    ImageFormat, ImageReader, Limits, RgbaImage,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops,
    metadata::Orientation,
};
use rgb::{FromSlice, RGBA8};

use masthead_editorial::{
    crops::{Crop, CropPlace},
    renditions,
};

use crate::{
    animation,
    avif::{self, Avif},
    color::{MAX_PROFILE, convert_to_srgb},
    completeness::is_complete,
    measure::digest,
    png_profile::{profile_of, without_profile},
    scaling::{MAX_MEMORY, bytes, fitted, resized, stored_size, turned},
};

/// The maximum file size, in bytes.
pub const MAX_BYTES: usize = 30 * 1024 * 1024;
/// The maximum size of the files that wait for being processed, or are, in bytes. The code that receives files keeps to it.
pub const MAX_WAITING_BYTES: usize = 40 * 1024 * 1024;
const JPEG_QUALITY: u8 = 82;
const WEBP_QUALITY: f32 = 78.0;
/// The maximum number of pixels that are stored as AVIF with ten bits.
const MAX_TEN_BIT_PIXELS: u64 = 4_000_000;
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
    /// It takes more than `MAX_MEMORY` to process.
    #[error(
        "The picture has too many pixels: it would take more than 200 MB of memory. Save it with at most 8,000 by 8,000 \
         pixels and 8 bits a channel, not progressive, and send it again."
    )]
    TooManyPixels,
    /// It is an SVG drawing, which can contain scripts.
    #[error("Drawings (SVG) can carry programs, and are not taken. Save it as PNG, and send that.")]
    Svg,
    /// It is an SVG drawing that is broken, or too complicated.
    #[error(
        "This drawing (SVG) cannot be read. Export it again as a plain SVG in UTF-8, or as PNG, and send that."
    )]
    BrokenDrawing,
    /// It is an SVG drawing without a size.
    #[error("This drawing (SVG) has no size. Export it with a viewBox, and send that.")]
    DrawingSize,
    /// It is an SVG drawing that is too large.
    #[error(
        "This drawing (SVG) is larger than 200 KB. Simplify it, or save it as PNG, and send that."
    )]
    LargeDrawing,
    /// It is in the HEIC format of some phones, which few browsers display.
    #[error("Few browsers show this format (HEIC). Save the picture as JPEG, and send that.")]
    Heic,
    /// The end of the file is missing.
    #[error(
        "The file is incomplete: a part of the picture is missing. Export or download it again, and send that."
    )]
    Incomplete,
    /// It is not a picture, or the file is broken.
    #[error(
        "This is no picture that browsers show, or the file is broken. Send JPEG, PNG, WebP, AVIF or GIF."
    )]
    NotAPicture,
}

/// The files to store for a picture: names and contents, the main file first. There is at least one.
pub(crate) struct Prepared {
    pub width: u32,
    pub height: u32,
    pub files: Vec<(String, Vec<u8>)>,
}

/// A picture that can be stored: the name of its main file, and its size in pixels as it will be stored.
pub(crate) struct Described {
    pub name: String,
    pub width: u32,
    pub height: u32,
    source: Source,
}

/// What the files of a picture are made of.
enum Source {
    /// It is stored in one file, without smaller sizes: it moves, or there is no decoder of it.
    AsSent(Vec<u8>),
    Decoded(DecodedPicture),
}

struct DecodedPicture {
    picture: DynamicImage,
    orientation: Orientation,
    /// The colour profile.
    profile: Option<Vec<u8>>,
    is_opaque: bool,
}

/// Processes a picture, which takes seconds of CPU time. For the file names see [`describe`].
pub(crate) fn prepare(content: &[u8], digest: &str) -> Result<Prepared, RejectedUpload> {
    let Described { name, width, height, source } = describe(content, digest)?;
    let files = match source {
        Source::AsSent(content) => vec![(name, content)],
        Source::Decoded(decoded) => {
            let is_opaque = decoded.is_opaque;
            in_all_sizes(&upright(decoded), &name, is_opaque)?
        }
    };
    Ok(Prepared { width, height, files })
}

/// Decodes a picture, and tells how it will be stored. The file name starts with `digest`, or with that of the content that is stored if
/// the picture is stored in one size.
pub(crate) fn describe(content: &[u8], digest: &str) -> Result<Described, RejectedUpload> {
    if content.len() > MAX_BYTES {
        return Err(RejectedUpload::TooLarge);
    }
    if avif::is_avif(content) {
        let Avif { width, height, content } = avif::without_metadata(content)?;
        let (name, source) = (name_of(&content, "avif"), Source::AsSent(content));
        return Ok(Described { name, width, height, source });
    }
    let format = detect_format(content)?;
    if !is_complete(content, format) {
        return Err(RejectedUpload::Incomplete);
    }
    let decoded = decode(content, format)?;
    let moving = match format {
        ImageFormat::Gif => Some("gif"),
        _ if !animation::is_animated(content, format) => None,
        ImageFormat::WebP => Some("webp"),
        _ => Some("png"),
    };
    if let Some(ending) = moving {
        let content = animation::without_metadata(content, format).into_owned();
        let (width, height) = decoded.picture.dimensions();
        let (name, source) = (name_of(&content, ending), Source::AsSent(content));
        return Ok(Described { name, width, height, source });
    }
    let ending = if decoded.is_opaque { "jpg" } else { "png" };
    let stored = stored_size(decoded.picture.dimensions(), decoded.orientation);
    let (width, height) = turned(stored, decoded.orientation);
    let name = renditions::picture(digest, width, height, ending);
    Ok(Described { name, width, height, source: Source::Decoded(decoded) })
}

/// The name of a picture that is stored in one size. Earlier versions stored such files as they were sent, so one without its metadata has
/// another name.
fn name_of(content: &[u8], ending: &str) -> String {
    format!("{}.{ending}", digest(content))
}

/// Whether a picture is stored in one size, without changes of its pixels: it moves, or there is no decoder of it.
pub(crate) fn has_one_size(content: &[u8]) -> bool {
    let moves = |format| format == ImageFormat::Gif || animation::is_animated(content, format);
    avif::is_avif(content) || detect_format(content).is_ok_and(moves)
}

/// Cuts the part for a place out of the stored picture `name`, which takes seconds of CPU time.
pub(crate) fn cropped(
    content: &[u8],
    name: &str,
    (place, crop): (CropPlace, Crop),
) -> Result<Prepared, RejectedUpload> {
    if has_one_size(content) {
        return Err(RejectedUpload::NotAPicture);
    }
    let picture = upright(decode(content, detect_format(content)?)?);
    let part = crop.pixels(place, picture.dimensions()).ok_or(RejectedUpload::NotAPicture)?;
    let cut = imageops::crop_imm(&picture, part.x, part.y, part.width, part.height).to_image();
    drop(picture);
    let (width, height) = cut.dimensions();
    let is_opaque = cut.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let name = renditions::crop(name, part, if is_opaque { "jpg" } else { "png" });
    Ok(Prepared { width, height, files: in_all_sizes(&cut, &name, is_opaque)? })
}

/// Returns a picture as it is stored: turned, of a size that pages show, and in sRGB.
fn upright(decoded: DecodedPicture) -> RgbaImage {
    let has_color = decoded.picture.color().has_color();
    let mut picture = fitted(decoded.picture, decoded.orientation);
    if let Some(profile) = decoded.profile {
        let convert = || convert_to_srgb(&mut picture, &profile, has_color);
        // A profile that cannot be used is no reason to refuse a picture.
        if panic::catch_unwind(AssertUnwindSafe(convert)).is_err() {
            tracing::warn!("pictures: colours not converted");
        }
    }
    picture
}

/// Encodes a picture in all sizes and formats, the main file first.
fn in_all_sizes(
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

/// Decodes a picture within [`MAX_MEMORY`].
fn decode(content: &[u8], format: ImageFormat) -> Result<DecodedPicture, RejectedUpload> {
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

/// Encodes the picture as JPEG, or as PNG if it is transparent.
fn encode_main(picture: &RgbaImage, is_opaque: bool) -> Result<Vec<u8>, RejectedUpload> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaling::{MAX_HEIGHT, MAX_WIDTH, fitted_size};

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
    fn a_part_is_cut_out_and_stored_in_all_sizes() {
        let crop = Crop { left: 500, top: 0, width: 500 };
        let cut = cropped(&jpeg(600, 300), "5f-600x300.jpg", (CropPlace::Square, crop));
        let cut = cut.expect("cropped");
        let names: Vec<&str> = cut.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "5f-600x300.300-0-300x300.jpg",
                "5f-600x300.300-0-300x300.300.webp",
                "5f-600x300.300-0-300x300.300.avif",
            ]
        );
        let part = image::load_from_memory(&cut.files[0].1).expect("a picture").to_rgb8();
        assert_eq!(part.dimensions(), (300, 300));
        assert!(part.get_pixel(150, 150).0[2] > 150, "the right half is blue");
        let outside = Crop { left: 600, ..crop };
        assert!(cropped(&jpeg(600, 300), "5f.jpg", (CropPlace::Square, outside)).is_err());
        assert!(cropped(b"no picture", "5f.jpg", (CropPlace::Square, crop)).is_err());
    }

    #[test]
    fn colours_are_converted_before_their_profile_is_removed() {
        let mut sent = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut sent, 100);
        let profile = moxcms::ColorProfile::new_display_p3().encode().expect("a profile");
        encoder.set_icc_profile(profile).expect("supported");
        let pixels = [200, 70, 60].repeat(40 * 20);
        encoder.write_image(&pixels, 40, 20, ExtendedColorType::Rgb8).expect("written");
        let prepared = prepare(&sent, "5f").expect("taken in");
        let content = &prepared.files[0].1;
        assert!(!content.windows(11).any(|part| part == b"ICC_PROFILE"));
        let stored = image::load_from_memory(content).expect("a picture").to_rgb8();
        let shown = stored.get_pixel(20, 10).0;
        for (channel, wanted) in shown.into_iter().zip([217_u8, 56, 51]) {
            assert!(channel.abs_diff(wanted) <= 2, "{shown:?}");
        }
    }

    #[test]
    fn a_picture_in_one_size_is_named_after_what_is_stored() {
        let picture = RgbaImage::from_pixel(40, 20, image::Rgba([9, 99, 199, 255]));
        let pixels = ravif::Img::new(picture.as_raw().as_rgba(), 40, 20);
        let encoder = ravif::Encoder::new().with_speed(10).with_exif(&b"GPS 53 33 12 N"[..]);
        let sent = encoder.encode_rgba(pixels).expect("written").avif_file;
        let prepared = prepare(&sent, &digest(&sent)).expect("taken in");
        let (name, content) = &prepared.files[0];
        assert_eq!(*name, format!("{}.avif", digest(content)));
        assert_ne!(digest(content), digest(&sent));
        assert!(has_one_size(&sent) && has_one_size(b"GIF89a") && !has_one_size(&jpeg(9, 9)));
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
        let whole = jpeg(80, 40);
        assert_eq!(refused(&whole[..300]), Some(RejectedUpload::Incomplete));
        assert_eq!(refused(&whole[..whole.len() * 2 / 3]), Some(RejectedUpload::Incomplete));
        assert_eq!(refused(b"<?xml?><svg onload='x'>"), Some(RejectedUpload::Svg));
        assert_eq!(refused(b"\0\0\0\x18ftypheic\0\0\0\0"), Some(RejectedUpload::Heic));
        assert_eq!(refused(&vec![0; MAX_BYTES + 1]), Some(RejectedUpload::TooLarge));
        // The header of a PNG of 60,000 by 60,000 pixels.
        let bomb =
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x83\xbb\x84\xcd";
        assert!(refused(bomb).is_some());
    }

    /// A PNG of black pixels.
    fn black(width: u32, height: u32, color: ExtendedColorType) -> Vec<u8> {
        let row = (u64::from(width) * u64::from(color.bits_per_pixel())).div_ceil(8);
        let pixels = vec![0; usize::try_from(row * u64::from(height)).expect("a size")];
        let mut written = Vec::new();
        let encoder = PngEncoder::new(&mut written);
        encoder.write_image(&pixels, width, height, color).expect("written");
        written
    }

    #[test]
    fn pictures_that_would_take_too_much_memory_are_refused() {
        for (width, height, color) in [
            (12_000, 12_000, ExtendedColorType::Rgb8),
            (6000, 6000, ExtendedColorType::Rgba16),
            (17_000, 17_000, ExtendedColorType::L8),
        ] {
            // Only the header is read.
            let mut header = black(1, 1, color);
            header[16..20].copy_from_slice(&u32::to_be_bytes(width));
            header[20..24].copy_from_slice(&u32::to_be_bytes(height));
            let crc = crc32(&header[12..29]).to_be_bytes();
            header[29..33].copy_from_slice(&crc);
            assert_eq!(
                prepare(&header, "5f").err(),
                Some(RejectedUpload::TooManyPixels),
                "{width}x{height} {color:?}"
            );
        }
        let taken = prepare(&black(30, 20, ExtendedColorType::Rgba16), "5f").expect("taken in");
        assert_eq!((taken.width, taken.height), (30, 20));
    }

    /// The checksum of a PNG chunk (ISO/IEC 15948, annex D).
    fn crc32(chunk: &[u8]) -> u32 {
        let byte = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 }
            })
        };
        !chunk.iter().fold(u32::MAX, byte)
    }

    #[test]
    fn very_long_and_very_narrow_pictures_are_scaled_down() {
        for (size, stored) in [
            ((1, 60_000), (1, 4800)),
            ((60_000, 1), (2400, 1)),
            ((1000, 9600), (500, 4800)),
            ((2400, 4800), (2400, 4800)),
            ((4801, 10), (2400, 4)),
        ] {
            assert_eq!(fitted_size(size, (MAX_WIDTH, MAX_HEIGHT)), stored, "{size:?}");
        }
        for (width, height) in [(1, 60_000), (60_000, 1), (1, 1)] {
            let prepared = prepare(&black(width, height, ExtendedColorType::L8), "5f");
            let prepared = prepared.unwrap_or_else(|why| panic!("{width}x{height}: {why}"));
            assert!(prepared.width <= MAX_WIDTH && prepared.height <= MAX_HEIGHT);
        }
    }

    #[test]
    fn a_large_picture_is_reduced_and_turned() {
        let large = DynamicImage::ImageRgba8(drawn(5000, 4000));
        let turned = fitted(large, Orientation::Rotate90);
        assert_eq!(turned.dimensions(), (2400, 3000));
        assert!(turned.get_pixel(9, 600).0[0] > 150 && turned.get_pixel(9, 2400).0[2] > 150);
    }

    #[test]
    fn progressive_pictures_are_told_from_sequential_ones() {
        let sequential = jpeg(16, 16);
        assert!(!is_progressive(&sequential) && !is_progressive(&with_exif(&sequential, 1)));
        let frame = sequential.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
        let mut progressive = sequential;
        progressive[frame + 1] = 0xc2;
        assert!(is_progressive(&progressive));
        assert!(is_progressive(b"\xff\xd8\xff\xe1\xff\xff") && is_progressive(b""));
    }
}

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    metadata::Orientation,
};
use rgb::FromSlice;

use super::*;
use crate::{
    encoding::encode_main,
    scaling::{MAX_HEIGHT, MAX_WIDTH, fitted_size},
};

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

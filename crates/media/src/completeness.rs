//! Whether the file of a picture is whole. Decoders fill what is missing with grey, without a word.

use image::ImageFormat;

/// Returns `false` if the end of a file is missing.
pub(crate) fn is_complete(content: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg_has_end(content),
        ImageFormat::Gif => gif_has_end(content).unwrap_or(false),
        ImageFormat::Png => content.windows(4).rev().take(64 * 1024).any(|part| part == b"IEND"),
        ImageFormat::WebP => content.get(4..8).and_then(|size| size.try_into().ok()).is_some_and(
            // The size in the header is that of what follows it (RFC 9649, section 2.4).
            |size| content.len() - 8 >= u32::from_le_bytes(size) as usize,
        ),
        _ => true,
    }
}

/// Looks for the end of the image behind its last scan (ITU-T T.81, B.1). A preview in the metadata has an end of its own.
fn jpeg_has_end(content: &[u8]) -> bool {
    let mut rest = content.get(2..).unwrap_or_default();
    loop {
        rest = match rest {
            [0xff, 0xd9, ..] => return true,
            // Padding, and markers that stand alone.
            [0xff, 0xff, ..] => &rest[1..],
            [0xff, 0x00 | 0x01 | 0xd0..=0xd8, after @ ..] => after,
            [0xff, marker, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let Some(after) = rest.get(2 + length..) else { return false };
                if *marker == 0xda { after_scan(after) } else { after }
            }
            // Bytes between segments, which decoders skip.
            [_, after @ ..] => after_scan(after),
            [] => return false,
        };
    }
}

/// What follows the compressed data of a scan: it begins with a marker.
fn after_scan(data: &[u8]) -> &[u8] {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    let end = data.windows(2).position(is_marker).unwrap_or(data.len());
    &data[end..]
}

/// Whether the blocks of a GIF lead to its trailer (GIF89a, section 27). `None` if they lead beyond the end.
fn gif_has_end(content: &[u8]) -> Option<bool> {
    let table = |packed: u8| if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) };
    let mut rest = content.get(13 + table(*content.get(10)?)..)?;
    loop {
        rest = match rest.first()? {
            0x21 => after_blocks(rest.get(2..)?)?,
            0x2c => after_blocks(rest.get(11 + table(*rest.get(9)?)..)?)?,
            // The trailer, or bytes that are no block: behind them, where the end is cannot be told.
            _ => return Some(true),
        };
    }
}

/// What follows a sequence of data blocks.
fn after_blocks(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (length, after) = rest.split_first()?;
        if *length == 0 {
            return Some(after);
        }
        rest = after.get(usize::from(*length)..)?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, RgbImage};

    use super::*;

    fn drawn(format: ImageFormat) -> Vec<u8> {
        let byte = |number: u32| u8::try_from(number % 256).expect("a byte");
        let noise = |x: u32, y: u32| image::Rgb([byte(x * 7 + y * 13), byte(x * y), byte(x ^ y)]);
        let picture = RgbImage::from_fn(120, 80, noise);
        let mut written = Cursor::new(Vec::new());
        let picture = DynamicImage::ImageRgb8(picture);
        picture.write_to(&mut written, format).expect("written");
        written.into_inner()
    }

    #[test]
    fn a_file_that_was_cut_anywhere_is_not_complete() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let whole = drawn(format);
            assert!(is_complete(&whole, format), "{format:?}");
            for part in [2, 3, 10, 50, 99] {
                let cut = &whole[..whole.len() * part / 100];
                assert!(!is_complete(cut, format), "{part} % of {format:?}");
            }
        }
    }

    #[test]
    fn bytes_after_the_end_do_no_harm() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let padded = [drawn(format), vec![0; 100]].concat();
            assert!(is_complete(&padded, format), "{format:?}");
        }
    }

    #[test]
    fn bytes_between_segments_do_no_harm() {
        let whole = drawn(ImageFormat::Jpeg);
        let padded = [&whole[..2], &[0, 0, 0], &whole[2..]].concat();
        assert!(is_complete(&padded, ImageFormat::Jpeg));
        assert!(!is_complete(&padded[..padded.len() / 2], ImageFormat::Jpeg));
    }

    #[test]
    fn the_end_of_a_preview_is_not_that_of_the_picture() {
        let whole = drawn(ImageFormat::Jpeg);
        let preview = [&[0xff, 0xd8, 0xff, 0xd9][..]].concat();
        let length = u16::try_from(preview.len() + 2).expect("short").to_be_bytes();
        let with_preview = [&whole[..2], &[0xff, 0xe1], &length, &preview, &whole[2..]].concat();
        assert!(is_complete(&with_preview, ImageFormat::Jpeg));
        assert!(!is_complete(&with_preview[..with_preview.len() / 2], ImageFormat::Jpeg));
    }
}

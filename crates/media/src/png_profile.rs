//! The colour profile of a PNG, which is not used.

use std::borrow::Cow;

/// The bytes before the first chunk (PNG, third edition, section 5.2).
const SIGNATURE: usize = 8;
/// The bytes of a chunk besides its data: length, type and checksum (section 5.3).
const FRAME: usize = 12;

/// Returns a PNG without its colour profile. The profile is compressed, so that a small file can have one of gigabytes, and decoders
/// unpack it with the header.
pub(crate) fn without_profile(png: &[u8]) -> Cow<'_, [u8]> {
    let mut at = SIGNATURE;
    while let Some(head) = png.get(at..at + 8) {
        let (length, kind) = head.split_at(4);
        let length = length.try_into().map_or(0, u32::from_be_bytes);
        let end = (at + FRAME).saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        match kind {
            // A broken file ends within it.
            b"iCCP" => return without(png, at, end.min(png.len())),
            // A profile may only come before the pixels (section 5.6).
            b"IDAT" => break,
            _ => at = end.min(png.len()),
        }
    }
    Cow::Borrowed(png)
}

/// Returns a PNG without a chunk, and without a second profile behind it.
fn without(png: &[u8], from: usize, to: usize) -> Cow<'_, [u8]> {
    let rest = [&png[..from], &png[to..]].concat();
    Cow::Owned(without_profile(&rest).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ExtendedColorType, ImageEncoder, ImageFormat, codecs::png::PngEncoder};

    use super::*;

    fn drawn(profile: Option<Vec<u8>>) -> Vec<u8> {
        let mut written = Vec::new();
        let mut encoder = PngEncoder::new(&mut written);
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).expect("supported");
        }
        encoder.write_image(&[1, 2, 3], 1, 1, ExtendedColorType::Rgb8).expect("written");
        written
    }

    #[test]
    fn a_profile_is_left_out_and_nothing_else() {
        let plain = drawn(None);
        assert!(matches!(without_profile(&plain), Cow::Borrowed(same) if same == plain));
        let profiled = drawn(Some(vec![7; 900]));
        assert!(profiled.len() > plain.len());
        assert_eq!(without_profile(&profiled), plain);
        let read = image::load(Cursor::new(without_profile(&profiled)), ImageFormat::Png);
        assert_eq!(read.expect("a picture").to_rgb8().into_raw(), [1, 2, 3]);
    }

    #[test]
    fn broken_files_are_no_reason_to_stop() {
        let png = drawn(Some(vec![7; 900]));
        for at in 0..png.len() {
            assert!(without_profile(&png[..at]).len() <= at);
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = png.clone();
                broken[at] = value;
                assert!(without_profile(&broken).len() <= png.len());
            }
        }
    }
}

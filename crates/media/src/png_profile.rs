//! The colour profile of a PNG, which is read apart from the picture, within bounds.

use std::{borrow::Cow, io::Read as _, ops::Range};

use flate2::read::ZlibDecoder;

use crate::color::MAX_PROFILE;

/// The bytes before the first chunk (PNG, third edition, section 5.2).
const SIGNATURE: usize = 8;
/// The bytes of a chunk besides its data: length, type and checksum (section 5.3).
const FRAME: usize = 12;

/// Returns a PNG without its colour profile. The profile is compressed, so that a small file can have one of gigabytes, and decoders
/// unpack it with the header. Takes time and memory in proportion to the file, however many profiles a file has.
pub(crate) fn without_profile(png: &[u8]) -> Cow<'_, [u8]> {
    let profiles = profiles(png);
    if profiles.is_empty() {
        return Cow::Borrowed(png);
    }
    let mut rest = Vec::with_capacity(png.len());
    let mut at = 0;
    for profile in profiles {
        rest.extend_from_slice(&png[at..profile.start]);
        at = profile.end;
    }
    rest.extend_from_slice(&png[at..]);
    Cow::Owned(rest)
}

/// Returns the colour profile of a PNG, or `None` if it has none, or one that is broken or larger than [`MAX_PROFILE`]
/// (PNG, third edition, section 11.3.2.3).
pub(crate) fn profile_of(png: &[u8]) -> Option<Vec<u8>> {
    let chunk = png.get(profiles(png).into_iter().next()?)?;
    let data = chunk.get(8..chunk.len().checked_sub(4)?)?;
    let name_ends = data.iter().position(|byte| *byte == 0)?;
    // The byte after the name is the method of compression, of which there is one.
    let mut limited = ZlibDecoder::new(data.get(name_ends + 2..)?).take(MAX_PROFILE as u64 + 1);
    let mut profile = Vec::new();
    limited.read_to_end(&mut profile).ok()?;
    (profile.len() <= MAX_PROFILE).then_some(profile)
}

/// Returns where the colour profiles of a PNG are: one, or none. Broken files have more.
fn profiles(png: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = SIGNATURE;
    while let Some(head) = png.get(at..at + 8) {
        let (length, kind) = head.split_at(4);
        let length = length.try_into().map_or(0, u32::from_be_bytes);
        let end = (at + FRAME).saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        // A broken file ends within a chunk.
        let end = end.min(png.len());
        match kind {
            b"iCCP" => found.push(at..end),
            // A profile may only come before the pixels (section 5.6).
            b"IDAT" => break,
            _ => {}
        }
        at = end;
    }
    found
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
    fn a_profile_is_read_unless_it_is_too_large() {
        assert_eq!(profile_of(&drawn(None)), None);
        assert_eq!(profile_of(&drawn(Some(vec![7; 900]))), Some(vec![7; 900]));
        assert_eq!(profile_of(&drawn(Some(vec![0; MAX_PROFILE + 1]))), None);
    }

    #[test]
    fn any_number_of_profiles_is_left_out() {
        let plain = drawn(None);
        let empty = [&[0; 4][..], b"iCCP", &[0; 4]].concat();
        let header = SIGNATURE + FRAME + 13;
        let many = [&plain[..header], &empty.repeat(100_000), &plain[header..]].concat();
        assert_eq!(without_profile(&many), plain);
    }

    #[test]
    fn broken_files_are_no_reason_to_stop() {
        let png = drawn(Some(vec![7; 900]));
        for at in 0..png.len() {
            assert!(without_profile(&png[..at]).len() <= at);
            profile_of(&png[..at]);
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = png.clone();
                broken[at] = value;
                assert!(without_profile(&broken).len() <= png.len());
                profile_of(&broken);
            }
        }
    }
}

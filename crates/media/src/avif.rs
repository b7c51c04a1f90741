//! Pictures in AVIF, which every browser shows. There is no decoder of them in safe Rust, so they are stored as they are, without
//! metadata and without smaller sizes.
//!
//! An AVIF is a sequence of boxes, some with boxes inside (ISO/IEC 14496-12, section 4.2). What is not shown is overwritten, and keeps
//! its place, because other parts are found by their offsets.

mod boxes;
mod items;

use std::ops::Range;

use self::boxes::{Boxes, blank};
use crate::{processing::RejectedUpload, scaling::MAX_MEMORY};

/// The boxes of a file that are shown: the others can have anything in them.
const IN_FILE: [&[u8]; 4] = [b"ftyp", b"meta", b"mdat", b"moov"];
/// The boxes that describe the pictures in it (ISO/IEC 23008-12, section 6.2).
const IN_META: [&[u8]; 9] =
    [b"hdlr", b"pitm", b"iinf", b"iref", b"iprp", b"iloc", b"idat", b"dinf", b"grpl"];
/// The boxes that describe the frames of a moving one.
const IN_MOOV: [&[u8]; 3] = [b"mvhd", b"trak", b"mvex"];
/// Those of each of its tracks.
const IN_TRACK: [&[u8]; 5] = [b"tkhd", b"edts", b"mdia", b"tref", b"trgr"];

/// A picture as it is stored.
#[derive(Debug)]
pub(crate) struct Avif {
    pub width: u32,
    pub height: u32,
    pub content: Vec<u8>,
}

/// Whether a file says that it is AVIF, still or moving.
pub(crate) fn is_avif(content: &[u8]) -> bool {
    matches!(content.get(4..12), Some(b"ftypavif" | b"ftypavis"))
}

/// Overwrites what is not shown, such as the location.
pub(crate) fn without_metadata(content: &[u8]) -> Result<Avif, RejectedUpload> {
    let mut content = content.to_vec();
    let all = 0..content.len();
    if !boxes::is_complete(&content) {
        return Err(RejectedUpload::Incomplete);
    }
    let meta = find(&content, all.clone(), *b"meta").ok_or(RejectedUpload::NotAPicture)?;
    // Version and flags come before the boxes in it.
    let meta = meta.start.saturating_add(4)..meta.end;
    let hidden = items::hidden(&content, meta.clone()).ok_or(RejectedUpload::NotAPicture)?;
    let is_turned = is_turned(&content, meta.clone());
    for range in hidden {
        content.get_mut(range).ok_or(RejectedUpload::Incomplete)?.fill(0);
    }
    blank(&mut content, meta, &IN_META);
    if let Some(movie) = find(&content, all.clone(), *b"moov") {
        let tracks: Vec<_> = Boxes::new(&content, movie.clone()).collect();
        for track in tracks.into_iter().filter(|part| part.kind == *b"trak") {
            blank(&mut content, track.payload, &IN_TRACK);
        }
        blank(&mut content, movie, &IN_MOOV);
    }
    blank(&mut content, all, &IN_FILE);
    let size = imagesize::blob_size(&content).map_err(|_| RejectedUpload::NotAPicture)?;
    let pixels = size.width.saturating_mul(size.height);
    if pixels == 0 {
        return Err(RejectedUpload::NotAPicture);
    }
    if pixels as u64 > MAX_MEMORY / 4 {
        return Err(RejectedUpload::TooManyPixels);
    }
    let side = |side: usize| u32::try_from(side).map_err(|_| RejectedUpload::TooManyPixels);
    let (width, height) = (side(size.width)?, side(size.height)?);
    let (width, height) = if is_turned { (height, width) } else { (width, height) };
    Ok(Avif { width, height, content })
}

/// Where the content of the first box of this kind is.
fn find(content: &[u8], within: Range<usize>, kind: [u8; 4]) -> Option<Range<usize>> {
    Boxes::new(content, within).find(|part| part.kind == kind).map(|part| part.payload)
}

/// Whether browsers turn it by a quarter (ISO/IEC 23008-12, section 6.5.10).
fn is_turned(content: &[u8], meta: Range<usize>) -> bool {
    let rotation = find(content, meta, *b"iprp")
        .and_then(|properties| find(content, properties, *b"ipco"))
        .and_then(|properties| find(content, properties, *b"irot"));
    rotation.and_then(|at| content.get(at.start)).is_some_and(|quarters| quarters & 1 == 1)
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};
    use rgb::FromSlice;

    use super::*;

    fn encoded(width: u32, height: u32, exif: &[u8]) -> Vec<u8> {
        let picture = RgbaImage::from_pixel(width, height, Rgba([9, 99, 199, 255]));
        let pixels = picture.as_raw().as_rgba();
        let picture = ravif::Img::new(pixels, width as usize, height as usize);
        let encoder = ravif::Encoder::new().with_speed(10).with_exif(exif);
        encoder.encode_rgba(picture).expect("written").avif_file
    }

    fn holds(content: &[u8], part: &[u8]) -> bool {
        content.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn the_pixels_stay_and_the_metadata_goes() {
        let sent = encoded(40, 20, b"GPS 53 33 12 N");
        assert!(is_avif(&sent) && holds(&sent, b"GPS"));
        let stored = without_metadata(&sent).expect("a picture");
        assert_eq!((stored.width, stored.height), (40, 20));
        assert!(!holds(&stored.content, b"GPS"));
        assert_eq!(stored.content.len(), sent.len());
        let same = stored.content.iter().zip(&sent).filter(|(one, other)| one == other).count();
        assert!(sent.len() - same <= 14, "only the metadata is overwritten");
    }

    #[test]
    fn what_is_behind_the_picture_goes() {
        let mut sent = encoded(40, 20, b"GPS");
        let whole = sent.len();
        sent.extend(b"\0\0\0\x0cuuidGPS!");
        let stored = without_metadata(&sent).expect("a picture");
        assert_eq!(stored.content[whole..], *b"\0\0\0\x0cfree\0\0\0\0");
        assert!(!holds(&stored.content, b"GPS"));
    }

    #[test]
    fn files_that_were_cut_or_broken_are_refused() {
        let sent = encoded(40, 20, b"GPS");
        for at in 0..sent.len() {
            assert!(without_metadata(&sent[..at]).is_err(), "{at}");
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = sent.clone();
                broken[at] = value;
                // It may be refused or not, and ends.
                let _ = without_metadata(&broken);
            }
        }
    }
}

//! Pictures in AVIF, which every browser shows. There is no decoder of them in safe Rust, so they are stored as they are, without
//! metadata and without smaller sizes.
//!
//! An AVIF is a sequence of boxes, some with boxes inside (ISO/IEC 14496-12, section 4.2). What is not shown is overwritten, and keeps
//! its place, because other parts are found by their offsets.

mod boxes;
mod items;

use std::ops::Range;

use self::boxes::{Boxes, FileBox, blank};
use crate::{rejected_upload::RejectedUpload, scaling::MAX_MEMORY};

/// The boxes of a file that are shown: the others can have anything in them.
const IN_FILE: [[u8; 4]; 4] = [*b"ftyp", *b"meta", *b"mdat", *b"moov"];
/// The boxes that describe the pictures in it (ISO/IEC 23008-12, section 6.2).
const IN_META: [[u8; 4]; 9] =
    [*b"hdlr", *b"pitm", *b"iinf", *b"iref", *b"iprp", *b"iloc", *b"idat", *b"dinf", *b"grpl"];
/// The properties of pictures that are not shown: descriptions, times (section 6.5), and what programs add.
const HIDDEN_PROPERTIES: [[u8; 4]; 4] = [*b"udes", *b"crtt", *b"mdft", *b"uuid"];
/// The boxes that describe the frames of a moving one.
const IN_MOOV: [[u8; 4]; 3] = [*b"mvhd", *b"trak", *b"mvex"];
/// Those of each of its tracks.
const IN_TRACK: [[u8; 4]; 5] = [*b"tkhd", *b"edts", *b"mdia", *b"tref", *b"trgr"];

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
    for range in hidden {
        content.get_mut(range).ok_or(RejectedUpload::Incomplete)?.fill(0);
    }
    let properties = find(&content, meta.clone(), *b"iprp");
    if let Some(list) = properties.and_then(|range| find(&content, range, *b"ipco")) {
        // Pictures refer to properties by their number, so they keep their place.
        blank(&mut content, list, |kind| HIDDEN_PROPERTIES.contains(kind));
    }
    blank(&mut content, meta, |kind| !IN_META.contains(kind));
    if let Some(movie) = find(&content, all.clone(), *b"moov") {
        let is_track = |part: &FileBox| part.kind == *b"trak";
        let tracks: Vec<_> = Boxes::new(&content, movie.clone()).filter(is_track).collect();
        for track in tracks {
            if !has_pictures(&content, track.payload.clone()) {
                return Err(RejectedUpload::NotAPicture);
            }
            blank(&mut content, track.payload, |kind| !IN_TRACK.contains(kind));
        }
        blank(&mut content, movie, |kind| !IN_MOOV.contains(kind));
    }
    blank(&mut content, all, |kind| !IN_FILE.contains(kind));
    let size = imagesize::blob_size(&content).map_err(|_| RejectedUpload::NotAPicture)?;
    let pixels = size.width.saturating_mul(size.height);
    if pixels == 0 {
        return Err(RejectedUpload::NotAPicture);
    }
    if pixels as u64 > MAX_MEMORY / 4 {
        return Err(RejectedUpload::TooManyPixels);
    }
    let side = |side: usize| u32::try_from(side).map_err(|_| RejectedUpload::TooManyPixels);
    // A picture that is turned by a quarter has the size that is shown.
    Ok(Avif { width: side(size.width)?, height: side(size.height)?, content })
}

/// Where the content of the first box of this kind is.
fn find(content: &[u8], within: Range<usize>, kind: [u8; 4]) -> Option<Range<usize>> {
    Boxes::new(content, within).find(|part| part.kind == kind).map(|part| part.payload)
}

/// Whether a track has pictures, or what belongs to them, such as transparency (ISO/IEC 23008-12, section 7). Others are metadata or sound.
fn has_pictures(content: &[u8], track: Range<usize>) -> bool {
    let handler = find(content, track, *b"mdia").and_then(|media| find(content, media, *b"hdlr"));
    // Version and flags, and an unused number, come before its kind.
    let kind = handler.and_then(|handler| content.get(handler.start + 8..handler.start + 12));
    matches!(kind, Some(b"pict" | b"auxv"))
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

    /// A box (ISO/IEC 14496-12, section 4.2).
    fn written(kind: [u8; 4], payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len() + 8).expect("short").to_be_bytes();
        [&size, &kind[..], payload].concat()
    }

    /// A file with this list of the places of items.
    fn with_places(iloc: &[u8]) -> Vec<u8> {
        let meta = [&[0; 4][..], &written(*b"iinf", &[0; 6]), &written(*b"iloc", iloc)].concat();
        [written(*b"ftyp", b"avif\0\0\0\0"), written(*b"meta", &meta)].concat()
    }

    #[test]
    fn places_of_items_that_take_no_space_or_overlap_are_refused() {
        // Offsets, lengths and indices of no size, and each item has as many parts as it can.
        let mut endless = vec![0, 0, 0, 0, 0, 0, 0xff, 0xff];
        for _ in 0..0xffff {
            endless.extend([0, 1, 0, 0, 0xff, 0xff]);
        }
        // Parts that are as long as the file, again and again.
        let mut overlapping = vec![0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xff];
        for _ in 0..0xffff {
            overlapping.extend([0, 0, 0, 0, 0, 8, 0, 0]);
        }
        // Data in another file.
        let elsewhere = [0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 1, 0, 0];
        for places in [&endless[..], &overlapping, &elsewhere] {
            let refused = without_metadata(&with_places(places)).err();
            assert_eq!(refused, Some(RejectedUpload::NotAPicture));
        }
    }

    #[test]
    fn tracks_that_are_no_pictures_are_refused() {
        let sent = encoded(40, 20, b"GPS");
        let moving = |kind: &[u8]| {
            let handler = written(*b"hdlr", &[&[0; 8][..], kind, &[0; 13]].concat());
            let movie = written(*b"moov", &written(*b"trak", &written(*b"mdia", &handler)));
            without_metadata(&[&sent[..], &movie].concat()).is_ok()
        };
        assert!(moving(b"pict") && moving(b"auxv"));
        assert!(!moving(b"soun") && !moving(b"meta"));
    }

    #[test]
    fn properties_that_are_not_shown_keep_their_place() {
        let shown = written(*b"ispe", &[0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 20]);
        let properties = |kind, text: &[u8]| {
            let list = [written(kind, text), shown.clone()].concat();
            let iprp = written(*b"iprp", &written(*b"ipco", &list));
            let places = [&written(*b"iinf", &[0; 6])[..], &written(*b"iloc", &[0; 8])].concat();
            let meta = written(*b"meta", &[&[0; 4][..], &places, &iprp].concat());
            [written(*b"ftyp", b"avif\0\0\0\0"), meta].concat()
        };
        let stored = without_metadata(&properties(*b"udes", b"Jo at home")).expect("a picture");
        assert_eq!((stored.width, stored.height), (40, 20));
        assert_eq!(stored.content, properties(*b"free", &[0; 10]));
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

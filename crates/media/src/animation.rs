//! Moving pictures in WebP, PNG and GIF. They are stored as they are, without metadata, because smaller ones could not be made in good
//! time.

use std::borrow::Cow;

use image::ImageFormat;

/// The bytes before the first chunk of a WebP (RFC 9649, section 2.4).
const WEBP_HEADER: usize = 12;
/// The chunks of a WebP that a browser shows (section 2.7).
const WEBP_CHUNKS: [&[u8]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// The flags for metadata in the extended header: EXIF and XMP (section 2.7.1).
const METADATA_FLAGS: u8 = 0b0000_1100;
/// The flag for an animation.
const ANIMATION_FLAG: u8 = 0b0000_0010;

/// The bytes before the first chunk of a PNG (PNG, third edition, section 5.2).
const PNG_HEADER: usize = 8;
/// The chunks of a PNG that a browser shows (section 11).
const PNG_CHUNKS: [&[u8]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

/// Whether a WebP or PNG has more than one frame.
pub(crate) fn is_animated(content: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::WebP => {
            let is_extended = content.get(8..16) == Some(b"WEBPVP8X");
            is_extended && content.get(20).is_some_and(|flags| flags & ANIMATION_FLAG != 0)
        }
        ImageFormat::Png => png_chunks(content)
            .take_while(|chunk| chunk.kind != b"IDAT")
            .any(|chunk| chunk.kind == b"acTL"),
        _ => false,
    }
}

/// Returns a moving picture without what is not shown, such as the location. Other pictures stay as they are.
pub(crate) fn without_metadata(content: &[u8], format: ImageFormat) -> Cow<'_, [u8]> {
    match format {
        ImageFormat::WebP => webp_without_metadata(content).into(),
        ImageFormat::Png => png_without_metadata(content).into(),
        ImageFormat::Gif => gif_without_metadata(content).into(),
        _ => content.into(),
    }
}

/// A part of a file: its kind, and all of it, with its frame.
struct Chunk<'a> {
    kind: &'a [u8],
    whole: &'a [u8],
}

fn webp_chunks(webp: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = webp.get(WEBP_HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (kind, size) = (rest.get(..4)?, rest.get(4..8)?);
        let size = usize::try_from(u32::from_le_bytes(size.try_into().ok()?)).ok()?;
        // Chunks have an even size.
        let end = 8_usize.checked_add(size.checked_next_multiple_of(2)?)?.min(rest.len());
        let (whole, after) = rest.split_at(end);
        rest = after;
        Some(Chunk { kind, whole })
    })
}

fn webp_without_metadata(webp: &[u8]) -> Vec<u8> {
    let mut kept = b"RIFF\0\0\0\0WEBP".to_vec();
    for Chunk { kind, whole } in webp_chunks(webp).filter(|chunk| WEBP_CHUNKS.contains(&chunk.kind))
    {
        let at = kept.len();
        kept.extend_from_slice(whole);
        if kind == b"VP8X"
            && let Some(flags) = kept.get_mut(at + 8)
        {
            *flags &= !METADATA_FLAGS;
        }
    }
    // A file is at most as large as may be uploaded.
    let size = u32::try_from(kept.len() - 8).unwrap_or(u32::MAX);
    kept[4..8].copy_from_slice(&size.to_le_bytes());
    kept
}

fn png_chunks(png: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = png.get(PNG_HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (size, kind) = (rest.get(..4)?, rest.get(4..8)?);
        let size = usize::try_from(u32::from_be_bytes(size.try_into().ok()?)).ok()?;
        // Length, type and checksum are around it.
        let end = size.checked_add(12)?.min(rest.len());
        let (whole, after) = rest.split_at(end);
        rest = after;
        Some(Chunk { kind, whole })
    })
}

fn png_without_metadata(png: &[u8]) -> Vec<u8> {
    let mut kept = png.get(..PNG_HEADER).unwrap_or_default().to_vec();
    for Chunk { kind, whole } in png_chunks(png).filter(|chunk| PNG_CHUNKS.contains(&chunk.kind)) {
        kept.extend_from_slice(whole);
        if kind == b"IEND" {
            break;
        }
    }
    kept
}

/// The bytes of a GIF before its global colour table: the header and the logical screen descriptor (GIF89a, sections 17 and 18).
const GIF_HEADER: usize = 13;
/// The bytes of an image descriptor (section 20).
const GIF_DESCRIPTOR: usize = 10;
/// The bytes of a graphic control extension with its terminator (section 23).
const GIF_CONTROL: usize = 8;
/// The extensions that say how often an animation is repeated, as they begin: an application extension (section 26) with the
/// name that browsers know.
const GIF_LOOPS: [&[u8]; 2] = [b"\x21\xff\x0bNETSCAPE2.0", b"\x21\xff\x0bANIMEXTS1.0"];

/// Returns the header, the images with their colours and times, and how often they are repeated. Comments, plain text, other
/// applications' data such as XMP, and what is behind the end are left out.
fn gif_without_metadata(gif: &[u8]) -> Vec<u8> {
    let Some((screen, mut rest)) = split_gif_table(gif, GIF_HEADER, 10) else {
        return gif.to_vec();
    };
    let mut kept = screen.to_vec();
    while let Some((block, after)) = split_gif_block(rest) {
        rest = after;
        let is_control = block.starts_with(b"\x21\xf9") && block.len() == GIF_CONTROL;
        let is_loop = GIF_LOOPS.iter().any(|start| block.starts_with(start));
        if is_control || is_loop || block.starts_with(b"\x2c") {
            kept.extend_from_slice(block);
        }
    }
    kept.push(0x3b);
    kept
}

/// Splits off the next image or extension. Returns `None` at the end, and if the file is broken there.
fn split_gif_block(gif: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = match gif.first()? {
        // The size of the codes follows the colours.
        0x2c => split_gif_table(gif, GIF_DESCRIPTOR, 9)?.0.len() + 1,
        0x21 => 2,
        _ => return None,
    };
    let mut end = start;
    // Sub-blocks with their lengths, until an empty one (section 15).
    loop {
        let length = usize::from(*gif.get(end)?);
        end += 1 + length;
        if length == 0 {
            return gif.split_at_checked(end);
        }
    }
}

/// Splits off a descriptor with the colour table that may follow it. `flags` is the place of the byte that says so.
fn split_gif_table(gif: &[u8], descriptor: usize, flags: usize) -> Option<(&[u8], &[u8])> {
    let flags = gif.get(flags)?;
    let colors = if flags & 0x80 == 0 { 0 } else { 2_usize << (flags & 0x07) };
    gif.split_at_checked(descriptor + 3 * colors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webp(chunks: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut written = b"RIFF\0\0\0\0WEBP".to_vec();
        for (kind, data) in chunks {
            written.extend_from_slice(kind);
            written.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
            written.extend_from_slice(data);
            written.resize(written.len().next_multiple_of(2), 0);
        }
        let size = u32::try_from(written.len() - 8).expect("short");
        written[4..8].copy_from_slice(&size.to_le_bytes());
        written
    }

    fn png(chunks: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut written = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in chunks {
            written.extend(u32::try_from(data.len()).expect("short").to_be_bytes());
            written.extend_from_slice(kind);
            written.extend_from_slice(data);
            written.extend([0; 4]);
        }
        written
    }

    #[test]
    fn animations_are_told_from_stills() {
        let with_flags = |flags: u8| webp(&[(b"VP8X", &[flags, 0, 0, 0, 0, 0, 0, 0, 0, 0])]);
        assert!(is_animated(&with_flags(0b0001_0010), ImageFormat::WebP));
        assert!(!is_animated(&with_flags(0b0001_0000), ImageFormat::WebP));
        assert!(!is_animated(&webp(&[(b"VP8 ", &[2; 20])]), ImageFormat::WebP));
        let moving = png(&[(b"IHDR", &[0; 13]), (b"acTL", &[0; 8]), (b"IDAT", b"x")]);
        assert!(is_animated(&moving, ImageFormat::Png));
        // After the pixels it means nothing.
        let still = png(&[(b"IHDR", &[0; 13]), (b"IDAT", b"x"), (b"acTL", &[0; 8])]);
        assert!(!is_animated(&still, ImageFormat::Png));
        for format in [ImageFormat::WebP, ImageFormat::Png, ImageFormat::Gif] {
            assert!(!is_animated(b"", format));
        }
    }

    #[test]
    fn the_frames_of_a_webp_stay_and_its_metadata_goes() {
        let canvas = |flags: u8| [flags, 0, 0, 0, 9, 0, 0, 9, 0, 0];
        let (with, without) = (canvas(0b0010_1110), canvas(0b0010_0010));
        let (frames, profile) = ([(&b"ANMF"[..], &b"frame"[..]); 2], (&b"ICCP"[..], &b"p3"[..]));
        let sent = webp(&[
            (b"VP8X", &with),
            profile,
            frames[0],
            (b"WHAT", b"serial number"),
            frames[1],
            (b"EXIF", b"GPS 38.7 N"),
            (b"XMP ", b"<gps/>"),
        ]);
        let stored = webp(&[(b"VP8X", &without), profile, frames[0], frames[1]]);
        assert_eq!(without_metadata(&sent, ImageFormat::WebP), stored);
        assert_eq!(without_metadata(&stored, ImageFormat::WebP), stored);
    }

    #[test]
    fn the_frames_of_a_png_stay_and_its_metadata_goes() {
        let shown = [(&b"IHDR"[..], &[0; 13][..]), (b"acTL", &[0; 8]), (b"fcTL", b"f")];
        let pixels = [(&b"IDAT"[..], &b"x"[..]), (b"fdAT", b"y"), (b"IEND", b"")];
        let stored = png(&[&shown[..], &pixels[..]].concat());
        let metadata = [(&b"eXIf"[..], &b"GPS"[..]), (b"tEXt", b"Author"), (b"iTXt", b"<gps/>")];
        let mut sent = png(&[&shown[..], &metadata[..], &pixels[..]].concat());
        sent.extend(b"behind the end");
        assert_eq!(without_metadata(&sent, ImageFormat::Png), stored);
    }

    /// A GIF of one pixel with these blocks, and two global colours.
    fn gif(blocks: &[&[u8]]) -> Vec<u8> {
        let screen = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
        [&screen[..], &blocks.concat()].concat()
    }

    #[test]
    fn the_frames_of_a_gif_stay_and_everything_else_goes() {
        let repeated = &b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"[..];
        let control = &b"\x21\xf9\x04\0\x0a\0\0\0"[..];
        let frame = &b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"[..];
        // A frame with two colours of its own.
        let colored = &b"\x2c\0\0\0\0\x01\0\x01\0\x80\xff\0\0\0\xff\0\x02\x02\x44\x01\0"[..];
        let comment = &b"\x21\xfe\x09GPS 38.7N\0"[..];
        let xmp = &b"\x21\xff\x0bXMP DataXMP\x05<gps>\0"[..];
        let text = &b"\x21\x01\x0c\0\0\0\0\0\0\0\0\0\0\0\0\x02hi\0"[..];
        let end = &b"\x3b"[..];
        let stored = gif(&[repeated, control, frame, control, colored, end]);
        let sent = gif(&[
            comment,
            repeated,
            xmp,
            control,
            frame,
            text,
            control,
            colored,
            comment,
            end,
            b"behind the end",
        ]);
        assert_eq!(without_metadata(&sent, ImageFormat::Gif), stored);
        assert_eq!(without_metadata(&stored, ImageFormat::Gif), stored);
    }

    #[test]
    fn broken_files_are_no_reason_to_stop() {
        let huge = webp(&[(b"ANMF", &[1; 40])]);
        let large = png(&[(b"fdAT", &[1; 40])]);
        let long = gif(&[b"\x21\xf9\x04\0\x0a\0\0\0", &[0x2c; 40]]);
        for (content, format) in
            [(huge, ImageFormat::WebP), (large, ImageFormat::Png), (long, ImageFormat::Gif)]
        {
            for at in 0..content.len() {
                without_metadata(&content[..at], format);
                let mut broken = content.clone();
                broken[at] = 0xff;
                without_metadata(&broken, format);
                is_animated(&broken, format);
            }
        }
    }
}

//! Processing of uploaded pictures: corrects the orientation, creates all sizes and formats, and
//! removes metadata such as the location.

#[cfg(test)]
mod tests;

use std::panic::{self, AssertUnwindSafe};

use image::{GenericImageView, ImageFormat, RgbaImage, imageops};

use masthead_editorial::{
    crops::{Crop, CropPlace},
    renditions,
};

use crate::{
    animation,
    avif::{self, Avif},
    color::convert_to_srgb,
    completeness::is_complete,
    decoding::{DecodedPicture, decode, detect_format},
    encoding::in_all_sizes,
    measure::digest,
    rejected_upload::RejectedUpload,
    scaling::{fitted, stored_size, turned},
};

/// The maximum file size, in bytes.
pub const MAX_BYTES: usize = 30 * 1024 * 1024;
/// The maximum size of the files that wait for being processed, or are, in bytes. The code that receives files keeps to it.
pub const MAX_WAITING_BYTES: usize = 40 * 1024 * 1024;

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

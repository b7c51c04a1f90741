//! Names and dimensions of pictures, from their content.

use std::path::Path;

use masthead_editorial::clean::StoredPicture;
use sha2::{Digest, Sha256};

/// The path under which pictures are served.
const MEDIA_PATH: &str = "/media/";
/// The extensions of files that are imported as pictures.
const EXTENSIONS: [&str; 7] = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg"];

/// Returns the name of the picture at an address, or `None` if the address is not in the library.
pub(crate) fn name_of(src: &str) -> Option<&str> {
    src.strip_prefix(MEDIA_PATH)
}

/// Returns the picture with this name and size in pixels.
pub(crate) fn stored_picture(name: &str, (width, height): (u32, u32)) -> StoredPicture {
    StoredPicture { src: format!("{MEDIA_PATH}{name}"), width, height }
}

/// Returns the name for storing a file, and the picture in it, or `None` if it is not a picture.
/// `name` is its original name.
pub(crate) fn measure(name: &str, content: &[u8]) -> Option<(String, StoredPicture)> {
    let extension = extension(name)?;
    let size = size(&extension, content)?;
    let name = format!("{}.{extension}", digest(content));
    let stored_picture = stored_picture(&name, size);
    Some((name, stored_picture))
}

/// Returns the start of the file name. Equal contents have equal names.
pub(crate) fn digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns width and height in pixels, or `None` if the content does not match the extension of the
/// name.
pub(crate) fn size_of(name: &str, content: &[u8]) -> Option<(u32, u32)> {
    size(&extension(name)?, content)
}

fn extension(name: &str) -> Option<String> {
    let extension = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    EXTENSIONS.contains(&extension.as_str()).then_some(extension)
}

fn size(extension: &str, content: &[u8]) -> Option<(u32, u32)> {
    if extension == "svg" {
        return svg_size(std::str::from_utf8(content).ok()?);
    }
    let size = imagesize::blob_size(content).ok()?;
    Some((size.width.try_into().ok()?, size.height.try_into().ok()?))
}

/// Returns the last two numbers of the view box, which drawings for the web have.
fn svg_size(text: &str) -> Option<(u32, u32)> {
    let start = text.find("<svg")?;
    let root = &text[start..start + text[start..].find('>')?];
    let view_box = root.split("viewBox=").nth(1)?.get(1..)?;
    let numbers = view_box.split(['"', '\'']).next()?.split([' ', ',']);
    let numbers: Vec<f32> =
        numbers.filter(|word| !word.is_empty()).map_while(|n| n.parse().ok()).collect();
    let [_, _, width, height] = numbers[..] else { return None };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates
    Some((width.round() as u32, height.round() as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_depends_on_the_content_only() {
        let drawing = br#"<svg xmlns="x" viewBox="0 0 1200 800.4"><rect/></svg>"#;
        let (name, picture) = measure("a.svg", drawing).expect("a picture");
        assert_eq!((picture.width, picture.height), (1200, 800));
        assert_eq!(name_of(&picture.src), Some(name.as_str()));
        assert_eq!(measure("b.SVG", drawing), Some((name, picture)));
    }

    #[test]
    fn other_files_have_no_size() {
        assert_eq!(measure("a.png", b"no picture"), None);
        assert_eq!(measure("a.html", b"<svg viewBox='0 0 1 1'>"), None);
        assert_eq!(measure("a.svg", b"<svg>"), None);
        assert_eq!(measure("svg", b"<svg viewBox='0 0 1 1'>"), None);
        assert_eq!(name_of("https://t.example/1.png"), None);
    }
}

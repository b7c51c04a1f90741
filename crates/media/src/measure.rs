//! What a picture is by its content: its name, and its size.

use std::path::Path;

use masthead_editorial::clean::KeptPicture;
use sha2::{Digest, Sha256};

/// Where pictures are served.
const BELOW: &str = "/media/";
/// Endings of files that are taken in as pictures.
const PICTURES: [&str; 7] = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg"];

/// The name under which the picture at an address is kept, if it is one of ours.
pub(crate) fn name_of(src: &str) -> Option<&str> {
    src.strip_prefix(BELOW)
}

/// The picture that is kept under a name.
pub(crate) fn kept(name: &str, (width, height): (u32, u32)) -> KeptPicture {
    KeptPicture { src: format!("{BELOW}{name}"), width, height }
}

/// The name to keep a file under that is called `name`, and the picture in it; none if it is no picture.
pub(crate) fn measure(name: &str, content: &[u8]) -> Option<(String, KeptPicture)> {
    let ending = ending(name)?;
    let size = size(&ending, content)?;
    let name = format!("{}.{ending}", digest(content));
    let kept = kept(&name, size);
    Some((name, kept))
}

/// The start of a name: what is the same is called the same.
pub(crate) fn digest(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// Width and height in pixels; none if it is not what its name says.
pub(crate) fn size_of(name: &str, content: &[u8]) -> Option<(u32, u32)> {
    size(&ending(name)?, content)
}

fn ending(name: &str) -> Option<String> {
    let ending = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    PICTURES.contains(&ending.as_str()).then_some(ending)
}

fn size(ending: &str, content: &[u8]) -> Option<(u32, u32)> {
    if ending == "svg" {
        return svg_size(std::str::from_utf8(content).ok()?);
    }
    let size = imagesize::blob_size(content).ok()?;
    Some((size.width.try_into().ok()?, size.height.try_into().ok()?))
}

/// The last two numbers of the view box, which every drawing for the web has.
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
    fn a_name_is_made_from_the_content_and_not_from_the_name() {
        let drawing = br#"<svg xmlns="x" viewBox="0 0 1200 800.4"><rect/></svg>"#;
        let (name, picture) = measure("a.svg", drawing).expect("a picture");
        assert_eq!((picture.width, picture.height), (1200, 800));
        assert_eq!(name_of(&picture.src), Some(name.as_str()));
        assert_eq!(measure("b.SVG", drawing), Some((name, picture)));
    }

    #[test]
    fn what_is_no_picture_has_no_size() {
        assert_eq!(measure("a.png", b"no picture"), None);
        assert_eq!(measure("a.html", b"<svg viewBox='0 0 1 1'>"), None);
        assert_eq!(measure("a.svg", b"<svg>"), None);
        assert_eq!(measure("svg", b"<svg viewBox='0 0 1 1'>"), None);
        assert_eq!(name_of("https://t.example/1.png"), None);
    }
}

//! The names of stored pictures and of their renditions.
//!
//! A picture's name contains its size in pixels, from which follows in which sizes it is stored, so
//! showing it needs no lookup.
//!
//! `5f…-1600x1067.jpg` is stored under this name, and as `5f…-1600x1067.480.webp`, `.480.avif` and
//! so on.

use std::collections::HashSet;

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};

use crate::{clean::StoredPicture, crops::PixelRect};

/// The path below which pictures are served.
const MEDIA_PATH: &str = "/media/";
/// The widths in pixels in which a larger picture is stored, besides its own.
const WIDTHS: [u32; 3] = [480, 960, 1600];
/// The formats in which it is stored besides its own, smallest first.
pub const FORMATS: [&str; 2] = ["avif", "webp"];

/// The `sizes` attribute of a picture in the text column.
const COLUMN: &str = "(min-width: 46rem) 42rem, 92vw";

/// All sizes of a picture in one format, for a `<source>` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureSource {
    /// The media type.
    pub kind: String,
    /// The `srcset` attribute
    /// (<https://html.spec.whatwg.org/multipage/images.html#srcset-attributes>).
    pub srcset: String,
}

/// The widths in which a picture of this width is stored, smallest first.
pub fn widths(width: u32) -> impl Iterator<Item = u32> {
    WIDTHS.into_iter().filter(move |smaller| *smaller < width).chain([width])
}

/// The name of a stored picture.
pub fn picture(digest: &str, width: u32, height: u32, ending: &str) -> String {
    format!("{digest}-{width}x{height}.{ending}")
}

/// The name of a rendition of the picture `name`.
pub fn rendition(name: &str, width: u32, format: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.{width}.{format}")
}

/// The name of a part of the picture `name`: `5f…-1600x1067.160-200-800x533.jpg`. It has the stem of the picture.
pub fn crop(name: &str, part: PixelRect, ending: &str) -> String {
    let PixelRect { x, y, width, height } = part;
    format!("{}.{x}-{y}-{width}x{height}.{ending}", stem(name))
}

/// Parses width and height from a name. Returns `None` if it does not contain them.
pub fn size(name: &str) -> Option<(u32, u32)> {
    let (stem, rest) = name.split_once('.')?;
    let part = rest.split_once('.').map(|(part, _)| part);
    let size = part.and_then(size_at_end);
    size.or_else(|| size_at_end(stem))
}

/// The size at the end of a part of a name.
fn size_at_end(part: &str) -> Option<(u32, u32)> {
    let (_, size) = part.rsplit_once('-')?;
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// The renditions of the picture at `src`. Empty if the name does not contain a size, which means
/// that there are none.
pub fn sources(src: &str) -> Vec<PictureSource> {
    let kept = src.strip_prefix(MEDIA_PATH).and_then(|name| Some((name, size(name)?)));
    let Some((name, (width, _))) = kept else { return Vec::new() };
    let source = |format: &str| PictureSource {
        kind: format!("image/{format}"),
        srcset: widths(width)
            .map(|width| format!("/media/{} {width}w", rendition(name, width, format)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    FORMATS.into_iter().map(source).collect()
}

/// The part of a picture's name that it has in common with its renditions.
pub fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Returns the [`stem`]s of the stored pictures that `html` shows or links to, each once.
pub fn stems_in(html: &str) -> Vec<&str> {
    let ends = |character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | '<' | '>' | '?' | '#' | '/')
    };
    let mut stems: Vec<&str> = Vec::new();
    let mut known = HashSet::new();
    for rest in html.split(MEDIA_PATH).skip(1) {
        let stem = stem(rest.split(ends).next().unwrap_or_default());
        if !stem.is_empty() && known.insert(stem) {
            stems.push(stem);
        }
    }
    stems
}

/// The picture at `src`, if its name contains its size.
pub fn read(src: &str) -> Option<StoredPicture> {
    let (width, height) = size(src.strip_prefix(MEDIA_PATH)?)?;
    Some(StoredPicture { src: src.to_owned(), width, height })
}

/// Wraps each picture in `html` in a `<picture>` with all its renditions, from which browsers
/// choose.
pub fn add_sources(html: &str) -> String {
    if !html.contains("<img") {
        return html.to_owned();
    }
    let settings =
        RewriteStrSettings::new().append_element_content_handler(element!("img[src]", |image| {
            let sources = sources(&image.get_attribute("src").unwrap_or_default());
            if !sources.is_empty() {
                let tag = |PictureSource { kind, srcset }: &PictureSource| {
                    format!("<source type=\"{kind}\" srcset=\"{srcset}\" sizes=\"{COLUMN}\">")
                };
                let tags: String = sources.iter().map(tag).collect();
                image.before(&format!("<picture>{tags}"), ContentType::Html);
                image.after("</picture>", ContentType::Html);
            }
            Ok(())
        }));
    // Sanitized HTML can always be rewritten; otherwise it is returned unchanged.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_contains_the_size() {
        let name = picture("5f", 1600, 1067, "jpg");
        assert_eq!(name, "5f-1600x1067.jpg");
        assert_eq!(size(&name), Some((1600, 1067)));
        for other in ["5f.jpg", "5f-a.jpg", "5f-1x.jpg", "", "-.", "a-1x2"] {
            assert_eq!(size(other), None, "{other}");
        }
    }

    #[test]
    fn the_name_of_a_crop_has_its_own_size_and_the_stem_of_the_picture() {
        let part = PixelRect { x: 160, y: 200, width: 800, height: 533 };
        let name = crop("5f-1600x1067.jpg", part, "jpg");
        assert_eq!(name, "5f-1600x1067.160-200-800x533.jpg");
        assert_eq!((size(&name), stem(&name)), (Some((800, 533)), "5f-1600x1067"));
        let sources = sources(&format!("/media/{name}"));
        assert!(
            sources[1].srcset.starts_with("/media/5f-1600x1067.160-200-800x533.480.webp 480w, ")
        );
        assert_eq!(size("5f-1600x1067.480.webp"), Some((1600, 1067)), "a rendition");
    }

    #[test]
    fn sources_have_all_widths_up_to_the_original() {
        assert_eq!(widths(1600).collect::<Vec<_>>(), [480, 960, 1600]);
        assert_eq!(widths(300).collect::<Vec<_>>(), [300]);
        let sources = sources("/media/5f-1000x500.jpg");
        assert_eq!(sources[0].kind, "image/avif");
        assert_eq!(
            sources[1].srcset,
            "/media/5f-1000x500.480.webp 480w, /media/5f-1000x500.960.webp 960w, /media/5f-1000x500.1000.webp 1000w"
        );
        assert!(super::sources("/media/5f.svg").is_empty());
    }

    #[test]
    fn the_pictures_of_a_text_are_found_by_their_stems() {
        let html = r#"<p>/media/</p><img src="/media/5f-300x200.jpg"><a href="https://a.example/media/6a.gif?x">x</a>
            <img src='/media/5f-300x200.480.webp'>"#;
        assert_eq!(stems_in(html), ["5f-300x200", "6a"]);
        assert_eq!(stem(&rendition("5f-300x200.jpg", 480, "avif")), "5f-300x200");
    }

    #[test]
    fn pictures_in_a_text_get_their_sources() {
        let old = r#"<p>A</p><img src="/media/5f.svg" alt="x">"#;
        assert_eq!(add_sources(old), old);
        let html = add_sources(r#"<figure><img src="/media/5f-300x200.jpg" alt="x"></figure>"#);
        assert!(html.starts_with(r#"<figure><picture><source type="image/avif" srcset="/media/5f-300x200.300.avif 300w""#), "{html}");
        assert!(
            html.ends_with(r#"<img src="/media/5f-300x200.jpg" alt="x"></picture></figure>"#),
            "{html}"
        );
    }
}

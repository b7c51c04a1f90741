//! The name of a picture says how large it is, and so in which sizes it is kept: nothing has to be looked up to
//! show it.
//!
//! `5f…-1600x1067.jpg` is kept as such, and as `5f…-1600x1067.480.webp`, `.480.avif`, and so on.

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};

use crate::clean::KeptPicture;

/// The widths in pixels that a larger picture is kept in, besides its own.
const WIDTHS: [u32; 3] = [480, 960, 1600];
/// The formats that it is kept in besides its own, the smaller first.
pub const FORMATS: [&str; 2] = ["avif", "webp"];

/// How wide a picture in a text is shown.
const COLUMN: &str = "(min-width: 46rem) 42rem, 92vw";

/// One format in all sizes, as HTML names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its media type.
    pub kind: String,
    /// Addresses with widths (<https://html.spec.whatwg.org/multipage/images.html#srcset-attributes>).
    pub srcset: String,
}

/// The widths in which a picture of this width is kept, the smallest first.
pub fn widths(width: u32) -> impl Iterator<Item = u32> {
    WIDTHS.into_iter().filter(move |smaller| *smaller < width).chain([width])
}

/// The name of a picture that was taken in.
pub fn picture(digest: &str, width: u32, height: u32, ending: &str) -> String {
    format!("{digest}-{width}x{height}.{ending}")
}

/// The name of one of its sizes in another format.
pub fn rendition(name: &str, width: u32, format: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.{width}.{format}")
}

/// Width and height, as a name says them; none where it does not.
pub fn size(name: &str) -> Option<(u32, u32)> {
    let (stem, _) = name.split_once('.')?;
    let (_, size) = stem.rsplit_once('-')?;
    let (width, height) = size.split_once('x')?;
    Some((width.parse().ok()?, height.parse().ok()?))
}

/// In what a picture at this address is kept besides its own format; nothing for one that was not taken in at
/// the desk.
pub fn sources(src: &str) -> Vec<Source> {
    let kept = src.strip_prefix("/media/").and_then(|name| Some((name, size(name)?)));
    let Some((name, (width, _))) = kept else { return Vec::new() };
    let source = |format: &str| Source {
        kind: format!("image/{format}"),
        srcset: widths(width)
            .map(|width| format!("/media/{} {width}w", rendition(name, width, format)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    FORMATS.into_iter().map(source).collect()
}

/// The picture at an address whose name says how large it is.
pub fn read(src: &str) -> Option<KeptPicture> {
    let (width, height) = size(src.strip_prefix("/media/")?)?;
    Some(KeptPicture { src: src.to_owned(), width, height })
}

/// `html` with each picture offered in all that it is kept in. Browsers take what suits them, in a column of text.
pub fn offer_all(html: &str) -> String {
    if !html.contains("<img") {
        return html.to_owned();
    }
    let settings =
        RewriteStrSettings::new().append_element_content_handler(element!("img[src]", |image| {
            let sources = sources(&image.get_attribute("src").unwrap_or_default());
            if !sources.is_empty() {
                let tag = |Source { kind, srcset }: &Source| {
                    format!("<source type=\"{kind}\" srcset=\"{srcset}\" sizes=\"{COLUMN}\">")
                };
                let tags: String = sources.iter().map(tag).collect();
                image.before(&format!("<picture>{tags}"), ContentType::Html);
                image.after("</picture>", ContentType::Html);
            }
            Ok(())
        }));
    // Clean HTML can be rewritten; what cannot is shown as it is.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_how_large_a_picture_is() {
        let name = picture("5f", 1600, 1067, "jpg");
        assert_eq!(name, "5f-1600x1067.jpg");
        assert_eq!(size(&name), Some((1600, 1067)));
        for other in ["5f.jpg", "5f-a.jpg", "5f-1x.jpg", "", "-.", "a-1x2"] {
            assert_eq!(size(other), None, "{other}");
        }
    }

    #[test]
    fn sources_are_all_sizes_up_to_its_own() {
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
    fn a_text_offers_its_pictures_in_all_that_there_is() {
        let old = r#"<p>A</p><img src="/media/5f.svg" alt="x">"#;
        assert_eq!(offer_all(old), old);
        let html = offer_all(r#"<figure><img src="/media/5f-300x200.jpg" alt="x"></figure>"#);
        assert!(html.starts_with(r#"<figure><picture><source type="image/avif" srcset="/media/5f-300x200.300.avif 300w""#), "{html}");
        assert!(
            html.ends_with(r#"<img src="/media/5f-300x200.jpg" alt="x"></picture></figure>"#),
            "{html}"
        );
    }
}

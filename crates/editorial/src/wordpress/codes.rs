//! What becomes of shortcodes: pictures, galleries, embeds and quotations are kept, wrappers lose their brackets, and the rest is left
//! out. Everything but what is kept is counted by name.

use std::borrow::Cow;

use super::shortcodes::{Shortcode, ShortcodePart, Shortcodes};
use crate::import::Changes;

/// The maximum number of pictures in the galleries of one text.
const MAX_PICTURES: usize = 500;
/// How long the pictures of its galleries may be with their captions, in bytes.
const MAX_BYTES: usize = 1024 * 1024;

/// A picture of the file, with what WordPress knows of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Attachment {
    pub(super) url: String,
    pub(super) alt: String,
    pub(super) caption: String,
    pub(super) credit: String,
}

/// Finds attachments by their ids.
pub(super) trait AttachmentSource {
    /// The attachment with this id.
    fn attachment(&self, id: &str) -> Option<Attachment>;
}

/// Parts of the names of wrappers that page builders put around blocks. Others are within a paragraph.
const BLOCK_WRAPPERS: [&str; 16] = [
    "vc_",
    "et_pb_",
    "fusion_",
    "av_",
    "mk_",
    "row",
    "col",
    "section",
    "box",
    "tab",
    "accordion",
    "toggle",
    "half",
    "third",
    "fourth",
    "spoiler",
];

/// Returns `content` without its shortcodes.
pub(super) fn shortcodes<'a>(
    content: &'a str,
    file: &(impl AttachmentSource + ?Sized),
    changes: &mut Changes,
) -> Cow<'a, str> {
    if !content.contains('[') {
        return Cow::Borrowed(content);
    }
    let mut html = String::with_capacity(content.len());
    let mut rest = 0;
    let mut galleries = Galleries { pictures: 0, bytes: 0, file };
    for code in Shortcodes::new(content) {
        html.push_str(&content[rest..code.start]);
        rest = code.end;
        if code.part == ShortcodePart::Escaped {
            html.push_str(&content[code.start + 1..code.end - 1]);
            continue;
        }
        match replacement(&code, &mut galleries, changes) {
            Some(kept) => html.push_str(&kept),
            None => count(&code, changes),
        }
    }
    html.push_str(&content[rest..]);
    Cow::Owned(html)
}

fn count(code: &Shortcode<'_>, changes: &mut Changes) {
    let name = code.name;
    match code.part {
        ShortcodePart::Opening { wraps: true } => {
            changes.count(format!("shortcode [{name}] removed around its text"));
        }
        ShortcodePart::Opening { wraps: false } | ShortcodePart::Enclosing(_) => {
            changes.count(format!("shortcode [{name}] left out"));
        }
        ShortcodePart::Closing | ShortcodePart::Escaped => {}
    }
}

/// What is shown for a shortcode; `None` if nothing is.
fn replacement(
    code: &Shortcode<'_>,
    galleries: &mut Galleries<'_, impl AttachmentSource + ?Sized>,
    changes: &mut Changes,
) -> Option<Cow<'static, str>> {
    let inner = match code.part {
        ShortcodePart::Enclosing(inner) => inner,
        _ => "",
    };
    match (code.name, code.part) {
        ("caption" | "wp_caption", ShortcodePart::Enclosing(inner)) => {
            Some(figure(inner, code.attributes).into())
        }
        ("gallery", _) => galleries.gallery(code.attributes, changes).map(Cow::from),
        ("embed" | "video" | "audio" | "youtube" | "vimeo" | "twitter" | "soundcloud", _) => {
            embed(code, inner).map(Cow::from)
        }
        (name, ShortcodePart::Opening { wraps: true }) => opening(name).map(Cow::from),
        (name, ShortcodePart::Closing) => Some(closing(name).into()),
        _ => None,
    }
}

fn is_quotation(name: &str) -> bool {
    name.ends_with("quote")
}

/// The beginning of a wrapper that has a meaning of its own.
fn opening(name: &str) -> Option<&'static str> {
    match name {
        "pullquote" | "pull_quote" => Some("\n\n<blockquote class=\"pullquote\">"),
        _ if is_quotation(name) => Some("\n\n<blockquote>"),
        _ => None,
    }
}

/// What keeps the text in a wrapper and the text after it apart.
fn closing(name: &str) -> &'static str {
    if is_quotation(name) {
        "</blockquote>\n\n"
    } else if BLOCK_WRAPPERS.iter().any(|part| name.contains(part)) {
        "\n\n"
    } else {
        ""
    }
}

/// Converts a captioned picture. The caption follows the picture or, in old exports, is an
/// attribute.
fn figure(inner: &str, attributes: &str) -> String {
    let picture_end = match (inner.rfind("</a>"), inner.rfind("/>"), inner.rfind('>')) {
        (Some(link), _, _) => link + "</a>".len(),
        (None, Some(tag), _) => tag + 2,
        (None, None, Some(tag)) => tag + 1,
        (None, None, None) => 0,
    };
    // A caption may have markup of its own.
    let picture_end = match inner.find("<img").and_then(|at| Some(at + inner[at..].find('>')? + 1))
    {
        Some(end) if inner[end..].trim_start().starts_with("</a>") => {
            end + inner[end..].find("</a>").map_or(0, |at| at + "</a>".len())
        }
        Some(end) => end,
        None => picture_end,
    };
    let (picture, text) = inner.split_at(picture_end);
    let attribute = || attributes.split("caption=\"").nth(1)?.split('"').next();
    let caption =
        if text.trim().is_empty() { attribute().unwrap_or_default() } else { text.trim() };
    format!("\n\n<figure>{picture}<figcaption>{caption}</figcaption></figure>\n\n")
}

/// The galleries of a text. Each may name any pictures of the file, also again and again.
struct Galleries<'a, T: AttachmentSource + ?Sized> {
    /// The pictures that were looked for.
    pictures: usize,
    /// The bytes of those that were found.
    bytes: usize,
    file: &'a T,
}

impl<T: AttachmentSource + ?Sized> Galleries<'_, T> {
    /// The pictures of a gallery that names them by their ids. What is too much is counted.
    fn gallery(&mut self, attributes: &str, changes: &mut Changes) -> Option<String> {
        let ids = ["ids=", "include="].iter().find_map(|name| attributes.split_once(name))?.1;
        let ids = ids.trim_start_matches(['"', '\'']);
        let mut ids = ids.split(['"', '\'', ' ', ']']).next()?.split(',');
        let mut pictures = String::new();
        while self.pictures < MAX_PICTURES && self.bytes + pictures.len() < MAX_BYTES {
            let Some(id) = ids.next() else { break };
            self.pictures += 1;
            let found = self.file.attachment(id.trim());
            pictures.extend(found.map(|attachment| gallery_picture(&attachment)));
        }
        self.bytes += pictures.len();
        let left_out = ids.count();
        if left_out > 0 {
            changes.count_times("picture of a very long gallery left out", left_out);
        }
        (!pictures.is_empty())
            .then(|| format!("\n\n<figure class=\"gallery\">{pictures}</figure>\n\n"))
    }
}

fn gallery_picture(attachment: &Attachment) -> String {
    let attribute = |text| html_escape::encode_double_quoted_attribute(text).into_owned();
    let Attachment { caption, credit, .. } = attachment;
    let caption = match (caption.is_empty(), credit.is_empty()) {
        (_, true) => caption.clone(),
        (true, false) => credit.clone(),
        (false, false) => format!("{caption} ({credit})"),
    };
    let caption = html_escape::encode_text(&caption);
    format!(
        "<figure><img src=\"{}\" alt=\"{}\"><figcaption>{caption}</figcaption></figure>",
        attribute(&attachment.url),
        attribute(&attachment.alt)
    )
}

/// What is embedded, as a frame, which becomes a card.
fn embed(code: &Shortcode<'_>, inner: &str) -> Option<String> {
    let named = [inner, code.attributes].into_iter().find_map(|text| {
        let at = text.find("http://").or_else(|| text.find("https://"))?;
        text[at..].split(['"', '\'', ' ', ']', '<', '\n']).next().map(str::to_owned)
    });
    let id = || {
        let id = code.attributes.trim_matches([' ', '=', '"', '/']);
        let id = if id.is_empty() { inner.trim() } else { id };
        let is_id =
            !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        match code.name {
            "vimeo" if is_id => Some(format!("https://vimeo.com/{id}")),
            "youtube" if is_id => Some(format!("https://www.youtube.com/watch?v={id}")),
            _ => None,
        }
    };
    let address = named.or_else(id)?;
    let address = html_escape::decode_html_entities(&address).into_owned();
    let address = html_escape::encode_double_quoted_attribute(&address);
    Some(format!("\n\n<iframe src=\"{address}\"></iframe>\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct File;

    impl AttachmentSource for File {
        fn attachment(&self, id: &str) -> Option<Attachment> {
            static LAMP: std::sync::LazyLock<Attachment> =
                std::sync::LazyLock::new(|| Attachment {
                    url: "https://old.example/lamp.jpg".into(),
                    alt: "A \"lamp\"".into(),
                    caption: "Lit & bright".into(),
                    credit: "Mira Holt".into(),
                });
            (id == "7").then(|| LAMP.clone())
        }
    }

    fn converted(content: &str) -> (String, Vec<String>) {
        let mut changes = Changes::default();
        let html = shortcodes(content, &File, &mut changes).into_owned();
        (html, changes.iter().map(|(what, times)| format!("{times} {what}")).collect())
    }

    #[test]
    fn wrappers_go_and_their_text_stays() {
        let (html, changes) = converted(
            "[vc_row a=\"1\"][vc_text]One.[/vc_text][vc_text]Two.[/vc_text][/vc_row]A [tip]word[/tip].",
        );
        assert_eq!(html, "One.\n\nTwo.\n\n\n\nA word.");
        assert_eq!(
            changes,
            [
                "1 shortcode [tip] removed around its text",
                "1 shortcode [vc_row] removed around its text",
                "2 shortcode [vc_text] removed around its text"
            ]
        );
    }

    #[test]
    fn quotations_galleries_and_embeds_are_kept() {
        let (html, changes) = converted("[su_quote cite=\"B\"]A.[/su_quote]");
        assert_eq!((html.trim(), changes.len()), ("<blockquote>A.</blockquote>", 0));
        let (html, changes) = converted(
            "[gallery ids=\"6,7\"][video mp4=\"https://v.example/1.mp4\"][vimeo 12][youtube]https://youtu.be/a[/youtube]",
        );
        assert!(changes.is_empty(), "{changes:?}");
        assert!(html.contains("<figure class=\"gallery\"><figure><img src=\"https://old.example/lamp.jpg\" alt=\"A &quot;lamp&quot;\"><figcaption>Lit &amp; bright (Mira Holt)</figcaption></figure></figure>"), "{html}");
        assert!(html.contains("<iframe src=\"https://v.example/1.mp4\">"), "{html}");
        assert!(html.contains("<iframe src=\"https://vimeo.com/12\">"), "{html}");
        assert!(html.contains("<iframe src=\"https://youtu.be/a\">"), "{html}");
    }

    #[test]
    fn galleries_have_so_many_pictures_at_most() {
        let gallery = format!("[gallery ids=\"{}7\"]", "7,".repeat(399));
        let (html, changes) = converted(&gallery.repeat(3));
        assert_eq!(html.matches("<img").count(), MAX_PICTURES);
        let left_out = "700 picture of a very long gallery left out";
        assert!(changes.contains(&left_out.to_owned()), "{changes:?}");
    }

    #[test]
    fn the_rest_is_left_out_and_counted() {
        let (html, changes) =
            converted("A[ad id=\"top\"][gallery ids=\"1\"] [[ad id=\"x\"]] [sic]");
        assert_eq!(html, "A [ad id=\"x\"] [sic]");
        assert_eq!(changes, ["1 shortcode [ad] left out", "1 shortcode [gallery] left out"]);
    }

    #[test]
    fn captions_may_have_markup() {
        let (html, _) = converted(
            "[caption id=\"a\"]<a href=\"b\"><img src=\"c\" /></a> A <em>lit</em> lamp[/caption]",
        );
        assert_eq!(
            html.trim(),
            "<figure><a href=\"b\"><img src=\"c\" /></a><figcaption>A <em>lit</em> lamp</figcaption></figure>"
        );
    }
}

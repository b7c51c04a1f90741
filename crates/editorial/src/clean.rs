//! Sanitizes HTML: keeps only what is allowed in an article body.
//!
//! There are two passes. The first rewrites elements whose meaning can be kept (pictures, embeds,
//! headings). The second is an allow-list that removes scripts, event handlers, styles and
//! trackers. Pictures on other hosts become links, so that no page makes third-party requests.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};

use crate::import::Changes;

/// A picture that is stored with the publication.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredPicture {
    /// The path at which it is served.
    pub src: String,
    /// Its width in pixels, or 0 if unknown.
    pub width: u32,
    /// Its height in pixels, or 0 if unknown.
    pub height: u32,
}

/// Finds the stored picture for an address in a text, or returns `None`.
pub type FindPicture<'a> = dyn Fn(&str) -> Option<StoredPicture> + 'a;

/// Sanitizes `html`. Removed and replaced elements are counted in `changes`.
pub fn clean(html: &str, find_picture: &FindPicture<'_>, changes: &mut Changes) -> String {
    let rewritten = rewrite(html, find_picture, changes);
    let cleaned = ALLOWED.clean(&rewritten).to_string();
    tidy(&cleaned)
}

fn rewrite(html: &str, find_picture: &FindPicture<'_>, changes: &mut Changes) -> String {
    let changes = RefCell::new(changes);
    let settings = [
        element!("script, style, form, input, button, select, textarea", |element| {
            changes.borrow_mut().count(format!("<{}> removed", element.tag_name()));
            element.remove();
            Ok(())
        }),
        element!("h1", |element| element.set_tag_name("h2").map_err(Into::into)),
        element!("iframe, embed, object, video, audio", |element| {
            let name = element.tag_name();
            let source = element.get_attribute("src").or_else(|| element.get_attribute("data"));
            match source.filter(|source| source.starts_with("http")) {
                Some(source) => {
                    changes.borrow_mut().count(format!("<{name}> replaced by a card"));
                    element.replace(&card(&source), ContentType::Html);
                }
                None => {
                    changes.borrow_mut().count(format!("<{name}> removed"));
                    element.remove();
                }
            }
            Ok(())
        }),
        element!("img", |element| {
            let src = element.get_attribute("src").unwrap_or_default();
            let alt = element.get_attribute("alt").unwrap_or_default();
            match find_picture(&src) {
                Some(picture) => {
                    element.replace(&picture_tag(&picture, &alt), ContentType::Html);
                }
                None => {
                    changes.borrow_mut().count("picture not at hand, replaced by a link");
                    element.replace(&picture_link(&src, &alt), ContentType::Html);
                }
            }
            Ok(())
        }),
    ]
    .into_iter()
    .fold(RewriteStrSettings::new(), RewriteStrSettings::append_element_content_handler);
    // If rewriting fails, the allow-list below removes what is unsafe.
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

fn picture_tag(picture: &StoredPicture, alt: &str) -> String {
    let mut tag = format!(
        "<img src=\"{}\" alt=\"{}\" loading=\"lazy\" decoding=\"async\"",
        html_escape::encode_double_quoted_attribute(&picture.src),
        // The attribute value still contains entities.
        html_escape::encode_double_quoted_attribute(&html_escape::decode_html_entities(alt)),
    );
    if picture.width > 0 && picture.height > 0 {
        tag.push_str(&format!(" width=\"{}\" height=\"{}\"", picture.width, picture.height));
    }
    tag.push('>');
    tag
}

/// The replacement for a picture that is not available: an inline link.
fn picture_link(src: &str, alt: &str) -> String {
    if !src.starts_with("http://") && !src.starts_with("https://") {
        return String::new();
    }
    let alt = html_escape::decode_html_entities(alt);
    let name = src.rsplit('/').next().unwrap_or(src);
    let label = if alt.trim().is_empty() { name } else { alt.trim() };
    format!(
        "<a href=\"{}\">Picture: {}</a>",
        html_escape::encode_double_quoted_attribute(&html_escape::decode_html_entities(src)),
        html_escape::encode_text(label),
    )
}

/// The replacement for an embed: a link. Nothing is requested from the other site until the reader
/// follows it.
fn card(source: &str) -> String {
    let source = html_escape::decode_html_entities(source);
    let host = source.split('/').nth(2).unwrap_or("another site").trim_start_matches("www.");
    format!(
        "<figure class=\"embed\"><a href=\"{}\">See this on {}</a></figure>",
        html_escape::encode_double_quoted_attribute(&source),
        html_escape::encode_text(host),
    )
}

static ALLOWED: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut allowed = ammonia::Builder::empty();
    allowed
        .tags(HashSet::from([
            "p",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "blockquote",
            "q",
            "cite",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
            "a",
            "em",
            "strong",
            "b",
            "i",
            "u",
            "s",
            "del",
            "ins",
            "sub",
            "sup",
            "small",
            "mark",
            "abbr",
            "code",
            "pre",
            "kbd",
            "samp",
            "var",
            "figure",
            "figcaption",
            "img",
            "table",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "th",
            "td",
            "hr",
            "br",
            "details",
            "summary",
            "time",
            "bdo",
            "ruby",
            "rt",
            "rp",
        ]))
        .clean_content_tags(HashSet::from([
            "script", "style", "noscript", "template", "svg", "math", "title", "select",
        ]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "hreflang"])),
            ("img", HashSet::from(["src", "alt", "width", "height", "loading", "decoding"])),
            ("td", HashSet::from(["colspan", "rowspan"])),
            ("th", HashSet::from(["colspan", "rowspan", "scope"])),
            ("ol", HashSet::from(["start", "reversed"])),
            ("time", HashSet::from(["datetime"])),
            ("abbr", HashSet::from(["title"])),
        ]))
        .generic_attributes(HashSet::from(["lang", "dir"]))
        .allowed_classes(HashMap::from([
            ("blockquote", HashSet::from(["pullquote"])),
            ("figure", HashSet::from(["embed"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(Some("noopener"))
        .strip_comments(true);
    allowed
});

/// Removes empty elements and blank lines.
fn tidy(html: &str) -> String {
    let mut tidy = html.to_owned();
    loop {
        let before = tidy.len();
        for empty in [
            "p",
            "figure",
            "figcaption",
            "li",
            "ul",
            "ol",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "blockquote",
            "em",
            "strong",
        ] {
            for inside in ["", " ", "\n", "&nbsp;", "<br>"] {
                tidy = tidy.replace(&format!("<{empty}>{inside}</{empty}>"), "");
            }
        }
        if tidy.len() == before {
            break;
        }
    }
    let lines = tidy.lines().map(str::trim_end);
    let mut kept = String::with_capacity(tidy.len());
    let mut verbatim = false;
    for line in lines {
        verbatim = (verbatim || line.contains("<pre")) && !line.contains("</pre>");
        if !line.trim().is_empty() || verbatim {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(html: &str) -> (String, Changes) {
        let mut changes = Changes::default();
        let find = |src: &str| {
            (src == "kept.jpg").then(|| StoredPicture {
                src: "/media/1.jpg".into(),
                width: 4,
                height: 3,
            })
        };
        (clean(html, &find, &mut changes), changes)
    }

    #[test]
    fn scripts_and_handlers_are_removed() {
        let (html, changes) = cleaned(
            "<p onclick=\"x()\" style=\"color:red\">Hi<script>alert(1)</script> <a href=\"javascript:x\">there</a></p><svg onload=x><style>*{}</style></svg><img src=x onerror=alert(1)>",
        );
        assert_eq!(html, "<p>Hi <a rel=\"noopener\">there</a></p>");
        assert!(changes.iter().any(|(what, _)| what == "<script> removed"));
    }

    #[test]
    fn pictures_are_stored_or_become_links() {
        let (html, _) = cleaned(
            "<p><img src=\"kept.jpg\" alt=\"A &amp; B\" srcset=\"https://t.example/x 2x\"></p>",
        );
        assert_eq!(
            html,
            "<p><img src=\"/media/1.jpg\" alt=\"A &amp; B\" loading=\"lazy\" decoding=\"async\" width=\"4\" height=\"3\"></p>"
        );
        let (html, changes) = cleaned("<p><img src=\"https://t.example/pixel.gif\" alt=\"\"></p>");
        assert_eq!(
            html,
            "<p><a href=\"https://t.example/pixel.gif\" rel=\"noopener\">Picture: pixel.gif</a></p>"
        );
        assert_eq!(changes.total(), 1);
    }

    #[test]
    fn embeds_become_cards() {
        let (html, _) =
            cleaned("<iframe src=\"https://www.video.example/embed/1?a=1&amp;b=2\"></iframe>");
        assert_eq!(
            html,
            "<figure class=\"embed\"><a href=\"https://www.video.example/embed/1?a=1&amp;b=2\" rel=\"noopener\">See this on video.example</a></figure>"
        );
    }

    #[test]
    fn headings_are_demoted_and_empty_blocks_removed() {
        let (html, _) = cleaned(
            "<h1>Top</h1>\n<p></p>\n<p>&nbsp;</p>\n\n<div class=x><p>In</p></div><!-- wp:x -->",
        );
        assert_eq!(html, "<h2>Top</h2>\n<p>In</p>");
    }
}

//! Sanitizes HTML: keeps only what is allowed in an article body.
//!
//! There are two passes. The first rewrites elements whose meaning can be kept (pictures, embeds,
//! headings). The second is an allow-list that removes scripts, event handlers, styles and
//! trackers. Pictures on other hosts become links, so that no page makes third-party requests.

mod allowed;
mod replacements;

use self::{allowed::ALLOWED, replacements::rewrite};
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

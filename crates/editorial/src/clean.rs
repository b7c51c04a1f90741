//! Sanitizes HTML: keeps only what is allowed in an article body.
//!
//! There are four passes, each in linear time. The first nests elements properly and not too deep.
//! The second rewrites elements whose meaning can be kept (pictures, embeds, headings). The third is
//! an allow-list that removes scripts, event handlers, styles and trackers. The last removes empty
//! elements. Pictures on other hosts become links, so that no page makes third-party requests.

mod allowed;
mod anchors;
mod nesting;
mod objects;
mod replacements;
mod tags;
mod tidy;

use masthead_access::printable;

use self::{allowed::ALLOWED, nesting::nest, objects::frames, replacements::rewrite, tidy::tidy};
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
    let rewritten = rewrite(&nest(&frames(html, changes)), find_picture, changes);
    let cleaned = ALLOWED.clean(&rewritten).to_string();
    // Entities such as `&#30;` have become characters.
    tidy(&printable(&cleaned))
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
    fn boxes_footnotes_and_alignment_are_kept_and_nothing_beside_them() {
        for kept in [
            "<aside class=\"fact\" role=\"note\"><p>In</p></aside>",
            "<aside class=\"related\" role=\"note\"><p>In</p></aside>",
            "<figure class=\"wide\"><figcaption>In</figcaption></figure>",
            "<ol class=\"footnotes\"><li id=\"fn-1\">In</li></ol>",
        ] {
            assert_eq!(cleaned(kept).0, kept);
        }
        let (html, _) = cleaned("<aside class=promo><p>In</p></aside><p id=main class=x>On</p>");
        assert_eq!(html, "<p>In</p>\n<p>On</p>");
        let (html, _) =
            cleaned("<ol class=\"x\"><li id=\"main\">In</li><li id=\"fn-\">On</li></ol>");
        assert_eq!(html, "<ol><li>In</li><li>On</li></ol>");
        let (html, _) =
            cleaned("<table><tr><td align=right>1</td><td align=\"justify\">2</td></tr></table>");
        assert!(html.contains("<td align=\"right\">1</td><td>2</td>"), "{html}");
    }

    #[test]
    fn links_within_a_text_keep_what_they_lead_to() {
        let (html, _) = cleaned(
            "<p><a href=\"#_ftn1\" id=\"_ftnref1\">[1]</a> <a href=\"#part\">On</a></p><h3 id=\"part\">Part</h3><p id=\"x\"><a name=\"_ftn1\" href=\"#_ftnref1\">[1]</a> See.</p>",
        );
        assert_eq!(
            html,
            "<p><a href=\"#to-_ftn1\" id=\"to-_ftnref1\" rel=\"noopener\">[1]</a> <a href=\"#to-part\" rel=\"noopener\">On</a></p><h3 id=\"to-part\">Part</h3><p><a href=\"#to-_ftnref1\" id=\"to-_ftn1\" rel=\"noopener\">[1]</a> See.</p>"
        );
        assert_eq!(cleaned(&html).0, html);
        let (html, _) = cleaned("<p><a href=\"#a\">On</a></p><div id=\"a\"><p>Part</p></div>");
        assert!(html.contains("<a id=\"to-a\" rel=\"noopener\"></a>"), "{html}");
    }

    #[test]
    fn old_embeds_become_cards() {
        let (html, changes) = cleaned(
            "<object><param name=\"movie\" value=\"http://www.youtube.com/v/abc&amp;hl=en\"></param><embed src=\"http://www.youtube.com/v/abc&hl=en\"></embed></object><iframe src=\"//player.example/1\"></iframe>",
        );
        assert!(html.contains("href=\"https://www.youtube.com/watch?v=abc\""), "{html}");
        assert!(html.contains("href=\"https://player.example/1\""), "{html}");
        assert_eq!(changes.total(), 2);
    }

    #[test]
    fn headings_are_demoted_and_empty_blocks_removed() {
        let (html, _) = cleaned(
            "<h1>Top</h1>\n<p></p>\n<p>&nbsp;</p>\n\n<div class=x><p>In</p></div><!-- wp:x -->",
        );
        assert_eq!(html, "<h2>Top</h2>\n<p>In</p>");
    }

    #[test]
    fn control_characters_become_spaces_also_as_entities() {
        let (html, _) = cleaned("<p>a\u{1e}b&#30;c&#x1f;d\u{fffe}\te</p>");
        assert_eq!(html, "<p>a b c d\te</p>");
    }

    #[test]
    fn long_texts_of_references_stay_as_they_are() {
        for reference in ["&amp;", "&lt;", "£", "« »", "a & b"] {
            let written = reference.replace(" & ", " &amp; ");
            let html = format!("<p>{}</p>", written.repeat(2000));
            assert_eq!(cleaned(&html).0, html);
        }
    }

    #[test]
    fn what_is_nested_deep_or_wrong_keeps_its_words_and_stays_short() {
        const N: usize = 3000;
        let words = (0..N).map(|n| format!("word{n}"));
        let nested = |open: &str, close: &str| {
            let inner: String = words.clone().map(|word| format!("{open}{word} ")).collect();
            format!("{inner}{}", close.repeat(N))
        };
        let attributes: String =
            (0..N).map(|n| format!("<font a{n}><b c={n}><p>word{n} ")).collect();
        for html in [
            nested("<ul><li>", "</li></ul>"),
            nested("<blockquote>", "</blockquote>"),
            nested("<b><p><i>", "</b></i>"),
            nested("<table><tr><td>", ""),
            attributes,
        ] {
            let (clean, _) = cleaned(&html);
            let text = crate::text::plain(&clean);
            let kept = text.split_whitespace().filter(|word| word.starts_with("word")).count();
            assert_eq!(kept, N, "{}", &html[..60]);
            assert!(clean.len() < 16 * html.len(), "{}", &html[..60]);
        }
    }

    proptest::proptest! {
        /// The output grows no faster than the input.
        #[test]
        fn output_is_proportional_to_input(
            parts in proptest::collection::vec(proptest::sample::select(&[
                "<b>", "</b>", "<i>", "</i>", "<p>", "</p>", "<li>", "<ul>", "</ul>", "<blockquote>", "word ", "<h1>",
                "<a href='https://a.example'>", "</a>", "<table>", "<td>", "<svg>", "<script>", "</script>", "<img src=x>",
            ][..]), 1..40),
        ) {
            let once = parts.concat();
            let (short, _) = cleaned(&once.repeat(10));
            let (long, _) = cleaned(&once.repeat(100));
            proptest::prop_assert!(short.len() <= 320 * once.len() + 256);
            proptest::prop_assert!(long.len() <= 3200 * once.len() + 256);
        }
    }
}

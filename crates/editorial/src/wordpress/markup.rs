//! Converts WordPress's markup into HTML: block comments, shortcodes and classic paragraphs.

use super::{
    blocks::{BlockSource, embeds, inline_blocks, with_footnotes},
    codes::{AttachmentSource, shortcodes},
};
use crate::import::Changes;

/// What other items of the file have that a post shows.
pub(super) trait Surroundings: AttachmentSource + BlockSource {}

impl<T: AttachmentSource + BlockSource> Surroundings for T {}

/// Converts the content of a post into HTML, which still must be sanitized. `footnotes` is what WordPress keeps of them as JSON.
pub(super) fn html(
    content: &str,
    footnotes: Option<&str>,
    file: &dyn Surroundings,
    changes: &mut Changes,
) -> String {
    let content = inline_blocks(content, file, changes);
    let content = with_footnotes(&content, footnotes, changes);
    count_dynamic_blocks(&content, changes);
    if content.contains("<!--nextpage-->") {
        changes.count("pages of one piece joined");
    }
    let content = content.replace("<!--nextpage-->", "\n\n").replace("<!--more-->", "\n\n");
    let content = content
        .replace("<figure class=\"wp-block-gallery", "<figure class=\"gallery wp-block-gallery");
    let content = pullquotes(&content);
    let content = embeds(&content);
    let content = shortcodes(&content, file, changes);
    if content.contains("<!-- wp:") { content.into_owned() } else { paragraphs(&content) }
}

/// Counts blocks without content, which WordPress fills at each request.
fn count_dynamic_blocks(content: &str, changes: &mut Changes) {
    for opening in content.split("<!-- wp:").skip(1) {
        let Some(end) = opening.find("-->") else { continue };
        if opening[..end].ends_with('/') {
            let name = opening.split([' ', '/']).next().unwrap_or_default();
            if !matches!(name, "more" | "nextpage" | "spacer" | "navigation-link" | "block") {
                changes.count(format!("dynamic block \"{name}\" left out"));
            }
        }
    }
}

/// Converts pull quotes, which WordPress stores as a figure around a quotation, into a single
/// quotation.
fn pullquotes(content: &str) -> String {
    let mut html = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(start) = rest.find("<figure class=\"wp-block-pullquote") {
        let Some(end) = rest[start..].find("</figure>") else { break };
        let inner = &rest[start..start + end];
        html.push_str(&rest[..start]);
        let body = inner
            .find("<blockquote")
            .and_then(|at| inner[at..].find('>').map(|gt| &inner[at + gt + 1..]));
        html.push_str("<blockquote class=\"pullquote\">");
        html.push_str(body.unwrap_or_default().trim_end_matches("</blockquote>"));
        html.push_str("</blockquote>");
        rest = &rest[start + end + "</figure>".len()..];
    }
    html.push_str(rest);
    html
}

/// Elements that are blocks, and are therefore not wrapped in paragraphs.
const BLOCKS: [&str; 30] = [
    "table",
    "thead",
    "tfoot",
    "caption",
    "col",
    "tbody",
    "tr",
    "td",
    "th",
    "div",
    "dl",
    "dd",
    "dt",
    "ul",
    "ol",
    "li",
    "pre",
    "form",
    "blockquote",
    "address",
    "style",
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "figure",
];

/// Converts classic text: blank lines separate paragraphs, other line ends become `<br>`.
fn paragraphs(content: &str) -> String {
    let mut html = String::with_capacity(content.len() * 2);
    let content = content.replace("\r\n", "\n");
    let mut rest = content.as_str();
    // The content of <pre> is kept verbatim.
    while let Some(start) = rest.find("<pre") {
        let end = rest[start..].find("</pre>").map_or(rest.len(), |end| start + end + 6);
        html.push_str(&loose_paragraphs(&rest[..start]));
        html.push_str(&rest[start..end]);
        html.push('\n');
        rest = &rest[end..];
    }
    html.push_str(&loose_paragraphs(rest));
    html
}

fn loose_paragraphs(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    let mut lines: Vec<&str> = Vec::new();
    let flush = |lines: &mut Vec<&str>, html: &mut String| {
        if !lines.is_empty() {
            html.push_str(&format!("<p>{}</p>\n", lines.join("<br>\n")));
            lines.clear();
        }
    };
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            flush(&mut lines, &mut html);
        } else if is_block(trimmed) {
            flush(&mut lines, &mut html);
            html.push_str(trimmed);
            html.push('\n');
        } else if is_address(trimmed) {
            // In WordPress, an address on its own line is an embed.
            flush(&mut lines, &mut html);
            html.push_str(&format!("<iframe src=\"{trimmed}\"></iframe>\n"));
        } else {
            lines.push(trimmed);
        }
    }
    flush(&mut lines, &mut html);
    html
}

fn is_block(line: &str) -> bool {
    let Some(tag) = line.strip_prefix('<') else { return false };
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
    BLOCKS.contains(&name.to_ascii_lowercase().as_str())
}

fn is_address(line: &str) -> bool {
    let web = line.starts_with("http://") || line.starts_with("https://");
    web && !line.contains(char::is_whitespace) && !line.contains(['<', '"'])
}

#[cfg(test)]
mod tests {
    use super::{super::codes::Attachment, *};

    struct Nothing;

    impl AttachmentSource for Nothing {
        fn attachment(&self, _: &str) -> Option<Attachment> {
            None
        }
    }

    impl BlockSource for Nothing {
        fn block(&self, _: &str) -> Option<&str> {
            None
        }
    }

    fn converted(content: &str) -> (String, Changes) {
        let mut changes = Changes::default();
        (html(content, None, &Nothing, &mut changes), changes)
    }

    #[test]
    fn classic_lines_become_paragraphs_and_breaks() {
        let (html, _) = converted("One\r\ntwo\r\n\r\n<h2>Three</h2>\n<pre>a\n\nb</pre>\nFour");
        assert_eq!(html, "<p>One<br>\ntwo</p>\n<h2>Three</h2>\n<pre>a\n\nb</pre>\n<p>Four</p>\n");
    }

    #[test]
    fn known_shortcodes_are_removed_and_brackets_kept() {
        let (html, changes) = converted("He said [sic] so.[gallery ids=\"1,2\"]");
        assert_eq!(html, "<p>He said [sic] so.</p>\n");
        assert_eq!(changes.iter().next(), Some(("shortcode [gallery] left out", 1)));
    }

    #[test]
    fn blocks_keep_their_html() {
        let (html, changes) = converted(
            "<!-- wp:paragraph -->\n<p>Hi</p>\n<!-- /wp:paragraph -->\n<!-- wp:latest-posts /-->",
        );
        assert!(html.contains("<p>Hi</p>"));
        assert_eq!(changes.total(), 1);
    }
}

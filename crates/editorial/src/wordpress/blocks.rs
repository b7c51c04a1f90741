//! Content that WordPress keeps beside the text of a post: reusable blocks, footnotes, and the addresses of embeds.

use std::borrow::Cow;

use serde::Deserialize;

use crate::import::Changes;

/// The maximum number of reusable blocks in one post, also within one another.
const MAX_BLOCKS: usize = 100;
/// By how much reusable blocks may lengthen a post, in bytes.
const MAX_GROWTH: usize = 4 * 1024 * 1024;
/// The maximum number of footnotes of a post.
const MAX_FOOTNOTES: usize = 500;

/// Finds reusable blocks by their ids.
pub(super) trait BlockSource {
    /// The content of the block with this id.
    fn block(&self, id: &str) -> Option<&str>;
}

/// Returns `content` with its reusable blocks in their places.
pub(super) fn inline_blocks<'a>(
    content: &'a str,
    file: &(impl BlockSource + ?Sized),
    changes: &mut Changes,
) -> Cow<'a, str> {
    const REFERENCE: &str = "<!-- wp:block ";
    let mut html = Cow::Borrowed(content);
    for _ in 0..MAX_BLOCKS {
        let Some(start) = html.find(REFERENCE) else { break };
        if html.len() > content.len() + MAX_GROWTH {
            changes.count("reusable block of a very long piece left out");
            break;
        }
        let rest = &html[start + REFERENCE.len()..];
        let length = rest.find("-->").unwrap_or(rest.len());
        let id: String = rest[..length]
            .split("\"ref\":")
            .nth(1)
            .into_iter()
            .flat_map(|after| after.trim_start().chars().take_while(char::is_ascii_digit))
            .collect();
        let end = (start + REFERENCE.len() + length + "-->".len()).min(html.len());
        let block = file.block(&id).unwrap_or_default();
        if block.is_empty() {
            changes.count("reusable block that is not in the file left out");
        }
        html = Cow::Owned([&html[..start], "\n", block, "\n", &html[end..]].concat());
    }
    html
}

#[derive(Deserialize)]
struct Footnote {
    id: String,
    content: String,
}

/// Returns `content` with its footnotes, which are kept as JSON, as a list with links there and back.
pub(super) fn with_footnotes<'a>(
    content: &'a str,
    json: Option<&str>,
    changes: &mut Changes,
) -> Cow<'a, str> {
    const PLACE: &str = "<!-- wp:footnotes /-->";
    let Some(json) = json else { return Cow::Borrowed(content) };
    let Ok(mut notes) = serde_json::from_str::<Vec<Footnote>>(json) else {
        changes.count("footnotes that cannot be read left out");
        return Cow::Borrowed(content);
    };
    notes.truncate(MAX_FOOTNOTES);
    let is_plain = |id: &str| {
        id.len() <= 60 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    notes.retain(|note| !note.id.is_empty() && is_plain(&note.id));
    if notes.is_empty() {
        return Cow::Borrowed(content);
    }
    let mut html = content.to_owned();
    let mut list = "\n<ol class=\"footnotes\">".to_owned();
    for Footnote { id, content } in &notes {
        html = html
            .replace(&format!("href=\"#{id}\""), &format!("href=\"#fn-{id}\""))
            .replace(&format!("id=\"{id}-link\""), &format!("id=\"fnref-{id}\""))
            .replace(&format!("<sup data-fn=\"{id}\" class=\"fn\">"), "<sup class=\"footnote\">");
        list.push_str(&format!("<li id=\"fn-{id}\">{content} <a href=\"#fnref-{id}\">↩</a></li>"));
    }
    list.push_str("</ol>\n");
    if html.contains(PLACE) {
        html = html.replacen(PLACE, &list, 1);
    } else {
        html.push_str(&list);
    }
    Cow::Owned(html)
}

/// Returns `content` with what its embed blocks name in frames, which become cards.
pub(super) fn embeds(content: &str) -> Cow<'_, str> {
    const BLOCK: &str = "<figure class=\"wp-block-embed";
    const WRAPPER: &str = "wp-block-embed__wrapper\">";
    if !content.contains(BLOCK) {
        return Cow::Borrowed(content);
    }
    let mut html = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(start) = rest.find(BLOCK) {
        let Some(length) = rest[start..].find("</figure>") else { break };
        let (figure, after) = rest[start..].split_at(length + "</figure>".len());
        let address = figure.split(WRAPPER).nth(1).and_then(|inner| inner.split('<').next());
        let address = address.map(str::trim).filter(|address| address.starts_with("http"));
        html.push_str(&rest[..start]);
        match address {
            Some(address) => {
                let quoted = address.replace('"', "&quot;");
                html.push_str(&format!("<iframe src=\"{quoted}\"></iframe>"));
                let caption = figure.split_once("<figcaption").and_then(|(_, c)| c.split_once('>'));
                let caption = caption.and_then(|(_, c)| c.split("</figcaption>").next());
                html.extend(caption.map(|caption| format!("<p>{caption}</p>")));
            }
            None => html.push_str(figure),
        }
        rest = after;
    }
    html.push_str(rest);
    Cow::Owned(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct File;

    impl BlockSource for File {
        fn block(&self, id: &str) -> Option<&str> {
            match id {
                "7" => Some("<p>Call us.</p>"),
                "8" => Some("<!-- wp:block {\"ref\":8} /-->"),
                _ => None,
            }
        }
    }

    #[test]
    fn reusable_blocks_are_put_in_their_places() {
        let inlined = |content: &str| {
            let mut changes = Changes::default();
            let html = inline_blocks(content, &File, &mut changes).replace('\n', "");
            (html, changes.total())
        };
        assert_eq!(inlined("a<!-- wp:block {\"ref\":7} /-->b"), ("a<p>Call us.</p>b".into(), 0));
        assert_eq!(inlined("a<!-- wp:block {\"ref\": 9} /-->b"), ("ab".into(), 1));
        // One that contains itself ends.
        assert!(inlined("<!-- wp:block {\"ref\":8} /-->").0.len() < 60);
    }

    #[test]
    fn footnotes_become_a_list_with_links() {
        let mut changes = Changes::default();
        let json = r#"[{"content":"See <em>it</em>.","id":"a-1"}]"#;
        let text = "<p>So<sup data-fn=\"a-1\" class=\"fn\"><a href=\"#a-1\" id=\"a-1-link\">1</a></sup></p><!-- wp:footnotes /-->";
        assert_eq!(
            with_footnotes(text, Some(json), &mut changes),
            "<p>So<sup class=\"footnote\"><a href=\"#fn-a-1\" id=\"fnref-a-1\">1</a></sup></p>\n<ol class=\"footnotes\"><li id=\"fn-a-1\">See <em>it</em>. <a href=\"#fnref-a-1\">↩</a></li></ol>\n"
        );
        assert_eq!(with_footnotes("a", Some("broken"), &mut changes), "a");
        assert_eq!(changes.total(), 1);
    }

    #[test]
    fn embed_blocks_become_frames() {
        let block = "<figure class=\"wp-block-embed is-type-video\"><div class=\"wp-block-embed__wrapper\">\nhttps://youtu.be/1?a=1&amp;b=2\n</div><figcaption>Sea</figcaption></figure>b";
        assert_eq!(
            embeds(block),
            "<iframe src=\"https://youtu.be/1?a=1&amp;b=2\"></iframe><p>Sea</p>b"
        );
    }
}

//! Removes empty elements and blank lines from sanitized HTML, in one pass.

/// Blocks that are removed if they contain nothing that can be seen.
const BLOCKS: [&str; 13] = [
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
    "aside",
];
/// Formatting whose tags are removed around nothing that can be seen.
const FORMATTING: [&str; 2] = ["em", "strong"];
const VOID: [&str; 3] = ["br", "hr", "img"];

/// Removes empty elements and blank lines. `html` is what the sanitizer writes: balanced, with escaped texts.
pub(super) fn tidy(html: &str) -> String {
    let mut tidied = Tidied { html: String::with_capacity(html.len()), open: Vec::new() };
    let mut rest = html;
    while !rest.is_empty() {
        let (text, tag) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        tidied.text(text);
        let (tag, after) = tag.split_at(tag_end(tag));
        tidied.tag(tag);
        rest = after;
    }
    without_blank_lines(&tidied.html)
}

/// Returns the length of the tag at the beginning of `html`.
fn tag_end(html: &str) -> usize {
    let mut is_quoted = false;
    let ends = |byte: u8| {
        is_quoted ^= byte == b'"';
        byte == b'>' && !is_quoted
    };
    html.bytes().position(ends).map_or(html.len(), |at| at + 1)
}

/// An element that is open.
struct OpenElement<'a> {
    name: &'a str,
    /// Where its start tag begins, and where it ends.
    start: (usize, usize),
    is_seen: bool,
}

struct Tidied<'a> {
    html: String,
    open: Vec<OpenElement<'a>>,
}

impl<'a> Tidied<'a> {
    fn text(&mut self, text: &str) {
        self.html.push_str(text);
        if !text.replace("&nbsp;", " ").trim().is_empty() {
            self.mark_seen();
        }
    }

    fn tag(&mut self, tag: &'a str) {
        let name = tag.trim_start_matches(['<', '/']);
        let name = name.split([' ', '>']).next().unwrap_or_default();
        if tag.starts_with("</") {
            self.end(tag);
            return;
        }
        let start = self.html.len();
        self.html.push_str(tag);
        if !VOID.contains(&name) && !tag.is_empty() {
            let start = (start, self.html.len());
            self.open.push(OpenElement { name, start, is_seen: false });
        } else if name != "br" && !tag.is_empty() {
            self.mark_seen();
        }
    }

    fn end(&mut self, tag: &str) {
        let Some(OpenElement { name, start: (start, content), is_seen }) = self.open.pop() else {
            return;
        };
        if !is_seen && BLOCKS.contains(&name) {
            self.html.truncate(start);
        } else if !is_seen && FORMATTING.contains(&name) {
            self.html.replace_range(start..content, "");
        } else {
            self.html.push_str(tag);
            self.mark_seen();
        }
    }

    fn mark_seen(&mut self) {
        if let Some(parent) = self.open.last_mut() {
            parent.is_seen = true;
        }
    }
}

fn without_blank_lines(html: &str) -> String {
    let mut kept = String::with_capacity(html.len());
    let mut verbatim = false;
    for line in html.lines().map(str::trim_end) {
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

    #[test]
    fn elements_without_anything_to_see_are_removed() {
        assert_eq!(tidy("<ul><li> </li><li><p>&nbsp;<br></p></li></ul>\n\n<p>a</p>"), "<p>a</p>");
        assert_eq!(tidy("<p>a<em> </em>b<strong></strong></p>"), "<p>a b</p>");
        for seen in [
            "<figure><img src=\"a>b\"></figure>",
            "<table><tbody><tr><td></td></tr></tbody></table>",
            "<p><a href=\"x\"></a></p>",
            "<blockquote><hr></blockquote>",
            "<pre>a\n\nb</pre>",
        ] {
            assert_eq!(tidy(seen), seen);
        }
    }
}

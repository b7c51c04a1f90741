//! The elements and attributes that an article body may have.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// The elements that a body may have.
pub(super) const TAGS: [&str; 55] = [
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
    "aside",
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
];

/// Elements that are removed with their content.
pub(super) const DROPPED: [&str; 8] =
    ["script", "style", "noscript", "template", "svg", "math", "title", "select"];

/// The classes of the boxes beside a text. Any other `aside` loses its tags.
pub(super) const BOXES: [&str; 3] = ["fact", "ingredients", "related"];

/// The classes of figures.
const FIGURES: [&str; 3] = ["embed", "gallery", "wide"];

fn is_class(word: &str) -> bool {
    BOXES.contains(&word)
        || FIGURES.contains(&word)
        || ["pullquote", "footnotes", "footnote"].contains(&word)
}

/// What names begin with that links of the text lead to.
pub(super) const TARGET: &str = "to-";

/// Whether a name is one of a footnote, its reference, or what a link of the text leads to: no other element of a page has one of them.
pub(super) fn is_target(id: &str) -> bool {
    let name = ["fn-", "fnref-", TARGET].iter().find_map(|prefix| id.strip_prefix(prefix));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.is_some_and(|name| !name.is_empty() && name.len() <= 64 && name.chars().all(is_plain))
}

/// Removes everything else.
pub(super) static ALLOWED: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut allowed = ammonia::Builder::empty();
    allowed
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(DROPPED))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "hreflang"])),
            ("img", HashSet::from(["src", "alt", "width", "height", "loading", "decoding"])),
            ("td", HashSet::from(["colspan", "rowspan", "align"])),
            ("th", HashSet::from(["colspan", "rowspan", "scope", "align"])),
            ("ol", HashSet::from(["start", "reversed"])),
            ("time", HashSet::from(["datetime"])),
            ("abbr", HashSet::from(["title"])),
        ]))
        .generic_attributes(HashSet::from(["lang", "dir", "id"]))
        // A box belongs to the text around it: without a role it would be a landmark of the page.
        .set_tag_attribute_values(HashMap::from([("aside", HashMap::from([("role", "note")]))]))
        .allowed_classes(HashMap::from([
            ("aside", HashSet::from(BOXES)),
            ("blockquote", HashSet::from(["pullquote"])),
            ("figure", HashSet::from(FIGURES)),
            ("ol", HashSet::from(["footnotes"])),
            ("sup", HashSet::from(["footnote"])),
        ]))
        .attribute_filter(|_, attribute, value| {
            let is_kept = match attribute {
                "id" => is_target(value),
                // Otherwise an empty attribute would be left.
                "class" => value.split_ascii_whitespace().any(is_class),
                "align" => ["left", "center", "right"].contains(&value),
                _ => true,
            };
            is_kept.then(|| value.into())
        })
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(Some("noopener"))
        .strip_comments(true);
    allowed
});

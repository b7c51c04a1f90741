//! The elements and attributes that an article body may have.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// The elements that a body may have.
pub(super) const TAGS: [&str; 54] = [
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
];

/// Elements that are removed with their content.
pub(super) const DROPPED: [&str; 8] =
    ["script", "style", "noscript", "template", "svg", "math", "title", "select"];

/// Removes everything else.
pub(super) static ALLOWED: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut allowed = ammonia::Builder::empty();
    allowed
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(DROPPED))
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

//! The WXR format: RSS 2.0 with WordPress's own elements.

use std::collections::HashMap;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// The position of an item in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct ItemLocation {
    start: usize,
    end: usize,
    /// The line on which it starts, from 1.
    pub(super) line: usize,
}

/// The error for a file or an item that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WxrError {
    /// The file has another format.
    #[error(
        "this is not a WordPress export: it has no <rss> with a <channel>; export the site in WordPress under Tools, Export"
    )]
    NotWxr,
    /// The XML is not well-formed.
    #[error("line {line}: the XML is broken here ({reason}); fix the file or export it again")]
    Broken {
        /// The line in the file, from 1.
        line: usize,
        /// The message of the XML parser.
        reason: String,
    },
}

/// What the file says about the site.
pub(super) struct Channel {
    pub(super) site: String,
    /// Display names by login.
    pub(super) authors: HashMap<String, String>,
}

/// A category, tag or format of an item.
pub(super) struct Term {
    domain: String,
    pub(super) slug: String,
    pub(super) name: String,
}

/// One item, as in the file.
#[derive(Default)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) guid: String,
    pub(super) title: String,
    pub(super) link: String,
    pub(super) creator: String,
    pub(super) content: String,
    pub(super) excerpt: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) post_type: String,
    pub(super) password: String,
    pub(super) date: String,
    pub(super) date_gmt: String,
    pub(super) modified: String,
    pub(super) modified_gmt: String,
    pub(super) attachment_url: String,
    pub(super) comments: usize,
    terms: Vec<Term>,
    meta: HashMap<String, String>,
}

impl Item {
    pub(super) fn terms(&self, domain: &str) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.domain == domain)
    }

    pub(super) fn meta(&self, key: &str) -> Option<&str> {
        self.meta.get(key).map(String::as_str)
    }
}

/// Finds every `<item>`.
pub(super) fn item_locations(text: &str) -> Vec<ItemLocation> {
    let mut item_locations = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(offset) = text[at..].find("<item>") {
        let start = at + offset;
        line += text[at..start].matches('\n').count();
        let end = text[start..].find("</item>").map_or(text.len(), |length| start + length + 7);
        item_locations.push(ItemLocation { start, end, line });
        line += text[start..end].matches('\n').count();
        at = end;
    }
    item_locations
}

/// Reads the part before the first item.
pub(super) fn channel(text: &str) -> Result<Channel, WxrError> {
    let head = &text[..text.find("<item>").unwrap_or(text.len())];
    if !head.contains("<rss") || !head.contains("<channel") {
        return Err(WxrError::NotWxr);
    }
    let mut channel = Channel { site: String::new(), authors: HashMap::new() };
    let mut login = String::new();
    // The slice ends within <channel>, so an error at its end is expected; what was read before
    // counts.
    let _ = walk(head, 1, |path, _, value| match path {
        [.., "channel", "link"] if channel.site.is_empty() => {
            channel.site = host(&value).to_owned();
        }
        [.., "wp:author", "wp:author_login"] => login = value,
        [.., "wp:author", "wp:author_display_name"] => {
            channel.authors.insert(login.clone(), value);
        }
        _ => {}
    });
    Ok(channel)
}

fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Reads one item.
pub(super) fn item(text: &str, location: ItemLocation) -> Result<Item, WxrError> {
    let mut item = Item::default();
    let mut meta_key = String::new();
    walk(&text[location.start..location.end], location.line, |path, attributes, value| {
        let ["item", path @ ..] = path else { return };
        match path {
            ["category"] => item.terms.push(Term {
                domain: attributes.get("domain").cloned().unwrap_or_default(),
                slug: attributes.get("nicename").cloned().unwrap_or_else(|| value.clone()),
                name: value,
            }),
            ["wp:postmeta", "wp:meta_key"] => meta_key = value,
            ["wp:postmeta", "wp:meta_value"] => {
                item.meta.insert(meta_key.clone(), value);
            }
            ["wp:comment", "wp:comment_id"] => item.comments += 1,
            [name] => item.set(name, value),
            _ => {}
        }
    })?;
    Ok(item)
}

impl Item {
    fn set(&mut self, name: &str, value: String) {
        let field = match name {
            "title" => &mut self.title,
            "guid" => &mut self.guid,
            "link" => &mut self.link,
            "dc:creator" => &mut self.creator,
            "content:encoded" => &mut self.content,
            "excerpt:encoded" => &mut self.excerpt,
            "wp:post_id" => &mut self.id,
            "wp:post_name" => &mut self.name,
            "wp:status" => &mut self.status,
            "wp:post_type" => &mut self.post_type,
            "wp:post_password" => &mut self.password,
            "wp:post_date" => &mut self.date,
            "wp:post_date_gmt" => &mut self.date_gmt,
            "wp:post_modified" => &mut self.modified,
            "wp:post_modified_gmt" => &mut self.modified_gmt,
            "wp:attachment_url" => &mut self.attachment_url,
            _ => return,
        };
        *field = value;
    }
}

/// The depth of the deepest element that means something, and some more.
const MAX_DEPTH: usize = 8;

fn attributes_of(start: &BytesStart<'_>) -> HashMap<String, String> {
    start
        .attributes()
        // Comparing each with all others takes quadratic time.
        .with_checks(false)
        .flatten()
        .map(|attribute| {
            let value = html_escape::decode_html_entities(&attribute.value).into_owned();
            (attribute.key.as_ref().to_owned(), value)
        })
        .collect()
}

/// Calls `leaf` with the path, the attributes and the text of every element.
fn walk(
    xml: &str,
    first_line: usize,
    mut leaf: impl FnMut(&[&str], &HashMap<String, String>, String),
) -> Result<(), WxrError> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut attributes = HashMap::new();
    loop {
        let position =
            usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(xml.len());
        let broken = |reason: String| WxrError::Broken {
            line: first_line + xml.get(..position).unwrap_or(xml).matches('\n').count(),
            reason,
        };
        match reader.read_event().map_err(|error| broken(error.to_string()))? {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                attributes = attributes_of(&start);
                value.clear();
            }
            Event::Text(text) => value.push_str(&text),
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                value.push_str(&html_escape::decode_html_entities(&format!("&{name};")));
            }
            Event::CData(data) => value.push_str(&data),
            Event::End(_) => {
                let value = std::mem::take(&mut value);
                if path.len() <= MAX_DEPTH {
                    let names: Vec<&str> = path.iter().map(String::as_str).collect();
                    leaf(&names, &attributes, value);
                }
                path.pop();
            }
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => {
                let open = path[path.len().saturating_sub(MAX_DEPTH)..].join("><");
                return Err(broken(format!("the file ends inside <{open}>")));
            }
            _ => {}
        }
    }
}

//! The WXR format: RSS 2.0 with WordPress's own elements.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    io,
};

use masthead_access::printable;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::items::ItemLocation;
use crate::import::source::{ArchiveText, MAX_HEAD, MAX_ITEM, is_of_the_text, part};

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
    /// The file has more items than this number, which is the maximum.
    #[error("it has more than {0} items; export the site in parts, such as one year each")]
    TooMany(usize),
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl From<io::Error> for WxrError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// What the file says about the site.
#[derive(Default)]
pub(super) struct Channel {
    pub(super) site: String,
    /// The logins of authors with their display names, in the order of the file.
    pub(super) authors: Vec<(String, String)>,
    /// The slugs of categories by their ids.
    pub(super) categories: HashMap<String, String>,
}

/// A category, tag or format of an item.
pub(super) struct Term {
    pub(super) domain: String,
    /// Its slug as it is read: percent-encoding is decoded.
    pub(super) slug: String,
    pub(super) name: String,
}

/// One item, as in the file, with printable texts.
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
    pub(super) pub_date: String,
    pub(super) modified: String,
    pub(super) modified_gmt: String,
    pub(super) attachment_url: String,
    pub(super) comments: usize,
    /// How many of its texts had characters that cannot be stored.
    pub(super) corrected: usize,
    pub(super) terms: Vec<Term>,
    meta: BTreeMap<String, Vec<String>>,
}

impl Item {
    pub(super) fn terms(&self, domain: &str) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.domain == domain)
    }

    /// The last value of this key, as WordPress shows it; `None` if it is missing or blank.
    pub(super) fn meta(&self, key: &str) -> Option<&str> {
        let value = self.meta.get(key)?.last()?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// All values of this key.
    pub(super) fn metas(&self, key: &str) -> impl Iterator<Item = &str> {
        self.meta.get(key).into_iter().flatten().map(String::as_str)
    }

    /// The keys of its metadata that have a value.
    pub(super) fn meta_keys(&self) -> impl Iterator<Item = &str> {
        self.meta.keys().map(String::as_str).filter(|key| self.meta(key).is_some())
    }
}

/// An item with broken XML.
pub(super) struct BrokenItem {
    /// Its title, if that could be read.
    pub(super) title: String,
    pub(super) error: WxrError,
}

/// Reads the part before the first item.
pub(super) fn channel(text: &dyn ArchiveText, items: &[ItemLocation]) -> Result<Channel, WxrError> {
    let end = items.first().map_or(text.length(), |item| item.start);
    let head = part(text, (0, end), MAX_HEAD)?;
    let head = head.as_str();
    if !head.contains("<rss") || !head.contains("<channel") {
        return Err(WxrError::NotWxr);
    }
    let mut channel = Channel::default();
    let (mut login, mut term) = (String::new(), String::new());
    // The slice ends within <channel>, so an error at its end is expected; what was read before
    // counts.
    let _ = walk(head, 1, |path, _, value| match path {
        [.., "channel", "link"] if channel.site.is_empty() => {
            channel.site = host(&value).to_owned();
        }
        [.., "wp:author", "wp:author_login"] => login = value.trim().to_owned(),
        [.., "wp:author", "wp:author_display_name"] => {
            channel.authors.push((login.clone(), printable(&value).trim().to_owned()));
        }
        [.., "wp:category", "wp:term_id"] => term = value.trim().to_owned(),
        [.., "wp:category", "wp:category_nicename"] => {
            channel.categories.insert(term.clone(), percent_decode(value.trim()));
        }
        _ => {}
    });
    Ok(channel)
}

fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Reads one item. Returns the inner error if its text or its XML is broken.
///
/// # Errors
///
/// If the file cannot be read, which says nothing about the item.
pub(super) fn item(
    text: &dyn ArchiveText,
    location: ItemLocation,
) -> io::Result<Result<Item, BrokenItem>> {
    let mut item = Item::default();
    let mut meta_key = String::new();
    let ItemLocation { start, end, line } = location;
    let xml = match part(text, (start, end), MAX_ITEM) {
        Ok(xml) => xml,
        Err(error) if is_of_the_text(&error) => {
            let error = error.into();
            return Ok(Err(BrokenItem { title: String::new(), error }));
        }
        Err(error) => return Err(error),
    };
    let walked = walk(&xml, line, |path, attributes, value| {
        let ["item", path @ ..] = path else { return };
        let value = match printable(&value) {
            Cow::Borrowed(_) => value,
            Cow::Owned(corrected) => {
                item.corrected += 1;
                corrected
            }
        };
        match path {
            ["category"] => item.terms.push(Term {
                domain: attributes.get("domain").cloned().unwrap_or_default(),
                slug: percent_decode(attributes.get("nicename").unwrap_or(&value).trim()),
                name: value,
            }),
            ["wp:postmeta", "wp:meta_key"] => meta_key = value.trim().to_owned(),
            ["wp:postmeta", "wp:meta_value"] => {
                item.meta.entry(meta_key.clone()).or_default().push(value);
            }
            ["wp:comment", "wp:comment_id"] => item.comments += 1,
            [name] => item.set(name, value),
            _ => {}
        }
    });
    Ok(match walked {
        Ok(()) => Ok(item),
        Err(error) => Err(BrokenItem { title: item.title, error }),
    })
}

/// Decodes percent-encoding (RFC 3986, section 2.1). Returns `text` unchanged if the result is not UTF-8. A letter is left out of which
/// the end is missing: databases cut long slugs.
pub(super) fn percent_decode(text: &str) -> String {
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(text).collect();
    let whole = match std::str::from_utf8(&bytes) {
        Ok(decoded) => Some(decoded),
        Err(error) if error.error_len().is_none() => bytes
            .get(..error.valid_up_to())
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .filter(|decoded| !decoded.is_empty()),
        Err(_) => None,
    };
    whole.map_or_else(|| text.to_owned(), |decoded| printable(decoded).into_owned())
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
            "pubDate" => &mut self.pub_date,
            "wp:post_date" => &mut self.date,
            "wp:post_date_gmt" => &mut self.date_gmt,
            "wp:post_modified" => &mut self.modified,
            "wp:post_modified_gmt" => &mut self.modified_gmt,
            "wp:attachment_url" => &mut self.attachment_url,
            _ => return,
        };
        // Files that were edited or indented by other programs have spaces around values.
        *field = match value.trim() {
            text if text.len() == value.len() || name.ends_with(":encoded") => value,
            text => text.to_owned(),
        };
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

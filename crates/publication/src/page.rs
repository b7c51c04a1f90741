//! Pages made of parts that are compressed once.
//!
//! A page for a reader differs from the page for another only in the message it holds. So a template
//! marks the *slots* where messages go; everything between them is compressed once for each version
//! of an article, each message once for all articles, and a response is their concatenation. See
//! [`crate::compression`] for why compressed parts may simply be put one after another.
//!
//! A template also marks what many pages have in *common*, such as the navigation: it is compressed
//! and kept once for all of them. And it marks what only readers get who have kept what the page is about, or only the others:
//! both are in the page, and one of them is sent.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use bytes::{Bytes, BytesMut};
use masthead_access::message::Placement;
use parking_lot::Mutex;

use crate::compression::{Encoding, Ending};

/// A run of HTML in one encoding.
#[derive(Clone, Debug)]
pub struct Part {
    encoded: Bytes,
    ending: Ending,
}

impl Part {
    /// A part that may be anywhere except at the beginning.
    pub fn new(html: &str, encoding: Encoding) -> Self {
        Self { encoded: encoding.compress(html.as_bytes()), ending: Ending::of(html.as_bytes()) }
    }

    fn first(html: &str, encoding: Encoding) -> Self {
        Self { encoded: encoding.begin(html.as_bytes()), ending: Ending::of(html.as_bytes()) }
    }

    fn at(index: usize, html: &str, encoding: Encoding) -> Self {
        if index == 0 { Self::first(html, encoding) } else { Self::new(html, encoding) }
    }
}

/// One stretch of a page.
#[derive(Clone, Debug)]
enum Stretch {
    /// The same for every reader.
    Own(Arc<Part>),
    /// The same for every reader, on many pages.
    Common(Arc<Part>),
    /// Where something goes that differs from reader to reader.
    Slot(Slot),
    /// What only those readers get who keep what the page is about (saved it, or follow it), or only the others.
    OnlyIf { is_kept: bool, part: Arc<Part> },
    /// What to read next: it changes more often than the rest of the page.
    Related(Option<Arc<Part>>),
}

/// What differs from reader to reader in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A message.
    Message(Placement),
    /// The links of the header to what the reader can do: sign in, subscribe, or open their account.
    ReaderLinks,
    /// What a reader is told once, such as thanks for an order.
    Note,
}

impl Slot {
    /// Returns the slot of this name.
    fn named(name: &str) -> Option<Self> {
        match name {
            READER_LINKS_SLOT => Some(Self::ReaderLinks),
            NOTE_SLOT => Some(Self::Note),
            _ => name.parse().ok().map(Self::Message),
        }
    }
}

/// What pages have in common, for as long as one of them is kept.
#[derive(Debug, Default)]
pub struct CommonParts(Mutex<HashMap<CommonKey, Weak<Part>>>);

/// The encoding, whether it begins a page, and the HTML.
type CommonKey = (Encoding, bool, Box<str>);

impl CommonParts {
    fn part_at(&self, index: usize, html: &str, encoding: Encoding) -> Arc<Part> {
        // The first part of a page is encoded in another way.
        let key = (encoding, index == 0, Box::from(html));
        if let Some(part) = self.0.lock().get(&key).and_then(Weak::upgrade) {
            return part;
        }
        // Compressing takes up to a millisecond, so it happens without the lock.
        let part = Arc::new(Part::at(index, html, encoding));
        let mut parts = self.0.lock();
        // Another page may have added it meanwhile.
        if let Some(known) = parts.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        parts.retain(|_, part| part.strong_count() > 0);
        parts.insert(key, Arc::downgrade(&part));
        part
    }
}

/// A rendered page in one encoding, with its slots still empty.
#[derive(Clone, Debug)]
pub struct Page {
    encoding: Encoding,
    stretches: Box<[Stretch]>,
}

/// A page for one reader, ready to be sent.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The bytes, encoded.
    pub content: Bytes,
    /// An entity tag (RFC 9110, section 8.8.3) that is the same for the same HTML, whatever the
    /// encoding.
    pub tag: String,
}

/// What allocator and counts add to a part, in bytes, and what the cache adds to a page; about.
const ALLOCATIONS: usize = 48;
const ENTRY: usize = 300;

/// Control characters that HTML does not allow. Templates remove them from every value (`theme::escape`).
const SLOT: char = '\u{1f}';
const COMMON: char = '\u{1e}';
const ONLY_IF: char = '\u{1d}';

/// What a template writes where the slot of this name is.
pub fn slot_mark(name: &str) -> String {
    format!("{SLOT}{name}{SLOT}")
}

/// The name of the slot for what to read next.
pub const RELATED_SLOT: &str = "related";

/// The name of the slot for the reader's links.
pub const READER_LINKS_SLOT: &str = "reader-links";

/// The name of the slot for what a reader is told once.
pub const NOTE_SLOT: &str = "note";

/// What a template writes where pages are the same. There are no slots in it.
pub fn common_mark(html: &str) -> String {
    format!("{COMMON}{html}{COMMON}")
}

/// What a template writes for readers who keep what the page is about, or for the others. There are no slots in it, and it does
/// not begin a page.
pub fn only_if_mark(is_kept: bool, html: &str) -> String {
    let condition = if is_kept { KEPT } else { NOT_KEPT };
    format!("{ONLY_IF}{condition}{html}{ONLY_IF}")
}

const KEPT: char = '+';
const NOT_KEPT: char = '-';

impl Page {
    /// The page of rendered HTML with marks in it.
    pub fn new(html: &str, encoding: Encoding, common: &CommonParts) -> Self {
        let mut stretches = Vec::new();
        for (index, run) in html.split(COMMON).enumerate() {
            let is_common = index % 2 == 1;
            if is_common {
                let part = common.part_at(stretches.len(), run, encoding);
                stretches.push(Stretch::Common(part));
                continue;
            }
            for (index, run) in run.split(ONLY_IF).enumerate() {
                let only_if = |run: &str| {
                    let is_kept = run.starts_with(KEPT);
                    let html = run.get(1..).unwrap_or_default();
                    // Often the same on many pages. It never begins one.
                    Stretch::OnlyIf { is_kept, part: common.part_at(1, html, encoding) }
                };
                if index % 2 == 1 {
                    stretches.push(only_if(run));
                } else {
                    add_run(&mut stretches, run, encoding);
                }
            }
        }
        Self { encoding, stretches: stretches.into() }
    }

    /// Returns the page with these related articles.
    #[must_use]
    pub fn with_related(&self, related: Option<&Arc<Part>>) -> Self {
        let replaced = |stretch: &Stretch| match stretch {
            Stretch::Related(_) => Stretch::Related(related.cloned()),
            other => other.clone(),
        };
        Self { encoding: self.encoding, stretches: self.stretches.iter().map(replaced).collect() }
    }

    /// Its size in memory, in bytes, about.
    pub fn weight(&self) -> usize {
        let stretch = |stretch: &Stretch| match stretch {
            Stretch::Own(part) | Stretch::Related(Some(part)) => {
                size_of::<Part>() + part.encoded.len() + ALLOCATIONS
            }
            Stretch::Common(_)
            | Stretch::OnlyIf { .. }
            | Stretch::Slot(_)
            | Stretch::Related(None) => 0,
        };
        self.stretches.iter().map(stretch).sum::<usize>() + size_of_val(&*self.stretches) + ENTRY
    }

    /// The whole page, with what `content` has for each slot, for a reader who does not keep what the page is about.
    pub fn assemble(&self, content: impl Fn(Slot) -> Option<Arc<Part>>) -> Assembled {
        self.assemble_for(false, content)
    }

    /// The whole page, with what `content` has for each slot. `keeps` is whether the reader keeps what the page is about: has
    /// saved the article, or follows the topic or author.
    pub fn assemble_for(
        &self,
        keeps: bool,
        content: impl Fn(Slot) -> Option<Arc<Part>>,
    ) -> Assembled {
        // No theme has more than a handful of slots.
        let contents: Vec<Option<Arc<Part>>> = self
            .stretches
            .iter()
            .map(|stretch| match stretch {
                Stretch::Own(_)
                | Stretch::Common(_)
                | Stretch::OnlyIf { .. }
                | Stretch::Related(_) => None,
                Stretch::Slot(slot) => content(*slot),
            })
            .collect();
        let parts = || {
            self.stretches.iter().zip(&contents).filter_map(|(stretch, content)| match stretch {
                Stretch::Own(part) | Stretch::Common(part) => Some(&**part),
                Stretch::Slot(_) => content.as_deref(),
                Stretch::OnlyIf { is_kept, part } => (*is_kept == keeps).then_some(&**part),
                Stretch::Related(related) => related.as_deref(),
            })
        };
        let length: usize = parts().map(|part| part.encoded.len()).sum();
        let mut whole = BytesMut::with_capacity(length + Encoding::FRAME);
        self.encoding.open(&mut whole);
        let mut ending = Ending::default();
        for part in parts() {
            whole.extend_from_slice(&part.encoded);
            ending.add(&part.ending, self.encoding);
        }
        self.encoding.close(&mut whole, &ending);
        Assembled { content: whole.freeze(), tag: ending.tag() }
    }
}

/// Adds a run that has slots in it.
fn add_run(stretches: &mut Vec<Stretch>, run: &str, encoding: Encoding) {
    for (index, text) in run.split(SLOT).enumerate() {
        match Slot::named(text) {
            Some(slot) if index % 2 == 1 => stretches.push(Stretch::Slot(slot)),
            _ if index % 2 == 1 && text == RELATED_SLOT => stretches.push(Stretch::Related(None)),
            _ if text.trim().is_empty() => {}
            _ => {
                let part = Part::at(stretches.len(), text, encoding);
                stretches.push(Stretch::Own(Arc::new(part)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const MESSAGE: &str = "<aside>Hello</aside>";

    fn assembled(html: &str, encoding: Encoding) -> Assembled {
        Page::new(html, encoding, &CommonParts::default()).assemble(|placement| {
            (placement == Slot::Message(Placement::Inline))
                .then(|| Arc::new(Part::new(MESSAGE, encoding)))
        })
    }

    fn unpacked(content: &[u8], encoding: Encoding) -> String {
        let mut plain = String::new();
        match encoding {
            Encoding::Identity => plain.push_str(std::str::from_utf8(content).expect("UTF-8")),
            Encoding::Gzip => {
                flate2::read::GzDecoder::new(content).read_to_string(&mut plain).expect("gzip");
            }
            Encoding::Brotli => {
                brotli::Decompressor::new(content, 4096)
                    .read_to_string(&mut plain)
                    .expect("brotli");
            }
        }
        plain
    }

    #[test]
    fn messages_stand_in_their_slots_in_every_encoding() {
        for size in [1, 10, 5000, 200_000_u32] {
            let text: String = (0..size)
                .map(|n| char::from(b'a' + u8::try_from(n * 7 % 23).unwrap_or(0)))
                .collect();
            let (inline, wall) =
                (slot_mark(Placement::Inline.name()), slot_mark(Placement::Wall.name()));
            let (head, foot) = (common_mark("<head>"), common_mark("</html>"));
            let html = format!("{head}{text}{inline}{text}{wall}{text}{foot}");
            for encoding in Encoding::ALL {
                let page = assembled(&html, encoding);
                let expected = format!("<head>{text}{MESSAGE}{text}{text}</html>");
                assert_eq!(unpacked(&page.content, encoding), expected, "{encoding:?} {size}");
            }
        }
    }

    #[test]
    fn readers_get_the_part_that_is_for_them_in_every_encoding() {
        let (kept, other) = (only_if_mark(true, "+ Remove"), only_if_mark(false, "- Save"));
        let html = format!("<p>{other}{kept}</p>");
        for encoding in Encoding::ALL {
            let page = Page::new(&html, encoding, &CommonParts::default());
            let said = |keeps| page.assemble_for(keeps, |_| None);
            assert_eq!(unpacked(&said(true).content, encoding), "<p>+ Remove</p>", "{encoding:?}");
            assert_eq!(unpacked(&said(false).content, encoding), "<p>- Save</p>", "{encoding:?}");
            assert_eq!(page.assemble(|_| None).content, said(false).content);
            assert_ne!(said(true).tag, said(false).tag, "a device asks whether it has changed");
        }
    }

    #[test]
    fn what_pages_have_in_common_is_kept_once_and_goes_with_them() {
        let common = CommonParts::default();
        let html = format!("{}one{}", common_mark("<head>"), common_mark("</html>"));
        let pages = [(); 2].map(|()| Page::new(&html, Encoding::Brotli, &common));
        let kept = || common.0.lock().values().filter(|part| part.strong_count() > 0).count();
        assert_eq!(kept(), 2);
        drop(pages);
        assert_eq!(kept(), 0);
        // Buttons to save an article are the same on all articles.
        let html = format!("<p>{}{}</p>", only_if_mark(true, "one"), only_if_mark(false, "two"));
        let pages = [(); 2].map(|()| Page::new(&html, Encoding::Brotli, &common));
        assert_eq!(kept(), 2);
        drop(pages);
        assert_eq!(kept(), 0);
    }

    #[test]
    fn related_articles_weigh_as_much_as_the_text_of_the_page() {
        let page = Page::new(&slot_mark(RELATED_SLOT), Encoding::Identity, &CommonParts::default());
        let html = "<p>Read on.</p>".repeat(100);
        let related = Arc::new(Part::new(&html, Encoding::Identity));
        let grown = page.with_related(Some(&related)).weight() - page.weight();
        assert!(grown >= html.len(), "{grown}");
    }

    #[test]
    fn the_tag_tells_contents_apart_and_not_encodings() {
        let tag = |html: &str, encoding| assembled(html, encoding).tag;
        assert_eq!(tag("one", Encoding::Gzip), tag("one", Encoding::Brotli));
        assert_ne!(tag("one", Encoding::Gzip), tag("two", Encoding::Gzip));
        let slot = slot_mark(Placement::Inline.name());
        assert_ne!(tag(&format!("one{slot}"), Encoding::Gzip), tag("one", Encoding::Gzip));
    }
}

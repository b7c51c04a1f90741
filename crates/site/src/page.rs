//! Pages made of parts that are compressed once.
//!
//! A page for a reader differs from the page for another only in the message it holds. So a template
//! marks the *slots* where messages go; what stands between them is compressed once for each version
//! of an article, each message once for all articles, and a response is their concatenation. See
//! [`crate::compression`] for why compressed parts may simply be put one after another.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use masthead_access::message::Placement;

use crate::compression::{Encoding, Ending};

/// A run of HTML in one encoding.
#[derive(Clone, Debug)]
pub struct Part {
    encoded: Bytes,
    ending: Ending,
}

impl Part {
    /// A part that may stand anywhere but at the beginning.
    pub fn new(html: &str, encoding: Encoding) -> Self {
        Self { encoded: encoding.compress(html.as_bytes()), ending: Ending::of(html.as_bytes()) }
    }

    fn first(html: &str, encoding: Encoding) -> Self {
        Self { encoded: encoding.begin(html.as_bytes()), ending: Ending::of(html.as_bytes()) }
    }
}

/// One stretch of a page.
#[derive(Clone, Debug)]
enum Stretch {
    /// The same for every reader.
    Fixed(Part),
    /// Where a message goes.
    Slot(Placement),
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

/// What a template writes where a message goes. The unit separator cannot come from content: it is
/// no character that HTML allows, and [`Page::new`] is given what a template with escaping made.
pub fn slot_mark(placement: Placement) -> String {
    format!("\u{1f}{}\u{1f}", placement.name())
}

impl Page {
    /// The page of rendered HTML with slot marks in it.
    pub fn new(html: &str, encoding: Encoding) -> Self {
        let stretches = html.split('\u{1f}').enumerate().filter_map(|(index, text)| match text
            .parse::<Placement>(
        ) {
            Ok(placement) if index % 2 == 1 => Some(Stretch::Slot(placement)),
            _ if index == 0 => Some(Stretch::Fixed(Part::first(text, encoding))),
            _ if text.trim().is_empty() => None,
            _ => Some(Stretch::Fixed(Part::new(text, encoding))),
        });
        Self { encoding, stretches: stretches.collect() }
    }

    /// Its size in memory, in bytes, about.
    pub fn weight(&self) -> usize {
        let stretch = |stretch: &Stretch| match stretch {
            Stretch::Fixed(part) => part.encoded.len(),
            Stretch::Slot(_) => 0,
        };
        self.stretches.iter().map(stretch).sum::<usize>() + self.stretches.len() * 80 + 150
    }

    /// The whole page, with a message in each slot for which `message` has one.
    pub fn assemble(&self, message: impl Fn(Placement) -> Option<Arc<Part>>) -> Assembled {
        // No theme has more than a handful of slots.
        let messages: Vec<Option<Arc<Part>>> = self
            .stretches
            .iter()
            .map(|stretch| match stretch {
                Stretch::Fixed(_) => None,
                Stretch::Slot(placement) => message(*placement),
            })
            .collect();
        let parts = || {
            self.stretches.iter().zip(&messages).filter_map(|(stretch, message)| match stretch {
                Stretch::Fixed(part) => Some(part),
                Stretch::Slot(_) => message.as_deref(),
            })
        };
        let length: usize = parts().map(|part| part.encoded.len()).sum();
        let mut whole = BytesMut::with_capacity(length + Encoding::FRAME);
        self.encoding.open(&mut whole);
        let mut ending = Ending::default();
        for part in parts() {
            whole.extend_from_slice(&part.encoded);
            ending.add(&part.ending);
        }
        self.encoding.close(&mut whole, &ending);
        Assembled { content: whole.freeze(), tag: ending.tag() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const MESSAGE: &str = "<aside>Hello</aside>";

    fn assembled(html: &str, encoding: Encoding) -> Assembled {
        Page::new(html, encoding).assemble(|placement| {
            (placement == Placement::Inline).then(|| Arc::new(Part::new(MESSAGE, encoding)))
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
            let (inline, wall) = (slot_mark(Placement::Inline), slot_mark(Placement::Wall));
            let html = format!("{text}{inline}{text}{wall}{text}");
            for encoding in Encoding::ALL {
                let page = assembled(&html, encoding);
                let expected = format!("{text}{MESSAGE}{text}{text}");
                assert_eq!(unpacked(&page.content, encoding), expected, "{encoding:?} {size}");
            }
        }
    }

    #[test]
    fn the_tag_tells_contents_apart_and_not_encodings() {
        let tag = |html: &str, encoding| assembled(html, encoding).tag;
        assert_eq!(tag("one", Encoding::Gzip), tag("one", Encoding::Brotli));
        assert_ne!(tag("one", Encoding::Gzip), tag("two", Encoding::Gzip));
        let slot = slot_mark(Placement::Inline);
        assert_ne!(tag(&format!("one{slot}"), Encoding::Gzip), tag("one", Encoding::Gzip));
    }
}

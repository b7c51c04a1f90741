//! Compressed parts that can be put one after another.
//!
//! In gzip, parts are deflate blocks that end on a byte boundary and refer to nothing before them
//! (RFC 1951, section 3.2; RFC 1952), so joining them takes no work but their checksum. In Brotli
//! (RFC 7932) they are meta-blocks of the same kind; the first carries the stream's header.

use std::{
    hash::{DefaultHasher, Hasher},
    io::Write,
};

use brotli::enc::{BrotliEncoderParams, backward_references::BrotliEncoderMode};
use bytes::{BufMut, Bytes, BytesMut};
use flate2::{Compress, Compression, FlushCompress};
use http::{HeaderMap, HeaderValue, header};

/// How a response is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932).
    Brotli,
}

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Gzip, Self::Brotli];
    /// The most bytes that beginning and end of a stream add.
    pub const FRAME: usize = 24;

    /// The smallest encoding of those that a client takes (RFC 9110, section 12.5.3).
    ///
    /// Written here because this runs for every request: it allocates nothing. `headers` has no type for this header, the
    /// parser of `tower-http` is private, and crates that negotiate encodings build lists of strings.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let choices = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        let mut best = Self::Identity;
        for choice in choices {
            match Self::choice(choice) {
                Some(Self::Brotli) => return Self::Brotli,
                Some(Self::Gzip) => best = Self::Gzip,
                Some(Self::Identity) | None => {}
            }
        }
        best
    }

    /// Returns the encoding that a choice in `Accept-Encoding` takes, such as `gzip;q=0.5`. `None` if it is another, or is
    /// not taken.
    fn choice(choice: &[u8]) -> Option<Self> {
        let end = choice.iter().position(|byte| *byte == b';').unwrap_or(choice.len());
        let (name, quality) = choice.split_at(end);
        let name = name.trim_ascii();
        let encoding = if name.eq_ignore_ascii_case(b"br") {
            Self::Brotli
        } else if name.eq_ignore_ascii_case(b"gzip") {
            Self::Gzip
        } else {
            return None;
        };
        let quality = std::str::from_utf8(quality).unwrap_or_default();
        let quality = quality.trim_start_matches(';').trim().strip_prefix("q=");
        (quality.map(str::parse::<f32>) != Some(Ok(0.0))).then_some(encoding)
    }

    /// Its name in `Content-Encoding`; none for the identity.
    pub fn header(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Brotli => Some(HeaderValue::from_static("br")),
        }
    }

    /// Compresses the first part of a stream.
    pub fn begin(self, content: &[u8]) -> Bytes {
        match self {
            Self::Brotli => brotli(content, |params| params.appendable = true),
            Self::Identity | Self::Gzip => self.compress(content),
        }
    }

    /// Compresses a later part.
    pub fn compress(self, content: &[u8]) -> Bytes {
        match self {
            Self::Identity => Bytes::copy_from_slice(content),
            Self::Gzip => deflate(content),
            Self::Brotli => brotli(content, |params| params.catable = true),
        }
    }

    /// Writes what comes before the first part.
    pub fn open(self, whole: &mut BytesMut) {
        if self == Self::Gzip {
            // Deflate, no name, no time, unknown system (RFC 1952, section 2.3).
            whole.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        }
    }

    /// Writes what comes after the last part.
    pub fn close(self, whole: &mut BytesMut, ending: &Ending) {
        match self {
            Self::Identity => {}
            Self::Gzip => {
                // An empty final block with fixed codes (RFC 1951, section 3.2.6).
                whole.extend_from_slice(&[3, 0]);
                whole.put_u32_le(ending.checksum.clone().finalize());
                whole.put_u32_le(ending.size());
            }
            // An empty last meta-block (RFC 7932, section 9.2).
            Self::Brotli => whole.put_u8(3),
        }
    }

    /// Compresses, as small as it gets, something that is served as it is.
    pub fn whole(self, content: &[u8]) -> Bytes {
        match self {
            Self::Identity => Bytes::copy_from_slice(content),
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
                // Writing into memory does not fail.
                drop(encoder.write_all(content));
                encoder.finish().unwrap_or_default().into()
            }
            Self::Brotli => {
                let mut compressed = Vec::new();
                let params =
                    BrotliEncoderParams { quality: 9, lgwin: 18, ..BrotliEncoderParams::default() };
                drop(brotli::BrotliCompress(&mut &content[..], &mut compressed, &params));
                compressed.into()
            }
        }
    }
}

/// 2⁶⁴ divided by the golden ratio: multiplying by it spreads bits well (Knuth, TAOCP 6.4).
const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// What a stream's end says about all that came before.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    checksum: crc32fast::Hasher,
    length: u64,
    digest: u64,
}

impl Ending {
    /// The ending of a stream that holds `content`, which is not compressed.
    pub fn of(content: &[u8]) -> Self {
        let mut digest = DefaultHasher::new();
        digest.write(content);
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(content);
        Self { checksum, length: content.len() as u64, digest: digest.finish() }
    }

    /// Adds what follows. Joining checksums takes as long as sealing a token, so it is done for the
    /// one encoding that has them.
    pub fn add(&mut self, next: &Self, encoding: Encoding) {
        if encoding == Encoding::Gzip {
            self.checksum.combine(&next.checksum);
        }
        self.length += next.length;
        self.digest = (self.digest.rotate_left(23) ^ next.digest).wrapping_mul(GOLDEN_RATIO);
    }

    /// A weak entity tag, for the bytes differ with the encoding.
    pub fn tag(&self) -> String {
        // Formatting it takes as long as deciding who may read the page.
        let digits = self.digest.to_be_bytes().map(|byte| [byte >> 4, byte & 15]);
        let digits = digits.as_flattened().iter().map(|digit| char::from(HEX[usize::from(*digit)]));
        let mut tag = String::with_capacity(20);
        tag.push_str("W/\"");
        tag.extend(digits);
        tag.push('"');
        tag
    }

    /// gzip keeps the size modulo 2³².
    fn size(&self) -> u32 {
        u32::try_from(self.length & 0xffff_ffff).unwrap_or_default()
    }
}

/// Raw deflate blocks, ended by a full flush: byte-aligned, and with nothing before them needed.
fn deflate(content: &[u8]) -> Bytes {
    let mut compress = Compress::new(Compression::new(6), false);
    let mut blocks = Vec::with_capacity(content.len() / 2 + 64);
    loop {
        let from = usize::try_from(compress.total_in()).unwrap_or_default();
        // Compressing into a growing buffer does not fail.
        let status = compress.compress_vec(&content[from..], &mut blocks, FlushCompress::Full);
        let read_all = compress.total_in() == content.len() as u64;
        if status.is_err() || (read_all && blocks.len() < blocks.capacity()) {
            return Bytes::copy_from_slice(&blocks);
        }
        blocks.reserve(4096);
    }
}

fn brotli(content: &[u8], shape: impl FnOnce(&mut BrotliEncoderParams)) -> Bytes {
    if content.is_empty() {
        return Bytes::new();
    }
    let mut params = BrotliEncoderParams {
        quality: 5,
        lgwin: 18,
        mode: BrotliEncoderMode::BROTLI_MODE_TEXT,
        bare_stream: true,
        ..BrotliEncoderParams::default()
    };
    shape(&mut params);
    let mut compressed = Vec::new();
    // Reading from and writing into memory do not fail.
    drop(brotli::BrotliCompress(&mut &content[..], &mut compressed, &params));
    // Copied, for a vector that is told to shrink may keep half as much again.
    Bytes::copy_from_slice(&compressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(value: &'static str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        Encoding::accepted(&headers)
    }

    #[test]
    fn clients_get_the_smallest_encoding_they_take() {
        assert_eq!(accepted("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(accepted("br;q=0, GZIP;q=0.5"), Encoding::Gzip);
        assert_eq!(accepted("gzip;q=0"), Encoding::Identity);
        assert_eq!(accepted("deflate"), Encoding::Identity);
        assert_eq!(Encoding::accepted(&HeaderMap::new()), Encoding::Identity);
    }
}

//! The binary encoding of a token's plaintext.

use super::Token;
use crate::{
    article::ArticleId,
    reads::{Read, Reads},
    standing::ReaderId,
};

const VERSION: u8 = 1;
const HAS_READ: u8 = 1;

pub(super) fn encode(token: &Token, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&[VERSION, if token.has_read { HAS_READ } else { 0 }]);
    bytes.extend_from_slice(&token.reader.0.to_le_bytes());
    for read in token.reads.iter() {
        encode_varint(read.article.0, bytes);
        bytes.extend_from_slice(&read.at.to_le_bytes());
    }
}

/// Returns `None` for bytes that [`encode`] never produces.
pub(super) fn decode(bytes: &[u8]) -> Option<Token> {
    let (head, mut rest) = bytes.split_at_checked(18)?;
    let (&version, &flags) = (head.first()?, head.get(1)?);
    if version != VERSION || flags & !HAS_READ != 0 {
        return None;
    }
    let id = u128::from_le_bytes(head.get(2..)?.try_into().ok()?);
    let mut reads = Reads::default();
    while !rest.is_empty() {
        let article = ArticleId(decode_varint(&mut rest)?);
        let (at, after) = rest.split_first_chunk::<4>()?;
        reads.put(Read { article, at: u32::from_le_bytes(*at) });
        rest = after;
    }
    Some(Token { reader: ReaderId(id), has_read: flags == HAS_READ, reads })
}

fn encode_varint(mut number: u32, bytes: &mut Vec<u8>) {
    loop {
        let [low, ..] = (number & 0x7f).to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn decode_varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u64;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(number).ok();
        }
    }
    None
}

//! Any manuscript is parsed or refused with a line, and its body is sanitized.
#![no_main]

use jiff::{Timestamp, tz::TimeZone};
use libfuzzer_sys::fuzz_target;
use masthead_editorial::{
    SlugScript,
    manuscript::{self, Manuscript, ManuscriptContext},
};

fuzz_target!(|text: &str| {
    let newsroom = ManuscriptContext {
        zone: &TimeZone::UTC,
        sections: &[],
        find_picture: &|_| None,
        now: Timestamp::UNIX_EPOCH,
        slugs: SlugScript::OwnScript,
    };
    match manuscript::read(text, "name", &newsroom) {
        Ok(Manuscript::Piece(piece)) => assert!(!piece.body.contains("<script")),
        Ok(Manuscript::Author(author)) => assert!(!author.bio.contains("<script")),
        Err(error) => assert!(error.line >= 1),
    }
});

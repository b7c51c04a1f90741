//! Every item of any WordPress export is imported with a sanitized body, or skipped with a reason.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use masthead_editorial::{SlugScript, import::Importer, wordpress::WxrExport};

fuzz_target!(|text: &str| {
    let Ok(export) = WxrExport::open(text, SlugScript::OwnScript) else { return };
    for entry in export.entries(&TimeZone::UTC, &|_| None) {
        match entry.expect("a text in memory is read").result {
            Ok(piece) => assert!(!piece.body.contains("<script")),
            Err(left_out) => assert!(!left_out.why.is_empty()),
        }
    }
});

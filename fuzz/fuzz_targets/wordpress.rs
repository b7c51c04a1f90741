//! Whatever a WordPress export holds, every item comes in clean or is left out with a reason.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use masthead_editorial::wordpress::Export;

fuzz_target!(|text: &str| {
    let Ok(export) = Export::open(text) else { return };
    for entry in export.entries(&TimeZone::UTC, &|_| None) {
        match entry.result {
            Ok(piece) => assert!(!piece.body.contains("<script")),
            Err(left_out) => assert!(!left_out.why.is_empty()),
        }
    }
});

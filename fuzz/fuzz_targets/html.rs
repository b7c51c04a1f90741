//! Sanitized HTML contains no scripts and is proportional to its source, and a teaser is never longer than the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead_editorial::{TeaserLength, clean::clean, import::Changes, teaser::teaser};

fuzz_target!(|text: &str| {
    let once = clean(text, &|_| None, &mut Changes::default());
    assert!(!once.contains("<script"), "{once}");
    assert!(once.len() <= 64 * text.len() + 1024, "{once}");
    let tags = once.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    for tag in tags {
        assert!(!tag.contains("ef=\"javascript:") && !tag.contains("src=\"javascript:"), "{once}");
    }
    let short = teaser(&once, TeaserLength::Paragraphs(1));
    assert!(short.len() <= once.len() + 64, "{short}\n{once}");
});

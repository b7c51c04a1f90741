//! What a source of a strip says is either refused, or a few short facts without characters that no document may contain, whose links
//! lead to a page of the site or of another.
#![no_main]

use libfuzzer_sys::fuzz_target;
use masthead_access::printable;
use masthead_editorial::strip::StripItem;
use masthead_publication::strips::{MAX_BYTES, parse};

fuzz_target!(|data: &[u8]| {
    let Ok(items) = parse(data) else { return };
    assert!(data.len() <= MAX_BYTES && items.len() <= StripItem::MAX_ITEMS);
    for item in items {
        for text in [&item.label, &item.value, &item.note, &item.link] {
            assert_eq!(printable(text), *text);
            assert!(!text.contains(['\r', '\n']), "{text:?}");
        }
        let leads = ["/", "https://"].iter().any(|start| item.link.starts_with(start));
        assert!(item.link.is_empty() || leads, "{}", item.link);
        let again = StripItem::new(&item.label, &item.value, &item.note, &item.link);
        assert_eq!(again.expect("what was accepted is accepted again"), item);
    }
});

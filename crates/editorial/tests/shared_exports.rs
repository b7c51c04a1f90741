//! Imports real exports, if they are available next to the repository.

#![allow(clippy::expect_used, clippy::panic)]

use std::{collections::HashSet, fs, path::Path};

use jiff::tz::TimeZone;
use masthead_editorial::{SlugScript, Status, import::Importer, wordpress::WxrExport};

#[test]
fn real_exports_are_imported_completely() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/wordpress");
    let Ok(files) = fs::read_dir(&folder) else {
        eprintln!("skipped: there is no folder {}", folder.display());
        return;
    };
    let mut exports = 0;
    for file in files.flatten().map(|entry| entry.path()) {
        let text = fs::read_to_string(&file).expect("readable");
        let expected = text.matches("<wp:status><![CDATA[publish]]>").count()
            + text.matches("<wp:status>publish<").count();
        let export = WxrExport::open(&text, SlugScript::Latin).expect("an export");
        let entries: Vec<_> =
            export.entries(&TimeZone::UTC, &|_| None).collect::<Result<_, _>>().expect("read");
        assert!(entries.len() >= expected);
        let mut origins = HashSet::new();
        for entry in &entries {
            let Ok(piece) = &entry.result else { continue };
            assert!(origins.insert(&entry.origin), "{} twice", entry.origin);
            assert!(!piece.slug.is_empty() && !piece.headline.is_empty());
            assert_eq!(piece.published.is_some(), piece.status != Status::Draft);
            for never in ["<script", "<iframe", "<img", "onclick", "javascript:", "<!--", " style="]
            {
                assert!(!piece.body.contains(never), "{never} in {}", piece.slug);
            }
        }
        exports += 1;
    }
    assert_eq!(exports, 3);
}

//! Tests of the import from WordPress.

use super::*;

const EXPORT: &str = include_str!("../../tests/small.wxr.xml");

fn entries(text: &str) -> Vec<ImportEntry> {
    let export = WxrExport::open(text).expect("an export");
    let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
    let find = |src: &str| {
        src.ends_with("ferry.jpg").then(|| StoredPicture {
            src: "/media/f.jpg".into(),
            width: 8,
            height: 6,
        })
    };
    export.entries(&zone, &find).collect()
}

fn pieces(text: &str) -> Vec<Piece> {
    entries(text).into_iter().filter_map(|entry| entry.result.ok()).collect()
}

#[test]
fn posts_and_pages_are_imported() {
    let pieces = pieces(EXPORT);
    let slugs: Vec<_> = pieces.iter().map(|piece| piece.slug.as_str()).collect();
    assert_eq!(slugs, ["the-last-ferry", "about-us", "a-draft", "unnamed-thoughts-on-rope"]);
    let ferry = &pieces[0];
    assert_eq!(ferry.headline, "The last & only ferry");
    assert_eq!(ferry.section.as_ref().map(|section| section.name.as_str()), Some("Harbour"));
    assert_eq!(ferry.topics.len(), 2);
    assert_eq!(ferry.authors[0].name, "Ada Quill");
    assert_eq!(ferry.picture.as_ref().map(|picture| picture.alt.as_str()), Some("A ferry"));
    assert_eq!(ferry.former_addresses, ["/?p=7", "/2026/03/the-last-ferry/"]);
    assert_eq!(ferry.published, "2026-03-01T09:30:00Z".parse().ok());
}

#[test]
fn classic_text_gets_paragraphs_and_loses_scripts() {
    let ferry = &pieces(EXPORT)[0];
    assert_eq!(
        ferry.body,
        "<p>It sailed at <strong>noon</strong>.<br>\nNobody waved.</p>\n<figure><img src=\"/media/f.jpg\" alt=\"Deck\" loading=\"lazy\" decoding=\"async\" width=\"8\" height=\"6\"><figcaption>On deck</figcaption></figure>\n<p>The end.</p>"
    );
}

#[test]
fn drafts_and_protected_pieces_become_drafts() {
    let pieces = pieces(EXPORT);
    assert_eq!(pieces[2].status, Status::Draft);
    assert_eq!(pieces[3].status, Status::Draft);
    assert_eq!(pieces[1].kind, Kind::Page);
}

#[test]
fn a_broken_item_is_reported_and_the_rest_is_imported() {
    let broken = EXPORT.replacen("<title>About us</title>", "<title>About us</titel>", 1);
    let entries = entries(&broken);
    let failed: Vec<_> = entries.iter().filter_map(|entry| entry.result.as_ref().err()).collect();
    assert!(failed.iter().any(|left| left.why.contains("line 41")), "{failed:?}");
    assert_eq!(pieces(&broken).len(), 3);
}

#[test]
fn a_file_that_is_not_an_export_is_refused() {
    let refused = |text: &str| WxrExport::open(text).err().map(|error| error.to_string());
    assert!(refused("<html></html>").is_some_and(|why| why.contains("WordPress")));
    assert!(refused("").is_some());
}

#[test]
fn hostile_items_take_linear_time() {
    const SIZE: usize = 400_000;
    let deep = format!("{}{}", "<a>".repeat(SIZE / 7), "</a>".repeat(SIZE / 7));
    let attributes: String = (0..SIZE / 12).map(|number| format!(" a{number}=\"\"")).collect();
    let wide = format!("<a{attributes}></a>");
    let unclosed = "<a>".repeat(SIZE / 3);
    for flood in [deep, wide, unclosed] {
        let text = EXPORT.replacen("<title>About us</title>", &flood, 1);
        let begun = std::time::Instant::now();
        assert!(entries(&text).len() >= 4);
        let took = begun.elapsed();
        assert!(took < std::time::Duration::from_secs(10), "{flood:.20}: {took:?}");
    }
}

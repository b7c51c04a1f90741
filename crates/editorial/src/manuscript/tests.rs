//! Tests of manuscripts.

use super::*;
use crate::{Focus, clean::StoredPicture};

fn try_read(text: &str) -> Result<Manuscript, ManuscriptError> {
    let zone = TimeZone::get("Europe/Lisbon").expect("a zone");
    let sections = [
        Section { slug: "harbour".into(), name: "Harbour".into() },
        Section { slug: "politics".into(), name: "Politics".into() },
    ];
    let find = |src: &str| {
        (src == "ferry.jpg").then(|| StoredPicture {
            src: "/media/f.jpg".into(),
            width: 8,
            height: 6,
        })
    };
    let slugs = SlugScript::Latin;
    let now = "2026-11-24T08:00:00Z".parse().expect("a timestamp");
    read(
        text,
        "the-last-ferry",
        &ManuscriptContext { zone: &zone, sections: &sections, find_picture: &find, now, slugs },
    )
}

fn read_piece(text: &str) -> Piece {
    match try_read(text) {
        Ok(Manuscript::Piece(piece)) => *piece,
        other => panic!("not a piece: {other:?}"),
    }
}

fn error(text: &str) -> (usize, String) {
    let error = try_read(text).expect_err("refused");
    (error.line, error.reason)
}

#[test]
fn an_article_with_all_fields() {
    let piece = read_piece(
        "---\nheadline: \"The last ferry\"\ndeck: It sailed at noon.\nsection: Harbour\nauthors: [Ada Quill, Ben Oar]\ndateline: Port Ellen\ntopics: [Ferries]\ntier: subscribers\npublished: 2026-07-01 07:00\npicture:\n  file: ferry.jpg\n  alt: A ferry\n  credit: Ada Quill\ncorrections:\n  - date: 2026-07-02\n    text: The ferry sailed at noon.\n---\nIt \"sailed\" -- at noon.\n\n![A ferry](ferry.jpg \"At noon\")\n",
    );
    assert_eq!(piece.slug, "the-last-ferry");
    assert_eq!(piece.published, "2026-07-01T06:00:00Z".parse().ok());
    assert_eq!(piece.authors[1].slug, "ben-oar");
    assert_eq!(piece.tier, Some(masthead_access::Tier::Subscribers));
    assert_eq!(piece.corrections.len(), 1);
    assert_eq!(
        piece.body,
        "<p>It “sailed” – at noon.</p>\n<figure><img src=\"/media/f.jpg\" alt=\"A ferry\" loading=\"lazy\" decoding=\"async\" width=\"8\" height=\"6\"><figcaption>At noon</figcaption></figure>"
    );
}

#[test]
fn a_page_needs_no_section_and_kind_author_is_a_person() {
    assert_eq!(read_piece("---\ntitle: About\nkind: page\n---\nUs.\n").section, None);
    let author = try_read(
        "---\nname: Ada Quill\nkind: author\nslug: ada-quill\nrole: Harbour reporter\n---\nWrites.\n",
    );
    assert!(
        matches!(author, Ok(Manuscript::Author(author)) if author.role == "Harbour reporter" && !author.is_desk)
    );
}

#[test]
fn an_author_has_a_portrait_and_may_be_a_desk() {
    let author = |more: &str| try_read(&format!("---\nname: City\nkind: author\n{more}---\nUs.\n"));
    let Ok(Manuscript::Author(desk)) = author("portrait: ferry.jpg\ndesk: true\n") else {
        panic!("no author")
    };
    assert_eq!(desk.portrait.map(|portrait| portrait.src).as_deref(), Some("/media/f.jpg"));
    assert!(desk.is_desk);
    let error = author("portrait: none.jpg\n").expect_err("refused");
    assert_eq!(error.line, 4);
    assert!(error.reason.contains("put the file beside the manuscript"), "{}", error.reason);
}

#[test]
fn a_design_is_one_that_there_is() {
    let design = |word: &str| {
        let text = format!("---\nheadline: x\nsection: harbour\ndesign: {word}\n---\nText\n");
        try_read(&text)
    };
    let Ok(Manuscript::Piece(piece)) = design("photo-story") else { panic!("no piece") };
    assert_eq!(piece.design, Some(crate::Design::PhotoStory));
    let error = design("oppinion").expect_err("refused");
    assert_eq!(
        (error.line, error.reason.as_str()),
        (4, "there is no design \"oppinion\"; did you mean \"opinion\"?")
    );
}

#[test]
fn a_lead_picture_has_a_focal_point_in_percent() {
    let focus = |written: &str| {
        let picture = format!("picture:\n  file: ferry.jpg\n  alt: A ferry\n{written}");
        try_read(&format!("---\nheadline: x\nsection: harbour\n{picture}---\nText\n"))
    };
    for (written, expected) in [
        ("", None),
        ("  focus: [0, 100]\n", Some(Focus { across: 0, down: 100 })),
        ("  focus: [50, 70]\n", Some(Focus { across: 50, down: 70 })),
    ] {
        let Ok(Manuscript::Piece(piece)) = focus(written) else { panic!("no piece: {written}") };
        assert_eq!(piece.picture.expect("a picture").focus, expected);
    }
    for wrong in ["[50]", "[50, 101]", "[-1, 5]", "[1, 2, 3]", "[]"] {
        let error = focus(&format!("  focus: {wrong}\n")).expect_err("refused");
        assert_eq!(error.line, 7, "{wrong}");
        assert!(error.reason.contains("such as [50, 70]"), "{}", error.reason);
    }
}

#[test]
fn elements_become_clean_html() {
    let body =
        |text: &str| read_piece(&format!("---\nheadline: x\nsection: harbour\n---\n{text}\n")).body;
    assert_eq!(
        body("::: fact The ferry\n- Old\n- Slow\n:::"),
        "<aside class=\"fact\" role=\"note\">\n<h2>The ferry</h2>\n<ul>\n<li>Old</li>\n<li>Slow</li>\n</ul>\n</aside>"
    );
    assert_eq!(
        body("::: pullquote\nIt sailed.\n:::"),
        "<blockquote class=\"pullquote\">\n<p>It sailed.</p>\n</blockquote>"
    );
    assert_eq!(
        body("::: related\n[The bridge](/harbour/bridge)\n:::"),
        "<aside class=\"related\" role=\"note\">\n<p><a href=\"/harbour/bridge\" rel=\"noopener\">The bridge</a></p>\n</aside>"
    );
    let figure = |class: &str| {
        format!(
            "<figure{class}><img src=\"/media/f.jpg\" alt=\"A ferry\" loading=\"lazy\" decoding=\"async\" width=\"8\" height=\"6\"><figcaption>At noon</figcaption></figure>"
        )
    };
    let picture = "![A ferry](ferry.jpg \"At noon\")";
    assert_eq!(body(&format!("::: wide\n{picture}\n:::")), figure(" class=\"wide\""));
    assert_eq!(
        body(&format!("::: gallery\n{picture}\n{picture}\n:::")),
        format!("<figure class=\"gallery\">\n{0}\n{0}\n</figure>", figure(""))
    );
}

#[test]
fn footnotes_lead_there_and_back_and_tables_keep_their_alignment() {
    let body =
        |text: &str| read_piece(&format!("---\nheadline: x\nsection: harbour\n---\n{text}\n")).body;
    let notes = body("It sailed.[^late]\n\n[^late]: At noon.");
    assert!(notes.contains("<sup class=\"footnote\"><a href=\"#fn-late\" id=\"fnref-late\" rel=\"noopener\">1</a></sup>"), "{notes}");
    assert!(notes.contains("<ol class=\"footnotes\">\n<li id=\"fn-late\">"), "{notes}");
    assert!(notes.contains("<a href=\"#fnref-late\""), "{notes}");
    let table = body("| A | B |\n| --- | ---: |\n| 1 | 2 |");
    assert!(
        table.contains("<td>1</td>") && table.contains("<td align=\"right\">2</td>"),
        "{table}"
    );
}

#[test]
fn an_element_is_refused_with_its_line() {
    let (line, reason) = error("---\nheadline: x\nsection: harbour\n---\nText\n\n::: fakt\n:::\n");
    assert_eq!(
        (line, reason.as_str()),
        (7, "there is no element \"fakt\"; did you mean \"fact\"?")
    );
}

#[test]
fn errors_have_line_reason_and_remedy() {
    let (line, reason) = error("---\nheadlin: x\nsection: harbour\n---\n");
    assert_eq!(
        (line, reason.as_str()),
        (2, "there is no key \"headlin\"; did you mean \"headline\"?")
    );
    let (line, reason) = error("---\nheadline: x\nsection: harbor\n---\n");
    assert_eq!(line, 3);
    assert!(reason.contains("did you mean \"harbour\"?"), "{reason}");
    assert_eq!(error("---\nheadline: x\nsection: harbour\npublished: soon\n---\n").0, 4);
    assert_eq!(error("---\nheadline: x\nsection: harbour\ntier: paid\n---\n").0, 4);
    assert_eq!(error("---\nheadline: x\nsection: harbour\n---\nText\n\n![x](nowhere.jpg)\n").0, 7);
    let misspelt = "---\nheadline: x\nsection: harbour\nformer_adresses: [/a]\n---\n";
    assert!(error(misspelt).1.ends_with("did you mean \"former_addresses\"?"));
    assert!(error("no front matter").1.contains("begins with its front matter"));
    assert!(error("---\nheadline: x\n").1.contains("never closed"));
    assert!(
        error("---\nheadline: x\nsection: harbour\nsponsor: {name: Acme, disclosure: \"\"}\n---\n")
            .1
            .contains("disclosure")
    );
}

#[test]
fn front_matter_says_how_an_article_appears_elsewhere() {
    let text = |more: &str| format!("---\nheadline: x\nsection: harbour\n{more}---\nText\n");
    let keys = "search_title: Ferry times\nsocial_picture: ferry.jpg\nnoindex: true\n";
    let appearance = read_piece(&text(keys)).appearance;
    assert_eq!(appearance.search_title, "Ferry times");
    assert_eq!(appearance.social_picture, "/media/f.jpg");
    assert!(appearance.noindex && appearance.social_title.is_empty());
    assert!(error(&text("social_picture: none.jpg\n")).1.contains("put the file beside"));
    assert!(error(&text("canonical: /ferry\n")).1.contains("the whole address"));
}

#[test]
fn a_page_has_no_address_of_a_section_or_of_the_site() {
    for (slug, why) in [("harbour", "the address of a section"), ("search", "of the site itself")] {
        let (line, reason) =
            error(&format!("---\nheadline: A\nkind: page\nslug: {slug}\n---\nText."));
        assert_eq!(line, 4, "{reason}");
        assert!(reason.contains(why), "{reason}");
    }
    // Below a section, its address is another.
    read_piece("---\nheadline: A\nsection: politics\nslug: harbour\n---\nText.");
}

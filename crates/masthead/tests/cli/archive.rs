//! Importing real archives.

use std::io::Write as _;

use crate::{
    wordpress::{export, item},
    workshop::{Workshop, shared},
};

const EXPORTS: [&str; 3] = [
    "wordpress/themeunittestdata.wordpress.xml",
    "wordpress/64-block-test-data.xml",
    "wordpress/wptest.xml",
];

#[test]
fn real_exports_are_imported_once_and_every_published_post_is_served() {
    let workshop = Workshop::new();
    let mut listed = 0;
    for export in EXPORTS {
        let Some(path) = shared(export) else { continue };
        let path = path.to_str().expect("UTF-8");
        let first = workshop.does(&["import", "wordpress", path]);
        assert!(first.contains("Came in: ") && first.contains(" 0 as they were"), "{first}");
        assert!(!first.contains("Came in: 0 new"), "{first}");
        let list = workshop.does(&["list"]);
        assert!(list.lines().count() > listed);
        listed = list.lines().count();
        let second = workshop.does(&["import", "wordpress", path]);
        assert!(second.contains("Came in: 0 new, 0 changed"), "{second}");
        assert_eq!(workshop.does(&["list"]).lines().count(), listed, "nothing doubles");
    }
    let server = workshop.serve();
    let list = workshop.does(&["list"]);
    for line in list.lines().filter(|line| line.starts_with("published")) {
        let address = line.split_whitespace().nth(1).expect("an address");
        let page = server.get(address);
        assert!(page.contains("200 OK") && page.contains("masthead-access: "), "{address}");
        assert!(!page.contains("<script>") && !page.contains("javascript:"), "{address}");
    }
}

#[test]
fn pictures_of_an_archive_are_found_in_a_copy_of_its_uploads() {
    let workshop = Workshop::new();
    std::fs::create_dir_all(workshop.path("uploads/2020/01")).expect("made");
    workshop.write(
        "uploads/2020/01/boat.svg",
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40"></svg>"#,
    );
    workshop.write("export.xml", &export(&item(
        1,
        "<p>See <img src=\"http://old.example/wp-content/uploads/2020/01/boat.svg\" alt=\"A boat\"></p>",
    )));
    let refused = workshop.refuses(&["import", "wordpress", "export.xml", "--media", "upload"]);
    assert!(refused.contains("there is no such folder"), "{refused}");
    let said = workshop.does(&["import", "wordpress", "export.xml", "--media", "uploads"]);
    assert!(said.contains("Came in: 1 new"), "{said}");
    let page = workshop.serve().get("/news/post-1");
    assert!(page.contains("src=\"/media/"), "{page}");
}

#[test]
fn compressed_exports_and_other_encodings_are_imported() {
    let workshop = Workshop::new();
    let text = export(&item(1, "<p>Caf\u{e9}.</p>"));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("packed");
    let packed = packed.finish().expect("packed");
    std::fs::write(workshop.path("export.xml.gz"), packed).expect("written");
    let said = workshop.does(&["import", "wordpress", "export.xml.gz"]);
    assert!(said.contains("Came in: 1 new"), "{said}");
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).expect("Latin-1")).collect();
    std::fs::write(workshop.path("latin.xml"), latin).expect("written");
    let said = workshop.does(&["import", "wordpress", "latin.xml"]);
    assert!(said.contains("0 changed, 1 as they were"), "{said}");
    assert!(said.contains("read as Windows-1252: line "), "{said}");
    let broken = &std::fs::read(workshop.path("export.xml.gz")).expect("read")[..40];
    std::fs::write(workshop.path("cut.xml.gz"), broken).expect("written");
    let said = workshop.refuses(&["import", "wordpress", "cut.xml.gz"]);
    assert!(said.contains("cut.xml.gz cannot be read"), "{said}");
}

#[test]
fn a_file_that_is_not_an_export_is_refused_with_a_reason() {
    let workshop = Workshop::new();
    let said = workshop.refuses(&["import", "wordpress", "missing.xml"]);
    assert!(said.contains("missing.xml cannot be read"), "{said}");
    for (name, text) in [("page.xml", "<html></html>"), ("empty.xml", ""), ("cut.xml", "<rss><cha")]
    {
        workshop.write(name, text);
        let said = workshop.refuses(&["import", "wordpress", name]);
        assert!(said.contains(name), "{said}");
        assert_eq!(workshop.does(&["list"]), "");
    }
}

#[test]
fn a_dry_run_says_what_would_be_imported_and_changes_nothing() {
    let workshop = Workshop::new();
    let broken = "<item><title>Broken</item>";
    let posts = format!("{}{}{broken}", item(1, "<p>One.</p>"), item(2, "<p>Two.</p>"));
    workshop.write("export.xml", &export(&posts));
    let import = ["import", "wordpress", "export.xml", "--report", "report.csv"];
    workshop.does(&["migrate"]);
    let before = workshop.does(&["list"]);
    let said = workshop.does(&[&import[..], &["--dry-run"]].concat());
    let would = "Nothing was imported. Would come in: 2 new, 0 changed, 0 as they were.";
    assert!(said.contains(would) && said.contains("Left out: 1"), "{said}");
    assert_eq!(workshop.does(&["list"]), before);
    let report = || std::fs::read_to_string(workshop.path("report.csv")).expect("a report");
    assert!(
        report().starts_with("result,article,item,changes,reason\nnew,,Post 1,"),
        "{}",
        report()
    );
    let said = workshop.does(&import);
    assert!(said.contains("Came in: 2 new"), "{said}");
    let imported = report();
    let first = imported.lines().nth(1).expect("a line");
    let number = first.strip_prefix("new,").and_then(|rest| rest.split(',').next());
    assert!(number.is_some_and(|number| number.parse::<u32>().is_ok()), "{imported}");
    assert_eq!(imported.lines().filter(|line| line.starts_with("left out,")).count(), 1);
    workshop.write("export.xml", &export(&item(1, "<p>Changed.</p>")));
    let said = workshop.does(&[&import[..], &["--dry-run"]].concat());
    assert!(said.contains("Would come in: 0 new, 1 changed"), "{said}");
    let again = workshop.does(&[&import[..], &["--dry-run"]].concat());
    assert!(again.contains("Would come in: 0 new, 1 changed"), "it is still to come: {again}");
}

#[test]
fn a_broken_item_is_reported_with_its_line_and_the_rest_is_imported() {
    let workshop = Workshop::new();
    let broken = "<item><title>Broken</titel><wp:post_type>post</wp:post_type></item>\n";
    let text = format!("{}{broken}{}", item(1, "<p>One.</p>"), item(2, "<p>Two.</p>"));
    workshop.write("export.xml", &export(&text));
    let said = workshop.does(&["import", "wordpress", "export.xml"]);
    assert!(said.contains("Came in: 2 new"), "{said}");
    assert!(said.contains("Left out: 1") && said.contains("line "), "{said}");
}

//! The addresses of imported pages beside those of sections. A section that is set may have no article yet, so nothing stored says that
//! it has its address.

use masthead_editorial::{Section, import::ImportEntry};

/// Gives each page that has the address of a section one with a number, and counts it.
pub(crate) fn move_beside_sections(batch: &mut [ImportEntry], sections: &[Section]) {
    let is_taken = |slug: &str| sections.iter().any(|section| section.slug == slug);
    for ImportEntry { result, changes, .. } in batch {
        let Ok(page) = result else { continue };
        if page.section.is_some() || !is_taken(&page.slug) {
            continue;
        }
        let wanted = page.slug.clone();
        let mut number = 2;
        while is_taken(&page.slug) {
            page.slug = format!("{wanted}-{number}");
            number += 1;
        }
        changes.count(format!(
            "page \"{}\" has another address, because a section has /{wanted}",
            page.headline
        ));
    }
}

#[cfg(test)]
mod tests {
    use masthead_editorial::import::Importer as _;
    use masthead_editorial::wordpress::WxrExport;

    use super::*;

    #[test]
    fn a_page_never_has_the_address_of_a_section_that_is_set() {
        let item = |id: u8, kind: &str| {
            format!(
                "<item><title>Sport</title><wp:post_id>{id}</wp:post_id><wp:post_type>{kind}</wp:post_type>\
                 <wp:post_name>sport</wp:post_name><wp:status>draft</wp:status></item>"
            )
        };
        let text = format!(
            "<rss xmlns:wp=\"w\"><channel>{}{}</channel></rss>",
            item(1, "post"),
            item(2, "page")
        );
        let export = WxrExport::open(&text).expect("an export");
        let section = |slug: &str| Section { slug: slug.to_owned(), name: "Sport".to_owned() };
        let zone = jiff::tz::TimeZone::UTC;
        let mut batch: Vec<_> = export.entries(&zone, &|_| None).collect();
        move_beside_sections(&mut batch, &[section("sport"), section("sport-2")]);
        let slugs: Vec<_> = batch.iter().flat_map(|e| &e.result).map(|p| p.slug.as_str()).collect();
        assert_eq!(slugs, ["sport", "sport-3"]);
        assert_eq!([batch[0].changes.total(), batch[1].changes.total()], [0, 1]);
    }
}

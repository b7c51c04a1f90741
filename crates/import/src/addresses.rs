//! Imported pages and articles, and the sections that are set. One may have no article yet, so nothing stored says that it has its
//! address.

use masthead_editorial::{Section, import::ImportEntry, is_same_name, slug::is_in_other_letters};

/// Leaves articles in the sections of these names if addresses were written in other letters when the sections were set: access rules
/// and menus name them.
pub(crate) fn keep_in_sections(batch: &mut [ImportEntry], sections: &[Section]) {
    let named = batch.iter_mut().filter_map(|entry| entry.result.as_mut().ok()?.section.as_mut());
    for section in named {
        if sections.iter().any(|set| set.slug == section.slug) {
            continue;
        }
        let is_same = |set: &&Section| {
            is_same_name(&set.name, &section.name) && is_in_other_letters(&set.slug, &section.slug)
        };
        if let Some(set) = sections.iter().find(is_same) {
            section.slug.clone_from(&set.slug);
        }
    }
}

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
    fn articles_stay_in_sections_whose_addresses_have_other_letters() {
        let text = "<rss xmlns:wp=\"w\"><channel><item><title>A</title><wp:post_type>post</wp:post_type>\
             <wp:status>draft</wp:status><category domain=\"category\" nicename=\"%e6%96%b0%e8%81%9e\">新聞</category>\
             </item></channel></rss>";
        let export =
            WxrExport::open(text, masthead_editorial::SlugScript::OwnScript).expect("an export");
        let zone = jiff::tz::TimeZone::UTC;
        let placed = |slug: &str, name: &str| {
            let set = [Section { slug: slug.to_owned(), name: name.to_owned() }];
            let batch = export.entries(&zone, &|_| None).collect::<Result<Vec<_>, _>>();
            let mut batch = batch.expect("read");
            keep_in_sections(&mut batch, &set);
            let piece = batch.remove(0).result.expect("a piece");
            piece.section.expect("a section").slug
        };
        assert_eq!(placed("xin-wen", "新聞"), "xin-wen");
        assert_eq!(placed("xin-wen", "News"), "新聞");
        assert_eq!(placed("news", "新聞"), "新聞");
    }

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
        let export =
            WxrExport::open(&text, masthead_editorial::SlugScript::Latin).expect("an export");
        let section = |slug: &str| Section { slug: slug.to_owned(), name: "Sport".to_owned() };
        let zone = jiff::tz::TimeZone::UTC;
        let batch = export.entries(&zone, &|_| None).collect::<Result<Vec<_>, _>>();
        let mut batch = batch.expect("read");
        move_beside_sections(&mut batch, &[section("sport"), section("sport-2")]);
        let slugs: Vec<_> = batch.iter().flat_map(|e| &e.result).map(|p| p.slug.as_str()).collect();
        assert_eq!(slugs, ["sport", "sport-3"]);
        assert_eq!([batch[0].changes.total(), batch[1].changes.total()], [0, 1]);
    }
}

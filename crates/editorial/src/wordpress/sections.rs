//! The sections of an export, which are the categories of its posts.

use std::collections::{HashMap, HashSet};

use super::wxr;
use crate::{
    import::Changes,
    piece::Section,
    slug::{self, SlugScript},
    text,
};

/// The section of posts without a category.
const NO_SECTION: &str = "News";
/// The maximum number of sections of a file. No newsroom has as many categories.
const MAX_SECTIONS: usize = 10_000;

/// The sections that the file has, by the slugs of their categories. Where the site answers an address itself, the section has another.
pub(super) struct FileSections {
    by_term: HashMap<String, Section>,
    /// The addresses of the sections.
    taken: HashSet<String>,
    /// The number that the next section tries that wants an address which another has.
    next_numbers: HashMap<String, usize>,
    slugs: SlugScript,
}

impl FileSections {
    pub(super) fn new(slugs: SlugScript) -> Self {
        Self { by_term: HashMap::new(), taken: HashSet::new(), next_numbers: HashMap::new(), slugs }
    }

    /// Adds the categories of an item.
    pub(super) fn add(&mut self, item: &wxr::Item) {
        for term in item.terms("category") {
            if !self.is_full()
                && !self.by_term.contains_key(&term.slug)
                && let Some(section) = self.section_of(term)
            {
                self.by_term.insert(term.slug.clone(), section);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.by_term.len() >= MAX_SECTIONS
    }

    fn section_of(&mut self, term: &wxr::Term) -> Option<Section> {
        let name = text::plain(&term.name).replace('\n', " ");
        let wanted = [term.slug.as_str(), &name].map(|text| self.slugs.slugify(text));
        let wanted = wanted.into_iter().find(|slug| !slug.is_empty())?;
        let mut slug = wanted.clone();
        let number = self.next_numbers.entry(wanted.clone()).or_insert(2);
        while slug::is_reserved(&slug) || self.taken.contains(&slug) {
            slug = format!("{wanted}-{number}");
            *number += 1;
        }
        self.taken.insert(slug.clone());
        Some(Section { slug, name: if name.is_empty() { term.slug.clone() } else { name } })
    }

    /// Returns the section of a post: its main category, or its first.
    pub(super) fn of(
        &self,
        item: &wxr::Item,
        main: Option<&str>,
        changes: &mut Changes,
    ) -> Section {
        let mut terms: Vec<&wxr::Term> =
            item.terms("category").filter(|term| term.slug != "uncategorized").collect();
        terms.sort_by_key(|term| Some(term.slug.as_str()) != main);
        let Some(section) = terms.iter().find_map(|term| self.by_term.get(&term.slug)) else {
            if self.is_full() && !terms.is_empty() {
                changes.count(format!(
                    "section replaced by \"{NO_SECTION}\", as the file has more than {MAX_SECTIONS}"
                ));
            }
            return Section { slug: slug::slugify(NO_SECTION), name: NO_SECTION.to_owned() };
        };
        let plain = self.slugs.slugify(&section.name);
        if slug::is_reserved(&plain) && section.slug != plain {
            changes.count(format!(
                "section \"{}\" has the address /{}, because the site itself answers /{plain}",
                section.name, section.slug
            ));
        }
        section.clone()
    }

    /// Whether a section has this address.
    pub(super) fn has(&self, slug: &str) -> bool {
        slug == slug::slugify(NO_SECTION) || self.taken.contains(slug)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn any_number_of_categories_that_want_one_address_takes_little_time() {
        let mut sections = FileSections::new(SlugScript::Latin);
        let term = |number: usize| wxr::Term {
            domain: "category".into(),
            slug: format!("{number:b}").replace('0', "!").replace('1', "?"),
            name: "Town".into(),
        };
        let mut item = wxr::Item::default();
        item.terms.extend((0..MAX_SECTIONS + 5).map(term));
        let begun = Instant::now();
        sections.add(&item);
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        assert_eq!(sections.by_term.len(), MAX_SECTIONS);
        assert!(sections.has("town") && sections.has(&format!("town-{MAX_SECTIONS}")));
        item.terms = vec![term(MAX_SECTIONS + 1)];
        let mut changes = Changes::default();
        assert_eq!(sections.of(&item, None, &mut changes).name, NO_SECTION);
        assert_eq!(changes.total(), 1);
    }
}

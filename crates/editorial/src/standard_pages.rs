//! The pages that readers and the law expect of a publication, such as its terms.
//!
//! To add one: add it here, and write its draft in each language in `masthead/src/drafts` and its example in `demo/pages`.

/// The slugs of these pages, in the order in which the footer links to them.
pub const STANDARD_PAGES: [&str; 7] =
    ["help", "contact", "terms", "privacy", "withdrawal", "imprint", "accessibility"];

/// What marks the places of a draft that its publisher has to fill in, in each language that has drafts.
pub const FILL_IN: [&str; 7] = [
    "[Fill in",
    "[Bitte ausfüllen",
    "[À compléter",
    "[Completar",
    "[Invullen",
    "[Uzupełnij",
    "[記入してください",
];

/// Whether a text has places to fill in, in any language.
pub fn has_gaps(text: &str) -> bool {
    FILL_IN.iter().any(|marker| text.contains(marker))
}

/// Returns the place of a page in [`STANDARD_PAGES`], or `None` if it is another page.
pub fn standard_place(slug: &str) -> Option<usize> {
    STANDARD_PAGES.iter().position(|known| *known == slug)
}

//! The first article and the drafts of the publication's own pages, in each language that has them.
//!
//! To add a language: a folder in `masthead/src/drafts`, a line here, and its marker in `editorial::standard_pages`.

use masthead_editorial::standard_pages::STANDARD_PAGES;

/// The drafts in one language.
pub(super) struct Drafts {
    /// As an ISO 639-1 code.
    pub language: &'static str,
    /// The first article.
    pub first_article: &'static str,
    /// File names and texts of pages, in the order of [`STANDARD_PAGES`].
    pub pages: [(&'static str, &'static str); STANDARD_PAGES.len()],
}

macro_rules! drafts {
    ($language:literal) => {
        Drafts {
            language: $language,
            first_article: draft!($language, "first-article.md"),
            pages: [
                ("help.md", draft!($language, "help.md")),
                ("contact.md", draft!($language, "contact.md")),
                ("terms.md", draft!($language, "terms.md")),
                ("privacy.md", draft!($language, "privacy.md")),
                ("withdrawal.md", draft!($language, "withdrawal.md")),
                ("imprint.md", draft!($language, "imprint.md")),
                ("accessibility.md", draft!($language, "accessibility.md")),
            ],
        }
    };
}

macro_rules! draft {
    ($language:literal, $file:literal) => {
        include_str!(concat!("../../drafts/", $language, "/", $file))
    };
}

/// English first: it is used for languages that are not here.
pub(super) static DRAFTS: [Drafts; 7] = [
    drafts!("en"),
    drafts!("de"),
    drafts!("fr"),
    drafts!("es"),
    drafts!("nl"),
    drafts!("pl"),
    drafts!("ja"),
];

/// The drafts in a language, or those in English.
pub(super) fn in_language(language: &str) -> &'static Drafts {
    DRAFTS.iter().find(|drafts| drafts.language == language).unwrap_or(&DRAFTS[0])
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};
    use masthead_editorial::{
        Kind, Piece, Section, SlugScript, Status,
        manuscript::{self, Manuscript, ManuscriptContext},
        standard_pages::{FILL_IN, has_gaps},
    };

    use super::*;

    fn page(slug: &str, text: &str) -> Piece {
        let context = ManuscriptContext {
            zone: &TimeZone::UTC,
            sections: &[Section { slug: "news".into(), name: "News".into() }],
            find_picture: &|_| None,
            now: Timestamp::UNIX_EPOCH,
            slugs: SlugScript::Latin,
        };
        match manuscript::read(text, slug, &context).expect("a manuscript") {
            Manuscript::Piece(piece) => *piece,
            Manuscript::Author(_) => panic!("{slug} is no page"),
        }
    }

    #[test]
    fn every_standard_page_has_a_draft_in_every_language_that_says_what_to_fill_in() {
        for (Drafts { language, pages, .. }, marker) in DRAFTS.iter().zip(FILL_IN) {
            for (slug, (name, text)) in STANDARD_PAGES.into_iter().zip(pages) {
                assert_eq!(name.strip_suffix(".md"), Some(slug));
                let piece = page(slug, text);
                assert_eq!(
                    (piece.kind, piece.status),
                    (Kind::Page, Status::Draft),
                    "{language}/{name}"
                );
                assert!(piece.body.contains(marker), "{language}/{name}: {}", piece.body);
                assert!(has_gaps(&piece.body), "{language}/{name}");
            }
        }
    }

    #[test]
    fn no_draft_has_a_gap_in_another_language_or_one_that_is_not_found() {
        for (Drafts { language, pages, .. }, marker) in DRAFTS.iter().zip(FILL_IN) {
            for (name, text) in pages {
                let body = text.splitn(3, "---\n").nth(2).expect("a text");
                // What is in brackets and is no link is a gap, or the name of a table in masthead.toml inside one.
                let brackets = body.match_indices('[').filter(|(at, _)| {
                    let rest = &body[*at..];
                    let end = rest.find(']').expect("closed");
                    !rest[end..].starts_with("](") && !rest.starts_with("[mail]")
                });
                for (at, _) in brackets {
                    assert!(body[at..].starts_with(marker), "{language}/{name}: {}", &body[at..]);
                }
            }
        }
    }

    #[test]
    fn the_drafts_link_to_what_readers_may_do_without_signing_in() {
        for Drafts { language, pages, .. } in &DRAFTS {
            let text = |file| pages.iter().find(|(name, _)| *name == file).expect("a draft").1;
            for file in ["withdrawal.md", "help.md"] {
                assert!(text(file).contains("](/withdraw)"), "{language}/{file}");
            }
            let terms = text("terms.md");
            assert!(terms.contains("](/withdrawal)"), "{language}");
            assert!(terms.contains("](/how-the-meter-works)"), "{language}");
        }
    }

    #[test]
    fn the_first_article_can_be_published_in_every_language() {
        for Drafts { language, first_article, .. } in &DRAFTS {
            let piece = page("first-article", first_article);
            assert!(matches!(piece.kind, Kind::Article(_)), "{language}");
            assert_eq!(piece.status, Status::Published, "{language}");
            assert!(
                piece.body.contains("<blockquote>") && piece.body.contains("<h2"),
                "{language}"
            );
        }
    }

    #[test]
    fn other_languages_get_the_drafts_in_english() {
        assert_eq!(in_language("de").language, "de");
        assert_eq!(in_language("fi").language, "en");
    }
}

//! Slugs: the readable part of addresses.

use crate::redirect::is_of_the_site;

/// The maximum length in bytes. Longer slugs are cut at a word boundary.
const MAX_LENGTH: usize = 80;

/// Whether addresses that begin with this are answered by the site itself, so that no page, section, topic or author may have it as
/// slug.
pub fn is_reserved(slug: &str) -> bool {
    matches!(slug, "author" | "feed" | "topic") || is_of_the_site(&format!("/{slug}"))
}

/// Derives a slug from `text`: lower-case ASCII words joined by hyphens. Other scripts are
/// transliterated. Returns an empty string if `text` has no letters or digits.
pub fn slugify(text: &str) -> String {
    // Signs of currencies would become letters: “£3” is 3, and not “ps3”.
    let mut slug = slug::slugify(text.replace(['\'', '’', '£', '¥'], ""));
    if slug.len() > MAX_LENGTH {
        let cut = slug[..MAX_LENGTH].rfind('-').unwrap_or(MAX_LENGTH);
        slug.truncate(cut);
    }
    slug
}

/// Returns `true` if `text` is a result of [`slugify`].
pub fn is_slug(text: &str) -> bool {
    !text.is_empty() && slug::slugify(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_short_ascii_words() {
        assert_eq!(slugify("The Harbour’s Last Ferry, Again!"), "the-harbours-last-ferry-again");
        assert_eq!(slugify("Ünïcode & 東京"), "unicode-dong-jing");
        assert_eq!(slugify("3 months for £3"), "3-months-for-3");
        assert_eq!(slugify("…"), "");
        let long = slugify(&"words and more ".repeat(20));
        assert!(long.len() <= MAX_LENGTH && !long.ends_with('-'), "{long}");
    }

    #[test]
    fn slugs_of_the_site_are_reserved() {
        for slug in ["author", "topic", "withdraw", "following", "sitemap", "search", "healthz"] {
            assert!(is_reserved(slug), "{slug}");
        }
        assert!(!is_reserved("town") && !is_reserved("searching"));
    }

    #[test]
    fn is_slug_accepts_only_slugs() {
        assert!(is_slug("the-last-ferry"));
        assert!(!is_slug("The last ferry"));
        assert!(!is_slug("a/b"));
    }
}

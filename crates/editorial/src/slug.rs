//! The readable part of an address.

/// Addresses longer than this are cut at a word.
const LONGEST: usize = 80;

/// Words of the site's own addresses, which no piece, section, topic or author may take.
pub const RESERVED: [&str; 19] = [
    "account",
    "api",
    "assets",
    "author",
    "checkout",
    "demo",
    "desk",
    "feed",
    "healthz",
    "media",
    "offers",
    "readyz",
    "search",
    "register",
    "search",
    "sign-in",
    "topic",
    "webhooks",
    "how-the-meter-works",
];

/// A slug for `text`: lower-case ASCII words joined by hyphens; letters of other scripts are
/// transliterated. Empty where `text` has no letter or digit.
pub fn slugify(text: &str) -> String {
    let mut slug = slug::slugify(text.replace(['\'', '’'], ""));
    if slug.len() > LONGEST {
        let cut = slug[..LONGEST].rfind('-').unwrap_or(LONGEST);
        slug.truncate(cut);
    }
    slug
}

/// Whether `text` could have come from [`slugify`].
pub fn is_slug(text: &str) -> bool {
    !text.is_empty() && slug::slugify(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!(slugify("The Harbour’s Last Ferry, Again!"), "the-harbours-last-ferry-again");
        assert_eq!(slugify("Ünïcode & 東京"), "unicode-dong-jing");
        assert_eq!(slugify("…"), "");
        let long = slugify(&"words and more ".repeat(20));
        assert!(long.len() <= LONGEST && !long.ends_with('-'), "{long}");
    }

    #[test]
    fn a_slug_is_recognised() {
        assert!(is_slug("the-last-ferry"));
        assert!(!is_slug("The last ferry"));
        assert!(!is_slug("a/b"));
    }
}

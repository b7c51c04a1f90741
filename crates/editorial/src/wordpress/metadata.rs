//! Metadata of posts that plugins write: subtitles, credits, sponsors, and how a post appears in search results.
//!
//! To add a key: read it here and add it to [`KNOWN`], or to [`INTERNAL`] if it says nothing about the article. Every other key is counted.

use super::wxr::{Item, Term};
use crate::{
    appearance::{Appearance, is_canonical},
    import::Changes,
    piece::Sponsor,
    text,
};

/// Keys that are read, here or elsewhere.
const KNOWN: [&str; 24] = [
    "_thumbnail_id",
    "_wp_old_slug",
    "footnotes",
    "newspack_post_subtitle",
    "newspack_sponsor_sponsorship_scope",
    "newspack_sponsor_byline_prefix",
    "newspack_sponsor_disclaimer_override",
    "_yoast_wpseo_title",
    "_yoast_wpseo_metadesc",
    "_yoast_wpseo_canonical",
    "_yoast_wpseo_meta-robots-noindex",
    "_yoast_wpseo_opengraph-title",
    "_yoast_wpseo_opengraph-description",
    "_yoast_wpseo_primary_category",
    "rank_math_title",
    "rank_math_description",
    "rank_math_canonical_url",
    "rank_math_robots",
    "rank_math_facebook_title",
    "rank_math_facebook_description",
    "rank_math_primary_category",
    "_media_credit",
    "_navis_media_credit_org",
    "_wp_attachment_image_alt",
];

/// What begins the names of keys that say something only to WordPress, or to the plugin that wrote them.
const INTERNAL: [&str; 18] = [
    "_edit_",
    "_wp_page_template",
    "_wp_trash",
    "_wp_desired",
    "_wp_attach",
    "_pingme",
    "_encloseme",
    "_oembed_",
    "_yoast_wpseo_",
    "_yst_",
    "rank_math_",
    "_jetpack_",
    "_wpcom_",
    "_publicize_",
    "_dp_original",
    "_elementor_",
    "_wpb_",
    "_et_",
];

/// The taxonomy of Newspack's sponsors.
const SPONSORS: &str = "newspack_spnsrs_tax";

/// Taxonomies that are read, here or elsewhere.
const TAXONOMIES: [&str; 6] =
    ["category", "post_tag", "post_format", "author", SPONSORS, "nav_menu"];

/// The sentence below the headline: the subtitle, or else the excerpt. It is HTML, and may have shortcodes.
pub(super) fn deck(item: &Item) -> &str {
    let subtitle = item.meta("newspack_post_subtitle");
    subtitle.filter(|html| !text::plain(html).is_empty()).unwrap_or(&item.excerpt)
}

/// Who gets the credit for a picture, of its attachment.
pub(super) fn credit(attachment: &Item) -> String {
    let keys = ["_media_credit", "_navis_media_credit_org"];
    let named = keys.iter().filter_map(|key| attachment.meta(key)).map(text::plain);
    named.collect::<Vec<_>>().join(" / ").replace('\n', " ")
}

/// What a sponsor's own item in the file says.
#[derive(Clone, Debug, Default)]
pub(super) struct SponsorFacts {
    scope: String,
    prefix: String,
    disclaimer: String,
}

impl SponsorFacts {
    /// Of an item of the type `newspack_spnsrs_cpt`.
    pub(super) fn new(item: &Item) -> Self {
        let text_of = |key| item.meta(key).map(text::plain).unwrap_or_default();
        Self {
            scope: text_of("newspack_sponsor_sponsorship_scope"),
            prefix: text_of("newspack_sponsor_byline_prefix"),
            disclaimer: text_of("newspack_sponsor_disclaimer_override"),
        }
    }
}

/// The sponsor of a post. Only one that is said to support the newsroom without paying for the post ("underwritten") is none.
pub(super) fn sponsor<'a>(
    item: &Item,
    facts: impl Fn(&Term) -> Option<&'a SponsorFacts>,
    changes: &mut Changes,
) -> Option<Sponsor> {
    let term = item.terms(SPONSORS).next()?;
    if item.terms(SPONSORS).nth(1).is_some() {
        changes.count("further sponsor of a piece left out");
    }
    let facts = facts(term).cloned().unwrap_or_default();
    let scope = item.meta("newspack_sponsor_sponsorship_scope").unwrap_or(&facts.scope);
    if scope == "underwritten" {
        changes.count("underwriter of a piece left out");
        return None;
    }
    let name = text::plain(&term.name).replace('\n', " ");
    let own = |key, of_sponsor: &str| {
        item.meta(key).map_or_else(|| of_sponsor.to_owned(), text::plain).replace('\n', " ")
    };
    let prefix = own("newspack_sponsor_byline_prefix", &facts.prefix);
    let disclaimer = own("newspack_sponsor_disclaimer_override", &facts.disclaimer);
    let disclosure = match (disclaimer.is_empty(), prefix.is_empty()) {
        (false, _) => disclaimer,
        (true, false) => format!("{prefix} {name}"),
        (true, true) => format!("Paid for by {name}"),
    };
    (!name.is_empty()).then_some(Sponsor { name, disclosure })
}

/// How a post appears in search results, from Yoast SEO or Rank Math.
pub(super) fn appearance(item: &Item) -> Appearance {
    let first = |keys: [&str; 2]| {
        let values = keys.into_iter().filter_map(|key| item.meta(key));
        let written = values.map(text::plain).find(|value| !has_variable(value));
        written.unwrap_or_default().replace('\n', " ")
    };
    Appearance {
        search_title: first(["_yoast_wpseo_title", "rank_math_title"]),
        search_description: first(["_yoast_wpseo_metadesc", "rank_math_description"]),
        social_title: first(["_yoast_wpseo_opengraph-title", "rank_math_facebook_title"]),
        social_description: first([
            "_yoast_wpseo_opengraph-description",
            "rank_math_facebook_description",
        ]),
        social_picture: String::new(),
        noindex: item.meta("_yoast_wpseo_meta-robots-noindex") == Some("1")
            || item.meta("rank_math_robots").is_some_and(|robots| robots.contains("noindex")),
    }
}

/// Whether a text has a variable, such as `%%title%%`, `%sitename%` or `%date(Y)%`, which only the plugin replaces.
fn has_variable(text: &str) -> bool {
    let mut parts = text.split('%').skip(1).peekable();
    while let Some(part) = parts.next() {
        let name = part.split_once('(').map_or(part, |(name, _)| name);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        // The last part has no per cent sign after it.
        if is_name && parts.peek().is_some() {
            return true;
        }
    }
    false
}

/// The address of the original, if it is not on the exported site.
pub(super) fn canonical(item: &Item, site: &str) -> Option<String> {
    let keys = ["_yoast_wpseo_canonical", "rank_math_canonical_url"];
    let address = keys.into_iter().find_map(|key| item.meta(key))?;
    let host = |address: &str| {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        host.trim_start_matches("www.").to_ascii_lowercase()
    };
    (is_canonical(address) && host(address) != host(site)).then(|| address.to_owned())
}

/// Counts what is in an item and nowhere in the piece.
pub(super) fn count_unknown(item: &Item, changes: &mut Changes) {
    for key in item.meta_keys() {
        let is_internal = INTERNAL.iter().any(|prefix| key.starts_with(prefix));
        if !is_internal && !KNOWN.contains(&key) {
            changes.count(format!("metadata \"{key}\" left out"));
        }
    }
    for term in &item.terms {
        if !TAXONOMIES.contains(&term.domain.as_str()) {
            changes.count(format!("term of the taxonomy \"{}\" left out", term.domain));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_per_cent_sign_is_no_variable() {
        for text in ["%%title%% - %%sep%%", "News of %sitename%", "%date(F jS, Y)%", "%%cf_a-b%%"] {
            assert!(has_variable(text), "{text}");
        }
        for text in ["Rents rise by 5%", "From 5% to 10% in a year", "5%-10%", "100%", "%", ""] {
            assert!(!has_variable(text), "{text}");
        }
    }
}

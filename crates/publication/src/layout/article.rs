//! Article pages: text, related articles, and facts for search engines.

use jiff::Timestamp;
use masthead_editorial::{Author, Piece, renditions, text};
use serde::Serialize;
use serde_json::json;

use super::{Form, Layout};
use crate::{
    contexts::{ArticleContext, CorrectionContext, Link, RelatedContext},
    edition::EditionEntry,
};

/// The maximum number of related articles.
const RELATED: usize = 4;

/// The maximum number of characters in a description for search engines.
const DESCRIPTION: usize = 200;

impl Layout<'_> {
    /// Returns the context of an article or page. The body must not contain more than the page may.
    pub fn article(&self, entry: &EditionEntry, piece: Piece, form: Form) -> ArticleContext {
        let date = |instant: Timestamp| self.date(instant);
        let topics = piece.topics.iter().map(|topic| Link {
            href: format!("/topic/{}", topic.slug),
            name: topic.name.clone(),
            slug: topic.slug.clone(),
            current: false,
        });
        let corrections = piece.corrections.iter().map(|correction| CorrectionContext {
            date: self.publication.locale.date(correction.date),
            text: correction.text.clone(),
        });
        let description = if piece.deck.is_empty() {
            text::shorten(&text::plain(&self.teaser(&piece.body)), DESCRIPTION).into_owned()
        } else {
            piece.deck.clone()
        };
        let section = entry.section.as_ref().map_or("", |section| &section.slug);
        let title = format!("{} | {}", piece.headline, self.publication.name);
        let updated = piece.updated.filter(|updated| *updated > entry.published);
        ArticleContext {
            chrome: self.chrome(title, &description, &entry.address, section, Some(&piece)),
            card: self.card(entry),
            updated: updated.map(date).unwrap_or_default(),
            updated_datetime: updated.map(|updated| updated.to_string()).unwrap_or_default(),
            locked: form == Form::Teaser,
            free: self.is_free(entry),
            corrections: corrections.collect(),
            topics: topics.collect(),
            structured_data: self.structured_data(entry, &piece, &description),
            disclosure: piece.sponsor.map(|sponsor| sponsor.disclosure).unwrap_or_default(),
            dateline: piece.dateline,
            body: renditions::add_sources(&piece.body),
        }
    }

    /// Returns what to read after an article; nothing after a page of the publication itself.
    pub fn related(&self, entry: &EditionEntry) -> RelatedContext {
        let related = if entry.is_page() {
            Vec::new()
        } else {
            let related = self.edition.related(entry, RELATED);
            related.into_iter().map(|entry| self.card(entry)).collect()
        };
        RelatedContext { related }
    }

    /// Returns everything that the page of a piece shows besides what the piece itself says and the
    /// related articles: the page is up to date while this and the piece's revision are the same.
    pub fn frame(&self, entry: &EditionEntry) -> impl Serialize + use<> {
        let section = entry.section.as_ref().map_or("", |section| &section.slug);
        let chrome = self.chrome(String::new(), "", &entry.address, section, None);
        (chrome, self.card(entry), self.is_free(entry))
    }

    /// Returns the part of a body that everybody may read.
    pub fn teaser(&self, body: &str) -> String {
        masthead_editorial::teaser::teaser(body, self.publication.teaser)
    }

    /// Facts for search engines (<https://schema.org/NewsArticle>), and where the wall is
    /// (<https://developers.google.com/search/docs/appearance/structured-data/paywalled-content>).
    fn structured_data(&self, entry: &EditionEntry, piece: &Piece, description: &str) -> String {
        let address = &self.publication.address;
        let author = |author: &Author| json!({"@type": "Person", "name": author.name, "url": format!("{address}/author/{}", author.slug)});
        let mut facts = json!({
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": piece.headline,
            "description": description,
            "datePublished": entry.published.to_string(),
            "dateModified": piece.updated.unwrap_or(entry.published).to_string(),
            "mainEntityOfPage": format!("{address}{}", entry.address),
            "author": self.authors(entry).map(author).collect::<Vec<_>>(),
            "publisher": {"@type": "Organization", "name": self.publication.name, "url": address},
            "isAccessibleForFree": self.is_free(entry),
        });
        if let Some(picture) = entry.picture() {
            facts["image"] = json!([format!("{address}{}", picture.src)]);
        }
        if !self.is_free(entry) {
            facts["hasPart"] = json!({
                "@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".text",
            });
        }
        // `</script>` in a value must not end the script element.
        facts.to_string().replace('<', "\\u003c")
    }
}

//! Article pages: text, related articles, and facts for search engines.

use std::sync::Arc;

use jiff::Timestamp;
use masthead_access::unbroken;
use masthead_editorial::{Appearance, Author, Piece, crops::CropPlace, paths, renditions, text};
use masthead_store::LivePost;
use serde::Serialize;
use serde_json::json;

use super::{
    Form, Layout, PieceContent,
    card::{author_link, show_pictures_once},
    coverage::add_coverage_facts,
    machine_time,
};
use crate::{
    contexts::{ArticleContext, CorrectionContext, Link, RelatedContext},
    edition::{EditionEntry, EntryList},
};

/// The maximum number of related articles.
const RELATED: usize = 4;

/// The maximum number of further articles by the author.
const BY_AUTHOR: usize = 3;

/// The maximum number of characters in a description for search engines.
const DESCRIPTION: usize = 200;

/// `text`, or `other` if it is empty.
fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}

/// The size of the picture at `src` in pixels: its name has it, or it is the lead picture.
fn size_of(entry: &EditionEntry, src: &str) -> (u32, u32) {
    let lead = entry.picture().filter(|picture| picture.src == src);
    let lead = lead.map(|picture| (picture.width, picture.height));
    renditions::read(src).map(|known| (known.width, known.height)).or(lead).unwrap_or_default()
}

/// The alt text of the picture where a link is shared; empty for a picture that only has this use.
fn share_picture_alt(entry: &EditionEntry, own: &Appearance) -> String {
    let lead = entry.picture().filter(|_| own.social_picture.is_empty());
    lead.map(|picture| picture.alt.clone()).unwrap_or_default()
}

impl Layout<'_> {
    /// Returns the word of HTML's attribute `dir` for the text of a piece.
    pub fn text_direction(&self, piece: &Piece) -> &'static str {
        self.direction(piece.language.as_deref(), &text::plain(&piece.body))
    }

    /// Returns the context of an article or page, whose text has this [direction](Self::text_direction). The body must not contain
    /// more than the page may. Posts of live coverage are only on a page with the full text.
    pub fn article(
        &self,
        entry: &EditionEntry,
        content: PieceContent,
        form: Form,
        text_direction: &'static str,
    ) -> ArticleContext {
        let PieceContent { piece, mut posts } = content;
        if form == Form::Teaser {
            posts.clear();
        }
        let topics = piece.topics.iter().map(|topic| Link {
            href: paths::topic(&topic.slug),
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
        let own = &piece.appearance;
        let description = or(&own.search_description, &description).to_owned();
        let title = or(&own.search_title, &piece.headline);
        let title = format!("{title} | {}", self.publication.name);
        let updated = Self::last_update(entry, &piece).filter(|updated| *updated > entry.published);
        let share_picture = self.share_picture(entry, &own.social_picture);
        ArticleContext {
            text_direction,
            chrome: self.chrome(&title, &description, &entry.address, section, Some(&piece)),
            card: self.uncropped_card(entry),
            published: self.publication.locale.date_and_time(self.local_time(entry.published)),
            minutes: entry.minutes,
            updated: updated.map(|at| self.update_time(at, entry.published)).unwrap_or_default(),
            updated_datetime: updated.map(machine_time).unwrap_or_default(),
            locked: form == Form::Teaser,
            free: self.is_free(entry),
            corrections: corrections.collect(),
            topics: topics.collect(),
            share_title: unbroken(or(&own.social_title, &piece.headline)).into_owned(),
            share_description: unbroken(or(&own.social_description, &description)).into_owned(),
            share_picture_size: share_picture.map(|src| size_of(entry, src)).unwrap_or_default(),
            share_picture: share_picture.map(|src| self.whole(src)).unwrap_or_default(),
            share_picture_alt: share_picture_alt(entry, own),
            noindex: own.noindex,
            structured_data: unbroken(&self.structured_data(entry, &piece, &posts, &description))
                .into_owned(),
            coverage: self.coverage(entry, posts, form),
            disclosure: piece.sponsor.map(|sponsor| sponsor.disclosure).unwrap_or_default(),
            dateline: piece.dateline,
            body: renditions::add_sources(&piece.body),
        }
    }

    /// Returns what to read after an article; nothing after a page of the publication itself.
    pub fn related(&self, entry: &EditionEntry) -> RelatedContext {
        if entry.is_page() {
            return RelatedContext { author: None, by_author: Vec::new(), related: Vec::new() };
        }
        let author = self.authors(entry).next();
        let others = author.map(|author| self.edition.by_author(&author.slug)).into_iter();
        let others = others.flat_map(EntryList::iter);
        let is_other =
            |other: &&Arc<EditionEntry>| other.id != entry.id && other.sponsor().is_none();
        let by_author: Vec<_> = others.filter(is_other).take(BY_AUTHOR).collect();
        let is_new =
            |other: &&Arc<EditionEntry>| by_author.iter().all(|known| known.id != other.id);
        let related = self.edition.related(entry, RELATED + BY_AUTHOR).into_iter().filter(is_new);
        let mut context = RelatedContext {
            author: author.filter(|_| !by_author.is_empty()).map(author_link),
            related: related.take(RELATED).map(|entry| self.card(entry)).collect(),
            by_author: by_author.into_iter().map(|entry| self.card(entry)).collect(),
        };
        let lead = entry.picture().map_or("", |picture| &picture.src);
        let lead = self.edition.replaced_pictures().src(lead);
        show_pictures_once(lead, context.by_author.iter_mut().chain(&mut context.related));
        context
    }

    /// When its text, or a post of its live coverage, last changed in substance.
    fn last_update(entry: &EditionEntry, piece: &Piece) -> Option<Timestamp> {
        piece.updated.max(entry.live().map(|live| live.updated))
    }

    /// When a text was updated: only the time if that was on the day of its publication.
    fn update_time(&self, updated: Timestamp, published: Timestamp) -> String {
        let (updated, published) = (self.local_time(updated), self.local_time(published));
        let locale = &self.publication.locale;
        if updated.date() == published.date() {
            locale.time(updated)
        } else {
            locale.date_and_time(updated)
        }
    }

    /// The picture that an article sets for networks, or else its lead picture, if they can show
    /// its format: they show no drawings in SVG, and few show AVIF.
    fn share_picture<'b>(&'b self, entry: &'b EditionEntry, own: &'b str) -> Option<&'b str> {
        let lead = entry.picture().map_or("", |picture| &picture.src);
        let (own, all) = (or(own, lead), self.edition.replaced_pictures());
        let part = all.crop(own, CropPlace::Share);
        let src = part.map_or_else(|| all.src(own), |part| part.src.as_str());
        let ending = src.rsplit('.').next().unwrap_or_default();
        let is_shown = ["jpg", "jpeg", "png", "gif", "webp"].contains(&ending);
        is_shown.then_some(src)
    }

    /// The whole address of a picture.
    fn whole(&self, src: &str) -> String {
        format!("{}{src}", self.publication.address)
    }

    /// Returns everything that the page of a piece shows besides what the piece itself says and the
    /// related articles: the page is up to date while this and the piece's revision are the same.
    pub fn frame(&self, entry: &EditionEntry) -> impl Serialize + use<> {
        let section = entry.section.as_ref().map_or("", |section| &section.slug);
        let chrome = self.chrome("", "", &entry.address, section, None);
        // Structured data say whether an author is a person.
        let desks: Vec<bool> = self.authors(entry).map(|author| author.is_desk).collect();
        let replaced: Vec<String> = self.edition.replaced_in(entry).map(str::to_owned).collect();
        (chrome, self.card(entry), self.is_free(entry), desks, replaced)
    }

    /// Returns the part of a body that everybody may read.
    pub fn teaser(&self, body: &str) -> String {
        masthead_editorial::teaser::teaser(body, self.publication.teaser)
    }

    /// Facts for search engines (<https://schema.org/NewsArticle>), and where the wall is
    /// (<https://developers.google.com/search/docs/appearance/structured-data/paywalled-content>).
    fn structured_data(
        &self,
        entry: &EditionEntry,
        piece: &Piece,
        posts: &[LivePost],
        description: &str,
    ) -> String {
        let address = &self.publication.address;
        let author = |author: &Author| {
            let kind = if author.is_desk { "Organization" } else { "Person" };
            let url = format!("{address}{}", paths::author(&author.slug));
            json!({"@type": kind, "name": author.name, "url": url})
        };
        let logo =
            self.publication.logo.as_ref().map_or("/apple-touch-icon.png", |l| l.light.src());
        let logo = json!({"@type": "ImageObject", "url": format!("{address}{logo}")});
        let mut facts = json!({
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": piece.headline,
            "description": description,
            "datePublished": machine_time(entry.published),
            "dateModified": machine_time(Self::last_update(entry, piece).unwrap_or(entry.published)),
            "mainEntityOfPage": format!("{address}{}", entry.address),
            "author": self.authors(entry).map(author).collect::<Vec<_>>(),
            "publisher": {
                "@type": "Organization", "name": self.publication.name, "url": address, "logo": logo,
            },
            "isAccessibleForFree": self.is_free(entry),
        });
        if let Some(picture) = entry.picture() {
            let src = self.edition.replaced_pictures().src(&picture.src);
            facts["image"] = json!([format!("{address}{src}")]);
        }
        if !self.is_free(entry) {
            facts["hasPart"] = json!({
                "@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".text",
            });
        }
        if let Some(live) = entry.live() {
            add_coverage_facts(&mut facts, live, posts);
        }
        // `</script>` in a value must not end the script element.
        facts.to_string().replace('<', "\\u003c")
    }
}

//! Publishing a draft: what prevents it, and the resulting piece.

use std::collections::HashSet;

use jiff::{Timestamp, ToSpan};
use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::{DEFAULT_KIND, Draft};
use crate::{
    appearance::is_canonical,
    manuscript::named_author,
    piece::{Correction, Kind, Piece, Section, Sponsor, Status, Topic},
    renditions,
    slug::{SlugScript, is_reserved, is_slug},
    text,
};

/// The maximum number of pictures of an article.
pub const MAX_PICTURES: usize = 1_000;

/// A reason why a draft cannot be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The name of the field in [`Draft`].
    pub part: &'static str,
    /// What is wrong with it.
    pub kind: ObstacleKind,
}

/// What is wrong with a draft that cannot be published. The newsroom has words for what to do about each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObstacleKind {
    /// There is no headline.
    NoHeadline,
    /// No section is chosen.
    NoSection,
    /// There is no text.
    NoText,
    /// The lead picture has no alternative text.
    NoLeadAlt,
    /// A picture in the text has no alternative text.
    NoAlt,
    /// It shows or links to more pictures than an article may have.
    TooManyPictures,
    /// So many changes that a word processor has tracked are not accepted.
    TrackedChanges(usize),
    /// Placeholders of a template are left.
    Placeholders,
    /// It has a sponsor, and readers are not told.
    NoDisclosure,
    /// Readers are told of a sponsor who is not named.
    NoSponsor,
    /// There is no such design.
    UnknownDesign(String),
    /// There is no such tier.
    UnknownTier(String),
    /// It is not a slug; this one is.
    InvalidSlug(String),
    /// The address is one of the site itself.
    ReservedSlug,
    /// The canonical address is no whole address.
    InvalidCanonical,
}

/// The HTML of a placeholder, which a writer fills in before the article is published.
pub fn placeholder(prompt: &str) -> String {
    format!("<mark>[{prompt}]</mark>")
}

/// The parameters with which a draft is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishDetails {
    /// The slug, which has been checked to be free.
    pub slug: String,
    /// From when on it is visible to readers.
    pub published: Timestamp,
    /// The correction to publish with it.
    pub correction: Option<Correction>,
    /// In which letters the slugs of its authors and topics are written.
    pub slugs: SlugScript,
}

impl Draft {
    /// Returns what prevents publishing this draft in place of `before`. What is already published
    /// is not reported again, so that a mistake in an old piece can be corrected. Slugs are written in the letters of `slugs`.
    pub fn obstacles(
        &self,
        sections: &[Section],
        before: Option<&Piece>,
        slugs: SlugScript,
    ) -> Vec<Obstacle> {
        let mut all = Vec::new();
        let mut add = |part, kind| all.push(Obstacle { part, kind });
        if self.headline.is_empty() {
            add("headline", ObstacleKind::NoHeadline);
        }
        if !self.is_page() && self.find_section(sections, before).is_none() {
            add("section", ObstacleKind::NoSection);
        }
        if text::plain(&self.body).trim().is_empty() {
            add("body", ObstacleKind::NoText);
        }
        let known = before.and_then(|before| before.picture.as_ref());
        if self.picture.as_ref().is_some_and(|p| p.alt.is_empty() && known != Some(p)) {
            add("picture", ObstacleKind::NoLeadAlt);
        }
        let known = before.map_or("", |before| &before.body);
        let (facts, known_facts) = (BodyFacts::of(&self.body), BodyFacts::of(known));
        if !facts.without_alt.is_subset(&known_facts.pictures) {
            add("body", ObstacleKind::NoAlt);
        }
        let pictures = renditions::stems_in(&self.body).len();
        if pictures > MAX_PICTURES && pictures > renditions::stems_in(known).len() {
            add("body", ObstacleKind::TooManyPictures);
        }
        if facts.tracked > known_facts.tracked {
            add("body", ObstacleKind::TrackedChanges(facts.tracked));
        }
        if placeholders(&self.body) > placeholders(known) {
            add("body", ObstacleKind::Placeholders);
        }
        match (self.sponsor.is_empty(), self.disclosure.is_empty()) {
            (false, true) => add("disclosure", ObstacleKind::NoDisclosure),
            (true, false) => add("sponsor", ObstacleKind::NoSponsor),
            (true, true) | (false, false) => {}
        }
        if self.design().is_err() {
            add("design", ObstacleKind::UnknownDesign(self.design.clone()));
        }
        if self.tier().is_err() {
            add("tier", ObstacleKind::UnknownTier(self.tier.clone()));
        }
        let wanted = self.desired_slug(slugs);
        // A piece that is out stays where it is.
        let is_new = before.is_none_or(|before| before.slug != wanted);
        let is_kept = !is_new && is_slug(&self.slug);
        if !self.slug.is_empty() && !is_kept && !slugs.accepts(&self.slug) {
            add("slug", ObstacleKind::InvalidSlug(slugs.slugify(&self.slug)));
        }
        let known = before.and_then(|before| before.canonical.as_ref());
        if self.canonical.as_ref() != known
            && self.canonical.as_deref().is_some_and(|address| !is_canonical(address))
        {
            add("canonical", ObstacleKind::InvalidCanonical);
        }
        let is_section = sections.iter().any(|section| section.slug == wanted);
        if self.is_page() && (is_reserved(&wanted) || is_section && is_new) {
            add("slug", ObstacleKind::ReservedSlug);
        }
        all
    }

    /// Returns the piece that replaces `before`. Properties that a draft does not have are taken
    /// from `before`.
    pub fn publish(
        &self,
        how: PublishDetails,
        sections: &[Section],
        before: Option<&Piece>,
    ) -> Piece {
        let kind = if self.kind.is_empty() { DEFAULT_KIND } else { &self.kind };
        let known = |name: &str| {
            let authors = before.map_or(&[][..], |before| &before.authors);
            authors.iter().find(|author| author.name == name).cloned()
        };
        let author =
            |name: &String| known(name).unwrap_or_else(|| named_author(name.clone(), how.slugs));
        let sponsor = Sponsor { name: self.sponsor.clone(), disclosure: self.disclosure.clone() };
        let kept = before.filter(|before| before.published.is_some());
        Piece {
            slug: how.slug,
            kind: Kind::from(kind.to_owned()),
            design: self.design().unwrap_or_default(),
            status: Status::Published,
            section: if self.is_page() { None } else { self.find_section(sections, before) },
            kicker: self.kicker.clone(),
            headline: self.headline.clone(),
            deck: self.deck.clone(),
            authors: self.authors.iter().map(author).collect(),
            dateline: self.dateline.clone(),
            picture: self.picture.clone(),
            body: self.body.clone(),
            topics: self
                .topics
                .iter()
                .map(|name| Topic { slug: how.slugs.slugify(name), name: name.clone() })
                .collect(),
            tier: self.tier().unwrap_or_default(),
            sponsor: (!self.sponsor.is_empty()).then_some(sponsor),
            // As it is stored in lists.
            published: Some(whole_seconds(how.published)),
            updated: kept.and_then(|before| before.updated),
            corrections: kept
                .into_iter()
                .flat_map(|before| before.corrections.iter().cloned())
                .chain(how.correction)
                .collect(),
            canonical: self.canonical.clone(),
            language: before.and_then(|before| before.language.clone()),
            appearance: self.appearance.clone(),
            former_addresses: kept.map(|kept| kept.former_addresses.clone()).unwrap_or_default(),
        }
    }
}

/// Returns the update time of a piece that replaces `before`: `now` if the text changed and readers
/// had `before` for more than ten minutes.
pub fn updated(piece: &Piece, before: &Piece, now: Timestamp) -> Option<Timestamp> {
    // A fix within minutes of publication is not an update for readers.
    let settled = before.published.is_some_and(|at| at + 10.minutes() < now);
    let reworded = piece.body != before.body || piece.headline != before.headline;
    if before.status == Status::Published && settled && reworded {
        Some(now)
    } else {
        before.updated
    }
}

/// What a text contains that may prevent publishing it.
#[derive(Debug, Default, PartialEq, Eq)]
struct BodyFacts {
    /// The addresses of all pictures.
    pictures: HashSet<String>,
    /// The addresses of the pictures that have no alternative text, but for those of cards, which are beside their titles.
    without_alt: HashSet<String>,
    /// The number of changes that a word processor has tracked.
    tracked: usize,
}

impl BodyFacts {
    /// Reads a text once. One that cannot be parsed contains nothing.
    fn of(html: &str) -> Self {
        let (mut pictures, mut without_alt, mut tracked) = (HashSet::new(), HashSet::new(), 0);
        let of_cards = element!("figure.embed > a > img", |image| {
            // The next handler recognizes it by that.
            image.remove();
            Ok(())
        });
        let all = element!("img", |image| {
            let src = image.get_attribute("src").unwrap_or_default();
            let alt = image.get_attribute("alt").unwrap_or_default();
            if alt.trim().is_empty() && !image.removed() {
                without_alt.insert(src.clone());
            }
            pictures.insert(src);
            Ok(())
        });
        let changes = element!("ins, del", |_| {
            tracked += 1;
            Ok(())
        });
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(of_cards)
            .append_element_content_handler(all)
            .append_element_content_handler(changes);
        // Only the side effects of the handlers matter, and none of them fails.
        drop(rewrite_str(html, settings));
        Self { pictures, without_alt, tracked }
    }
}

/// The number of placeholders that are left, also of those around which somebody has written.
fn placeholders(html: &str) -> usize {
    let marked = html.split("<mark>").skip(1).filter_map(|rest| rest.split("</mark>").next());
    marked.filter(|text| text.contains('[') && text.contains(']')).count()
}

/// Drops the fraction of a second.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

//! Articles in lists.

use std::collections::HashSet;

use masthead_access::{Tier, message::TextDirection};
use masthead_editorial::{
    Author, Design, Focus, Picture,
    clean::StoredPicture,
    crops::CropPlace,
    paths,
    renditions::{self, PictureSource},
};

use super::{Layout, machine_time};
use crate::{
    contexts::{Card, Link, PictureContext, SourceContext},
    edition::EditionEntry,
};

impl Layout<'_> {
    /// An article in a list.
    pub fn card(&self, entry: &EditionEntry) -> Card {
        let design = self.design(entry);
        let updated = entry.is_live().then(|| entry.updated());
        let updated = updated.filter(|updated| *updated > entry.published);
        Card {
            href: entry.address.to_string(),
            kicker: entry.lines.kicker().to_owned(),
            headline: entry.lines.headline().to_owned(),
            deck: entry.lines.deck().to_owned(),
            language: entry.language().unwrap_or_default().to_owned(),
            headline_direction: self.direction(entry.language(), entry.lines.headline()),
            deck_direction: self.direction(entry.language(), entry.lines.deck()),
            authors: self.authors(entry).map(author_link).collect(),
            portrait: self
                .authors(entry)
                .find_map(|a| a.portrait.as_ref())
                .map(|picture| self.picture(picture, Some(CropPlace::Square))),
            section: entry.section.as_ref().map(|section| self.section_link(section, "")),
            design: design.name(),
            date: self.short_date(entry.published),
            datetime: machine_time(entry.published),
            minutes: if design == Design::LongRead { entry.minutes } else { 0 },
            picture: entry.picture().map(|picture| self.picture(picture, Some(CropPlace::Card))),
            sponsor: entry.sponsor().unwrap_or_default().to_owned(),
            subscribers_only: match self.publication.policy.tier(&entry.article(), self.now).tier {
                Tier::Subscribers | Tier::Product(_) => true,
                Tier::Free | Tier::Metered | Tier::Registered => false,
            },
            live: entry.is_live(),
            updated: updated.map(|updated| self.short_date(updated)).unwrap_or_default(),
            updated_datetime: updated.map(machine_time).unwrap_or_default(),
        }
    }

    /// The direction of a text of an article in this language, or else in that of the publication.
    pub(super) fn direction(&self, language: Option<&str>, text: &str) -> &'static str {
        let language = language.unwrap_or_else(|| self.publication.locale.tag());
        TextDirection::of_text(text, language).name()
    }

    /// The same with the whole picture, which the page of the article shows.
    pub(super) fn uncropped_card(&self, entry: &EditionEntry) -> Card {
        let picture = entry.picture().map(|picture| self.picture(picture, None));
        Card { picture, ..self.card(entry) }
    }

    /// A picture with the file that is shown in its place: the part that was chosen for a place, or the whole.
    pub(super) fn picture(&self, picture: &Picture, place: Option<CropPlace>) -> PictureContext {
        let all = self.edition.replaced_pictures();
        let part = |place| all.crop(&picture.src, place);
        let shown = match place.and_then(part).cloned() {
            Some(StoredPicture { src, width, height }) => {
                context(&Picture { src, width, height, focus: None, ..picture.clone() })
            }
            None => context(&all.picture(picture)),
        };
        // Cards are square where there is little space.
        let square = part(CropPlace::Square).filter(|_| place == Some(CropPlace::Card));
        PictureContext {
            square: square.map(|part| sources(&part.src)).unwrap_or_default(),
            ..shown
        }
    }
}

/// Takes away the pictures that the page has already: further up, or as its `lead`, which may be empty.
pub(super) fn show_pictures_once<'a>(lead: &str, cards: impl Iterator<Item = &'a mut Card>) {
    // Different parts of a picture have the same stem.
    let stem = |src: &str| renditions::stem(src).to_owned();
    let mut shown = HashSet::from([stem(lead)]);
    for card in cards {
        if card.picture.as_ref().is_some_and(|picture| !shown.insert(stem(&picture.src))) {
            card.picture = None;
        }
    }
}

/// A link to the page of an author.
pub(super) fn author_link(author: &Author) -> Link {
    Link {
        href: paths::author(&author.slug),
        name: author.name.clone(),
        slug: author.slug.clone(),
        current: false,
    }
}

fn context(picture: &Picture) -> PictureContext {
    PictureContext {
        src: picture.src.clone(),
        alt: picture.alt.clone(),
        caption: picture.caption.clone(),
        credit: picture.credit.clone(),
        width: picture.width,
        height: picture.height,
        sources: sources(&picture.src),
        square: Vec::new(),
        focus: picture.focus.map(focus).unwrap_or_default(),
    }
}

fn sources(src: &str) -> Vec<SourceContext> {
    let context = |PictureSource { kind, srcset }| SourceContext { kind, srcset };
    renditions::sources(src).into_iter().map(context).collect()
}

/// Returns the classes for a focal point, rounded to tenths: the Content-Security-Policy allows no inline styles.
fn focus(focus: Focus) -> String {
    let tenth = |percent: u8| (u32::from(percent) + 5) / 10 * 10;
    format!("across-{} down-{}", tenth(focus.across), tenth(focus.down))
}
